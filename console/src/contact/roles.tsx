import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { call, inOrganization } from "../api/client";
import type { Draft } from "../api/field";
import { fieldsOf } from "../api/fields";
import type { Address, CustomerRole, PayerRole, SupplierRole } from "../api/types";
import { shown } from "../forms/conflict";
import { bodyOf, isEmpty, newDraft } from "../forms/draft";
import { keptDraft } from "../forms/drafts";
import { Editor } from "../forms/editor";
import { Named } from "../ui/named";
import { day, fieldName, t } from "../text/text";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";
import { reasonOf } from "./parts";

interface Owner { customer_role?: CustomerRole; supplier_role?: SupplierRole; alternative_payer_role?: PayerRole; addresses: Address[] }

// Roles are what a contact is in trade: each is there once or not at all.
export function Roles({ path, owner, readOnly, onChange }: { path: string; owner: Owner; readOnly: boolean; onChange: () => void }) {
  const shared = { readOnly, onChange, addresses: owner.addresses };
  const { customer_role: customer, supplier_role: supplier, alternative_payer_role: payer } = owner;
  if (readOnly && !customer && !supplier && !payer) return null;
  return (
    <section class="part" aria-label={t("roles")}>
      <div class="part-head"><h2>{t("roles")}</h2></div>
      <div class="part-items roles">
        <Role {...shared} word="customer" schema="CustomerRoleInput" path={`${path}/roles/customer`} role={customer as Draft | undefined}
          title={customer && [customer.customer_id, t("since", { date: day(customer.customer_since) })].join(" · ")}
          state={customer && (customer.is_suspended ? "suspended" : customer.is_active ? null : "inactive")} account={customer?.debtor_account_id} />
        <Role {...shared} word="supplier" schema="SupplierRoleInput" path={`${path}/roles/supplier`} role={supplier as Draft | undefined}
          title={supplier && [supplier.supplier_id, t("since", { date: day(supplier.supplier_since) })].join(" · ")} state={supplier && (supplier.is_active ? null : "inactive")} account={supplier?.creditor_account_id} />
        <Role {...shared} word="payer" schema="AlternativePayerRoleInput" path={`${path}/roles/alternative-payer`} role={payer as Draft | undefined}
          title={payer && [payer.alternative_payer_id, t("since", { date: day(payer.since) })].join(" · ")} state={payer && (payer.is_active ? null : "inactive")} account={payer?.debtor_account_id} />
      </div>
    </section>
  );
}

interface RoleProps {
  word: "customer" | "supplier" | "payer"; schema: string; path: string; role: Draft | undefined; title: string | undefined; state: "suspended" | "inactive" | null | undefined;
  account: string | undefined; addresses: Address[]; readOnly: boolean; onChange: () => void;
}

function Role({ word, schema, role, title, state, account, addresses, readOnly, onChange, ...props }: RoleProps) {
  const path = inOrganization(props.path);
  const offered = addresses.map(address => ({ value: address.id, label: address.full_address.replaceAll("\n", ", ") }));
  const [editing, setEditing] = useState(() => !readOnly && keptDraft("PUT", path) !== null);
  async function remove() {
    try {
      await call("DELETE", path);
      onChange();
      tell(t("removed", { what: t(word) }), { undo: () => void call("PUT", path, { body: bodyOf(schema, role ?? {}) }).then(onChange, error => tell(reasonOf(error), { bad: true })) });
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
  }
  if (editing) {
    return <Editor key={String(Boolean(role))} schema={schema} method="PUT" path={path} exists={Boolean(role)} initial={role ?? newDraft(schema)} around={{ choices: { invoice_address_id: offered, delivery_address_id: offered } }} label={t(word)}
      onDone={() => { setEditing(false); onChange(); }} onCancel={() => setEditing(false)} />;
  }
  if (!role) return readOnly ? null : <button type="button" class="plain add" onClick={() => setEditing(true)}><Icon name="plus" size={16} />{t(word)}</button>;
  return (
    <div class="part-item">
      <div class="part-row">
        <div class="part-text"><span><strong>{t(word)}</strong> {state && <span class="badge">{t(state)}</span>}</span><span class="quiet number">{[title, account].filter(Boolean).join(" · ")}</span></div>
        {!readOnly && (
          <span class="part-tools">
            <button type="button" class="plain round" aria-label={t("editWhat", { what: t(word) })} onClick={() => setEditing(true)}><Icon name="pencil" size={16} /></button>
            <button type="button" class="plain round" aria-label={t("removeWhat", { what: t(word) })} onClick={() => void remove()}><Icon name="trash" size={16} /></button>
          </span>
        )}
      </div>
      <Facts schema={schema} value={role} except={["customer_id", "supplier_id", "alternative_payer_id", "is_active", "is_suspended", "customer_since", "supplier_since", "since"]} />
    </div>
  );
}

// Facts lists the fields of a resource that say something.
export function Facts({ schema, value, except = [] }: { schema: string; value: Draft; except?: readonly string[] }) {
  const facts = fieldsOf(schema).filter(([name]) => !except.includes(name) && !isEmpty(value[name]) && value[name] !== false);
  if (!facts.length) return null;
  return (
    <dl class="facts">
      {facts.map(([name, field]) => <div key={name}><dt>{fieldName(name)}</dt><dd>{fact(field.kind, value[name]) ?? shown(field, value[name])}</dd></div>)}
    </dl>
  );
}

// fact returns a reference to a contact as its name.
function fact(kind: string, value: unknown): ComponentChildren {
  const reference = value as { id?: string; contact_id?: string }[] | { id?: string; contact_id?: string };
  if (kind === "identity") return [reference].flat().map(one => <Named key={one.contact_id} kind="individual" id={one.contact_id ?? ""} />);
  return null;
}
