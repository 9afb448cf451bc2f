import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { headingOf, pageOf, wordOf } from "../api/kinds";
import type { Hit } from "../api/search";
import type { Contact, Individual, Kind, Organization, Placeholder } from "../api/types";
import { href, navigate, path } from "../app/router";
import { reasonOf } from "../contact/parts";
import { mayWrite } from "../session/session";
import { day, t } from "../text/text";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icons";
import { among, sought, useSearch } from "./search";
import { listOf } from "./store";
import { Virtual } from "./virtual";

const withDeleted = signal(false);
const rowHeight = 3.5; // rem

// A ListPane shows the contacts of a kind or, while something is sought, what is found among all kinds; and which one is open.
export function ListPane({ kind }: { kind: Kind }) {
  const { active, found, failure, more } = useSearch();
  const open = path.value.split("/")[1];
  const focusFirst = (event: Event) => { event.preventDefault(); document.querySelector<HTMLElement>(".list-pane .row")?.focus(); };
  return (
    <section class="list-pane" aria-label={t(headingOf[kind])}>
      <header class="list-head">
        <h1>{t(headingOf[kind])}</h1>
        {mayWrite() && <a class="button primary" href={href(`${pageOf[kind]}/new`)} aria-keyshortcuts="n"><Icon name="plus" size={16} />{t("newContact")}</a>}
      </header>
      <div class="list-tools">
        <label class="search-box"><Icon name="search" size={16} />
          <input type="search" id="search" placeholder={t("searchAll")} aria-label={t("searchAll")} aria-keyshortcuts="/" value={sought.value} maxLength={256} autocomplete="off" spellcheck={false}
            onInput={event => { sought.value = event.currentTarget.value; }}
            onKeyDown={event => {
              const first = found?.hits[0];
              if (event.key === "Escape") sought.value = "";
              if (event.key === "Enter" && first) navigate(`${pageOf[first.kind]}/${first.id}`);
              if (event.key === "ArrowDown") focusFirst(event);
            }} />
        </label>
        {active ? <Among /> : <label class="check small"><input type="checkbox" checked={withDeleted.value} onChange={event => { withDeleted.value = event.currentTarget.checked; }} />{t("showDeleted")}</label>}
      </div>
      {!active ? <Contacts kind={kind} open={open} />
        : failure ? <div class="empty" role="alert"><p>{reasonOf(failure)}</p></div>
          : !found ? <div class="scroll" />
            : !found.hits.length ? <div class="empty" role="status"><p>{t("emptyFilter")}</p></div>
              : <Virtual items={found.hits} rowHeight={rowHeight} label={t("found")} selected={found.hits.findIndex(hit => hit.id === open)} more={Boolean(found.next)}
                onEnd={() => void more().catch(() => undefined)} keyOf={hit => hit.id} row={hit => <HitRow hit={hit} open={hit.id === open} />} />}
    </section>
  );
}

// Among chooses the kind of contacts that is searched.
function Among() {
  const kinds = [undefined, "individual", "organization", "placeholder-customers"] as const;
  return (
    <div class="among" role="group" aria-label={t("searchAmong")}>
      {kinds.map(kind => <button key={kind} type="button" aria-pressed={among.value === kind} onClick={() => { among.value = kind; }}>{t(kind ? headingOf[kind] : "allKinds")}</button>)}
    </div>
  );
}

function HitRow({ hit, open }: { hit: Hit; open: boolean }) {
  return (
    <a class="row" href={href(`${pageOf[hit.kind]}/${hit.id}`)} aria-current={open ? "page" : undefined}>
      <Avatar name={hit.name} id={hit.id} square={hit.kind === "organization"} />
      <span class="row-text"><span class="row-name">{hit.name}</span><span class="row-more">{hit.by ?? t(wordOf[hit.kind])}</span></span>
    </a>
  );
}

function Contacts({ kind, open }: { kind: Kind; open: string | undefined }) {
  const list = listOf(kind, withDeleted.value);
  useEffect(() => { if (!list.items.value.length) void list.more(); }, [list]);
  const items = list.items.value;
  const more = list.state.value === "idle" || list.state.value === "loading";
  if (list.state.value === "failed" && !items.length) return <Failed reason={list.failure.value} onRetry={() => void list.more()} />;
  if (!items.length && !more) {
    return <div class="empty"><Icon name={kind === "individual" ? "person" : kind === "organization" ? "building" : "bag"} size={40} /><p>{t("emptyList")}</p>
      {mayWrite() && <a class="button" href={href(`${pageOf[kind]}/new`)}>{t("firstOne")}</a>}</div>;
  }
  return <Virtual items={items} rowHeight={rowHeight} label={t(headingOf[kind])} selected={items.findIndex(contact => contact.id === open)} more={more}
    onEnd={() => void list.more()} keyOf={contact => contact.id} row={contact => <Row kind={kind} contact={contact} open={contact.id === open} />} />;
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
