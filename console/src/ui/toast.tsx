import { signal } from "@preact/signals";
import { t } from "../text/text";
import { Icon } from "./icons";

interface Toast { id: number; text: string; bad: boolean; undo?: () => void }

const toasts = signal<Toast[]>([]);
let last = 0;

// tell shows a message for a while, with a way back where there is one.
export function tell(text: string, options: { bad?: boolean; undo?: () => void } = {}) {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, bad: options.bad ?? false, ...(options.undo && { undo: options.undo }) }];
  setTimeout(() => dismiss(id), options.undo || options.bad ? 10_000 : 4_000);
}

const dismiss = (id: number) => { toasts.value = toasts.value.filter(toast => toast.id !== id); };

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(toast => (
        <div key={toast.id} class={toast.bad ? "toast bad" : "toast"}>
          <span>{toast.text}</span>
          {toast.undo && <button type="button" class="plain" onClick={() => { toast.undo?.(); dismiss(toast.id); }}>{t("undo")}</button>}
          <button type="button" class="plain round" aria-label={t("close")} onClick={() => dismiss(toast.id)}><Icon name="close" size={16} /></button>
        </div>
      ))}
    </div>
  );
}
