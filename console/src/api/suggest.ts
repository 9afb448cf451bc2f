import { get, inOrganization } from "./client";
import { kindOfMatch } from "./kinds";
import { learn } from "./names";
import type { Contact, Kind, Match, Page } from "./types";

export interface Suggestion { kind: Kind; id: string; name: string }

const most = 8;

// suggest returns contacts of the kinds whose name contains the text, or that have it as their email address, number or external id.
export async function suggest(kinds: readonly Kind[], text: string, signal: AbortSignal): Promise<Suggestion[]> {
  const sought = text.trim().toLowerCase();
  const exact = sought.includes("@") ? "email" : /^[+\d][\d\s/()-]{3,}$/.test(sought) ? "phone" : "";
  const [found, ...lists] = await Promise.all([
    exact ? get<Page<Match>>(inOrganization(`lookup?${exact}=${encodeURIComponent(sought)}`), signal).catch(() => ({ items: [] })) : { items: [] as Match[] },
    ...kinds.map(kind => named(kind, sought, signal)),
  ]);
  const matches = found.items.map(match => ({ kind: kindOfMatch[match.kind] ?? "individual", id: match.id, name: match.name })).filter(match => kinds.includes(match.kind));
  const all = [...matches, ...lists.flat()];
  all.forEach(one => learn(one.kind, one.id, one.name));
  return all.slice(0, most);
}

async function named(kind: Kind, sought: string, signal: AbortSignal): Promise<Suggestion[]> {
  const page = await get<Page<Contact>>(inOrganization(`${kind}?deleted=false&limit=1000`), signal);
  return page.items.filter(contact => contact.name.toLowerCase().includes(sought)).slice(0, most).map(({ id, name }) => ({ kind, id, name }));
}
