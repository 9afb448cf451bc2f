import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { call, inOrganization, Problem } from "../api/client";
import type { Draft } from "../api/field";
import { keptDraft } from "../forms/drafts";
import { bodyOf, newDraft } from "../forms/draft";
import { Editor } from "../forms/editor";
import type { Around } from "../forms/fields";
import { t } from "../text/text";
import type { Key } from "../text/en";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";

export interface PartsProps<T> {
  title: string;
  word: Key; // what one of them is called
  schema: string;
  changeSchema?: string; // of a change, if it is another one than that of a new part
  path: string; // of the collection, below the organization unless it begins with a slash
  itemsPath?: string; // of what the ids are below, if that is elsewhere
  items: T[];
  given?: Draft; // what a new one begins with
  around?: Around;
  fixed?: readonly string[]; // what a change can't change
  compact?: boolean; // whether it is a button alone while there is none
  readOnly: boolean;
  onChange: () => void;
  show: (item: T) => ComponentChildren;
  below?: (item: T) => ComponentChildren;
}

const collectionOf = (path: string) => path.startsWith("/") ? path : inOrganization(path);

// Parts are what a contact has of one kind, each changed in its place.
export function Parts<T extends { id?: string | number }>(props: PartsProps<T>) {
  const { title, word, schema, items, readOnly } = props;
  const collection = collectionOf(props.path);
  const itemPath = (id: unknown) => `${props.itemsPath ?? collection}/${id}`;
  const [adding, setAdding] = useState(() => !readOnly && keptDraft("POST", collection) !== null);
  const addButton = useRef<HTMLButtonElement>(null);
  const label = t("addWhat", { what: t(word) });
  const end = () => { setAdding(false); requestAnimationFrame(() => addButton.current?.focus()); };
  const add = () => setAdding(true);
  const addFirst = <button ref={addButton} type="button" class="plain add" onClick={add}><Icon name="plus" size={16} />{label}</button>;
  if (!items.length && readOnly) return null;
  if (props.compact && !items.length && !adding) return addFirst;
  return (
    <section class="part" aria-label={title}>
      <div class="part-head">
        <h2>{title}</h2>
        {items.length > 0 && !readOnly && !adding && <button ref={addButton} type="button" class="plain round" aria-label={label} title={label} onClick={add}><Icon name="plus" size={16} /></button>}
      </div>
      <div class="part-items">
        {items.map(item => <Part key={item.id} {...props} item={item} at={itemPath(item.id)} />)}
        {!items.length && !adding && addFirst}
        {adding && <Editor schema={schema} method="POST" path={collection} initial={newDraft(schema, props.given)} label={label} saveLabel={t("add")}
          {...(props.around && { around: props.around })} onDone={() => { end(); props.onChange(); }} onCancel={end} />}
      </div>
    </section>
  );
}

function Part<T extends { id?: string | number }>(props: PartsProps<T> & { item: T; at: string }) {
  const { item, at, word, readOnly } = props;
  const schema = props.changeSchema ?? props.schema;
  const [editing, setEditing] = useState(() => !readOnly && keptDraft("PUT", at) !== null);
  const [removing, setRemoving] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const what = t(word);
  const end = () => { setEditing(false); requestAnimationFrame(() => button.current?.focus()); };

  async function remove() {
    setRemoving(true);
    try {
      await call("DELETE", at);
      tell(t("removed", { what }), { undo: () => void restore() });
      props.onChange();
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
    setRemoving(false);
  }

  async function restore() {
    try {
      await call("POST", collectionOf(props.path), { body: bodyOf(props.schema, item as Draft) });
      props.onChange();
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
  }

  if (editing) {
    return <Editor schema={schema} method="PUT" path={at} initial={item as Draft} exists label={t("editWhat", { what })}
      {...(props.around && { around: props.around })} {...(props.fixed && { fixed: props.fixed })} onDone={() => { end(); props.onChange(); }} onCancel={end} />;
  }
  return (
    <div class={removing ? "part-item leaving" : "part-item"}>
      <div class="part-row">
        <div class="part-text">{props.show(item)}</div>
        {!readOnly && (
          <span class="part-tools">
            <button ref={button} type="button" class="plain round" aria-label={t("editWhat", { what })} onClick={() => setEditing(true)}><Icon name="pencil" size={16} /></button>
            <button type="button" class="plain round" aria-label={t("removeWhat", { what })} disabled={removing} onClick={() => void remove()}><Icon name="trash" size={16} /></button>
          </span>
        )}
      </div>
      {props.below?.(item)}
    </div>
  );
}

// reasonOf returns what a person should know of an error.
export function reasonOf(error: unknown): string {
  if (error instanceof Problem) return t("failed", { reason: error.message });
  return t("failed", { reason: error instanceof Error && error.message === "offline" ? t("offline") : t("unavailable") });
}

// useLoaded loads what a component shows, anew whenever reload is called. What was there stays until it is replaced.
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, on: unknown[]): { data: T | null; error: unknown; reload: () => void } {
  const [state, setState] = useState<{ data: T | null; error: unknown }>({ data: null, error: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    load(ending.signal).then(data => { if (!ending.signal.aborted) setState({ data, error: null }); },
      (error: unknown) => { if (!ending.signal.aborted) setState(last => ({ ...last, error })); });
    return () => ending.abort();
  }, [...on, round]);
  return { ...state, reload: () => setRound(last => last + 1) };
}
