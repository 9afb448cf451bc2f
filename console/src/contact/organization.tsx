import type { Department, Location, Membership, OrganizationDetails } from "../api/types";
import { useIdentities } from "../forms/known";
import { day, t, valueName } from "../text/text";
import { Named } from "../ui/named";
import { Parts } from "./parts";

interface Props<T> { path: string; items: T[]; readOnly: boolean; onChange: () => void }

type Representative = NonNullable<OrganizationDetails["organization_contact"]["representatives"]>[number];

// Representatives are the persons with a position at the organization. Each is changed on the person's page.
export function Representatives({ items }: { items: Representative[] }) {
  const sorted = [...items].sort((a, b) => Number(b.is_active) - Number(a.is_active));
  return (
    <section class="part" aria-label={t("representatives")}>
      <div class="part-head"><h2>{t("representatives")}</h2></div>
      <div class="part-items">
        {!sorted.length && <p class="quiet">{t("addFirst")}</p>}
        {sorted.map(one => <OneRepresentative key={one.professional_identity.professional_identity_id} one={one} />)}
      </div>
    </section>
  );
}

function OneRepresentative({ one }: { one: Representative }) {
  const { contact_id: contact, professional_identity_id: id } = one.professional_identity;
  const title = useIdentities(contact).find(identity => identity.id === id)?.job_title;
  const since = one.activation_date && t("since", { date: day(one.activation_date) });
  const until = !one.is_active && one.deactivation_date && t("until", { date: day(one.deactivation_date) });
  return (
    <div class="part-item"><div class="part-row"><div class="part-text">
      <span><Named kind="individual" id={contact} /> {!one.is_active && <span class="badge">{t("inactive")}</span>}</span>
      <span class="quiet">{[title, since, until].filter(Boolean).join(" · ")}</span>
    </div></div></div>
  );
}

export function Departments({ path, ...props }: Props<Department>) {
  return (
    <Parts<Department> {...props} title={t("departments")} word="department" schema="DepartmentInput" path={`${path}/departments`}
      show={one => <><span>{one.name}</span><span class="quiet">{[one.area && valueName("DepartmentArea", one.area), one.code, one.description].filter(Boolean).join(" · ")}</span></>} />
  );
}

export function Locations({ path, ...props }: Props<Location>) {
  return (
    <Parts<Location> {...props} title={t("locations")} word="location" schema="LocationInput" path={`${path}/locations`}
      show={one => <><span>{one.name}</span><span class="quiet">{t("members", { n: one.member_count ?? 0 })}</span></>} />
  );
}

export function Memberships({ path, ...props }: Props<Membership>) {
  return (
    <Parts<Membership> {...props} title={t("memberships")} word="membership" schema="MembershipInput" path={`${path}/memberships`}
      show={one => <><span>{one.organization_contact ? <Named kind="organization" id={one.organization_contact} /> : one.name}</span>
        <span class="quiet">{[valueName("MembershipType", one.type), one.organization_contact && one.name, one.reference].filter(Boolean).join(" · ")}</span></>} />
  );
}
