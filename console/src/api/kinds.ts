import type { Kind } from "./types";

// The pages of the console, by the kinds of contacts that they show.
export const pageOf: Record<Kind, string> = { individual: "individuals", organization: "organizations", "placeholder-customers": "placeholders" };
export const kindOf: Record<string, Kind> = { individuals: "individual", organizations: "organization", placeholders: "placeholder-customers" };
export const schemaOf: Record<Kind, string> = { individual: "IndividualContactInput", organization: "OrganizationContactInput", "placeholder-customers": "PlaceholderCustomerInput" };
export const wordOf = { individual: "individual", organization: "organization", "placeholder-customers": "placeholder" } as const;
export const nameOfKind: Record<Kind, string> = { individual: "INDIVIDUAL", organization: "ORGANIZATION", "placeholder-customers": "PLACEHOLDER_CUSTOMER" };
export const headingOf = { individual: "individuals", organization: "organizations", "placeholder-customers": "placeholders" } as const;
export const kindOfMatch: Record<string, Kind> = { INDIVIDUAL: "individual", ORGANIZATION: "organization", PLACEHOLDER_CUSTOMER: "placeholder-customers" };
