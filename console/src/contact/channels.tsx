import type { ComponentChildren } from "preact";
import type { Address, Email, Phone, WebAddress } from "../api/types";
import { t, valueName } from "../text/text";
import { Parts } from "./parts";

interface Owner {
  addresses: Address[]; emails: Email[]; phones: Phone[]; web_addresses: WebAddress[];
}

type Context = "PERSONAL" | "PROFESSIONAL" | "ORGANIZATION";

// What a new channel is at first, until the person chooses.
const usualTypes: Record<Context, { email: string; phone: string; web: string; address: string }> = {
  PERSONAL: { email: "PERSONAL_EMAIL", phone: "PERSONAL_MOBILE", web: "PERSONAL_WEBSITE", address: "RESIDENTIAL_HOME" },
  PROFESSIONAL: { email: "WORK_EMAIL", phone: "WORK_MOBILE", web: "PROFESSIONAL_WEBSITE", address: "OFFICE" },
  ORGANIZATION: { email: "WORK_EMAIL", phone: "MAIN", web: "ORGANIZATION_WEBSITE", address: "HEADQUARTERS" },
};

interface Props { path: string; owner: Owner; context: Context; compact?: boolean; readOnly: boolean; onChange: () => void }

// Channels are how a contact, or one of its positions, is reached.
export function Channels({ path, owner, context, compact = false, readOnly, onChange }: Props) {
  const shared = { compact, readOnly, onChange };
  const given = (type: string) => ({ usage_context: context, type });
  const usual = usualTypes[context];
  return (
    <>
      <Parts<Email> {...shared} given={given(usual.email)} title={t("emails")} word="email" schema="EmailInput" path={`${path}/emails`} items={owner.emails}
        show={email => <Channel of="EmailType" type={email.type} note={email.description}><a href={`mailto:${email.address}`}>{email.address}</a></Channel>} />
      <Parts<Phone> {...shared} given={given(usual.phone)} title={t("phones")} word="phone" schema="PhoneInput" path={`${path}/phones`} items={owner.phones}
        show={phone => <Channel of="PhoneType" type={phone.type} note={noteOf(phone.description, "PhoneUsage", phone.usages)}><a class="number" href={`tel:${phone.number.replaceAll(/[^\d+]/g, "")}`}>{phone.number}</a></Channel>} />
      <Parts<WebAddress> {...shared} given={given(usual.web)} title={t("web")} word="webAddress" schema="WebAddressInput" path={`${path}/web-addresses`} items={owner.web_addresses}
        show={web => <Channel of="WebAddressType" type={web.type} note={web.description}><a href={web.url} target="_blank" rel="noopener noreferrer">{web.url.replace(/^https?:\/\//i, "").replace(/\/$/, "")}</a></Channel>} />
      <Parts<Address> {...shared} given={given(usual.address)} title={t("addresses")} word="address" schema="AddressInput" path={`${path}/addresses`} items={owner.addresses}
        show={address => <Channel of="AddressType" type={address.type} note={noteOf(address.description, "AddressUsage", address.usages)}><span class="lines">{addressText(address)}</span></Channel>} />
    </>
  );
}

function Channel({ of, type, note, children }: { of: string; type: string; note: string | undefined; children: ComponentChildren }) {
  return <>{children}<span class="quiet">{[valueName(of, type), note].filter(Boolean).join(" · ")}</span></>;
}

function noteOf(description: string | undefined, of: string, usages: readonly string[] = []): string | undefined {
  return [description, usages.filter(usage => usage !== "EVERYTHING").map(usage => valueName(of, usage)).join(", ")].filter(Boolean).join(" · ") || undefined;
}

function addressText(address: Address): string {
  const lines = [address.recipient_name, address.care_of, address.full_address].filter(Boolean).join("\n");
  const country = address.country_code && valueName("CountryCode", address.country_code);
  return country && !lines.includes(country) ? `${lines}\n${country}` : lines;
}
