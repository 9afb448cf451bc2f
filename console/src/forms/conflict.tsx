import { useState } from "preact/hooks";
import type { Draft, Field, Value } from "../api/field";
import { fieldsOf } from "../api/fields";
import { day, fieldName, t, valueName } from "../text/text";

// A Conflict shows what somebody else saved next to what was typed here. What is equal is left out; the person chooses for each other field,
// at first what was changed here.
export function Conflict({ schema, before, yours, theirs, onChoose, onCancel }: { schema: string; before: Draft; yours: Draft; theirs: Draft; onChoose: (draft: Draft) => void; onCancel: () => void }) {
  const different = fieldsOf(schema).filter(([name]) => JSON.stringify(yours[name] ?? "") !== JSON.stringify(theirs[name] ?? ""));
  const [own, setOwn] = useState<Record<string, boolean>>(Object.fromEntries(different.map(([name]) => [name, JSON.stringify(yours[name] ?? "") !== JSON.stringify(before[name] ?? "")])));
  const chosen = () => Object.fromEntries([...Object.entries(yours), ...different.map(([name]) => [name, own[name] ? yours[name] : theirs[name]])]) as Draft;
  return (
    <form class="editor conflict" aria-label={t("conflict")} onSubmit={event => { event.preventDefault(); onChoose(chosen()); }}
      onKeyDown={event => { if (event.key === "Escape") { event.stopPropagation(); onCancel(); } }}>
      <h3>{t("conflict")}</h3>
      <p class="quiet">{t("conflictExplained")}</p>
      {different.map(([name, field]) => (
        <fieldset key={name} class="versions">
          <legend>{fieldName(name)}</legend>
          {[false, true].map(mine => (
            <label key={String(mine)} class={own[name] === mine ? "version chosen" : "version"}>
              <input type="radio" name={name} checked={own[name] === mine} onChange={() => setOwn({ ...own, [name]: mine })} />
              <span class="version-of">{mine ? t("yours") : t("theirs")}</span>
              <span class="version-value">{shown(field, (mine ? yours : theirs)[name])}</span>
            </label>
          ))}
        </fieldset>
      ))}
      <div class="editor-end">
        <button type="button" class="quiet-button" onClick={onCancel}>{t("cancel")}</button>
        <button type="submit" class="primary">{t("saveChoice")}</button>
      </div>
    </form>
  );
}

// shown returns a value as text.
export function shown(field: Field, value: Value): string {
  if (value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.map(one => shown(field, one)).join(", ") || "–";
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "object") return Object.values(value).map(inner => shown({ kind: "text" }, inner)).join(" · ");
  if (field.kind === "enum") return valueName(field.of ?? "", String(value));
  return field.kind === "date" ? day(String(value)) : String(value);
}
