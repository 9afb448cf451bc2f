import type { Draft } from "../api/field";
import { session } from "../session/session";

// What is being typed is kept for the tab, so that neither a reload nor a look at another page loses it.
const keyOf = (method: string, path: string) => `contacts.draft ${session.value?.org} ${session.value?.user} ${method} ${path}`;

export function keepDraft(method: string, path: string, draft: Draft) {
  sessionStorage.setItem(keyOf(method, path), JSON.stringify(draft));
}

export function keptDraft(method: string, path: string): Draft | null {
  return JSON.parse(sessionStorage.getItem(keyOf(method, path)) ?? "null") as Draft | null;
}

export function dropDraft(method: string, path: string) {
  sessionStorage.removeItem(keyOf(method, path));
}
