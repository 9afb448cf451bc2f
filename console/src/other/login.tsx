import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { logIn, logOut, session } from "../session/session";
import { language, speak, t } from "../text/text";
import { Dialog } from "../ui/dialog";

// LogInPage is what a person sees who is not logged in.
export function LogInPage() {
  useEffect(() => { document.title = `${t("login")} · ${t("console")}`; });
  return (
    <main class="login-page">
      <div class="login-card">
        <p class="brand"><Mark />{t("console")}</p>
        <h1>{t("login")}</h1>
        <p class="quiet">{t("loginIntro")}</p>
        <LogInForm user="" />
      </div>
      <p class="login-foot">
        <button type="button" class="plain" lang={language.value === "de" ? "en" : "de"} onClick={() => speak(language.value === "de" ? "en" : "de")}>{language.value === "de" ? "English" : "Deutsch"}</button>
        <a href="/docs">{t("reference")}</a>
      </p>
    </main>
  );
}

// LogInAgain lies over the page whose session has ended: nothing of it is lost.
export function LogInAgain() {
  return (
    <Dialog title={t("login")}>
      <p class="quiet">{t("loginEnded")}</p>
      <LogInForm user={session.value?.user ?? ""} />
      <p class="login-foot"><button type="button" class="plain" onClick={logOut}>{t("logout")}</button></p>
    </Dialog>
  );
}

function LogInForm({ user }: { user: string }) {
  const [failure, setFailure] = useState<"" | "loginWrong" | "loginThrottled" | "loginUnreachable">("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => { form.current?.querySelector<HTMLInputElement>(user ? "[type=password]" : "input")?.focus(); }, []);
  async function submit(event: Event) {
    event.preventDefault();
    const given = new FormData(form.current ?? undefined);
    if (busy || !given.get("username") || !given.get("password")) return;
    setBusy(true);
    const result = await logIn(String(given.get("username")), String(given.get("password")));
    setBusy(false);
    if (result === "in") return;
    setFailure(result === "wrong" ? "loginWrong" : result === "throttled" ? "loginThrottled" : "loginUnreachable");
    form.current?.querySelector<HTMLInputElement>("[type=password]")?.select();
  }
  return (
    <form ref={form} class="login-form" onSubmit={event => void submit(event)}>
      <div class="field wide"><label for="username">{t("username")}</label><input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required defaultValue={user} /></div>
      <div class="field wide"><label for="password">{t("password")}</label><input id="password" name="password" type="password" autocomplete="current-password" required aria-describedby="login-failure" /></div>
      <p class="fault" id="login-failure" role="alert">{failure && t(failure)}</p>
      <button type="submit" class="primary big" aria-busy={busy}>{t("login")}</button>
    </form>
  );
}

export function Mark() {
  return <svg class="mark" viewBox="0 0 32 32" width="1.75rem" height="1.75rem" aria-hidden="true"><rect width="32" height="32" rx="8" /><circle cx="16" cy="12" r="4.6" /><path d="M6.5 26c0-5.5 4.2-8.2 9.5-8.2s9.5 2.7 9.5 8.2z" /></svg>;
}

