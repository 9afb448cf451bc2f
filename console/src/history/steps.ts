import type { Draft, Field, Value } from "../api/field";
import { fieldsOf } from "../api/fields";
import type { HistoryChange, HistoryEntry } from "../api/types";
import { keyOf, type State } from "./parts";

// A Step is an entry of the history with what was there before and after each of its changes.
export interface Step { entry: HistoryEntry; changes: StepChange[] }
export interface StepChange { change: HistoryChange; before: Draft | undefined; after: Draft | undefined; now: Draft | undefined }

// stepsOf goes back from what is there now: entries, the newest first, say what each change replaced.
export function stepsOf(entries: HistoryEntry[], now: State): Step[] {
  const state = new Map(now);
  return entries.map(entry => ({
    entry,
    changes: entry.changes.map(change => {
      const key = keyOf(change), before = change.before as Draft | undefined, after = state.get(key);
      if (before) state.set(key, before);
      else state.delete(key);
      return { change, before, after, now: now.get(key) };
    }),
  }));
}

export interface Difference { name: string; field: Field; before: Value; after: Value }

// differences returns the fields of a schema that are not the same in two values.
export function differences(schema: string, before: Draft = {}, after: Draft = {}): Difference[] {
  if (!schema) return [];
  return fieldsOf(schema).filter(([name, field]) => field.kind !== "const" && name !== "id" && JSON.stringify(before[name] ?? "") !== JSON.stringify(after[name] ?? ""))
    .map(([name, field]) => ({ name, field, before: before[name], after: after[name] }));
}
