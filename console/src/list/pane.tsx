import { useEffect, useMemo } from "preact/hooks";
import { signal } from "@preact/signals";
import { pageOf, wordOf } from "../api/kinds";
import type { Contact, Individual, Kind, Organization, Placeholder } from "../api/types";
import { href, navigate, path } from "../app/router";
import { day, t } from "../text/text";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icons";
import { listOf } from "./store";
import { Virtual } from "./virtual";

const withDeleted = signal(false);
const sought = signal("");

const heading = { individual: "individuals", organization: "organizations", "placeholder-customers": "placeholders" } as const;
const rowHeight = 56;

// A ListPane shows the contacts of a kind, and which one is open.
export function ListPane({ kind }: { kind: Kind }) {
  const list = listOf(kind, withDeleted.value);
  const open = path.value.split("/")[1];
  useEffect(() => { sought.value = ""; }, [kind]);
  useEffect(() => { if (!list.items.value.length) void list.more(); }, [list]);
  const all = list.items.value, words = sought.value.trim().toLowerCase();
  const items = useMemo(() => words ? all.filter(contact => contact.name.toLowerCase().includes(words)) : all, [all, words]);
  const more = list.state.value === "idle" || list.state.value === "loading";
  return (
    <section class="list-pane" aria-label={t(heading[kind])}>
      <header class="list-head">
        <h1>{t(heading[kind])}</h1>
        <a class="button primary" href={href(`${pageOf[kind]}/new`)} aria-keyshortcuts="n"><Icon name="plus" size={16} />{t("newContact")}</a>
      </header>
      <div class="list-tools">
        <label class="search-box"><Icon name="search" size={16} />
          <input type="search" id="search" placeholder={t("filter")} aria-label={t("filter")} aria-keyshortcuts="/" value={sought.value} autocomplete="off" spellcheck={false}
            onInput={event => { sought.value = event.currentTarget.value; }}
            onKeyDown={event => {
              if (event.key === "Escape") sought.value = "";
              if (event.key === "Enter" && items[0]) navigate(`${pageOf[kind]}/${items[0].id}`);
              if (event.key === "ArrowDown") { event.preventDefault(); document.querySelector<HTMLElement>(".virtual a")?.focus(); }
            }} />
        </label>
        <label class="check small"><input type="checkbox" checked={withDeleted.value} onChange={event => { withDeleted.value = event.currentTarget.checked; }} />{t("showDeleted")}</label>
      </div>
      {list.state.value === "failed" && !all.length
        ? <Failed reason={list.failure.value} onRetry={() => void list.more()} />
        : !items.length && !more
          ? <div class="empty"><p>{t(words ? "emptyFilter" : "emptyList")}</p>{!words && <a class="button" href={href(`${pageOf[kind]}/new`)}>{t("firstOne")}</a>}</div>
          : <Virtual items={items} rowHeight={rowHeight} label={t(heading[kind])} selected={items.findIndex(contact => contact.id === open)} more={more}
            onEnd={() => void list.more()} keyOf={contact => contact.id} row={contact => <Row kind={kind} contact={contact} open={contact.id === open} />} />}
    </section>
  );
}

function Row({ kind, contact, open }: { kind: Kind; contact: Contact; open: boolean }) {
  return (
    <a class={`row${contact.deleted ? " deleted" : ""}`} href={href(`${pageOf[kind]}/${contact.id}`)} aria-current={open ? "page" : undefined}>
      <Avatar name={contact.name} id={contact.id} square={kind === "organization"} />
      <span class="row-text"><span class="row-name">{contact.name}</span><span class="row-more">{contact.deleted ? t("deleted") : detail(kind, contact)}</span></span>
    </a>
  );
}

// detail returns what tells a contact from others of its name.
function detail(kind: Kind, contact: Contact): string {
  if (kind === "placeholder-customers") return (contact as Placeholder).customer_id;
  const date = kind === "individual" ? (contact as Individual).date_of_birth : (contact as Organization).founded;
  const dated = date && t(kind === "individual" ? "born" : "founded", { date: day(date) });
  return dated || (contact.external_id ? t("externalId", { id: contact.external_id }) : t(wordOf[kind]));
}

export function Failed({ reason, onRetry }: { reason: string; onRetry: () => void }) {
  const text = reason === "offline" ? t("offline") : reason === "unavailable" ? t("unavailable") : t("loadFailed", { reason });
  return <div class="empty" role="alert"><p>{text}</p><button type="button" onClick={onRetry}>{t("retry")}</button></div>;
}
