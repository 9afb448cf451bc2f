import type { Fault } from "./types";
import { fresh, renew, session } from "../session/session";

// A Problem is an answer that refuses a request: what the caller has to change.
export class Problem extends Error {
  constructor(readonly status: number, message: string, readonly faults: Fault[] = [], readonly existing?: string) {
    super(message);
  }
}

// Unreachable is the lack of an answer, or one that asks for a repeat: offline, 429, 5xx, or the same request still in progress.
export class Unreachable extends Error {
  constructor(readonly offline: boolean, readonly after = 0) {
    super(offline ? "offline" : "unavailable");
  }
}

// LoggedOut is thrown after the session ended, until the person has logged in again.
export class LoggedOut extends Error {}

export interface Answer<T> { data: T; etag: string | null }

export interface Request {
  body?: unknown;
  ifMatch?: string | null;
  ifNoneMatch?: string;
  key?: string; // the Idempotency-Key of a write: the same for all tries of one request
  signal?: AbortSignal;
}

// inOrganization returns the path of a resource of the user's organization.
export function inOrganization(path: string): string {
  return `/contacts/org/${encodeURIComponent(session.value?.org ?? "")}/${path}`;
}

// send sends a request with the access token, once more with a new one if the token has ended.
export async function send(method: string, path: string, request: Request = {}): Promise<Response> {
  const token = await reached(fresh());
  if (!token) throw new LoggedOut();
  let answer = await attempt(method, path, request, token);
  if ((answer.status === 401 || answer.status === 403) && session.value && session.value.expires < Date.now() + 60_000) {
    const next = await reached(renew(token));
    if (!next) throw new LoggedOut();
    answer = await attempt(method, path, request, next);
  }
  return answer;
}

async function reached(token: Promise<string>): Promise<string> {
  try {
    return await token;
  } catch (error) {
    throw new Unreachable(error instanceof TypeError); // that of fetch without a network
  }
}

async function attempt(method: string, path: string, request: Request, token: string): Promise<Response> {
  const headers = new Headers({ Authorization: "Bearer " + token });
  if (request.body !== undefined) headers.set("Content-Type", "application/json");
  if (request.ifMatch) headers.set("If-Match", request.ifMatch);
  if (request.ifNoneMatch) headers.set("If-None-Match", request.ifNoneMatch);
  if (method !== "GET") headers.set("Idempotency-Key", request.key ?? newKey());
  const init: RequestInit = { method, headers, credentials: "omit" };
  if (request.body !== undefined) init.body = JSON.stringify(request.body);
  if (request.signal) init.signal = request.signal;
  try {
    return await fetch(path, init);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new Unreachable(true);
  }
}

// call returns the JSON of an answer of 2xx. It throws Problem, Unreachable or LoggedOut.
export async function call<T>(method: string, path: string, request: Request = {}): Promise<Answer<T>> {
  const answer = await send(method, path, request);
  const etag = answer.headers.get("ETag");
  if (answer.ok) {
    const text = await answer.text();
    return { data: (text ? JSON.parse(text) : undefined) as T, etag };
  }
  const after = Number(answer.headers.get("Retry-After"));
  if (answer.status === 429 || answer.status >= 500 || (answer.status === 409 && after > 0)) throw new Unreachable(false, after);
  throw await problemOf(answer);
}

export const get = async <T>(path: string, signal?: AbortSignal) => (await call<T>("GET", path, signal ? { signal } : {})).data;

// newKey returns a new Idempotency-Key. crypto.randomUUID exists in secure contexts only.
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, "0")).join("");
}

interface Refusal {
  detail?: string; title?: string; errors?: Fault[]; existing_id?: string; // problem+json
  error?: { message?: string }; validation_errors?: Record<string, string[]>; // plentymarkets
}

async function problemOf(answer: Response): Promise<Problem> {
  let body: Refusal = {};
  try {
    body = (await answer.json()) as Refusal;
  } catch { /* the gateway's own answers may have no JSON */ }
  const faults = body.errors ?? Object.entries(body.validation_errors ?? {}).flatMap(([name, details]) =>
    details.map(detail => ({ pointer: "/" + name, detail })));
  return new Problem(answer.status, body.detail ?? body.error?.message ?? body.title ?? `HTTP ${answer.status}`, faults, body.existing_id);
}
