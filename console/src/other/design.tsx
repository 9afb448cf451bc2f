import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Draft } from "../api/field";
import { Fields } from "../forms/fields";
import { t } from "../text/text";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";

const colours = ["canvas", "surface", "sunken", "line", "line-strong", "ink", "ink-2", "ink-3", "accent", "accent-soft", "danger", "danger-soft", "warn", "warn-soft"];
const spaces = ["1", "2", "3", "4", "5", "6", "7"];
const types = ["xs", "s", "m", "l", "xl", "xxl"];

// DesignPage documents the design system by itself: what is shown here is made of the properties that all pages use.
export function DesignPage() {
  const [draft, setDraft] = useState<Draft>({ type: "WORK_EMAIL", address: "ada@", usage_context: "PROFESSIONAL" });
  useEffect(() => { document.title = `${t("design")} · ${t("console")}`; });
  return (
    <article class="contact page design" aria-label={t("design")}>
      <header class="contact-head"><h1 tabIndex={-1}>{t("design")}</h1>
        <p class="quiet">Calm surfaces, one accent, text first. Every size and colour is a custom property of style/tokens.css; both colour schemes come from the same names.</p></header>
      <Section title="Colour">
        <ul class="swatches">{colours.map(name => <li key={name}><span class={`swatch swatch-${name}`} /><code>--{name}</code></li>)}</ul>
      </Section>
      <Section title="Type">
        <dl class="specimens">{types.map(size => <div key={size}><dt><code>--type-{size}</code></dt><dd class={`type-${size}`}>Ada Lovelace, 10 December 1815</dd></div>)}</dl>
      </Section>
      <Section title="Space">
        <ul class="spaces">{spaces.map(step => <li key={step}><code>--space-{step}</code><span class={`bar-${step}`} /></li>)}</ul>
      </Section>
      <Section title="Buttons">
        <div class="specimen-row">
          <button type="button" class="primary">Primary</button><button type="button">Default</button><button type="button" class="quiet-button">Quiet</button><button type="button" class="danger">Danger</button>
          <button type="button" class="plain"><Icon name="plus" size={16} />Plain</button><button type="button" class="round" aria-label={t("edit")}><Icon name="pencil" size={16} /></button>
        </div>
        <p class="quiet">One primary button a page at most. A plain button adds; a round one has a name for screen readers.</p>
      </Section>
      <Section title="Forms">
        <div class="editor"><Fields schema="EmailInput" draft={draft} faults={[{ pointer: "/address", detail: "must be an email address" }]} onInput={setDraft} /></div>
        <p class="quiet">Fields come from the API's description. A fault stands below the field that its JSON pointer names.</p>
      </Section>
      <Section title="Signs">
        <div class="specimen-row">
          <Avatar name="Ada Lovelace" id="1" /><Avatar name="Grace Hopper" id="4" size="s" /><span class="portrait square"><Avatar name="Acme GmbH" id="7" square size="l" /></span><span class="chip">tag</span><span class="badge">inactive</span>
          <button type="button" onClick={() => tell(t("saved"), { undo: () => undefined })}>Message</button>
        </div>
        <p class="quiet">Round stands for a person, square for an organization.</p>
      </Section>
    </article>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return <section class="part" aria-label={title}><div class="part-head"><h2>{title}</h2></div><div class="part-items">{children}</div></section>;
}
