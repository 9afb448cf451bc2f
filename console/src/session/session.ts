import { signal } from "@preact/signals";
import type { Tokens } from "../api/types";

// A Session is a user's. The access token is kept in memory alone; the refresh token, which works once, is kept for the tab, so that a
// reload goes on. All tabs of one session share the newest tokens.
export interface Session { id: string; user: string; org: string; scopes: string[]; access: string; refresh: string; expires: number }

type Kept = Pick<Session, "id" | "user" | "refresh">;

export const session = signal<Session | null>(null);
// "starting" until it is known whether there is a session, "unreachable" while the platform does not tell; "ended" after one ended by itself: the person logs in again where they are.
export const phase = signal<"starting" | "unreachable" | "out" | "in" | "ended">("starting");

// may reports whether the user has a scope, such as "contacts:write".
export const may = (scope: string) => session.value?.scopes.includes(scope) ?? false;
export const mayWrite = () => may("contacts:write");

const stored = "contacts.refresh";
const channel = new BroadcastChannel("contacts.session");
type Message = { type: "ask" } | { type: "none" } | { type: "tokens"; session: Session } | { type: "out"; id: string };
const post = (message: Message) => channel.postMessage(message);

const listeners = new Set<() => void>();
channel.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.type === "ask") post(session.value ? { type: "tokens", session: session.value } : { type: "none" });
  if (data.type === "tokens") {
    const own = session.value?.id ?? kept()?.id;
    if (own === data.session.id || (!own && phase.value !== "ended")) adopt(data.session);
  }
  if (data.type === "tokens" || data.type === "none") listeners.forEach(listener => listener());
  if (data.type === "out" && session.value?.id === data.id) forget("out");
};

function kept(): Kept | null {
  return JSON.parse(sessionStorage.getItem(stored) ?? "null") as Kept | null;
}

function adopt(next: Session) {
  const { id, user, refresh } = next;
  sessionStorage.setItem(stored, JSON.stringify({ id, user, refresh } satisfies Kept));
  session.value = next;
  phase.value = "in";
}

function forget(to: "out" | "ended") {
  sessionStorage.removeItem(stored);
  if (to === "out") session.value = null;
  phase.value = to;
}

interface Claims { org: string; sid: string; scope?: string; exp: number }

// claimsOf returns what an access token says.
export const claimsOf = (token: string) => JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as Claims;

function toSession(tokens: Tokens, user: string): Session {
  const claims = claimsOf(tokens.access_token);
  return {
    id: claims.sid, user, org: claims.org, scopes: (claims.scope ?? "").split(" "), access: tokens.access_token, refresh: tokens.refresh_token,
    expires: Date.now() + tokens.expires_in * 1000, // by the clock of this machine, which may be wrong
  };
}

async function tokensOf(path: string, body: unknown): Promise<Response> {
  return fetch(path, { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export type LoginResult = "in" | "wrong" | "throttled" | "unreachable";

// logIn starts a session, also in the tabs that have none.
export async function logIn(username: string, password: string): Promise<LoginResult> {
  try {
    const answer = await tokensOf("/rest/login", { username, password });
    if (answer.status === 401 || answer.status === 400 || answer.status === 422) return "wrong";
    if (answer.status === 429) return "throttled";
    if (!answer.ok) return "unreachable";
    const next = toSession((await answer.json()) as Tokens, username);
    adopt(next);
    post({ type: "tokens", session: next });
    return "in";
  } catch {
    return "unreachable";
  }
}

// logOut ends the session in all tabs, and on the platform.
export function logOut() {
  const ending = session.value;
  forget("out");
  if (!ending) return;
  post({ type: "out", id: ending.id });
  void fetch("/rest/logout", { method: "POST", credentials: "omit", keepalive: true, headers: { Authorization: "Bearer " + ending.access } }).catch(() => undefined);
}

// fresh returns an access token that is valid for a while, "" after the session ended.
export async function fresh(): Promise<string> {
  if (phase.value === "ended") return "";
  const now = session.value;
  return now && now.expires > Date.now() + 30_000 ? now.access : renew(now?.access ?? "");
}

// renew returns an access token other than the one that has ended, "" after the session ended. One tab refreshes at a time; the others
// take its tokens.
export async function renew(ended: string): Promise<string> {
  return exclusively(async () => {
    await newest();
    const now = session.value;
    if (now && now.access !== ended && now.expires > Date.now() + 30_000) return now.access;
    const last = kept();
    if (!last) return "";
    const answer = await tokensOf("/rest/login/refresh", { refresh_token: last.refresh });
    if (answer.status === 401 || answer.status === 400) {
      forget(session.value ? "ended" : "out");
      return "";
    }
    if (!answer.ok) throw new Error(`the session can't be refreshed now: ${answer.status}`);
    const next = toSession((await answer.json()) as Tokens, last.user);
    adopt(next);
    post({ type: "tokens", session: next });
    return next.access;
  });
}

// exclusively runs work in one tab at a time. Web Locks exist in secure contexts only.
async function exclusively(work: () => Promise<string>): Promise<string> {
  return "locks" in navigator ? navigator.locks.request("contacts.refresh", work) : work();
}

// newest waits for the tokens of another tab, if there is one.
async function newest(): Promise<void> {
  if (!("locks" in navigator)) return;
  const { held = [] } = await navigator.locks.query();
  const others = held.filter(lock => lock.name === "contacts.tab").length - 1;
  if (others < 1) return;
  await new Promise<void>(resolve => {
    const done = () => { listeners.delete(heard); clearTimeout(timer); resolve(); };
    let answers = 0;
    const heard = () => { if (++answers >= others) done(); };
    const timer = setTimeout(done, 1000); // a frozen tab does not answer
    listeners.add(heard);
    post({ type: "ask" });
  });
}

// live holds a lock until this tab is closed, by which others know that it is there.
function live(): Promise<void> {
  return new Promise(resolve => {
    if (!("locks" in navigator)) return resolve();
    void navigator.locks.request("contacts.tab", { mode: "shared" }, () => { resolve(); return new Promise(() => undefined); });
  });
}

const pause = 3000; // milliseconds between two looks for the platform

// start finds the session of this tab, or that of another one. While the platform can't be reached, it tries again.
export async function start(): Promise<void> {
  await live();
  while (kept() && !session.value) {
    try {
      await renew("");
    } catch {
      phase.value = "unreachable";
      await new Promise<void>(resolve => {
        setTimeout(resolve, pause);
        addEventListener("online", () => resolve(), { once: true });
      });
    }
  }
  if (!session.value) await newest();
  if (!session.value) phase.value = "out";
}
