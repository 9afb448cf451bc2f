import { useEffect, useMemo, useState } from "preact/hooks";
import { call, get, inOrganization, Problem } from "../api/client";
import type { Draft } from "../api/field";
import type { Webhook, WebhookWithSecret } from "../api/types";
import { href, navigate } from "../app/router";
import { reasonOf, useLoaded } from "../contact/parts";
import { newDraft } from "../forms/draft";
import { keptDraft } from "../forms/drafts";
import { Editor } from "../forms/editor";
import { Submission } from "../forms/submit";
import { Failed } from "../list/pane";
import { eventName, localNow, moment, t } from "../text/text";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";
import { Deliveries } from "./deliveries";
import { hostOf, State } from "./pane";
import { secret } from "./secret";

const fixed = ["status"]; // it has buttons of its own

export function NewWebhook({ onChange }: { onChange: () => void }) {
  return (
    <article class="contact"><header class="contact-head">
      <a class="button plain back" href={href("webhooks")}><Icon name="back" />{t("back")}</a>
      <h1>{t("addWhat", { what: t("webhook") })}</h1>
      <p class="quiet">{t("webhooksExplained")}</p>
      <Editor schema="WebhookInput" method="POST" path={inOrganization("webhooks")} initial={newDraft("WebhookInput")} fixed={fixed} label={t("webhook")} saveLabel={t("create")}
        onDone={saved => {
          const made = saved as unknown as WebhookWithSecret;
          secret.value = made.secret;
          onChange();
          navigate(`webhooks/${made.id}`, true);
        }} onCancel={() => navigate("webhooks")} />
    </header></article>
  );
}

// A WebhookPage shows where a webhook sends what, how it does, and what it sent.
export function WebhookPage({ id, onChange }: { id: string; onChange: () => void }) {
  const at = inOrganization(`webhooks/${id}`);
  const { data, error, reload } = useLoaded(signal => get<Webhook>(at, signal), [id]);
  const [editing, setEditing] = useState(() => keptDraft("PUT", at) !== null);
  const [test, setTest] = useState<string | null>(null);
  useEffect(() => { if (data) document.title = `${hostOf(data)} · ${t("webhooks")}`; }, [data]);
  if (!data || data.id !== id) {
    if (error instanceof Problem && error.status === 404) return <div class="empty"><p>{t("notFound")}</p></div>;
    return error ? <Failed reason={reasonOf(error)} onRetry={reload} /> : <div class="contact placeholder" role="status" aria-label={t("loading")} />;
  }
  const changed = () => { reload(); onChange(); };
  async function run(work: () => Promise<string>) {
    try {
      tell(await work());
      changed();
    } catch (reason) {
      tell(reasonOf(reason), { bad: true });
    }
  }
  const sendTest = () => run(async () => {
    setTest((await call<{ id: string }>("POST", `${at}/test`)).data.id);
    return t("testSent");
  });
  return (
    <article class="contact" aria-label={hostOf(data)}>
      <header class="contact-head">
        <a class="button plain back" href={href("webhooks")}><Icon name="back" />{t("back")}</a>
        <div class="contact-title">
          <div class="contact-name"><p class="eyebrow">{t("webhook")}</p><h1 tabIndex={-1}>{hostOf(data)} <State webhook={data} /></h1>
            <p class="quiet meta"><code class="webhook-url">{data.url}</code>{data.description && <span>{data.description}</span>}</p></div>
          <div class="contact-tools">
            <button type="button" onClick={() => void sendTest()}><Icon name="send" size={16} />{t("sendTest")}</button>
            <button type="button" id="edit" aria-keyshortcuts="e" onClick={() => setEditing(true)}><Icon name="pencil" size={16} />{t("edit")}</button>
            <Remove webhook={data} onDone={() => { onChange(); navigate("webhooks"); }} />
          </div>
        </div>
        {data.status === "FAILING" && <p class="note"><Icon name="alert" size={16} />{t("failingSince", { date: moment(data.failing_since ?? "") })}</p>}
        {editing && <Editor schema="WebhookInput" method="PUT" path={at} initial={data as unknown as Draft} exists fixed={fixed} label={t("webhook")}
          onDone={() => { setEditing(false); tell(t("saved")); changed(); }} onCancel={() => setEditing(false)} />}
      </header>
      <section class="part" aria-label={t("status")}>
        <div class="part-head"><h2>{t("status")}</h2></div>
        <div class="part-items"><div class="part-row"><div class="part-text">
          <span>{t(data.status === "DISABLED" ? "webhookDisabled" : "webhookActive")}</span>
          <span class="quiet">{data.behind.changes === 0 ? t("notBehind") : t("behind", { n: data.behind.changes, date: moment(data.behind.since ?? "") })}</span>
        </div><Switch webhook={data} at={at} run={run} /></div></div>
      </section>
      <section class="part" aria-label={t("events")}>
        <div class="part-head"><h2>{t("events")}</h2></div>
        <div class="part-items"><ul class="chips">{(data.events ?? []).map(event => <li key={event} class="chip">{eventName(event)}</li>)}{!data.events?.length && <li class="chip">{t("allEvents")}</li>}</ul></div>
      </section>
      <Rotation at={at} />
      <Replay at={at} run={run} />
      <Deliveries key={id} id={id} test={test} />
    </article>
  );
}

