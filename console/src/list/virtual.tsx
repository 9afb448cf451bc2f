import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props<T> {
  items: T[];
  rowHeight: number; // rem
  label: string;
  selected: number; // index, -1 for none
  more: boolean; // whether there is more to load
  onEnd: () => void;
  keyOf: (item: T) => string;
  row: (item: T, index: number) => ComponentChildren;
}

const ahead = 8; // rows that are drawn beyond the window

// Virtual draws the rows of a long list that are in its window. Rows are links or buttons; the arrow keys move among them.
export function Virtual<T>({ items, label, selected, more, onEnd, keyOf, row, ...props }: Props<T>) {
  const rowHeight = props.rowHeight * parseFloat(getComputedStyle(document.documentElement).fontSize); // pixels
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const look = () => {
    const { scrollTop, clientHeight } = box.current ?? { scrollTop: 0, clientHeight: 0 };
    setView(last => last.top === scrollTop && last.height === clientHeight ? last : { top: scrollTop, height: clientHeight });
  };
  useLayoutEffect(() => {
    look();
    const watch = new ResizeObserver(look);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => { if (selected >= 0) reveal(selected); }, [selected]);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - ahead);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + ahead);
  useLayoutEffect(() => { if (more && last > items.length - 60) onEnd(); });

  function reveal(index: number) {
    const element = box.current;
    if (!element) return;
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight - element.clientHeight;
    look();
  }

  function key(event: KeyboardEvent) {
    const focused = document.activeElement?.closest<HTMLElement>("[data-index]");
    const at = focused ? Number(focused.dataset["index"]) : -1;
    const page = Math.floor(view.height / rowHeight) - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(items.length - 1, to));
    reveal(index);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-index="${index}"] :is(a, button)`)?.focus({ preventScroll: true }));
  }

  return (
    <div ref={box} class="scroll" onScroll={look} onKeyDown={key}>
      <ul class="virtual" aria-label={label} style={{ height: `${(items.length + (more ? 3 : 0)) * rowHeight}px` }}>
        {items.slice(first, last).map((item, i) => (
          <li key={keyOf(item)} data-index={first + i} aria-setsize={more ? -1 : items.length} aria-posinset={first + i + 1}
            style={{ transform: `translateY(${(first + i) * rowHeight}px)`, height: `${rowHeight}px` }}>
            {row(item, first + i)}
          </li>
        ))}
        {more && [0, 1, 2].map(i => <li key={`more-${i}`} class="skeleton" aria-hidden="true" style={{ transform: `translateY(${(items.length + i) * rowHeight}px)`, height: `${rowHeight}px` }} />)}
      </ul>
    </div>
  );
}
