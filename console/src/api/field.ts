// A Field is what a form knows of a property of a request body. tools/console writes them from the description of the API.
export interface Field {
  readonly kind: Kind;
  readonly of?: string; // the name of the enum, or of the object's schema
  readonly oneOf?: readonly string[]; // the schemas that a choice is made of
  readonly const?: string;
  readonly max?: number; // characters
  readonly many?: boolean; // an array of these
  readonly required?: boolean;
}

export type Kind =
  | "text" | "email" | "uri" | "date" | "boolean" | "integer" | "number" | "enum" | "object" | "choice" | "const"
  | "id" | "contact" | "identity" | "department" | "location"; // references

// A Value is the JSON of a property; a Draft is an object that is being typed.
export type Value = string | number | boolean | Draft | Value[] | undefined;
export type Draft = { [name: string]: Value };
