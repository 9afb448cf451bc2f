import { useEffect, useRef, useState } from "preact/hooks";
import { kindOf } from "../api/kinds";
import type { Kind } from "../api/types";
import { ContactPage } from "../contact/page";
import { NewContact } from "../contact/head";
import { MomentPage } from "../history/moment";
import { HistoryPage } from "../history/page";
import { ListPane } from "../list/pane";
import { clearSearch } from "../list/search";
import { ConfigurationPage } from "../other/configuration";
import { DesignPage } from "../other/design";
import { ListPage, ListsPane, NewList } from "../other/lists";
import { Mark } from "../other/login";
import { logOut, may, session } from "../session/session";
import { language, speak, t, type Language } from "../text/text";
import { Icon, type IconName } from "../ui/icons";
import { NewWebhook, WebhookPage } from "../webhooks/page";
import { WebhooksPane } from "../webhooks/pane";
import { Secret } from "../webhooks/secret";
import { showsShortcuts } from "./keys";
import { href, path } from "./router";
import { theme, type Theme } from "./theme";

const sections = [
  ["individuals", "person"], ["organizations", "building"], ["placeholders", "bag"], ["lists", "list"], ["webhooks", "hook"], ["configuration", "gear"],
] as const satisfies readonly (readonly [string, IconName])[];

// Webhooks are for those who may administer them.
const offered = () => sections.filter(([name]) => name !== "webhooks" || may("contacts:admin"));

// The Shell is around every page: where one can go, and who one is.
export function Shell() {
  const [section = "", id, view, moment] = path.value.split("/");
  useFocusOnNewPage();
  return (
    <div class={id ? "shell opened" : "shell"} data-section={section}>
      <a class="skip" href="#main" onClick={event => { event.preventDefault(); document.getElementById("main")?.focus(); }}>{t("skip")}</a>
      <nav class="side" aria-label={t("menu")}>
        <a class="brand" href={href("individuals")}><Mark /><span>{t("console")}</span></a>
        <ul>
          {offered().map(([name, icon]) => (
            <li key={name}><a class="side-link" href={href(name)} title={t(name)} aria-current={section === name ? "page" : undefined} onClick={clearSearch}><Icon name={icon} /><span>{t(name)}</span></a></li>
          ))}
        </ul>
        <Account />
      </nav>
      <main id="main" tabIndex={-1}><Page section={section} id={id} view={view} moment={moment} /></main>
    </div>
  );
}

interface Address { section: string; id: string | undefined; view: string | undefined; moment: string | undefined }

function Page({ section, id, view, moment }: Address) {
  const [round, setRound] = useState(0);
  const changed = () => setRound(last => last + 1);
  const kind = kindOf[section];
  if (kind) {
    return <><ListPane kind={kind} />
      <div class="detail">{id === "new" ? <NewContact key={kind} kind={kind} /> : id ? <OneContact kind={kind} id={id} view={view} moment={moment} /> : <Nothing icon={sections.find(([name]) => name === section)?.[1] ?? "person"} />}</div></>;
  }
  if (section === "lists") {
    return <><ListsPane round={round} />
      <div class="detail">{id === "new" ? <NewList onChange={changed} /> : id ? <ListPage key={id} id={id} onChange={changed} /> : <Nothing icon="list" />}</div></>;
  }
  if (section === "webhooks") {
    return <><WebhooksPane round={round} />
      <div class="detail">{id === "new" ? <NewWebhook onChange={changed} /> : id ? <WebhookPage key={id} id={id} onChange={changed} /> : <Nothing icon="hook" />}</div><Secret /></>;
  }
  if (section === "configuration") return <div class="detail"><ConfigurationPage /></div>;
  if (section === "design") return <div class="detail"><DesignPage /></div>;
  return <div class="detail"><div class="empty"><p>{t("notFound")}</p></div></div>;
}

function OneContact({ kind, id, view, moment }: { kind: Kind; id: string; view: string | undefined; moment: string | undefined }) {
  if (view === "history") return <HistoryPage key={id} kind={kind} id={id} />;
  if (view === "at" && moment) return <MomentPage key={id} kind={kind} id={id} moment={moment} />;
  return <ContactPage key={id} kind={kind} id={id} />;
}

function Nothing({ icon = "person" }: { icon?: IconName }) {
  useEffect(() => { document.title = t("console"); });
  return <div class="empty nothing"><Icon name={icon} size={40} /><p>{t("chooseOne")}</p></div>;
}

// A new page is read from its heading on, unless something else was focused meanwhile.
function useFocusOnNewPage() {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) { first.current = false; return; }
    document.querySelector(".detail")?.scrollTo(0, 0);
    requestAnimationFrame(() => { if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true }); });
  }, [path.value]);
}

function Account() {
  const { user = "", org = "" } = session.value ?? {};
  return (
    <details class="account" onKeyDown={event => { if (event.key === "Escape") { event.currentTarget.open = false; event.stopPropagation(); } }}>
      <summary><Icon name="more" /><span class="account-name"><strong>{user}</strong> <span class="quiet">{org}</span></span></summary>
      <div class="account-menu">
        <label>{t("language")}<select value={language.value} onChange={event => speak(event.currentTarget.value as Language)}><option value="en">English</option><option value="de">Deutsch</option></select></label>
        <label>{t("theme")}<select value={theme.value} onChange={event => { theme.value = event.currentTarget.value as Theme; }}>
          <option value="system">{t("themeSystem")}</option><option value="light">{t("themeLight")}</option><option value="dark">{t("themeDark")}</option></select></label>
        <button type="button" class="plain" onClick={() => { showsShortcuts.value = true; }}><Icon name="keyboard" />{t("shortcuts")}<kbd>?</kbd></button>
        <a href="/docs"><Icon name="book" />{t("reference")}</a>
        <a href={href("design")}><Icon name="swatch" />{t("design")}</a>
        <button type="button" class="plain" onClick={logOut}><Icon name="leave" />{t("logout")}</button>
      </div>
    </details>
  );
}
