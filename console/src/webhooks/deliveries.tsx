import { useEffect, useState } from "preact/hooks";
import { get, inOrganization } from "../api/client";
import type { Delivery, Kind, Page } from "../api/types";
import { reasonOf, useLoaded } from "../contact/parts";
import { Failed } from "../list/pane";
import { eventName, moment, t } from "../text/text";
import { Icon } from "../ui/icons";
import { Named } from "../ui/named";
import { tell } from "../ui/toast";

const kinds: Record<string, Kind> = { individual: "individual", organization: "organization", placeholder_customer: "placeholder-customers" };
const statuses = ["", "delivered", "failed", "none"] as const;
const patience = 30; // looks for the outcome of a test, a second apart

// Deliveries are the tries of a webhook, the newest first. While the outcome of a test is awaited, they are read again.
export function Deliveries({ id, test }: { id: string; test: string | null }) {
  const [status, setStatus] = useState<(typeof statuses)[number]>("");
  const [older, setOlder] = useState<{ items: Delivery[]; next: string | undefined } | null>(null);
  const [looks, setLooks] = useState(0);
  const at = (cursor = "") => inOrganization(`webhooks/${id}/deliveries?limit=50${status && `&status=${status}`}${cursor && `&cursor=${cursor}`}`);
  const { data, error, reload } = useLoaded(signal => get<Page<Delivery>>(at(), signal), [id, status]);
  useEffect(() => setOlder(null), [data]);
  useEffect(() => setLooks(test ? patience : 0), [test]);
  useEffect(() => {
    if (!looks || data?.items.some(one => one.change_id === test)) return;
    const timer = setTimeout(() => { setLooks(looks - 1); reload(); }, 1000);
    return () => clearTimeout(timer);
  }, [looks, data]);
  const items = [...data?.items ?? [], ...older?.items ?? []], next = older ? older.next : data?.next;
  async function more() {
    try {
      const page = await get<Page<Delivery>>(at(next));
      setOlder({ items: [...older?.items ?? [], ...page.items], next: page.next });
    } catch (reason) {
      tell(reasonOf(reason), { bad: true });
    }
  }
  return (
    <section class="part deliveries" aria-label={t("deliveries")}>
      <div class="part-head"><h2>{t("deliveries")}</h2></div>
      <div class="part-items">
        <div class="deliveries-tools">
          <select aria-label={t("status")} value={status} onChange={event => setStatus(event.currentTarget.value as typeof status)}>
            {statuses.map(one => <option key={one} value={one}>{t(one ? `status_${one}` : "status_all")}</option>)}
          </select>
          <button type="button" class="plain round" aria-label={t("refresh")} title={t("refresh")} onClick={reload}><Icon name="refresh" size={16} /></button>
        </div>
        {!data && error !== null && <Failed reason={reasonOf(error)} onRetry={reload} />}
        {data && !items.length && <p class="quiet">{t("noDeliveries")}</p>}
        <ul>{items.map(one => <Try key={one.id} one={one} test={one.change_id === test} />)}</ul>
        {next && <button type="button" class="history-more" onClick={() => void more()}>{t("showEarlier")}</button>}
      </div>
    </section>
  );
}

function Try({ one, test }: { one: Delivery; test: boolean }) {
  const kind = kinds[one.type.split(".")[0] ?? ""];
  const good = one.reason === undefined;
  return (
    <li class={test ? "delivery new" : "delivery"}>
      <span class={good ? "badge good" : "badge bad"}>{one.status ?? t("noAnswer")}</span>
      <div class="part-text">
        <span>{eventName(one.type)}{kind && one.contact_id && <>: <Named kind={kind} id={one.contact_id} /></>} {one.set_aside && <span class="badge">{t("setAside")}</span>}</span>
        {!good && <span class="delivery-reason">{one.reason}</span>}
        <span class="quiet number"><time dateTime={one.at}>{moment(one.at)}</time> · {t("milliseconds", { n: one.duration_ms })}{one.try > 1 && <> · {t("tryNumber", { n: one.try })}</>}</span>
      </div>
    </li>
  );
}
