import { useState } from "preact/hooks";
import { call, inOrganization } from "../api/client";
import { schemas } from "../api/schemas";
import type { Tag } from "../api/types";
import { t } from "../text/text";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";
import { reasonOf } from "./parts";

// Tags are added by Enter, and removed by their cross or by Backspace in the empty field.
export function Tags({ path, tags, readOnly, onChange }: { path: string; tags: Tag[]; readOnly: boolean; onChange: () => void }) {
  const collection = inOrganization(`${path}/tags`);
  const [text, setText] = useState("");
  async function change(work: () => Promise<unknown>) {
    try {
      await work();
      onChange();
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
  }
  const remove = (tag: Tag) => void change(() => call("DELETE", `${collection}/${tag.id}`));
  const add = (name: string) => { if (name.trim()) void change(() => call("POST", collection, { body: { name: name.trim() } }).then(() => setText(""))); };
  return (
    <div class="tags">
      <ul aria-label={t("tags")}>
        {tags.map(tag => (
          <li key={tag.id} class="chip">{tag.name}
            {!readOnly && <button type="button" class="plain round" aria-label={`${t("removeWhat", { what: t("tag") })}: ${tag.name}`} onClick={() => remove(tag)}><Icon name="close" size={14} /></button>}
          </li>
        ))}
      </ul>
      {!readOnly && <input class="tag-input" value={text} placeholder={t("newTag")} aria-label={t("newTag")} maxLength={schemas.TagInput.name.max} autocomplete="off"
        onInput={event => setText(event.currentTarget.value)} onBlur={() => add(text)}
        onKeyDown={event => {
          if (event.key === "Enter" || event.key === ",") { event.preventDefault(); add(text); }
          if (event.key === "Backspace" && !text && tags.length) remove(tags[tags.length - 1] as Tag);
          if (event.key === "Escape") setText("");
        }} />}
    </div>
  );
}
