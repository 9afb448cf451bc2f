import { computed, signal } from "@preact/signals";
import { claimsOf, fresh, logIn, logOut, session } from "../session/session";

// Who tries operations in the reference: the user of the console's session, or an application, whose token is kept for the tab alone.
export interface Caller { token: string; org: string; name: string; expires: number }

// margin is how long before its end a token is replaced, in milliseconds.
export const margin = 30_000;

const stored = "contacts.application";

function readApplication(): Caller | null {
  const kept = JSON.parse(sessionStorage.getItem(stored) ?? "null") as Caller | null;
  return kept && kept.expires > Date.now() + margin ? kept : null;
}

const application = signal(readApplication());

export const caller = computed<Caller | null>(() => {
  const user = session.value;
  return application.value ?? (user && { token: user.access, org: user.org, name: user.user, expires: user.expires });
});

// renewCaller lets an application's token end, and a user's be replaced by the next.
export async function renewCaller() {
  application.value = readApplication();
  if (!application.value) await fresh();
}

export interface Given { kind: string; org: string; name: string; secret: string }

// enter logs in, or throws an Error for the person at the form.
export async function enter({ kind, org, name, secret }: Given) {
  if (kind === "user") {
    const result = await logIn(name, secret);
    if (result !== "in") throw new Error({ wrong: "Name or password is wrong.", throttled: "Too many tries. Wait a moment, then try again.", unreachable: "The platform can't be reached." }[result]);
    return;
  }
  const basic = "Basic " + btoa(String.fromCharCode(...new TextEncoder().encode(`${name}:${secret}`)));
  const answer = await fetch("/auth/authorize/" + encodeURIComponent(org), { credentials: "omit", headers: { Authorization: basic } });
  const body = await answer.json() as { accessToken: string; detail?: string; message?: string; error_description?: string };
  if (!answer.ok) throw new Error(answer.status === 401 ? "Name or secret is wrong." : body.detail ?? body.message ?? body.error_description ?? `The log-in failed with status ${answer.status}.`);
  const { org: granted, exp } = claimsOf(body.accessToken);
  application.value = { token: body.accessToken, org: granted, name, expires: exp * 1000 };
  sessionStorage.setItem(stored, JSON.stringify(application.value));
}

// leave forgets the application, or ends the user's session in all tabs.
export function leave() {
  if (!application.value) return logOut();
  sessionStorage.removeItem(stored);
  application.value = null;
}
