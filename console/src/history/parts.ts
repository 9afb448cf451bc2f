import type { Draft } from "../api/field";
import type { Contact, HistoryChange, IndividualDetails, Kind, Option, OrganizationDetails, Tag } from "../api/types";
import { schemaOf } from "../api/kinds";
import { call, inOrganization } from "../api/client";
import { bodyOf } from "../forms/draft";
import type { Key } from "../text/en";

type PartName = HistoryChange["part"];

// A Part is what the console knows of a kind of part: what it is called, its fields, and the collection that it is in, below its owner.
interface Part { word: Key; schema: string; in: string; single?: boolean }

const options = "/rest/accounts/contacts";

// The parts that have former values to show and to put back. The others are pictures, and what an organization shows of its representatives.
const parts: { [name in PartName]?: Part } = {
  address: { word: "address", schema: "AddressInput", in: "addresses" },
  email: { word: "email", schema: "EmailInput", in: "emails" },
  phone: { word: "phone", schema: "PhoneInput", in: "phones" },
  web_address: { word: "webAddress", schema: "WebAddressInput", in: "web-addresses" },
  professional_identity: { word: "identity", schema: "ProfessionalIdentityInput", in: "professional-identities" },
  personal_relationship: { word: "relationship", schema: "PersonalRelationshipInput", in: "personal-relationships" },
  department: { word: "department", schema: "DepartmentInput", in: "departments" },
  location: { word: "location", schema: "LocationInput", in: "locations" },
  membership: { word: "membership", schema: "MembershipInput", in: "memberships" },
  customer: { word: "customer", schema: "CustomerRoleInput", in: "roles/customer", single: true },
  supplier: { word: "supplier", schema: "SupplierRoleInput", in: "roles/supplier", single: true },
  alternative_payer: { word: "payer", schema: "AlternativePayerRoleInput", in: "roles/alternative-payer", single: true },
  tag: { word: "tag", schema: "TagInput", in: "tags" },
  option: { word: "option", schema: "ContactOptionInput", in: "options" },
};

const others: { [name in PartName]?: Key } = { contact: "details", image: "image", representative: "representative" };

export const wordOfPart = (name: PartName): Key => parts[name]?.word ?? others[name] ?? "details";

// schemaOfPart returns the schema of a part's fields, "" if it has none to show.
export const schemaOfPart = (kind: Kind, name: PartName) => name === "contact" ? schemaOf[kind] : parts[name]?.schema ?? "";

export const keyOf = ({ part, id = "", identity_id = "" }: Pick<HistoryChange, "part" | "id" | "identity_id">) => `${part} ${parts[part]?.single ? "" : id} ${identity_id}`;

// What a contact has now, by the keys of its parts.
export type State = Map<string, Draft>;

interface Channels { addresses: unknown[]; emails: unknown[]; phones: unknown[]; web_addresses: unknown[] }

// stateOf returns the parts of a contact as answers show them.
export function stateOf(contact: Contact, details: Partial<IndividualDetails & OrganizationDetails>, tags: Tag[], own: Option[]): State {
  const state: State = new Map();
  const put = (part: PartName, found: readonly unknown[] = [], identity = "") => {
    for (const one of found as Draft[]) state.set(keyOf({ part, id: String(one["id"] ?? ""), identity_id: identity }), one);
  };
  const channels = (owner: Partial<Channels>, identity?: string) => {
    put("address", owner.addresses, identity);
    put("email", owner.emails, identity);
    put("phone", owner.phones, identity);
    put("web_address", owner.web_addresses, identity);
  };
  put("contact", [contact]);
  channels(details);
  for (const one of details.professional_identities ?? []) {
    put("professional_identity", [one.professional_identity]);
    channels(one, one.professional_identity.id);
  }
  put("personal_relationship", details.personal_relationships);
  put("department", details.departments);
  put("location", details.locations);
  put("membership", details.memberships);
  put("customer", [details.customer_role].filter(Boolean));
  put("supplier", [details.supplier_role].filter(Boolean));
  put("alternative_payer", [details.alternative_payer_role].filter(Boolean));
  put("tag", tags);
  put("option", own);
  return state;
}

// canPutBack reports whether a former value can be written again: its owner is still there.
export function canPutBack(state: State, { part, identity_id }: HistoryChange): boolean {
  return part === "contact" || (part in parts && (!identity_id || state.has(keyOf({ part: "professional_identity", id: identity_id }))));
}

// putBack writes a former value of a part: over the present one, or anew if the part is not there any more. It fails if somebody else
// changes the part at the same time.
export async function putBack(kind: Kind, id: string, change: HistoryChange, value: Draft, exists: boolean): Promise<void> {
  const own = `${kind}/${id}`;
  const part = parts[change.part];
  const owner = change.identity_id ? `${own}/professional-identities/${change.identity_id}` : own;
  const collection = change.part === "option" ? `${options}/${id}/options` : inOrganization(part ? `${owner}/${part.in}` : own);
  const items = change.part === "option" ? `${options}/options` : collection;
  const at = !part || part.single ? collection : `${items}/${change.id}`;
  const body = bodyOf(schemaOfPart(kind, change.part), value);
  if (!exists && !part?.single) {
    await call("POST", collection, { body });
    return;
  }
  const condition = exists ? { ifMatch: (await call("GET", at)).etag } : { ifNoneMatch: "*" };
  await call("PUT", at, { body, ...condition });
}
