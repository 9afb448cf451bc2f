import { useEffect, useState } from "preact/hooks";
import { get, inOrganization } from "../api/client";
import type { Draft } from "../api/field";
import { Facts } from "../contact/roles";
import { reasonOf, useLoaded } from "../contact/parts";
import { keptDraft } from "../forms/drafts";
import { Editor } from "../forms/editor";
import { fieldsOf } from "../api/fields";
import { isEmpty } from "../forms/draft";
import { Failed } from "../list/pane";
import { mayWrite } from "../session/session";
import { fieldName, t } from "../text/text";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";

// ConfigurationPage is the organization's configuration.
export function ConfigurationPage() {
  const at = inOrganization("configuration");
  const { data, error, reload } = useLoaded(signal => get<Draft>(at, signal), []);
  const [editing, setEditing] = useState(() => keptDraft("PUT", at) !== null);
  useEffect(() => { document.title = `${t("configuration")} · ${t("console")}`; });
  if (!data) return error ? <Failed reason={reasonOf(error)} onRetry={reload} /> : <div class="contact placeholder" role="status" aria-label={t("loading")} />;
  const nested = fieldsOf("ContactsConfigurationInput").filter(([name, field]) => field.kind === "object" && !isEmpty(data[name]));
  return (
    <article class="contact page" aria-label={t("configuration")}>
      <header class="contact-head">
        <div class="contact-title">
          <div class="contact-name"><h1 tabIndex={-1}>{t("configuration")}</h1></div>
          {mayWrite() && <div class="contact-tools"><button type="button" id="edit" onClick={() => setEditing(true)}><Icon name="pencil" size={16} />{t("edit")}</button></div>}
        </div>
        {editing
          ? <Editor schema="ContactsConfigurationInput" method="PUT" path={at} exists initial={data} label={t("configuration")} onDone={() => { setEditing(false); tell(t("saved")); reload(); }} onCancel={() => setEditing(false)} />
          : <dl class="facts"><div><dt>{fieldName("use_external_contact_management")}</dt><dd>{t(data["use_external_contact_management"] ? "yes" : "no")}</dd></div></dl>}
      </header>
      {!editing && nested.map(([name, field]) => (
        <section key={name} class="part" aria-label={fieldName(name)}><div class="part-head"><h2>{fieldName(name)}</h2></div><div class="part-items"><Facts schema={field.of ?? ""} value={data[name] as Draft} /></div></section>
      ))}
    </article>
  );
}
