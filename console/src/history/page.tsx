import { useEffect, useMemo, useState } from "preact/hooks";
import { Problem } from "../api/client";
import type { Draft } from "../api/field";
import { pageOf } from "../api/kinds";
import type { HistoryEntry, Kind } from "../api/types";
import { href, navigate } from "../app/router";
import { reasonOf } from "../contact/parts";
import { Failed } from "../list/pane";
import { changed } from "../list/store";
import { mayWrite } from "../session/session";
import { clock, fieldName, localDay, localNow, moment, t } from "../text/text";
import { Icon } from "../ui/icons";
import { Named } from "../ui/named";
import { tell } from "../ui/toast";
import { useHistory } from "./load";
import { canPutBack, putBack, schemaOfPart, wordOfPart, type State } from "./parts";
import { differences, stepsOf, type Step, type StepChange } from "./steps";
import { ShownValue } from "./value";

interface Where { kind: Kind; id: string }

// A HistoryPage shows who changed what of a contact and when, the newest first. Former values can be put back.
export function HistoryPage({ kind, id }: Where) {
  const { loaded, error, more, reload } = useHistory(kind, id);
  const steps = useMemo(() => loaded && stepsOf(loaded.entries, loaded.state), [loaded]);
  useEffect(() => { if (loaded) document.title = `${t("history")} · ${loaded.contact.name} · ${t("console")}`; }, [loaded]);
  useEffect(() => { if (loaded) changed(kind, loaded.contact); }, [loaded]);
  if (!loaded || !steps) {
    if (error instanceof Problem && error.status === 404) return <div class="empty"><p>{t("notFoundContact")}</p></div>;
    return error ? <Failed reason={reasonOf(error)} onRetry={reload} /> : <div class="contact placeholder" role="status" aria-label={t("loading")} />;
  }
  const days: [string, Step[]][] = [];
  for (const step of steps) {
    const date = localDay(step.entry.at), last = days.at(-1);
    if (last?.[0] === date) last[1].push(step);
    else days.push([date, [step]]);
  }
  return (
    <article class="contact history" aria-label={t("history")}>
      <header class="contact-head">
        <a class="button plain up" href={href(`${pageOf[kind]}/${id}`)}><Icon name="back" />{loaded.contact.name}</a>
        <div class="contact-title"><div class="contact-name"><h1 tabIndex={-1}>{t("history")}</h1></div>
          {kind !== "placeholder-customers" && <AnyMoment kind={kind} id={id} />}
        </div>
      </header>
      {!steps.length && <div class="empty"><Icon name="clock" size={40} /><p>{t("noHistory")}</p></div>}
      {days.map(([date, ofDay]) => (
        <section key={date} class="history-day" aria-label={date}>
          <h2>{date}</h2>
          <ol>{ofDay.map(step => <Entry key={step.entry.at} kind={kind} id={id} step={step} state={loaded.state} readOnly={loaded.contact.deleted || !mayWrite()} onChange={reload} />)}</ol>
        </section>
      ))}
      {loaded.next && <button type="button" class="history-more" onClick={() => void more().catch((reason: unknown) => tell(reasonOf(reason), { bad: true }))}>{t("showEarlier")}</button>}
    </article>
  );
}

// AnyMoment leads to the contact as it was at a moment of the person's choice.
function AnyMoment({ kind, id }: Where) {
  const [chosen, choose] = useState("");
  const show = (event: Event) => {
    event.preventDefault();
    const at = new Date(chosen);
    if (!Number.isNaN(at.getTime())) navigate(`${pageOf[kind]}/${id}/at/${at.toISOString()}`);
  };
  return (
    <form class="moment-choice" onSubmit={show}>
      <label for="moment">{t("asItWasAt")}</label>
      <input id="moment" type="datetime-local" step="1" required value={chosen} max={localNow()} onInput={event => choose(event.currentTarget.value)} />
      <button type="submit">{t("show")}</button>
    </form>
  );
}

interface EntryProps extends Where { step: Step; state: State; readOnly: boolean; onChange: () => void }

function Entry({ kind, id, step: { entry, changes }, state, readOnly, onChange }: EntryProps) {
  return (
    <li class={`history-entry ${entry.type}`}>
      <p class="history-by"><strong>{whoOf(entry)}</strong> <time class="quiet" dateTime={entry.at} title={moment(entry.at)}>{clock(entry.at)}</time>
        {kind !== "placeholder-customers" && <a class="history-look" href={href(`${pageOf[kind]}/${id}/at/${entry.at}`)} aria-label={t("lookThen", { date: moment(entry.at) })}>{t("lookAt")}</a>}</p>
      {!changes.length && <p>{t(entry.type === "erased" ? "contactErased" : "contactMerged")}</p>}
      {changes.map(one => <Change key={one.change.part + one.change.id + one.change.identity_id} kind={kind} id={id} entry={entry} step={one} state={state} readOnly={readOnly} onChange={onChange} />)}
    </li>
  );
}

// whoOf names who sent a request.
export function whoOf({ by }: HistoryEntry): string {
  if (!by) return t("operator");
  return by.kind === "app" ? t("application", { name: by.name ?? by.id }) : by.name ?? t("userNumber", { id: by.id });
}

// sentenceOf says in a few words what became of a part.
function sentenceOf({ type }: HistoryEntry, { change, before, after }: StepChange, what: string): string {
  if (change.part === "contact" && type !== "changed") return t(type === "created" ? "contactCreated" : type === "deleted" ? "contactDeleted" : type === "merged" ? "contactMerged" : "contactErased");
  return t(!before ? "addedWhat" : after || change.part === "image" ? "changedWhat" : "removed", { what });
}

interface ChangeProps extends Omit<EntryProps, "step"> { entry: HistoryEntry; step: StepChange }

function Change({ kind, id, entry, step, state, readOnly, onChange }: ChangeProps) {
  const { change, before, after, now } = step;
  const schema = schemaOfPart(kind, change.part);
  const [busy, setBusy] = useState(false);
  const different = differences(schema, before, after);
  const restorable = before && !readOnly && entry.type === "changed" && canPutBack(state, change) && differences(schema, before, now).length > 0;
  const what = t(wordOfPart(change.part));

  async function write(value: Draft, over: Draft | undefined, undo?: () => void) {
    setBusy(true);
    try {
      await putBack(kind, id, change, value, over !== undefined);
      tell(t("putBackDone", { what }), undo && { undo });
      onChange();
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
    setBusy(false);
  }
  // What was put over another value can be undone: the other value is put back in turn.
  const restore = () => before && void write(before, now, now && (() => void write(now, before)));

  return (
    <div class="history-change">
      <div class="history-what">
        <span>{sentenceOf(entry, step, what)}{change.part === "representative" && <>: <Named kind="individual" id={change.id ?? ""} /></>}</span>
        {restorable && <button type="button" class="plain" aria-label={t("putBackWhat", { what })} aria-busy={busy} disabled={busy} onClick={restore}><Icon name="undo" size={16} />{t("putBack")}</button>}
      </div>
      {different.length > 0 && (
        <dl class="differences">
          {different.map(({ name, field, ...values }) => (
            <div key={name}><dt>{fieldName(name)}</dt>
              <dd>{before && <del><ShownValue name={name} field={field} value={values.before} /></del>}{before && after && <span class="to" aria-hidden="true">→</span>}
                {after && <ins><ShownValue name={name} field={field} value={values.after} /></ins>}</dd></div>
          ))}
        </dl>
      )}
    </div>
  );
}
