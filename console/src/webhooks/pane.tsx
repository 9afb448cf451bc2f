import { get, inOrganization } from "../api/client";
import type { Page, Webhook } from "../api/types";
import { href, path } from "../app/router";
import { reasonOf, useLoaded } from "../contact/parts";
import { Failed } from "../list/pane";
import { t, valueName } from "../text/text";
import { Icon } from "../ui/icons";

// hostOf returns what tells a webhook from others: where it sends to.
export const hostOf = (webhook: Webhook) => URL.canParse(webhook.url) ? new URL(webhook.url).host : webhook.url;

// A WebhooksPane shows the webhooks of the organization, and which of them have difficulties.
export function WebhooksPane({ round }: { round: number }) {
  const { data, error, reload } = useLoaded(signal => get<Page<Webhook>>(inOrganization("webhooks"), signal), [round]);
  const open = path.value.split("/")[1];
  return (
    <section class="list-pane" aria-label={t("webhooks")}>
      <header class="list-head"><h1>{t("webhooks")}</h1><a class="button primary" href={href("webhooks/new")} aria-keyshortcuts="n"><Icon name="plus" size={16} />{t("newContact")}</a></header>
      {!data && error !== null && <Failed reason={reasonOf(error)} onRetry={reload} />}
      {data?.items.length === 0 && <div class="empty"><Icon name="hook" size={40} /><p>{t("webhooksExplained")}</p><a class="button" href={href("webhooks/new")}>{t("firstOne")}</a></div>}
      <div class="scroll">
        <ul class="plain-list">
          {data?.items.map(webhook => (
            <li key={webhook.id}><a class="row" href={href(`webhooks/${webhook.id}`)} aria-current={open === webhook.id ? "page" : undefined}>
              <span class="row-text"><span class="row-name">{hostOf(webhook)}</span><span class="row-more">{webhook.description ?? webhook.url}</span></span>
              <State webhook={webhook} />
            </a></li>
          ))}
        </ul>
      </div>
    </section>
  );
}

// State says that a webhook does not do what it should.
export function State({ webhook: { status = "ACTIVE" } }: { webhook: Webhook }) {
  return status === "ACTIVE" ? null : <span class={status === "FAILING" ? "badge bad" : "badge"}>{valueName("WebhookStatus", status)}</span>;
}
