import { signal, type Signal } from "@preact/signals";
import { get, inOrganization } from "./client";
import type { Kind } from "./types";

const names = new Map<string, Signal<string>>();

// learn keeps the name of a contact that an answer showed.
export function learn(kind: Kind, id: string, name: string) {
  const known = names.get(`${kind}/${id}`);
  if (known) known.value = name;
  else names.set(`${kind}/${id}`, signal(name));
}

// nameOf returns the name of a contact; a component that shows it is shown again when it is known.
export function nameOf(kind: Kind, id: string): string {
  let name = names.get(`${kind}/${id}`);
  if (!name) {
    const found = name = signal("");
    names.set(`${kind}/${id}`, found);
    get<{ name: string }>(inOrganization(`${kind}/${id}`)).then(contact => { found.value = contact.name; }, () => { found.value = `#${id}`; names.delete(`${kind}/${id}`); });
  }
  return name.value;
}
