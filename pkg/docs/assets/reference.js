"use strict";

// Scalar makes its styles by script. The policy of the page allows those with its nonce.
const nonce = document.querySelector("meta[property=csp-nonce]").content;
const createElement = document.createElement;
document.createElement = function (name, options) {
  const element = createElement.call(document, name, options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

// Scalar calls the language of its fetch samples JavaScript. They are TypeScript too.
function rename(node) {
  if (node.nodeType === Node.TEXT_NODE && node.data.includes("JavaScript")) node.data = node.data.replace(/^(\s*)JavaScript\b/, "$1TypeScript");
  node.childNodes.forEach(rename);
}

// What Scalar tells screen readers of these elements is wrong or missing.
const repairs = {
  "button[role=none]": button => button.removeAttribute("role"),
  "[role=combobox][contenteditable]:not([aria-expanded])": input => input.role = "textbox",
  "input[role=combobox]:not([aria-expanded])": input => input.ariaExpanded = "true", // the results of the search are always shown
  ".cm-content:not([aria-label])": text => text.ariaLabel = "Body",
  "button[aria-controls]": button => document.getElementById(button.getAttribute("aria-controls")) || button.removeAttribute("aria-controls"),
  "a[rel~=noopener]:not([aria-label])": link => link.ariaLabel = link.textContent.trim(), // narrow windows show its icon alone
  "[aria-label*=JavaScript]": element => element.ariaLabel = element.ariaLabel.replace("JavaScript", "TypeScript"),
};
function repair(node) {
  for (const [selector, change] of Object.entries(repairs)) {
    if (node.matches(selector)) change(node);
    node.querySelectorAll(selector).forEach(change);
  }
}

new MutationObserver(changes => {
  for (const {target, type, addedNodes} of changes) {
    for (const node of type === "childList" ? addedNodes : [target]) {
      rename(node);
      if (node.nodeType === Node.ELEMENT_NODE) repair(node);
    }
  }
}).observe(document.body, {subtree: true, childList: true, characterData: true, attributeFilter: ["aria-label"]});

// A session is {token, org, name}. It ends with the tab, or when the token expires.
const stored = "contacts.session";
const claims = token => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
const expiry = session => claims(session.token).exp * 1000;
function readSession() {
  const session = JSON.parse(sessionStorage.getItem(stored));
  return session && expiry(session) > Date.now() ? session : null;
}

// description returns the API's description as samples need it. Its examples name the organization demo. Optional parameters lose
// theirs: Scalar sends each parameter that has one, and some exclude each other.
async function description(org) {
  const answer = await fetch("/openapi.yaml");
  const text = (await answer.text()).replaceAll(/^( +)name: .*\n\1in: (?:query|header)\n(?:\1.*\n)+/gm, parameter =>
    /^ *required: true/m.test(parameter) ? parameter : parameter.replaceAll(/^ +examples?: .+\n/gm, ""));
  return new Response(text.replaceAll(/^( *(?:- |example: |default: ))demo$/gm, "$1" + org), {status: answer.status});
}

const find = id => document.getElementById(id);
let reference, timer;

// show opens the reference for the session.
function show() {
  const session = readSession();
  find("session").textContent = session ? `${session.name}, ${session.org}` : "";
  find("enter").hidden = Boolean(session);
  find("leave").hidden = !session;
  clearTimeout(timer);
  if (session) timer = setTimeout(show, Math.min(expiry(session) - Date.now(), 0x7fffffff));
  reference?.destroy();
  reference = Scalar.createApiReference("#reference", {
    url: "/openapi.yaml",
    customFetch: (input, init) => input === "/openapi.yaml" ? description(session?.org ?? "demo") : fetch(input, init),
    servers: [{url: location.origin}],
    authentication: {preferredSecurityScheme: "bearer", securitySchemes: {bearer: {token: session?.token ?? ""}}},
    defaultHttpClient: {targetKey: "shell", clientKey: "curl"},
    featuredClients: ["shell/curl", "go/native", "js/fetch", "python/requests"],
    hiddenClients: {js: ["axios", "jquery", "ofetch", "xhr"], node: true},
    documentDownloadType: "direct",
    withDefaultFonts: false,
    telemetry: false,
    agent: {disabled: true},
    mcp: {disabled: true},
    showDeveloperTools: "never",
    hideClientButton: true,
  });
}

// logIn returns a token, or throws an Error for the person at the form.
async function logIn({kind, org, name, secret}) {
  const basic = () => "Basic " + btoa(String.fromCharCode(...new TextEncoder().encode(`${name}:${secret}`)));
  const answer = await (kind === "user"
    ? fetch("/rest/login", {method: "POST", credentials: "omit", headers: {"Content-Type": "application/json"}, body: JSON.stringify({username: name, password: secret})})
    : fetch("/auth/authorize/" + encodeURIComponent(org), {credentials: "omit", headers: {Authorization: basic()}}));
  const body = await answer.json();
  if (answer.ok) return body.accessToken;
  throw new Error(answer.status === 401 ? "Name or secret is wrong." : body.detail ?? body.message ?? body.error_description ?? `The log-in failed with status ${answer.status}.`);
}

const dialog = find("login"), form = dialog.querySelector("form");

function ofKind() {
  const user = form.elements.kind.value === "user";
  for (const element of [find("login-org"), find("login-org-label")]) element.hidden = user;
  find("login-org").disabled = user;
  find("login-secret-label").textContent = user ? "Password" : "Secret";
}
form.addEventListener("change", ofKind);

form.addEventListener("submit", async event => {
  event.preventDefault();
  const submit = form.querySelector("[type=submit]");
  const given = Object.fromEntries(new FormData(form));
  find("login-error").textContent = "";
  submit.disabled = true;
  try {
    const token = await logIn(given);
    sessionStorage.setItem(stored, JSON.stringify({token, org: claims(token).org, name: given.name}));
    dialog.close();
    form.reset();
    ofKind();
    show();
    find("leave").focus();
  } catch (error) {
    find("login-error").textContent = error.message;
    find("login-secret").focus();
  } finally {
    submit.disabled = false;
  }
});

find("login-cancel").addEventListener("click", () => dialog.close());
find("enter").addEventListener("click", () => dialog.showModal());
find("leave").addEventListener("click", () => {
  const session = readSession();
  sessionStorage.removeItem(stored);
  if (session && claims(session.token).sid) // a user's: the platform ends the session
    fetch("/rest/logout", {method: "POST", credentials: "omit", headers: {Authorization: "Bearer " + session.token}});
  show();
  find("enter").focus();
});

document.addEventListener("DOMContentLoaded", show); // scalar.js has run by then
