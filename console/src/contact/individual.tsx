import type { IdentityDetails, Relationship } from "../api/types";
import { useDepartments, useLocations } from "../forms/known";
import { t, valueName } from "../text/text";
import { Named } from "../ui/named";
import { Channels } from "./channels";
import { Parts } from "./parts";

interface Props<T> { path: string; items: T[]; readOnly: boolean; onChange: () => void }

// Identities are a person's positions at organizations, each with channels of its own.
export function Identities({ path, items, readOnly, onChange }: Props<IdentityDetails>) {
  const collection = `${path}/professional-identities`;
  return (
    <Parts title={t("work")} word="identity" schema="ProfessionalIdentityInput" changeSchema="ProfessionalIdentityUpdate" fixed={["organization_contact"]} path={collection}
      items={items.map(details => ({ ...details.professional_identity, details }))} readOnly={readOnly} onChange={onChange}
      show={identity => (
        <>
          <span><strong>{identity.job_title || t("identity")}</strong> {!identity.is_active && <span class="badge">{t("inactive")}</span>}</span>
          <span><Named kind="organization" id={identity.organization_contact} /><Places identity={identity} /></span>
        </>
      )}
      below={identity => <div class="nested"><Channels compact path={`${collection}/${identity.id}`} owner={identity.details} context="PROFESSIONAL" readOnly={readOnly} onChange={onChange} /></div>} />
  );
}

// Places are the departments and locations of a position.
function Places({ identity }: { identity: IdentityDetails["professional_identity"] }) {
  const departments = useDepartments(identity.departments?.length ? identity.organization_contact : undefined);
  const locations = useLocations(identity.locations?.length ? identity.organization_contact : undefined);
  const names = [
    ...departments.filter(one => identity.departments?.some(ref => ref.department_id === one.id)), ...locations.filter(one => identity.locations?.some(ref => ref.location_id === one.id)),
  ].map(one => one.name);
  return names.length ? <span class="quiet"> · {names.join(", ")}</span> : null;
}

// Relationships are those between persons.
export function Relationships({ path, items, readOnly, onChange }: Props<Relationship>) {
  return (
    <Parts<Relationship> title={t("relationships")} word="relationship" schema="PersonalRelationshipInput" path={`${path}/personal-relationships`} items={items} readOnly={readOnly} onChange={onChange}
      show={relationship => <><Named kind="individual" id={relationship.individual_contact} /><span class="quiet">{valueName("RelationshipType", relationship.type)}</span></>} />
  );
}
