import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { t } from "../text/text";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";

// secret is what an answer has shown once, until the person has taken it. It is kept nowhere else.
export const secret = signal<string | null>(null);

// A Secret is shown over the page until the person has copied it.
export function Secret() {
  const text = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  const close = () => { secret.value = null; };
  async function copy() {
    if (!text.current) return;
    getSelection()?.selectAllChildren(text.current); // where the clipboard is not allowed, the person copies what is selected
    await navigator.clipboard?.writeText(secret.value ?? "").then(() => setCopied(true), () => undefined);
  }
  if (!secret.value) return null;
  return (
    <Dialog title={t("secret")} wide>
      <p>{t("secretExplained")}</p>
      <p class="secret"><code ref={text} tabIndex={0}>{secret.value}</code></p>
      <div class="editor-end">
        <button type="button" onClick={() => void copy()}><Icon name={copied ? "check" : "copy"} size={16} />{t(copied ? "copied" : "copy")}</button>
        <button type="button" class="primary" onClick={close}>{t("secretKept")}</button>
      </div>
    </Dialog>
  );
}
