import type { Draft, Value } from "../api/field";
import { enumOf, fieldsOf } from "../api/fields";
import type { Fault } from "../api/types";

// isEmpty reports whether a value says nothing: a body leaves it out.
export function isEmpty(value: Value): boolean {
  if (value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

// bodyOf returns a draft as the body of a request: the fields of the schema, without empty ones.
export function bodyOf(schema: string, draft: Draft): Draft {
  const body: Draft = {};
  for (const [name, field] of fieldsOf(schema)) {
    const value = field.kind === "const" ? field.const : draft[name];
    if (field.kind === "object" && field.of && !field.many && !isEmpty(value)) body[name] = bodyOf(field.of, value as Draft);
    else if (field.kind === "object" && field.of && field.many && Array.isArray(value)) body[name] = value.map(one => bodyOf(field.of ?? "", one as Draft));
    else if (field.kind === "choice" && !isEmpty(value)) body[name] = bodyOf(choiceOf(value as Draft), value as Draft);
    else if (!isEmpty(value)) body[name] = value;
  }
  return body;
}

// choiceOf returns the schema that a choice's "@type" names.
export const choiceOf = (draft: Draft) => `${String(draft["@type"] ?? "VendorTaxInformation")}Input`;

// newDraft returns what a form for something new begins with: the first value of a required enum, today, and yes to "is active".
export function newDraft(schema: string, given: Draft = {}): Draft {
  const draft: Draft = {};
  for (const [name, field] of fieldsOf(schema)) {
    if (!field.required) continue;
    if (field.kind === "enum" && field.of) draft[name] = enumOf(field.of)[0] ?? "";
    if (field.kind === "boolean") draft[name] = name === "is_active";
    if (field.kind === "date") draft[name] = new Date().toISOString().slice(0, 10);
  }
  return { ...draft, ...given };
}

// missing returns a fault for each required field that is empty.
export function missing(schema: string, draft: Draft, detail: string, pointer = ""): Fault[] {
  return fieldsOf(schema).flatMap(([name, field]): Fault[] => {
    const at = `${pointer}/${name}`;
    const value = draft[name];
    if (field.kind === "object" && field.of && !field.many && !isEmpty(value)) return missing(field.of, value as Draft, detail, at);
    return field.required && field.kind !== "boolean" && field.kind !== "const" && isEmpty(value) ? [{ pointer: at, detail }] : [];
  });
}

// faultAt returns the detail of the faults at a pointer, or below it where the form shows no field of its own for them.
export function faultAt(faults: Fault[], pointer: string, below = false): string | undefined {
  const found = faults.filter(fault => fault.pointer === pointer || (below && fault.pointer.startsWith(pointer + "/")));
  return found.length ? found.map(fault => fault.detail).join(" ") : undefined;
}