type Run = (work: () => Promise<string>) => Promise<void>;

// A Switch turns a webhook off or on, or lets it try at once while its receiver fails.
function Switch({ webhook, at, run }: { webhook: Webhook; at: string; run: Run }) {
  const { status = "ACTIVE", url, events, description } = webhook;
  const set = (to: "ACTIVE" | "DISABLED") => void run(async () => {
    const { etag } = await call("GET", at);
    await call("PUT", at, { body: { url, events, description, status: to }, ifMatch: etag });
    return t("saved");
  });
  return (
    <span class="switch">
      {status === "FAILING" && <button type="button" onClick={() => set("ACTIVE")}>{t("retryNow")}</button>}
      {status === "DISABLED" ? <button type="button" onClick={() => set("ACTIVE")}>{t("enable")}</button> : <button type="button" onClick={() => set("DISABLED")}>{t("disable")}</button>}
    </span>
  );
}

// A Rotation makes a new secret. It is sent until it is answered, always with one Idempotency-Key: a lost answer loses no secret.
function Rotation({ at }: { at: string }) {
  const [asking, setAsking] = useState(false);
  const submission = useMemo(() => new Submission(), []);
  useEffect(() => () => submission.stop(), []);
  const { state } = submission.progress.value;
  async function rotate() {
    try {
      const answer = await submission.send<{ secret: string }>("POST", `${at}/secret`, undefined);
      setAsking(false);
      if (answer) secret.value = answer.data.secret;
    } catch (reason) {
      setAsking(false);
      tell(reasonOf(reason), { bad: true });
    }
  }
  return (
    <section class="part" aria-label={t("secret")}>
      <div class="part-head"><h2>{t("secret")}</h2></div>
      <div class="part-items"><div class="part-row"><div class="part-text"><span class="quiet">{t("secretHidden")}</span></div>
        <button type="button" onClick={() => setAsking(true)}>{t("newSecret")}</button></div></div>
      {asking && <Dialog title={t("newSecretAsk")} onClose={() => setAsking(false)}>
        <p>{t("newSecretExplained")}</p>
        {state === "waiting" && <p class="note" role="alert">{t("unavailable")} {t("waiting")}</p>}
        <div class="editor-end"><button type="button" class="quiet-button" onClick={() => { submission.stop(); setAsking(false); }}>{t("cancel")}</button>
          <button type="button" class="primary" aria-busy={state !== "idle"} disabled={state !== "idle"} onClick={() => void rotate()}>{t("newSecret")}</button></div>
      </Dialog>}
    </section>
  );
}

// A Replay sends what was sent since a moment once more.
function Replay({ at, run }: { at: string; run: Run }) {
  const [since, setSince] = useState("");
  const start = (event: Event) => {
    event.preventDefault();
    const time = new Date(since);
    if (Number.isNaN(time.getTime())) return;
    void run(async () => {
      await call("POST", `${at}/replay`, { body: { since: time.toISOString() } });
      setSince("");
      return t("replayStarted");
    });
  };
  return (
    <section class="part" aria-label={t("replay")}>
      <div class="part-head"><h2>{t("replay")}</h2></div>
      <div class="part-items">
        <form class="moment-choice" onSubmit={start}>
          <label for="replay-since">{t("replaySince")}</label>
          <input id="replay-since" type="datetime-local" required value={since} max={localNow().slice(0, 16)} onInput={event => setSince(event.currentTarget.value)} />
          <button type="submit">{t("sendAgain")}</button>
        </form>
      </div>
    </section>
  );
}

function Remove({ webhook, onDone }: { webhook: Webhook; onDone: () => void }) {
  const [asking, setAsking] = useState(false);
  async function remove() {
    setAsking(false);
    try {
      await call("DELETE", inOrganization(`webhooks/${webhook.id}`));
      tell(t("removed", { what: hostOf(webhook) }));
      onDone();
    } catch (reason) {
      tell(reasonOf(reason), { bad: true });
    }
  }
  return (
    <>
      <button type="button" class="round" aria-label={t("delete")} onClick={() => setAsking(true)}><Icon name="trash" size={16} /></button>
      {asking && <Dialog title={t("deleteContact", { name: hostOf(webhook) })} onClose={() => setAsking(false)}>
        <p>{t("deleteWebhookExplained")}</p>
        <div class="editor-end"><button type="button" class="quiet-button" onClick={() => setAsking(false)}>{t("cancel")}</button><button type="button" class="danger" onClick={() => void remove()}>{t("delete")}</button></div>
      </Dialog>}
    </>
  );
}
