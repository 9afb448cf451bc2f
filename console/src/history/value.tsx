import type { Draft, Field, Value } from "../api/field";
import { isEmpty } from "../forms/draft";
import { shown } from "../forms/conflict";
import { useDepartments, useLocations } from "../forms/known";
import { Named } from "../ui/named";

// A ShownValue is the value of a field; what refers to contacts, departments or locations is shown by names.
export function ShownValue({ name, field, value }: { name: string; field: Field; value: Value }) {
  if (isEmpty(value)) return <>–</>;
  const list = [value].flat() as Draft[];
  if (field.kind === "id" && /^(individual|organization)_contact$/.test(name)) return <Named kind={name.startsWith("i") ? "individual" : "organization"} id={String(value)} />;
  if (field.kind === "identity") return <>{list.map((one, i) => <>{i > 0 && ", "}<Named kind="individual" id={String(one["contact_id"])} /></>)}</>;
  if (field.kind === "department" || field.kind === "location") return <Places list={list} kind={field.kind} />;
  return <>{shown(field, value)}</>;
}

function Places({ list, kind }: { list: Draft[]; kind: "department" | "location" }) {
  const organization = String(list[0]?.["contact_id"]);
  const departments = useDepartments(kind === "department" ? organization : undefined);
  const locations = useLocations(kind === "location" ? organization : undefined);
  const nameOf = (id: unknown) => [...departments, ...locations].find(one => one.id === id)?.name ?? `#${id}`;
  return <>{list.map(one => nameOf(one[`${kind}_id`])).join(", ")}</>;
}
