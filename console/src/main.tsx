import { effect } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { listenToKeys, Shortcuts, showsShortcuts } from "./app/keys";
import { navigate, path } from "./app/router";
import { Shell } from "./app/shell";
import "./app/theme";
import { clearSearch } from "./list/search";
import { forgetLists } from "./list/store";
import { LogInAgain, LogInPage } from "./other/login";
import { phase, session, start } from "./session/session";
import { t } from "./text/text";
import { Toasts } from "./ui/toast";

function App() {
  const at = phase.value;
  useEffect(() => { if (!path.value) navigate("individuals", true); }, [path.value]);
  if (at === "starting") return null;
  if (at === "unreachable") return <main class="empty nothing"><p role="status">{t(navigator.onLine ? "unavailable" : "offline")} {t("retrying")}</p></main>;
  if (at === "out" || !session.value) return <LogInPage />;
  return (
    <>
      <Shell key={`${session.value.org} ${session.value.user}`} />
      {at === "ended" && <LogInAgain />}
      {showsShortcuts.value && <Shortcuts />}
      <Toasts />
    </>
  );
}

// What was loaded for one user is not another's.
let last = "";
effect(() => {
  const now = session.value ? `${session.value.org} ${session.value.user}` : "";
  if (now !== last) { forgetLists(); clearSearch(); last = now; }
});

listenToKeys();
void start();
const root = document.getElementById("app");
if (root) render(<App />, root);
