import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { call, inOrganization } from "../api/client";
import type { Draft } from "../api/field";
import { pageOf, schemaOf, wordOf } from "../api/kinds";
import type { Contact, Image, Individual, Kind, Organization } from "../api/types";
import { href, navigate } from "../app/router";
import { keptDraft } from "../forms/drafts";
import { Editor } from "../forms/editor";
import { changed } from "../list/store";
import { mayWrite } from "../session/session";
import { day, t } from "../text/text";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";
import { Portrait } from "./images";
import { reasonOf } from "./parts";

interface Props { kind: Kind; contact: Contact; images: Image[]; onChange: () => void; children?: ComponentChildren }

// A Head is the top of a contact's page: picture, name, own fields, and what can be done with all of it.
export function Head({ kind, contact, images, onChange, children }: Props) {
  const path = inOrganization(`${kind}/${contact.id}`);
  const [editing, setEditing] = useState(() => !contact.deleted && keptDraft("PUT", path) !== null);
  const [asking, setAsking] = useState(false);
  async function remove() {
    setAsking(false);
    try {
      await call("DELETE", path);
      changed(kind, { ...contact, deleted: true });
      tell(t("deleted"));
      onChange();
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
  }
  return (
    <header class="contact-head">
      <a class="button plain back" href={href(pageOf[kind])}><Icon name="back" />{t("back")}</a>
      <div class="contact-title">
        <Portrait path={`${kind}/${contact.id}`} images={images} name={contact.name} id={contact.id} square={kind === "organization"} />
        <div class="contact-name">
          <p class="eyebrow">{t(wordOf[kind])}</p>
          <h1 tabIndex={-1}>{contact.name}</h1>
          <p class="quiet meta">{metaOf(kind, contact).map(text => <span key={text}>{text}</span>)}</p>
        </div>
        <div class="contact-tools">
          <a class="button" id="history" aria-keyshortcuts="h" href={href(`${pageOf[kind]}/${contact.id}/history`)}><Icon name="clock" size={16} />{t("history")}</a>
          {!contact.deleted && mayWrite() && <>
            <button type="button" id="edit" aria-keyshortcuts="e" onClick={() => setEditing(true)}><Icon name="pencil" size={16} />{t("edit")}</button>
            <button type="button" class="round" aria-label={t("delete")} onClick={() => setAsking(true)}><Icon name="trash" size={16} /></button>
          </>}
        </div>
      </div>
      {contact.deleted && <p class="note"><Icon name="alert" size={16} />{t("deletedNotice")}</p>}
      {editing && <Editor schema={schemaOf[kind]} method="PUT" path={path} initial={contact as unknown as Draft} exists label={t("editWhat", { what: contact.name })}
        onDone={() => { setEditing(false); tell(t("saved")); onChange(); }} onCancel={() => setEditing(false)} />}
      {children}
      {asking && (
        <Dialog title={t("deleteContact", { name: contact.name })} onClose={() => setAsking(false)}>
          <p>{t("deleteExplained")}</p>
          <div class="editor-end">
            <button type="button" class="quiet-button" onClick={() => setAsking(false)}>{t("cancel")}</button>
            <button type="button" class="danger" onClick={() => void remove()}>{t("delete")}</button>
          </div>
        </Dialog>
      )}
    </header>
  );
}

export function metaOf(kind: Kind, contact: Contact): string[] {
  const { date_of_birth: born, founded } = contact as Partial<Individual & Organization>;
  return [
    kind === "individual" && born ? t("born", { date: day(born) }) : "", founded ? t("founded", { date: day(founded) }) : "",
    contact.external_id ? t("externalId", { id: contact.external_id }) : "", t("id", { id: contact.id }),
  ].filter(Boolean);
}

// A NewContact is the form of a contact that is not there yet.
export function NewContact({ kind }: { kind: Kind }) {
  const path = inOrganization(kind);
  return (
    <article class="contact">
      <header class="contact-head">
        <a class="button plain back" href={href(pageOf[kind])}><Icon name="back" />{t("back")}</a>
        <h1>{t("addWhat", { what: t(wordOf[kind]) })}</h1>
        <Editor key={kind} schema={schemaOf[kind]} method="POST" path={path} initial={newContactDraft(kind)} label={t("addWhat", { what: t(wordOf[kind]) })} saveLabel={t("create")}
          onDone={saved => {
            const contact = saved as unknown as Contact;
            changed(kind, contact);
            tell(t("created", { name: contact.name }));
            navigate(`${pageOf[kind]}/${contact.id}`, true);
          }} onCancel={() => navigate(pageOf[kind])} />
      </header>
    </article>
  );
}

const newContactDraft = (kind: Kind): Draft => kind === "placeholder-customers"
  ? { is_active: true, customer_since: new Date().toISOString().slice(0, 10), requires_formal_invoice: false, track_revenue: false } : {};
