import { useId, useState } from "preact/hooks";
import type { Draft, Field, Value } from "../api/field";
import { enumOf, fieldsOf } from "../api/fields";
import type { Fault } from "../api/types";
import { fieldName, t, valueName } from "../text/text";
import { Icon } from "../ui/icons";
import { choiceOf, faultAt, isEmpty } from "./draft";
import { Reference, References } from "./references";

// What a form knows of its surroundings: what there is to choose from for fields that refer to something, by the fields' names.
export interface Around { choices: Record<string, readonly Choosable[]> }
export interface Choosable { value: string | number; label: string }

export interface FieldsProps {
  schema: string;
  draft: Draft;
  faults: Fault[];
  pointer?: string; // of the object in the body, "" for the body itself
  around?: Around;
  fixed?: readonly string[]; // fields that can't be changed
  onInput: (draft: Draft) => void;
}

// Optional fields that are empty are hidden at first, if there are many.
const crowded = 4;

// Fields shows the fields of a schema.
export function Fields(props: FieldsProps) {
  const { schema, draft, faults, pointer = "", fixed = [] } = props;
  const [all, showAll] = useState(false);
  const fields = fieldsOf(schema).filter(([name, field]) => field.kind !== "const" && name !== "id" && !fixed.includes(name));
  const hidden = fields.filter(([name, field]) => !field.required && isEmpty(draft[name]) && !faultAt(faults, `${pointer}/${name}`, true));
  const collapses = hidden.length > crowded && !all && pointer === "";
  const shown = collapses ? fields.filter(([name, field]) => !hidden.some(([other]) => other === name) || field.kind === "text" && name === "description") : fields;
  return (
    <div class="fields">
      {shown.map(([name, field]) => <OneField key={name} {...props} name={name} field={field} />)}
      {collapses && <button type="button" class="plain more-fields" onClick={() => showAll(true)}><Icon name="down" size={16} />{t("moreFields")}</button>}
    </div>
  );
}

const wide = ["full_address", "description", "url", "name", "address", "number", "value", "job_title"];

function OneField({ name, field, ...props }: FieldsProps & { name: string; field: Field }) {
  const { draft, faults, pointer = "" } = props;
  const id = useId();
  const at = `${pointer}/${name}`;
  const simple = !(field.many || field.kind === "object" || field.kind === "choice");
  const fault = faultAt(faults, at, simple);
  const input = (value: Value) => props.onInput({ ...draft, [name]: value });
  const shared = { id, name: at, "aria-invalid": Boolean(fault), "aria-describedby": fault ? id + "-fault" : undefined, "aria-required": Boolean(field.required) };
  const value = draft[name];
  const className = `field ${field.kind}${field.many ? " many" : ""}${wide.includes(name) ? " wide" : ""}${fault ? " faulty" : ""}`;
  const message = fault && <p class="fault" id={id + "-fault"}>{fault}</p>;

  if (field.kind === "boolean") {
    return (
      <div class={className}>
        <label class="check"><input {...shared} type="checkbox" checked={value === true} onChange={event => input(event.currentTarget.checked)} />{fieldName(name)}</label>
        {message}
      </div>
    );
  }
  if (!simple && (field.kind === "object" || field.kind === "choice" || field.kind === "enum")) {
    return (
      <fieldset class={className + " group"}>
        <legend>{fieldName(name)}</legend>
        {name === "events" && <p class="quiet">{t("noEvents")}</p>}
        <Group {...props} field={field} at={at} value={value} onValue={input} />
        {message}
      </fieldset>
    );
  }
  return (
    <div class={className}>
      <label for={id}>{fieldName(name)}{field.required && <span class="required" aria-hidden="true"> *</span>}</label>
      <Control shared={shared} name={name} field={field} value={value} draft={draft} around={props.around} onValue={input} />
      {message}
    </div>
  );
}

interface ControlProps { shared: { id: string }; name: string; field: Field; value: Value; draft: Draft; around: Around | undefined; onValue: (value: Value) => void }

