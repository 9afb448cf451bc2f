import { effect } from "@preact/signals";
import { theme, type Theme } from "../app/theme";
import { start } from "../session/session";
import { caller, enter, leave, margin, renewCaller, type Given } from "./caller";
import { allowStyles, repairReference } from "./repair";

// What this page uses of Scalar, whose script runs after this one.
declare const Scalar: { createApiReference(selector: string, options: object): { destroy(): void } };

allowStyles();
repairReference();

// description returns the API's description as samples need it. Its examples name the organization demo. Optional parameters lose
// theirs: Scalar sends each parameter that has one, and some exclude each other.
async function description(org: string): Promise<Response> {
  const answer = await fetch("/openapi.yaml");
  const text = (await answer.text()).replaceAll(/^( +)name: .*\n\1in: (?:query|header)\n(?:\1.*\n)+/gm, parameter =>
    /^ *required: true/m.test(parameter) ? parameter : parameter.replaceAll(/^ +examples?: .+\n/gm, ""));
  return new Response(text.replaceAll(/^( *(?:- |example: |default: ))demo$/gm, "$1" + org), { status: answer.status });
}

const find = (id: string) => document.getElementById(id) as HTMLElement;
let reference: { destroy(): void } | undefined;
let timer = 0;

// show opens the reference for who is logged in.
function show() {
  const now = caller.value;
  find("session").textContent = now ? `${now.name}, ${now.org}` : "";
  find("enter").hidden = Boolean(now);
  find("leave").hidden = !now;
  clearTimeout(timer);
  if (now) timer = setTimeout(() => void renewCaller().catch(() => undefined), Math.max(0, Math.min(now.expires - margin - Date.now(), 0x7fffffff)));
  localStorage.setItem("colorMode", theme.peek()); // where Scalar keeps the choice of colours
  reference?.destroy();
  reference = Scalar.createApiReference("#reference", {
    url: "/openapi.yaml",
    customFetch: (input: string, init: RequestInit) => input === "/openapi.yaml" ? description(now?.org ?? "demo") : fetch(input, init),
    servers: [{ url: location.origin }],
    authentication: { preferredSecurityScheme: "bearer", securitySchemes: { bearer: { token: now?.token ?? "" } } },
    defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
    featuredClients: ["shell/curl", "go/native", "js/fetch", "python/requests"],
    hiddenClients: { js: ["axios", "jquery", "ofetch", "xhr"], node: true },
    documentDownloadType: "direct",
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: "never",
    hideClientButton: true,
  });
}

// Scalar's switch of colours is the console's too.
new MutationObserver(() => {
  const chosen = localStorage.getItem("colorMode") as Theme | null;
  if (chosen) theme.value = chosen;
}).observe(document.body, { attributeFilter: ["class"] });

const dialog = find("login") as HTMLDialogElement, form = dialog.querySelector("form") as HTMLFormElement;

function ofKind() {
  const user = (form.elements.namedItem("kind") as RadioNodeList).value === "user";
  for (const id of ["login-org", "login-org-label"]) find(id).hidden = user;
  (find("login-org") as HTMLInputElement).disabled = user;
  find("login-secret-label").textContent = user ? "Password" : "Secret";
}
form.addEventListener("change", ofKind);

async function submit() {
  const button = form.querySelector("[type=submit]") as HTMLButtonElement;
  find("login-error").textContent = "";
  button.disabled = true;
  try {
    await enter(Object.fromEntries(new FormData(form)) as unknown as Given);
    dialog.close();
    form.reset();
    ofKind();
    find("leave").focus();
  } catch (error) {
    find("login-error").textContent = error instanceof Error ? error.message : String(error);
    find("login-secret").focus();
  } finally {
    button.disabled = false;
  }
}
form.addEventListener("submit", event => {
  event.preventDefault();
  void submit();
});

find("login-cancel").addEventListener("click", () => dialog.close());
find("enter").addEventListener("click", () => dialog.showModal());
find("leave").addEventListener("click", () => {
  leave();
  find("enter").focus();
});

const patience = 5000; // milliseconds for a platform that does not tell whether there is a session

document.addEventListener("DOMContentLoaded", () => { // Scalar's script has run by then
  void Promise.race([start(), new Promise(resolve => setTimeout(resolve, patience))]).then(() => effect(show));
});
