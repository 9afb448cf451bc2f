import { signal } from "@preact/signals";

const base = "/console";

// path is the page's address below /console, without slashes at its ends: "individuals/8123".
export const path = signal(current());

function current(): string {
  return location.pathname.slice(base.length).replaceAll(/^\/+|\/+$/g, "");
}

export const href = (to: string) => `${base}/${to}`;

export function navigate(to: string, replace = false) {
  if (to === path.value) return;
  history[replace ? "replaceState" : "pushState"](null, "", href(to));
  path.value = to;
}

addEventListener("popstate", () => { path.value = current(); });

// Links of the console change the page without loading it anew.
addEventListener("click", event => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.origin !== location.origin || !(link.pathname + "/").startsWith(base + "/")) return;
  event.preventDefault();
  navigate(link.pathname.slice(base.length).replaceAll(/^\/+|\/+$/g, ""));
});
