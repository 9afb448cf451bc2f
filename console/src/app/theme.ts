import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const stored = "contacts.theme";

export const theme = signal<Theme>((localStorage.getItem(stored) as Theme | null) ?? "system");

effect(() => {
  localStorage.setItem(stored, theme.value);
  document.documentElement.dataset["theme"] = theme.value;
});
