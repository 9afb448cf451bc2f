import { computed, effect, signal } from "@preact/signals";
import type { FieldName } from "../api/fields";
import { de } from "./de";
import { en, type Key } from "./en";
import { fields, values } from "./german";

export type Language = "en" | "de";
const stored = "contacts.language";

// The language is that of the browser, until the person chooses another.
export const language = signal<Language>((localStorage.getItem(stored) ?? navigator.language).startsWith("de") ? "de" : "en");

export function speak(next: Language) {
  localStorage.setItem(stored, next);
  language.value = next;
}

effect(() => { document.documentElement.lang = language.value; });

// t returns a text in the language of the person, its {braces} filled in.
export function t(key: Key, filled: Record<string, string | number> = {}): string {
  const text: string = language.value === "de" ? de[key] : en[key];
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(filled[name] ?? ""));
}

// In English the names of fields and values are read off their spelling: "WORK_MOBILE" is "Work mobile".
const english: Record<string, string> = {
  eu_vat_number: "EU VAT number", external_id: "External id", customer_id: "Customer id", supplier_id: "Supplier id", zip: "Postcode", url: "URL", country_code: "Country",
  NOT_QUALIFIED: "Other", usage_context: "Context", is_active: "Active", is_suspended: "Suspended", unit: "Currency", typeId: "Type", subTypeId: "Sub-type",
  full_address: "Full address", individual_contact: "Person", organization_contact: "Organization", invoice_address_id: "Invoice address", delivery_address_id: "Delivery address",
  FILIALE: "Branch", COOP: "Co-op", SAT: "Satellite", SMS: "SMS", WHATSAPP: "WhatsApp", VOIP_LINE: "VoIP line", PO_BOX: "PO box", YOUTUBE: "YouTube", XING_PROFILE: "XING profile",
  LINKEDIN_PROFILE: "LinkedIn profile", timeout_in_millis: "Timeout (ms)", retry_interval_in_millis: "Retry interval (ms)", global_location_number: "Global location number",
  UNIVERSAL_POSTAL_SERVICE_DE: "Universal postal service (DE)", INTRA_COMMUNITY_TRADE_EU: "Intra-community trade (EU)",
  THIRD_PARTY_COUNTRY_DELIVERY_EU: "Third-country delivery (EU)", REVERSE_CHARGE_EU: "Reverse charge (EU)", "@type": "Kind", limitations: "Only for", brand_id: "Brand",
};

function spelled(name: string): string {
  const words = name.replaceAll("_", " ").toLowerCase();
  return english[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export function fieldName(name: string): string {
  return language.value === "de" ? fields[name as Exclude<FieldName, "@type">] ?? spelled(name) : spelled(name);
}

const regions = computed(() => new Intl.DisplayNames([language.value], { type: "region" }));
const currencies = computed(() => new Intl.DisplayNames([language.value], { type: "currency" }));

// valueName returns the name of a value of an enum.
export function valueName(of: string, value: string): string {
  if (of === "WebhookEvents") return eventName(value);
  if (of === "CountryCode") return regions.value.of(value) ?? value;
  if (of === "CurrencyCode") return `${value} · ${currencies.value.of(value) ?? value}`;
  return language.value === "de" ? values[value as keyof typeof values] ?? value : spelled(value);
}

const kinds: Record<string, Key> = { individual: "individual", organization: "organization", placeholder_customer: "placeholder" };
const happenings: Record<string, Key> = { created: "eventCreated", changed: "changedWhat", deleted: "eventDeleted", merged: "eventMerged", erased: "eventErased", "*": "eventAny" };

// eventName returns the name of an event that a webhook sends, such as "individual.created".
export function eventName(event: string): string {
  const [kind = "", happening = ""] = event.split(".");
  const what = kinds[kind], text = happenings[happening];
  return what && text ? t(text, { what: t(what) }) : event === "webhook.test" ? t("test") : event;
}

const dates = computed(() => new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeZone: "UTC" }));
const times = computed(() => new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium" }));
const localDays = computed(() => new Intl.DateTimeFormat(language.value, { dateStyle: "full" }));
const clocks = computed(() => new Intl.DateTimeFormat(language.value, { timeStyle: "medium" }));

// day shows the date of a date or date-time; moment, localDay and clock show a date-time, its day and its time in the person's time zone.
export const day = (date: string) => dates.value.format(new Date(date));
export const moment = (time: string) => times.value.format(new Date(time));
export const localDay = (time: string) => localDays.value.format(new Date(time));
export const clock = (time: string) => clocks.value.format(new Date(time));

// localNow returns the present time as a field for a date and a time takes it.
export const localNow = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
