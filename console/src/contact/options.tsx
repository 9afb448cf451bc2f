import { get } from "../api/client";
import type { Option, OptionType } from "../api/types";
import { language, t } from "../text/text";
import { Parts, useLoaded } from "./parts";

const root = "/rest/accounts/contacts";
const channels = 4; // the first types are telephone, email, telefax and web page: a person's channels

const named = (type: OptionType | undefined) => type?.names.find(name => name.lang === language.value)?.name ?? type?.names[0]?.name ?? String(type?.id ?? "");

// Options are what the plentymarkets dialect keeps of a person beside channels.
export function Options({ id, readOnly }: { id: string; readOnly: boolean }) {
  const { data, reload } = useLoaded(async signal => {
    const [options, types, subTypes] = await Promise.all([
      get<Option[]>(`${root}/${id}/options`, signal), get<OptionType[]>(`${root}/option_types`, signal), get<OptionType[]>(`${root}/option_sub_types`, signal),
    ]);
    return { options: options.filter(option => option.typeId > channels), types: types.filter(type => type.id > channels), subTypes };
  }, [id]);
  if (!data) return null;
  const choose = (types: OptionType[]) => types.map(type => ({ value: type.id, label: named(type) }));
  return (
    <Parts<Option> title={t("options")} word="option" schema="ContactOptionInput" path={`${root}/${id}/options`} itemsPath={`${root}/options`} items={data.options} readOnly={readOnly}
      onChange={reload} around={{ choices: { typeId: choose(data.types), subTypeId: choose(data.subTypes) } }}
      show={option => <><span>{option.value}</span><span class="quiet">{named(data.types.find(type => type.id === option.typeId))} · {named(data.subTypes.find(type => type.id === option.subTypeId))}</span></>} />
  );
}
