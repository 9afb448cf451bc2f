import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { call, Problem } from "../api/client";
import type { Draft } from "../api/field";
import type { Fault } from "../api/types";
import { t } from "../text/text";
import { Icon } from "../ui/icons";
import { Named } from "../ui/named";
import { kindOf } from "../api/kinds";
import { path as page } from "../app/router";
import { Conflict } from "./conflict";
import { bodyOf, faultAt, missing } from "./draft";
import { dropDraft, keepDraft, keptDraft } from "./drafts";
import { Fields, type Around } from "./fields";
import { Submission } from "./submit";

export interface EditorProps {
  schema: string;
  method: "POST" | "PUT";
  path: string; // of the resource, or of the collection that it becomes a part of
  initial: Draft;
  exists?: boolean; // whether there is something to replace
  label: string;
  around?: Around;
  fixed?: readonly string[];
  saveLabel?: string;
  onDone: (saved: Draft) => void;
  onCancel: () => void;
}

// An Editor is a form in the place of what it changes. It keeps what is typed until it is saved or discarded, sends it under the condition
// that nobody else changed it, and shows both versions if somebody did.
export function Editor(props: EditorProps) {
  const { schema, method, path } = props;
  const kept = useMemo(() => keptDraft(method, path), []);
  const [draft, setDraft] = useState<Draft>(kept ?? props.initial);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [failure, setFailure] = useState<{ text: string; existing?: string | undefined } | null>(null);
  const [theirs, setTheirs] = useState<{ draft: Draft; etag: string | null } | null>(null);
  const base = useRef<Promise<{ draft: Draft; etag: string | null } | null>>(Promise.resolve(null));
  const submission = useMemo(() => new Submission(), []);
  const form = useRef<HTMLFormElement>(null);
  const latest = useRef(draft); // what was typed last, though it may not be shown yet
  const progress = submission.progress.value;

  // Before the form is seen: later the focus would leave a field that is being typed into.
  useLayoutEffect(() => { form.current?.querySelector<HTMLElement>("[data-first], input:not([type=hidden]), select, textarea")?.focus(); }, []);
  useEffect(() => {
    if (props.exists) base.current = current().catch(() => null);
    return () => submission.stop();
  }, []);
  useEffect(() => { if (faults.length) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(); }, [faults]);

  async function current() {
    const { data, etag } = await call<Draft>("GET", path);
    return { draft: data, etag };
  }

  function type(next: Draft) {
    if (progress.state !== "idle") submission.stop();
    latest.current = next;
    setDraft(next);
    keepDraft(method, path, next);
    setFailure(null);
    setFaults(faults.filter(fault => JSON.stringify(at(next, fault.pointer)) === JSON.stringify(at(draft, fault.pointer))));
  }

  async function save(content: Draft, etag?: string | null) {
    const lacking = missing(schema, content, t("required"));
    setFaults(lacking);
    setFailure(lacking.length ? { text: t("correct") } : null);
    if (lacking.length || progress.state === "saving") return;
    try {
      const known = etag === undefined && props.exists ? (await base.current)?.etag : etag;
      const condition = props.exists ? { ifMatch: known ?? null } : method === "PUT" ? { ifNoneMatch: "*" } : {};
      const answer = await submission.send<Draft>(method, path, bodyOf(schema, content), condition);
      if (!answer) return;
      dropDraft(method, path);
      props.onDone(answer.data);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 412) await compare(content);
      else if (error.status === 404 && props.exists) setFailure({ text: t("gone") });
      else {
        setFaults(error.faults);
        const elsewhere = error.faults.filter(fault => !fault.pointer || !faultAt(error.faults, fault.pointer)).map(fault => fault.detail);
        setFailure({ text: error.faults.length && !elsewhere.length ? t("correct") : error.message, existing: error.existing });
      }
    }
  }

  async function compare(content: Draft) {
    setDraft(content);
    try {
      setTheirs(await current());
    } catch {
      setFailure({ text: t("gone") });
    }
  }

  function cancel() {
    submission.stop();
    dropDraft(method, path);
    props.onCancel();
  }

  if (theirs) {
    return <Conflict schema={schema} before={props.initial} yours={draft} theirs={theirs.draft} onCancel={cancel}
      onChoose={choice => { base.current = Promise.resolve(theirs); setTheirs(null); type(choice); void save(choice, theirs.etag); }} />;
  }
  return (
    <form ref={form} class="editor" noValidate aria-label={props.label} onSubmit={event => { event.preventDefault(); void save(latest.current); }}
      onKeyDown={event => {
        if (event.key === "Escape") { event.stopPropagation(); cancel(); }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void save(latest.current); }
      }}>
      {kept && <p class="note">{t("restored")}</p>}
      <Fields schema={schema} draft={draft} faults={faults} onInput={type} {...(props.around && { around: props.around })} {...(props.fixed && { fixed: props.fixed })} />
      <div class="editor-end">
        <div class="editor-message" role="alert">
          {failure && <p class="fault"><Icon name="alert" size={16} /><span>{failure.text} {failure.existing && <Existing id={failure.existing} />}</span></p>}
          {progress.state === "waiting" && (
            <p class="note"><Icon name="alert" size={16} /><span>{progress.offline ? t("offline") : t("unavailable")} {t("waiting")}</span>
              <button type="button" class="plain" onClick={() => submission.retry()}>{t("retryNow")}</button></p>
          )}
        </div>
        <button type="button" class="quiet-button" onClick={cancel}>{t("cancel")}</button>
        <button type="submit" class="primary" aria-busy={progress.state === "saving"}>{props.saveLabel ?? t("save")}</button>
      </div>
    </form>
  );
}

// Existing leads to the contact that has the value.
function Existing({ id }: { id: string }) {
  const kind = kindOf[page.value.split("/")[0] ?? ""] ?? "individual";
  return <>{t("takenBy")} <Named kind={kind} id={id} /></>;
}

// at returns the value at a JSON pointer.
function at(value: unknown, pointer: string): unknown {
  return pointer.split("/").slice(1).reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], value);
}
