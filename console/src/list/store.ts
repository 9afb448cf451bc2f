import { signal } from "@preact/signals";
import { call, inOrganization, LoggedOut, Unreachable } from "../api/client";
import { learn } from "../api/names";
import type { Contact, Kind, Page } from "../api/types";
import { changeFound } from "./search";

// A List is what is loaded of the contacts of a kind: a page more whenever the person comes near its end.
export class List {
  readonly items = signal<Contact[]>([]);
  readonly state = signal<"idle" | "loading" | "done" | "failed">("idle");
  readonly failure = signal("");
  #next = "";

  constructor(readonly kind: Kind, readonly deleted: boolean) {}

  // more loads the next page.
  async more(): Promise<void> {
    if (this.state.value === "loading" || this.state.value === "done") return;
    this.state.value = "loading";
    const query = new URLSearchParams({ limit: this.items.value.length ? "1000" : "100" });
    if (!this.deleted) query.set("deleted", "false");
    if (this.#next) query.set("cursor", this.#next);
    try {
      const { data } = await call<Page<Contact>>("GET", inOrganization(`${this.kind}?${query}`));
      data.items.forEach(contact => learn(this.kind, contact.id, contact.name));
      this.items.value = [...this.items.value, ...data.items];
      this.#next = data.next ?? "";
      this.state.value = data.next ? "idle" : "done";
    } catch (error) {
      this.failure.value = error instanceof Error ? error.message : String(error);
      this.state.value = error instanceof LoggedOut ? "idle" : "failed";
      if (error instanceof Unreachable) setTimeout(() => { if (this.state.value === "failed") { this.state.value = "idle"; void this.more(); } }, Math.max(error.after, 3) * 1000);
    }
  }

  // put shows what became of a contact.
  put(contact: Contact) {
    const items = this.items.value;
    const index = items.findIndex(other => other.id === contact.id);
    if (index >= 0) this.items.value = contact.deleted && !this.deleted ? items.toSpliced(index, 1) : items.with(index, contact);
    else if (this.state.value === "done" && (!contact.deleted || this.deleted)) this.items.value = [...items, contact];
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
