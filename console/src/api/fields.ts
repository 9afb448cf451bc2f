import type { Field } from "./field";
import { enums, schemas } from "./schemas";

export type EnumName = keyof typeof enums;
export type EnumValue = (typeof enums)[Exclude<EnumName, "CountryCode" | "CurrencyCode" | "WebhookEvents">][number]; // the others are named by rules
export type SchemaName = keyof typeof schemas;
type KeysOf<T> = T extends unknown ? keyof T : never;
export type FieldName = KeysOf<(typeof schemas)[SchemaName]> & string;

// fieldsOf returns the fields of a schema in the order of the description.
export function fieldsOf(schema: string): [FieldName, Field][] {
  return Object.entries(schemas[schema as SchemaName]) as [FieldName, Field][];
}

// enumOf returns the values of an enum in the order of the description.
export function enumOf(name: string): readonly string[] {
  return enums[name as EnumName];
}
