import { useEffect } from "preact/hooks";
import { Problem } from "../api/client";
import { pageOf, wordOf } from "../api/kinds";
import type { Kind } from "../api/types";
import { href } from "../app/router";
import { detailsOf } from "../contact/details";
import { Everything } from "../contact/everything";
import { metaOf } from "../contact/head";
import { reasonOf, useLoaded } from "../contact/parts";
import { Failed } from "../list/pane";
import { moment as shownMoment, t } from "../text/text";
import { Icon, type IconName } from "../ui/icons";
import { useHistory } from "./load";

interface Where { kind: Kind; id: string; moment: string }

// A MomentPage shows a contact as it was at a moment, and leads from change to change.
export function MomentPage({ kind, id, moment }: Where) {
  const { data, error, reload } = useLoaded(async signal => ({ ...await detailsOf(kind, id, signal, moment), moment }), [kind, id, moment]);
  const details = data?.moment === moment ? data : null;
  const { loaded } = useHistory(kind, id);
  const times = loaded?.entries.map(entry => entry.at) ?? [];
  const later = times.findLast(at => at > moment), earlier = times.find(at => at < moment);
  useEffect(() => { document.title = `${t("asItWas", { date: shownMoment(moment) })} · ${t("console")}`; }, [moment]);
  const page = `${pageOf[kind]}/${id}`;
  return (
    <article class="contact" aria-label={t("asItWas", { date: shownMoment(moment) })}>
      <header class="contact-head">
        <div class="moment">
          <Icon name="clock" size={16} /><strong>{t("asItWas", { date: shownMoment(moment) })}</strong>
          <span class="moment-steps">
            <Step page={page} at={earlier} icon="back" label={t("earlierChange")} />
            <Step page={page} at={later} icon="next" label={t("laterChange")} />
          </span>
          <a href={href(`${page}/history`)}>{t("history")}</a><a href={href(page)}>{t("backToNow")}</a>
        </div>
        {details && <div class="contact-name"><p class="eyebrow">{t(wordOf[kind])}</p><h1 tabIndex={-1}>{details.contact.name}</h1>
          <p class="quiet meta">{metaOf(kind, details.contact).map(text => <span key={text}>{text}</span>)}</p></div>}
      </header>
      {details && <Everything kind={kind} id={id} details={details} readOnly onChange={reload} />}
      {!details && error !== null && (error instanceof Problem && error.status === 404
        ? <div class="empty"><p>{t("notYet")}</p></div> : <Failed reason={reasonOf(error)} onRetry={reload} />)}
      {!details && error === null && <div class="placeholder" role="status" aria-label={t("loading")} />}
    </article>
  );
}

function Step({ page, at, icon, label }: { page: string; at: string | undefined; icon: IconName; label: string }) {
  if (!at) return <span class="button plain round" aria-hidden="true"><Icon name={icon} size={16} /></span>;
  return <a class="button plain round" href={href(`${page}/at/${at}`)} aria-label={label} title={label}><Icon name={icon} size={16} /></a>;
}
