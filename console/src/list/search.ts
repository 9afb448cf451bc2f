import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isSearchable, search, type Hits } from "../api/search";
import type { Contact, Kind } from "../api/types";

const limit = 50;

// What is sought in the lists, among one kind of contacts or all, and the last that was found: it stays until the next answer.
export const sought = signal("");
export const among = signal<Kind | undefined>(undefined);
const found = signal<Hits | null>(null);
const failure = signal<unknown>(null);

export function clearSearch() {
  sought.value = "";
  among.value = undefined;
}

// changeFound shows what became of a contact among what was found.
export function changeFound(kind: Kind, contact: Contact) {
  const now = found.peek();
  if (!now?.hits.some(hit => hit.kind === kind && hit.id === contact.id)) return;
  found.value = { ...now, hits: now.hits.flatMap(hit => hit.kind !== kind || hit.id !== contact.id ? [hit] : contact.deleted ? [] : [{ ...hit, name: contact.name }]) };
}

// useSearch searches while the person types: each change ends what the one before has asked.
export function useSearch() {
  const text = sought.value.trim(), kind = among.value, active = isSearchable(text);
  useEffect(() => {
    failure.value = null;
    if (!active) { found.value = null; return; }
    const ending = new AbortController();
    search(text, kind, ending.signal, limit).then(hits => { found.value = hits; }, (error: unknown) => { if (!ending.signal.aborted) failure.value = error; });
    return () => ending.abort();
  }, [text, kind]);
  async function more() {
    const now = found.value;
    if (!now?.next) return;
    const page = await search(text, kind, new AbortController().signal, limit, now.next);
    if (found.value === now) found.value = { hits: [...now.hits, ...page.hits], next: page.next };
  }
  return { active, found: found.value, failure: failure.value, more };
}
