// Scalar calls the language of its fetch samples JavaScript. They are TypeScript too.
function rename(node: Node) {
  if (node instanceof Text && node.data.includes("JavaScript")) node.data = node.data.replace(/^(\s*)JavaScript\b/, "$1TypeScript");
  node.childNodes.forEach(rename);
}

// What Scalar tells screen readers of these elements is wrong or missing.
const repairs: Record<string, (element: Element) => void> = {
  "button[role=none]": button => button.removeAttribute("role"),
  "[role=combobox][contenteditable]:not([aria-expanded])": input => { input.role = "textbox"; },
  "input[role=combobox]:not([aria-expanded])": input => { input.ariaExpanded = "true"; }, // the results of the search are always shown
  ".cm-content:not([aria-label])": text => { text.ariaLabel = "Body"; },
  "button[aria-controls]": button => { if (!document.getElementById(button.getAttribute("aria-controls") ?? "")) button.removeAttribute("aria-controls"); },
  "a[rel~=noopener]:not([aria-label])": link => { link.ariaLabel = link.textContent?.trim() ?? ""; }, // narrow windows show its icon alone
  "[aria-label*=JavaScript]": element => { element.ariaLabel = (element.ariaLabel ?? "").replace("JavaScript", "TypeScript"); },
};

function repair(element: Element) {
  for (const [selector, change] of Object.entries(repairs)) {
    if (element.matches(selector)) change(element);
    element.querySelectorAll(selector).forEach(change);
  }
}

// repairReference mends what Scalar shows, whenever it changes.
export function repairReference() {
  new MutationObserver(changes => {
    for (const { target, type, addedNodes } of changes) {
      for (const node of type === "childList" ? addedNodes : [target]) {
        rename(node);
        if (node instanceof Element) repair(node);
      }
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ["aria-label"] });
}

// allowStyles gives the styles that Scalar makes by script the nonce that the page's policy allows.
export function allowStyles() {
  const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.content ?? "";
  const createElement = document.createElement.bind(document);
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    const element = createElement(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}
