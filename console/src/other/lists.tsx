import { useEffect, useState } from "preact/hooks";
import { call, get, inOrganization, Problem } from "../api/client";
import type { Draft } from "../api/field";
import type { CustomerList, Kind, Page } from "../api/types";
import { pageOf } from "../api/kinds";
import { href, navigate, path } from "../app/router";
import { reasonOf, useLoaded } from "../contact/parts";
import { newDraft } from "../forms/draft";
import { keptDraft } from "../forms/drafts";
import { Editor } from "../forms/editor";
import { ContactPicker } from "../forms/picker";
import { Failed } from "../list/pane";
import { mayWrite } from "../session/session";
import { t } from "../text/text";
import { Avatar } from "../ui/avatar";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";

// A ListsPane shows the customer lists of the organization.
export function ListsPane({ round }: { round: number }) {
  const { data, error, reload } = useLoaded(signal => get<Page<CustomerList>>(inOrganization("customer-lists"), signal), [round]);
  const open = path.value.split("/")[1];
  return (
    <section class="list-pane" aria-label={t("lists")}>
      <header class="list-head"><h1>{t("lists")}</h1>{mayWrite() && <a class="button primary" href={href("lists/new")} aria-keyshortcuts="n"><Icon name="plus" size={16} />{t("newContact")}</a>}</header>
      {!data && error !== null && <Failed reason={reasonOf(error)} onRetry={reload} />}
      {data?.items.length === 0 && <div class="empty"><p>{t("emptyList")}</p></div>}
      <div class="scroll">
        <ul class="plain-list">
          {data?.items.map(list => (
            <li key={list.id}><a class="row" href={href(`lists/${list.id}`)} aria-current={open === list.id ? "page" : undefined}>
              <Avatar name={list.name} id={list.id} square /><span class="row-text"><span class="row-name">{list.name}</span></span></a></li>
          ))}
        </ul>
      </div>
    </section>
  );
}

export function NewList({ onChange }: { onChange: () => void }) {
  return (
    <article class="contact"><header class="contact-head">
      <a class="button plain back" href={href("lists")}><Icon name="back" />{t("back")}</a>
      <h1>{t("addWhat", { what: t("list") })}</h1>
      <Editor schema="CustomerListInput" method="POST" path={inOrganization("customer-lists")} initial={newDraft("CustomerListInput")} label={t("list")} saveLabel={t("create")}
        onDone={saved => { onChange(); navigate(`lists/${String(saved["id"])}`, true); }} onCancel={() => navigate("lists")} />
    </header></article>
  );
}

// A ListPage shows the customers of a list.
export function ListPage({ id, onChange }: { id: string; onChange: () => void }) {
  const at = inOrganization(`customer-lists/${id}`);
  const { data, error, reload } = useLoaded(signal => get<CustomerList>(at, signal), [id]);
  const [editing, setEditing] = useState(() => keptDraft("PUT", at) !== null);
  const [asking, setAsking] = useState(false);
  useEffect(() => { if (data) document.title = `${data.name} · ${t("console")}`; }, [data]);
  if (!data || data.id !== id) {
    if (error instanceof Problem && error.status === 404) return <div class="empty"><p>{t("notFound")}</p></div>;
    return error ? <Failed reason={reasonOf(error)} onRetry={reload} /> : <div class="contact placeholder" role="status" aria-label={t("loading")} />;
  }
  const changed = () => { reload(); onChange(); };
  async function remove() {
    setAsking(false);
    try {
      await call("DELETE", at);
      tell(t("removed", { what: data?.name ?? "" }));
      onChange();
      navigate("lists");
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
  }
  return (
    <article class="contact" aria-label={data.name}>
      <header class="contact-head">
        <a class="button plain back" href={href("lists")}><Icon name="back" />{t("back")}</a>
        <div class="contact-title">
          <div class="contact-name"><p class="eyebrow">{t("list")}</p><h1 tabIndex={-1}>{data.name}</h1></div>
          {mayWrite() && <div class="contact-tools">
            <button type="button" id="edit" onClick={() => setEditing(true)}><Icon name="pencil" size={16} />{t("edit")}</button>
            <button type="button" class="round" aria-label={t("delete")} onClick={() => setAsking(true)}><Icon name="trash" size={16} /></button>
          </div>}
        </div>
        {editing && <Editor schema="CustomerListInput" method="PUT" path={at} initial={data as unknown as Draft} exists label={t("list")} onDone={() => { setEditing(false); changed(); }} onCancel={() => setEditing(false)} />}
      </header>
      <Items id={id} />
      {asking && <Dialog title={t("deleteContact", { name: data.name })} onClose={() => setAsking(false)}>
        <div class="editor-end"><button type="button" class="quiet-button" onClick={() => setAsking(false)}>{t("cancel")}</button><button type="button" class="danger" onClick={() => void remove()}>{t("delete")}</button></div>
      </Dialog>}
    </article>
  );
}

function Items({ id }: { id: string }) {
  const at = inOrganization(`customer-lists/${id}/items`);
  const { data, reload } = useLoaded(signal => get<Page<{ id: string }>>(`${at}?limit=5000`, signal), [id]);
  async function change(work: () => Promise<unknown>) {
    try {
      await work();
      reload();
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
  }
  async function add(contact: string) {
    const answer = await call<Page<unknown>>("POST", at, { body: { items: [{ id: contact }] } });
    for (const problem of answer.data.problems ?? []) tell(problem.detail, { bad: true });
  }
  return (
    <section class="part" aria-label={t("items")}>
      <div class="part-head"><h2>{t("items")}</h2></div>
      <div class="part-items">
        <p class="quiet">{t("itemsExplained")}</p>
        {data?.items.map(item => (
          <div key={item.id} class="part-item"><div class="part-row">
            <div class="part-text"><span><Customer id={item.id} /></span></div>
            {mayWrite() && <span class="part-tools"><button type="button" class="plain round" aria-label={t("remove")} onClick={() => void change(() => call("DELETE", `${at}/${item.id}`))}><Icon name="trash" size={16} /></button></span>}
          </div></div>
        ))}
        {mayWrite() && <ContactPicker shared={{ id: "add-item" }} label={t("addItem")} kinds={["individual", "organization", "placeholder-customers"]} value={undefined}
          onValue={contact => contact && void change(() => add(contact))} />}
      </div>
    </section>
  );
}

// A Customer is an item of a list: which kind of contact it is, only trying shows.
function Customer({ id }: { id: string }) {
  const { data } = useLoaded(async signal => {
    for (const kind of ["individual", "organization", "placeholder-customers"] as const satisfies readonly Kind[]) {
      try {
        const { name } = await get<{ name: string }>(inOrganization(`${kind}/${id}`), signal);
        return { kind, name };
      } catch (error) {
        if (!(error instanceof Problem && error.status === 404)) throw error;
      }
    }
    return null;
  }, [id]);
  return data ? <a href={href(`${pageOf[data.kind]}/${id}`)}>{data.name}</a> : <>#{id}</>;
}
