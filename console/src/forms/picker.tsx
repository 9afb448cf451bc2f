import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Hit } from "../api/search";
import { suggest } from "../api/suggest";
import type { Kind } from "../api/types";
import { nameOf } from "../api/names";
import { t } from "../text/text";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icons";

interface Props { shared: { id: string }; kinds: readonly Kind[]; value: string | undefined; label?: string; onValue: (id: string | undefined, hit?: Hit) => void }

// A ContactPicker is a text field that suggests contacts while a name is typed.
export function ContactPicker({ shared, kinds, value, label, onValue }: Props) {
  const [text, setText] = useState<string | null>(null); // null: nothing is being typed
  const [found, setFound] = useState<Hit[] | null>(null);
  const [active, setActive] = useState(0);
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setFound(null);
    if (!text?.trim()) return;
    const ending = new AbortController();
    const timer = setTimeout(() => suggest(kinds, text, ending.signal).then(next => { setFound(next); setActive(0); }, () => undefined), 30);
    return () => { clearTimeout(timer); ending.abort(); };
  }, [text]);
  const shown = text ?? (value ? nameOf(kinds[0] ?? "individual", value) : "");
  const choose = (one: Hit | undefined) => {
    if (!one) return;
    setText(null);
    onValue(one.id, one);
    input.current?.focus();
  };
  const key = (event: KeyboardEvent) => {
    if (!found?.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setActive((active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
    }
    if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); choose(found[active]); }
    if (event.key === "Escape") { event.stopPropagation(); setText(null); }
  };
  return (
    <div class="picker" onFocusOut={event => { if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setText(null); }}>
      <input {...shared} ref={input} role="combobox" aria-label={label} aria-expanded={Boolean(found)} aria-controls={list} aria-autocomplete="list" autocomplete="off" placeholder={t("makeSearch")}
        aria-activedescendant={found?.length ? `${list}-${active}` : undefined} value={shown} onKeyDown={key}
        onInput={event => { setText(event.currentTarget.value); if (!event.currentTarget.value) onValue(undefined); }} />
      {value && text === null && <button type="button" class="plain round" aria-label={t("remove")} onClick={() => onValue(undefined)}><Icon name="close" size={14} /></button>}
      <ul id={list} role="listbox" aria-label={t("search")} class="suggestions" hidden={!found}>
        {found?.map((one, index) => (
          <li key={one.kind + one.id} id={`${list}-${index}`} role="option" aria-selected={index === active} onMouseDown={event => { event.preventDefault(); choose(one); }}>
            <Avatar name={one.name} id={one.id} size="s" square={one.kind === "organization"} /><span class="row-text"><span>{one.name}</span>{one.by && <span class="row-more">{one.by}</span>}</span>
          </li>
        ))}
        {found?.length === 0 && <li class="quiet" role="option" aria-selected={false} aria-disabled="true">{t("noMatch")}</li>}
      </ul>
    </div>
  );
}
