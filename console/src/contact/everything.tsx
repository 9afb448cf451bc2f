import type { Draft } from "../api/field";
import type { Kind } from "../api/types";
import { t } from "../text/text";
import { Channels } from "./channels";
import type { Details } from "./details";
import { Identities, Relationships } from "./individual";
import { Departments, Locations, Memberships, Representatives } from "./organization";
import { Facts, Roles } from "./roles";

// Everything shows the parts of a contact that one answer has, now or at a moment.
export function Everything({ kind, id, details, readOnly, onChange }: { kind: Kind; id: string; details: Details; readOnly: boolean; onChange: () => void }) {
  const { contact, individual, organization } = details;
  const shared = { path: `${kind}/${id}`, readOnly, onChange };
  return (
    <>
      {individual && <>
        <Channels {...shared} owner={individual} context="PERSONAL" />
        <Identities {...shared} items={individual.professional_identities} />
        <Relationships {...shared} items={individual.personal_relationships} />
        <Roles {...shared} owner={individual} />
      </>}
      {organization && <>
        <OwnFacts contact={organization.organization_contact as unknown as Draft} />
        <Channels {...shared} owner={organization} context="ORGANIZATION" />
        <Representatives items={organization.organization_contact.representatives ?? []} />
        <Departments {...shared} items={organization.departments} />
        <Locations {...shared} items={organization.locations} />
        <Memberships {...shared} items={organization.memberships} />
        <Roles {...shared} owner={organization} />
      </>}
      {kind === "placeholder-customers" && (
        <section class="part" aria-label={t("details")}><div class="part-head"><h2>{t("details")}</h2></div><div class="part-items"><Facts schema="PlaceholderCustomerInput" value={contact as unknown as Draft} except={["name"]} /></div></section>
      )}
    </>
  );
}

// OwnFacts are the founders, the leaders and the foreign id of an organization.
function OwnFacts({ contact }: { contact: Draft }) {
  const shown = ["founders", "leaders", "external_organization_id"].some(name => contact[name] && String(contact[name]).length);
  if (!shown) return null;
  return <section class="part" aria-label={t("details")}><div class="part-head"><h2>{t("details")}</h2></div><div class="part-items"><Facts schema="OrganizationContactInput" value={contact} except={["name", "founded", "external_id"]} /></div></section>;
}
