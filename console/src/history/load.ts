import { useEffect, useRef, useState } from "preact/hooks";
import { get, inOrganization } from "../api/client";
import type { HistoryEntry, Kind, Page } from "../api/types";
import { detailsOf, optionsOf, tagsOf, type Details } from "../contact/details";
import { stateOf, type State } from "./parts";

export interface Loaded extends Details { entries: HistoryEntry[]; state: State; next: string | undefined }

const pageOf = (kind: Kind, id: string, signal: AbortSignal, cursor = "") =>
  get<Page<HistoryEntry>>(inOrganization(`${kind}/${id}/history?limit=50${cursor && `&cursor=${cursor}`}`), signal);

// historyOf reads the newest changes of a contact, and what is there now.
export async function historyOf(kind: Kind, id: string, signal: AbortSignal): Promise<Loaded> {
  const [details, page, tags, own] = await Promise.all([
    detailsOf(kind, id, signal), pageOf(kind, id, signal),
    tagsOf(kind, id, signal), optionsOf(kind, id, signal),
  ]);
  const { contact, individual, organization } = details;
  return { ...details, entries: page.items, next: page.next, state: stateOf(contact, { ...individual, ...organization }, tags, own) };
}

// useHistory loads the history of a contact: its newest page, and an older one by more.
export function useHistory(kind: Kind, id: string) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const ending = useRef(new AbortController());
  useEffect(() => {
    const now = ending.current = new AbortController();
    const unlessGone = (set: () => void) => { if (!now.signal.aborted) set(); };
    historyOf(kind, id, now.signal).then(found => unlessGone(() => { setLoaded(found); setError(null); }), (reason: unknown) => unlessGone(() => setError(reason)));
    return () => now.abort();
  }, [kind, id, round]);
  async function more() {
    if (!loaded?.next) return;
    const { signal } = ending.current;
    const page = await pageOf(kind, id, signal, loaded.next);
    setLoaded({ ...loaded, entries: [...loaded.entries, ...page.items], next: page.next });
  }
  return { loaded, error, more, reload: () => setRound(last => last + 1) };
}
