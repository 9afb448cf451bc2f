import { get } from "../api/client";
import type { Option, OptionType } from "../api/types";
import { language, t } from "../text/text";
import { Parts } from "./parts";

const root = "/rest/accounts/contacts";
const channels = 4; // the first types are telephone, email, telefax and web page: a person's channels

export interface Known { options: Option[]; types: OptionType[]; subTypes: OptionType[] }

// knownOptions reads the options of a person that are no channels, and what there is to choose from.
export async function knownOptions(id: string, signal: AbortSignal): Promise<Known> {
  const [options, types, subTypes] = await Promise.all([
    get<Option[]>(`${root}/${id}/options`, signal), get<OptionType[]>(`${root}/option_types`, signal), get<OptionType[]>(`${root}/option_sub_types`, signal),
  ]);
  return { options: options.filter(option => option.typeId > channels), types: types.filter(type => type.id > channels), subTypes };
}

const named = (type: OptionType | undefined) => type?.names.find(name => name.lang === language.value)?.name ?? type?.names[0]?.name ?? String(type?.id ?? "");

// Options are what the plentymarkets dialect keeps of a person beside channels.
export function Options({ id, known, readOnly, onChange }: { id: string; known: Known; readOnly: boolean; onChange: () => void }) {
  const choose = (types: OptionType[]) => types.map(type => ({ value: type.id, label: named(type) }));
  return (
    <Parts<Option> title={t("options")} word="option" schema="ContactOptionInput" path={`${root}/${id}/options`} itemsPath={`${root}/options`} items={known.options} readOnly={readOnly}
      onChange={onChange} around={{ choices: { typeId: choose(known.types), subTypeId: choose(known.subTypes) } }}
      show={option => <><span>{option.value}</span><span class="quiet">{named(known.types.find(type => type.id === option.typeId))} · {named(known.subTypes.find(type => type.id === option.subTypeId))}</span></>} />
  );
}
