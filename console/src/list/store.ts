import { signal } from "@preact/signals";
import { call, inOrganization, LoggedOut, Unreachable } from "../api/client";
import { learn } from "../api/names";
import type { Contact, Kind, Page } from "../api/types";
import { changeFound } from "./search";

// Names are compared as the platform sorts them: by Unicode's root collation, which is that of English. Equal ones are in the order of creation.
const names = new Intl.Collator("en");
const inOrder = (a: Contact, b: Contact) => names.compare(a.name, b.name) || Number(a.id) - Number(b.id);

// A List is what is loaded of the contacts of a kind: a page more whenever the person comes near its end. Individuals and organizations are in
// the order of their names, placeholder customers in that of their creation.
export class List {
  readonly items = signal<Contact[]>([]);
  readonly state = signal<"idle" | "loading" | "done" | "failed">("idle");
  readonly failure = signal("");
  #next = "";

  readonly #byName: boolean;

  constructor(readonly kind: Kind, readonly deleted: boolean) {
    this.#byName = kind !== "placeholder-customers";
  }

  // more loads the next page.
  async more(): Promise<void> {
    if (this.state.value === "loading" || this.state.value === "done") return;
    this.state.value = "loading";
    const query = new URLSearchParams({ limit: this.items.value.length ? "1000" : "100" });
    if (this.#byName) query.set("sort", "name");
    if (!this.deleted) query.set("deleted", "false");
    if (this.#next) query.set("cursor", this.#next);
    try {
      const { data } = await call<Page<Contact>>("GET", inOrganization(`${this.kind}?${query}`));
      data.items.forEach(contact => learn(this.kind, contact.id, contact.name));
      const known = new Set(this.items.value.map(contact => contact.id)); // what was renamed meanwhile can be shown again
      this.items.value = [...this.items.value, ...data.items.filter(contact => !known.has(contact.id))];
      this.#next = data.next ?? "";
      this.state.value = data.next ? "idle" : "done";
    } catch (error) {
      this.failure.value = error instanceof Error ? error.message : String(error);
      this.state.value = error instanceof LoggedOut ? "idle" : "failed";
      if (error instanceof Unreachable) setTimeout(() => { if (this.state.value === "failed") { this.state.value = "idle"; void this.more(); } }, Math.max(error.after, 3) * 1000);
    }
  }

  // put shows what became of a contact, in its place if that is among what is loaded.
  put(contact: Contact) {
    const items = this.items.value, index = items.findIndex(other => other.id === contact.id), gone = contact.deleted && !this.deleted;
    if (index >= 0 && !gone && (!this.#byName || items[index]?.name === contact.name)) {
      this.items.value = items.with(index, contact);
      return;
    }
    const others = index >= 0 ? items.toSpliced(index, 1) : items;
    const after = this.#byName ? others.findIndex(other => inOrder(other, contact) > 0) : -1;
    const at = after >= 0 ? after : this.state.value === "done" ? others.length : -1;
    if (!gone && at >= 0) this.items.value = others.toSpliced(at, 0, contact);
    else if (index >= 0) this.items.value = others;
  }
}

const lists = new Map<string, List>();

// listOf returns the list of a kind, which is kept while the console is open.
export function listOf(kind: Kind, deleted: boolean): List {
  const key = `${kind} ${deleted}`;
  let list = lists.get(key);
  if (!list) lists.set(key, list = new List(kind, deleted));
  return list;
}

// changed tells all lists, and all names, of a contact that was read or written.
export function changed(kind: Kind, contact: Contact) {
  learn(kind, contact.id, contact.name);
  changeFound(kind, contact);
  for (const deleted of [false, true]) lists.get(`${kind} ${deleted}`)?.put(contact);
}

// forgetLists begins anew, after another user logged in.
export const forgetLists = () => lists.clear();
