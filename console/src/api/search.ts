import { get, inOrganization } from "./client";
import { kindOfMatch, nameOfKind } from "./kinds";
import { learn } from "./names";
import type { Kind, Page, SearchMatch } from "./types";

// A Hit is a contact that a search has found; by is the value that has led to it, unless that is the name.
export interface Hit { kind: Kind; id: string; name: string; by?: string }
export interface Hits { hits: Hit[]; next: string | undefined }

const unspaced = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

// isSearchable reports whether the platform searches a text: it has two characters, or one of a script without spaces.
export const isSearchable = (text: string) => [...text].length > 1 || unspaced.test(text);

// search returns a page of the contacts of a kind, or of all kinds. A page of the platform can be empty though there is more: it is not returned.
export async function search(text: string, kind: Kind | undefined, signal: AbortSignal, limit: number, cursor = ""): Promise<Hits> {
  const query = new URLSearchParams({ query: text, limit: String(limit) });
  if (kind) query.set("kind", nameOfKind[kind]);
  for (let next = cursor; ;) {
    if (next) query.set("cursor", next);
    const page = await get<Page<SearchMatch>>(inOrganization(`search?${query}`), signal);
    const hits = page.items.map(hitOf);
    if (hits.length || !page.next) return { hits, next: page.next };
    next = page.next;
  }
}

function hitOf({ id, kind: of, name, matched }: SearchMatch): Hit {
  const kind = kindOfMatch[of] ?? "individual";
  learn(kind, id, name);
  const by = matched.some(match => match.field === "name") ? undefined : matched[0]?.value;
  return { kind, id, name, ...(by && { by }) };
}
