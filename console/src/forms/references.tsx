import { useState } from "preact/hooks";
import type { Draft, Field, Value } from "../api/field";
import { ContactPicker } from "./picker";
import { useDepartments, useIdentities, useLocations } from "./known";
import { Named } from "../ui/named";
import { fieldName, t } from "../text/text";
import { Icon } from "../ui/icons";

interface Props { shared: { id: string }; field: Field; value: Value; onValue: (value: Value) => void }

// A Reference is a choice among contacts: an id, {id}, or {contact_id, professional_identity_id}.
export function Reference({ shared, name, field, value, onValue }: Props & { name: string }) {
  if (field.kind === "identity") return <IdentityReference shared={shared} value={value as Draft | undefined} onValue={onValue} />;
  const kinds = name === "individual_contact" ? ["individual"] as const : name === "organization_contact" ? ["organization"] as const : ["individual", "organization"] as const;
  const id = field.kind === "contact" ? (value as Draft | undefined)?.["id"] : value;
  return <ContactPicker shared={shared} kinds={kinds} value={typeof id === "string" ? id : undefined}
    onValue={next => onValue(next === undefined ? undefined : field.kind === "contact" ? { id: next } : next)} />;
}

// An IdentityReference names a person, then one of the person's positions.
function IdentityReference({ shared, value, onValue }: { shared: { id: string }; value: Draft | undefined; onValue: (value: Value) => void }) {
  const contact = typeof value?.["contact_id"] === "string" ? value["contact_id"] : undefined;
  const [chosen, choose] = useState(contact);
  const identities = useIdentities(chosen);
  return (
    <div class="pair">
      <ContactPicker shared={shared} kinds={["individual"]} value={chosen} onValue={next => { choose(next); onValue(undefined); }} />
      {chosen && (
        <select aria-label={t("identity")} value={String(value?.["professional_identity_id"] ?? "")}
          onChange={event => onValue(event.currentTarget.value ? { contact_id: chosen, professional_identity_id: event.currentTarget.value } : undefined)}>
          <option value="">{t("choose")}</option>
          {identities.map(identity => <option key={identity.id} value={identity.id}>{[identity.job_title, identity.organization].filter(Boolean).join(", ")}</option>)}
        </select>
      )}
    </div>
  );
}

// References is a set of departments or locations of the organization in the draft, or a list of positions.
export function References({ shared, field, value, draft, onValue }: Props & { draft: Draft }) {
  const list = (Array.isArray(value) ? value : []) as Draft[];
  const organization = typeof draft["organization_contact"] === "string" ? draft["organization_contact"] : undefined;
  const departments = useDepartments(field.kind === "department" ? organization : undefined);
  const locations = useLocations(field.kind === "location" ? organization : undefined);
  if (field.kind === "identity") return <Identities shared={shared} list={list} onValue={onValue} />;
  const name = field.kind === "department" ? "department_id" : "location_id";
  const offered = field.kind === "department" ? departments : locations;
  const without = (id: string) => list.filter(one => one[name] !== id);
  return (
    <div class="checks" id={shared.id} role="group" aria-label={fieldName(field.kind + "s")}>
      {!offered.length && <span class="quiet">{t("emptyList")}</span>}
      {offered.map(one => (
        <label key={one.id} class="check">
          <input type="checkbox" checked={list.some(other => other[name] === one.id)}
            onChange={event => onValue(event.currentTarget.checked ? [...list, { contact_id: organization, [name]: one.id }] : without(one.id))} />
          {one.name}
        </label>
      ))}
    </div>
  );
}

function Identities({ shared, list, onValue }: { shared: { id: string }; list: Draft[]; onValue: (value: Value) => void }) {
  return (
    <div class="stack">
      {list.map((one, index) => (
        <span key={index} class="chip">
          <Named kind="individual" id={String(one["contact_id"])} plain />
          <button type="button" class="plain round" aria-label={t("remove")} onClick={() => onValue(list.filter((_, i) => i !== index))}><Icon name="close" size={14} /></button>
        </span>
      ))}
      <IdentityReference key={list.length} shared={shared} value={undefined} onValue={next => next && onValue([...list, next])} />
    </div>
  );
}