function Control({ shared, name, field, value, draft, around, onValue }: ControlProps) {
  const typed = (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => onValue(event.currentTarget.value);
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const choices = around?.choices[name];
  if (choices) return <Chosen shared={shared} choices={choices} value={text} required={field.required ?? false} onValue={onValue} />;
  switch (field.kind) {
    case "enum":
      return <Choice shared={shared} of={field.of ?? ""} value={text} required={field.required ?? false} onValue={onValue} />;
    case "date":
      return <input {...shared} type="date" value={text} max="9999-12-31" onInput={typed} />;
    case "integer":
    case "number":
      return <input {...shared} inputMode="decimal" value={text} onInput={event => onValue(numberOf(event.currentTarget.value))} />;
    case "text":
      if (name === "full_address" || name === "description") return <textarea {...shared} rows={name === "full_address" ? 3 : 1} maxLength={field.max} value={text} onInput={typed} />;
      return <input {...shared} type={(name === "number" ? "tel" : "text") as "text"} maxLength={field.max} value={text} onInput={typed} autocomplete="off" />;
    case "email":
    case "uri":
      return <input {...shared} type={(field.kind === "uri" ? "url" : "email") as "text"} maxLength={field.max} value={text} onInput={typed} autocomplete="off" autocapitalize="none" spellcheck={false} />;
    default:
      return field.many ? <References shared={shared} field={field} value={value} draft={draft} onValue={onValue} />
        : <Reference shared={shared} name={name} field={field} value={value} onValue={onValue} />;
  }
}

// A number that is being typed stays text until it is one, so that the platform can say what is wrong with it.
function numberOf(text: string): Value {
  return /^-?\d{1,15}(\.\d+)?$/.test(text) && String(Number(text)) === text ? Number(text) : text;
}

function Choice({ shared, of, value, required, onValue }: { shared: { id: string }; of: string; value: string; required: boolean; onValue: (value: Value) => void }) {
  const values = enumOf(of).map(one => [one, valueName(of, one)] as const);
  if (values.length > 40) values.sort((a, b) => a[1].localeCompare(b[1]));
  return (
    <select {...shared} value={value} onChange={event => onValue(event.currentTarget.value || undefined)}>
      {!required && <option value="">{t("none")}</option>}
      {values.map(([one, label]) => <option key={one} value={one}>{label}</option>)}
    </select>
  );
}

function Chosen({ shared, choices, value, required, onValue }: { shared: { id: string }; choices: readonly Choosable[]; value: string; required: boolean; onValue: (value: Value) => void }) {
  return (
    <select {...shared} value={value} onChange={event => onValue(choices.find(one => String(one.value) === event.currentTarget.value)?.value)}>
      {!(required && value) && <option value="">{t(required ? "choose" : "none")}</option>}
      {choices.map(one => <option key={one.value} value={one.value}>{one.label}</option>)}
    </select>
  );
}

type GroupProps = FieldsProps & { field: Field; at: string; value: Value; onValue: (value: Value) => void };

// A Group is an object within the form, a choice between two, a list of objects, or a set of values of an enum.
function Group({ field, at, value, onValue, faults, around }: GroupProps) {
  const nested = { faults, ...(around && { around }) };
  if (field.kind === "enum") {
    const chosen = Array.isArray(value) ? value : [];
    return (
      <div class={`checks ${field.of}`}>
        {enumOf(field.of ?? "").map(one => (
          <label key={one} class="check">
            <input type="checkbox" checked={chosen.includes(one)} onChange={event => onValue(event.currentTarget.checked ? [...chosen, one] : chosen.filter(other => other !== one))} />
            {valueName(field.of ?? "", one)}
          </label>
        ))}
      </div>
    );
  }
  if (field.many) {
    const list = (Array.isArray(value) ? value : []) as Draft[];
    const change = (index: number, next?: Draft) => onValue(list.flatMap((one, i) => i !== index ? [one] : next ? [next] : []));
    return (
      <>
        {list.map((one, index) => (
          <div class="row-group" key={index}>
            <Fields {...nested} schema={field.of ?? ""} draft={one} pointer={`${at}/${index}`} onInput={next => change(index, next)} />
            <button type="button" class="plain round" aria-label={t("remove")} onClick={() => change(index)}><Icon name="trash" size={16} /></button>
          </div>
        ))}
        <button type="button" class="plain" onClick={() => onValue([...list, {}])}><Icon name="plus" size={16} />{t("add")}</button>
      </>
    );
  }
  const draft = (value ?? {}) as Draft;
  if (field.kind === "choice") {
    const schema = isEmpty(value) ? field.oneOf?.[0] ?? "" : choiceOf(draft);
    return (
      <>
        <select aria-label={fieldName("@type")} value={schema} onChange={event => onValue({ ...draft, "@type": event.currentTarget.value.replace(/Input$/, "") })}>
          {field.oneOf?.map(one => <option key={one} value={one}>{one.replace(/TaxInformationInput$/, "")}</option>)}
        </select>
        <Fields {...nested} schema={schema} draft={draft} pointer={at} onInput={next => onValue({ "@type": schema.replace(/Input$/, ""), ...next })} />
      </>
    );
  }
  return <Fields {...nested} schema={field.of ?? ""} draft={draft} pointer={at} onInput={onValue} />;
}
