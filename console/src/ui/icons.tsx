// The icons of the console: strokes of one weight on a grid of 20.
const paths = {
  person: "M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 17c.6-3.4 3-5 6.5-5s5.9 1.6 6.5 5",
  building: "M4 17V4.5A1.5 1.5 0 0 1 5.5 3h6A1.5 1.5 0 0 1 13 4.5V17M13 8h1.5A1.5 1.5 0 0 1 16 9.5V17M2.5 17h15M7 6.5h3M7 9.5h3M7 12.5h3",
  bag: "M5.5 7h9l1 9.5h-11L5.5 7ZM7.5 9V5.5a2.5 2.5 0 0 1 5 0V9",
  list: "M7.5 5.5h9M7.5 10h9M7.5 14.5h9M3.7 5.5h.1M3.7 10h.1M3.7 14.5h.1",
  gear: "M10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4",
  swatch: "M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM14 11.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  book: "M10 5.5C8.5 4.3 6.3 4 3.5 4v11.5c2.8 0 5 .3 6.5 1.5M10 5.5C11.5 4.3 13.7 4 16.5 4v11.5c-2.8 0-5 .3-6.5 1.5M10 5.5V17",
  plus: "M10 4v12M4 10h12", close: "M5 5l10 10M15 5 5 15", check: "M4 10.5l4 4 8-9", pencil: "M4 16l.8-3.5L13.5 3.8l2.7 2.7-8.7 8.7L4 16ZM11.8 5.5l2.7 2.7",
  trash: "M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6M8.5 9v5M11.5 9v5", search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l4 4", back: "M12 4l-6 6 6 6",
  down: "M5 8l5 5 5-5", more: "M4.5 10h.1M10 10h.1M15.5 10h.1", camera: "M3 7a1 1 0 0 1 1-1h2.5L8 4h4l1.5 2H16a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7ZM10 13.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  keyboard: "M3 5.5h14v9H3zM6 8.5h.1M9 8.5h.1M12 8.5h.1M14.5 8.5h.1M6.5 11.7h7", leave: "M8 3.5H4.5v13H8M8 10h9M13.5 6.5 17 10l-3.5 3.5",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4l2.7 1.8", undo: "M4 8h8a4 4 0 0 1 0 8H8M7 4.5 3.5 8 7 11.5", next: "M8 4l6 6-6 6",
  hook: "M7.5 12.5l5-5M9 5.5l1.6-1.6a3.9 3.9 0 0 1 5.5 5.5L14.5 11M11 14.5l-1.6 1.6a3.9 3.9 0 0 1-5.5-5.5L5.5 9",
  refresh: "M16 10a6 6 0 1 1-1.8-4.3L16 7.5M16 3.5v4h-4", send: "M3.5 10 16.5 4l-4 12.5-3.3-5L3.5 10ZM9.2 11.5l7.3-7.5",
  alert: "M10 3 2.5 16.5h15L10 3ZM10 8v4M10 14.3v.1", copy: "M7 7h9v9H7zM13 4H4v9",
} as const;

export type IconName = keyof typeof paths;

// An Icon has its size in pixels of a page at 16 pixels a rem.
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={`${size / 16}rem`} height={`${size / 16}rem`} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
