import { signal } from "@preact/signals";
import { mayWrite } from "../session/session";
import { t } from "../text/text";
import { Dialog } from "../ui/dialog";
import { clearSearch } from "../list/search";
import { navigate, path } from "./router";

export const showsShortcuts = signal(false);

const places: Record<string, string> = { p: "individuals", o: "organizations", k: "placeholders", l: "lists", w: "webhooks", c: "configuration" };
let going = 0; // when "g" was pressed

// A shortcut works wherever nothing is being typed.
export function listenToKeys() {
  addEventListener("keydown", event => {
    const target = event.target as Element | null;
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (target?.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") (target as HTMLElement).blur();
      return;
    }
    const place = places[event.key];
    if (place && Date.now() - going < 1500) { going = 0; event.preventDefault(); clearSearch(); navigate(place); return; }
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

const focus = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus();
const section = () => path.value.split("/")[0] || "individuals";

const actions: Record<string, () => void> = {
  "?": () => { showsShortcuts.value = true; },
  "/": () => focus("#search"),
  g: () => { going = Date.now(); },
  n: () => { if (mayWrite() && ["individuals", "organizations", "placeholders", "lists", "webhooks"].includes(section())) navigate(`${section()}/new`); },
  h: () => document.querySelector<HTMLElement>("#history")?.click(),
  e: () => document.querySelector<HTMLElement>("#edit")?.click(),
  j: () => step(1),
  k: () => step(-1),
  Escape: up,
};

// up leaves a part of a contact's page for the page, and the page for its list.
function up() {
  const [first = "", id, view] = path.value.split("/");
  if (view) navigate(`${first}/${id}`);
  else if (id) { navigate(first); requestAnimationFrame(() => focus(".list-pane .row")); }
}

// step focuses the next row of the list, from the focused or the open one.
function step(by: number) {
  const rows = [...document.querySelectorAll<HTMLElement>(".list-pane .row")];
  const at = rows.findIndex(row => row === document.activeElement || (row.ariaCurrent === "page" && !document.activeElement?.matches(".row")));
  rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
}

export function Shortcuts() {
  const list: [string[], string][] = [
    [["/"], t("shortcutSearch")], [["n"], t("shortcutNew")], [["j", "↓"], t("shortcutNext")], [["k", "↑"], t("shortcutPrevious")], [["Enter"], t("shortcutOpen")], [["e"], t("shortcutEdit")], [["h"], t("showHistory")],
    [["Ctrl", "Enter"], t("shortcutSave")], [["Esc"], t("shortcutCancel")],
    [["g", "p"], t("shortcutGo", { where: t("individuals") })], [["g", "o"], t("shortcutGo", { where: t("organizations") })], [["g", "k"], t("shortcutGo", { where: t("placeholders") })],
    [["g", "l"], t("shortcutGo", { where: t("lists") })], [["g", "w"], t("shortcutGo", { where: t("webhooks") })], [["g", "c"], t("shortcutGo", { where: t("configuration") })], [["?"], t("shortcutHelp")],
  ];
  const close = () => { showsShortcuts.value = false; };
  return (
    <Dialog title={t("shortcuts")} onClose={close}>
      <dl class="shortcuts">{list.map(([keys, what]) => <div key={what}><dt>{keys.map(key => <kbd key={key}>{key}</kbd>)}</dt><dd>{what}</dd></div>)}</dl>
      <div class="editor-end"><button type="button" onClick={close}>{t("close")}</button></div>
    </Dialog>
  );
}
