import { get, inOrganization } from "../api/client";
import type { Contact, IndividualDetails, Kind, Option, OrganizationDetails, Placeholder, Tag } from "../api/types";

// Details are a contact with everything that its page shows in one answer.
export interface Details { contact: Contact; individual?: IndividualDetails; organization?: OrganizationDetails }

// detailsOf reads a contact as it is, or as it was at a moment: a date-time.
export async function detailsOf(kind: Kind, id: string, signal: AbortSignal, moment?: string): Promise<Details> {
  const query = moment ? `?as_of=${encodeURIComponent(moment)}` : "";
  if (kind === "placeholder-customers") return { contact: await get<Placeholder>(inOrganization(`${kind}/${id}`), signal) };
  if (kind === "individual") {
    const individual = await get<IndividualDetails>(inOrganization(`individual/${id}/full${query}`), signal);
    return { contact: individual.individual_contact, individual };
  }
  const organization = await get<OrganizationDetails>(inOrganization(`organization/${id}/full${query}`), signal);
  return { contact: organization.organization_contact, organization };
}

// tagsOf reads the tags of a contact. Placeholder customers have none.
export async function tagsOf(kind: Kind, id: string, signal: AbortSignal): Promise<Tag[]> {
  return kind === "placeholder-customers" ? [] : (await get<{ items: Tag[] }>(inOrganization(`${kind}/${id}/tags`), signal)).items;
}

// optionsOf reads the options of a contact, which persons alone have.
export async function optionsOf(kind: Kind, id: string, signal: AbortSignal): Promise<Option[]> {
  return kind === "individual" ? get<Option[]>(`/rest/accounts/contacts/${id}/options`, signal) : [];
}
