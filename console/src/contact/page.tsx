import { useEffect } from "preact/hooks";
import { get, inOrganization, Problem } from "../api/client";
import type { Draft } from "../api/field";
import type { Contact, IndividualDetails, Kind, OrganizationDetails, Placeholder } from "../api/types";
import { Failed } from "../list/pane";
import { changed } from "../list/store";
import { t } from "../text/text";
import { Channels } from "./channels";
import { Head } from "./head";
import { Images, useImages } from "./images";
import { Identities, Relationships } from "./individual";
import { Options } from "./options";
import { Departments, Locations, Memberships, Representatives } from "./organization";
import { reasonOf, useLoaded } from "./parts";
import { Facts, Roles } from "./roles";
import { Tags } from "./tags";

type Details = { contact: Contact; individual?: IndividualDetails; organization?: OrganizationDetails };

async function load(kind: Kind, id: string, signal: AbortSignal): Promise<Details> {
  if (kind === "placeholder-customers") return { contact: await get<Placeholder>(inOrganization(`${kind}/${id}`), signal) };
  if (kind === "individual") {
    const individual = await get<IndividualDetails>(inOrganization(`individual/${id}/full`), signal);
    return { contact: individual.individual_contact, individual };
  }
  const organization = await get<OrganizationDetails>(inOrganization(`organization/${id}/full`), signal);
  return { contact: organization.organization_contact, organization };
}

// A ContactPage shows everything of a contact, each part changed in its place.
export function ContactPage({ kind, id }: { kind: Kind; id: string }) {
  const path = `${kind}/${id}`;
  const { data, error, reload } = useLoaded(signal => load(kind, id, signal), [kind, id]);
  const { images, reload: reloadImages } = useImages(path);
  useEffect(() => { if (data?.contact.id === id) changed(kind, data.contact); }, [data]);
  useEffect(() => { if (data?.contact.id === id) document.title = `${data.contact.name} · ${t("console")}`; }, [data]);
  if (!data || data.contact.id !== id) {
    if (error instanceof Problem && error.status === 404) return <div class="empty"><p>{t("notFoundContact")}</p></div>;
    return error ? <Failed reason={reasonOf(error)} onRetry={reload} /> : <div class="contact placeholder" role="status" aria-label={t("loading")} />;
  }
  const { contact, individual, organization } = data;
  const readOnly = contact.deleted;
  const shared = { path, readOnly, onChange: reload };
  return (
    <article class="contact" aria-label={contact.name}>
      <Head kind={kind} contact={contact} images={images} onChange={reload}>
        {kind !== "placeholder-customers" && <Tags path={path} readOnly={readOnly} />}
      </Head>
      {individual && <>
        <Channels {...shared} owner={individual} context="PERSONAL" />
        <Identities {...shared} items={individual.professional_identities} />
        <Relationships {...shared} items={individual.personal_relationships} />
        <Roles {...shared} owner={individual} />
        <Options id={id} readOnly={readOnly} />
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
      <Images path={path} name={contact.name} images={images} reload={reloadImages} readOnly={readOnly} />
    </article>
  );
}

// OwnFacts are the founders, the leaders and the foreign id of an organization.
function OwnFacts({ contact }: { contact: Draft }) {
  const shown = ["founders", "leaders", "external_organization_id"].some(name => contact[name] && String(contact[name]).length);
  if (!shown) return null;
  return <section class="part" aria-label={t("details")}><div class="part-head"><h2>{t("details")}</h2></div><div class="part-items"><Facts schema="OrganizationContactInput" value={contact} except={["name", "founded", "external_id"]} /></div></section>;
}
