import type { components } from "../../types/api";

type Schemas = components["schemas"];
export type Individual = Schemas["IndividualContact"];
export type Organization = Schemas["OrganizationContact"];
export type Placeholder = Schemas["PlaceholderCustomer"];
export type IndividualDetails = Schemas["IndividualContactDetails"];
export type OrganizationDetails = Schemas["OrganizationContactDetails"];
export type Identity = Schemas["ProfessionalIdentity"];
export type IdentityDetails = Schemas["ProfessionalIdentityDetails"];
export type Address = Schemas["Address"];
export type Email = Schemas["Email"];
export type Phone = Schemas["Phone"];
export type WebAddress = Schemas["WebAddress"];
export type Relationship = Schemas["PersonalRelationship"];
export type Department = Schemas["Department"];
export type Location = Schemas["Location"];
export type Membership = Schemas["Membership"];
export type CustomerRole = Schemas["CustomerRole"];
export type SupplierRole = Schemas["SupplierRole"];
export type PayerRole = Schemas["AlternativePayerRole"];
export type Tag = Schemas["Tag"];
export type Image = Schemas["Image"];
export type CustomerList = Schemas["CustomerList"];
export type Option = Schemas["ContactOption"];
export type OptionType = Schemas["OptionType"];
export type SearchMatch = Schemas["SearchMatch"];
export type Fault = Schemas["Fault"];
export type Tokens = Schemas["UserTokens"];
export type Form = Schemas["PresignedPost"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type HistoryChange = Schemas["HistoryChange"];
export type Webhook = Schemas["Webhook"];
export type WebhookWithSecret = Schemas["WebhookWithSecret"];
export type Delivery = Schemas["WebhookDelivery"];
export type Configuration = Schemas["ContactsConfiguration"];

// A Page is a list's answer; next is the cursor of the following page, absent on the last.
export interface Page<T> { items: T[]; next?: string; problems?: { detail: string }[] }

// The kinds of contacts, as the paths of the API spell them.
export type Kind = "individual" | "organization" | "placeholder-customers";
export type Contact = Individual | Organization | Placeholder;
