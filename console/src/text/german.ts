import type { EnumValue, FieldName } from "../api/fields";

// The German names of the values of enums. Countries and currencies are named by the browser.
export const values: Record<EnumValue, string> = {
  NOT_QUALIFIED: "Sonstige", FACTORY: "Werk", HEADQUARTERS: "Hauptsitz", HOME_OFFICE: "Heimbüro", OFFICE: "Büro", OFFICE_CENTER: "Bürozentrum", PACKSTATION: "Packstation",
  PO_BOX: "Postfach", POST_OFFICE: "Postfiliale", RESIDENTIAL_HOME: "Wohnung", SECOND_HOME: "Zweitwohnung", SERVICE_POINT: "Paketshop", STORE: "Ladengeschäft",
  SUBSIDIARY: "Tochtergesellschaft", VACATION_HOME: "Ferienwohnung", WAREHOUSE: "Lager",
  EVERYTHING: "Alles", CORRESPONDENCE: "Schriftverkehr", INVOICES: "Rechnungen", SHIPPING: "Lieferungen",
  ADMINISTRATION: "Verwaltung", OPERATIONS: "Betrieb", MARKETING: "Marketing", SALES: "Vertrieb", OTHER: "Andere",
  EMAIL_ALIAS: "Alias", MAILING_LIST: "Verteiler", PERSONAL_EMAIL: "Privat", WORK_EMAIL: "Geschäftlich",
  CLUB: "Verein", COOP: "Genossenschaft", FILIALE: "Filiale", FRANCHISE: "Franchise", GROUP_BUYING: "Einkaufsgemeinschaft", WHOLLY_OWNED_SUBSIDIARY: "Hundertprozentige Tochter",
  DIRECT_EXTENSION: "Nebenstelle", DIRECT_FAX: "Fax direkt", DIRECT_LINE: "Durchwahl", FAX_LINE: "Fax", FIXED_LINE: "Festnetz", HOME_FAX: "Fax privat", HOME_PHONE: "Privat",
  HOTLINE: "Hotline", MAIN: "Zentrale", MAIN_FAX: "Zentrales Fax", MOBILE: "Mobil", PAGER: "Pager", PERSONAL_MOBILE: "Mobil privat", SAT: "Satellit",
  VIRTUAL_LINE: "Virtuell", VOIP_LINE: "VoIP", WORK_MOBILE: "Mobil geschäftlich",
  CALL: "Anrufe", SMS: "SMS", WHATSAPP: "WhatsApp",
  SPOUSE: "Ehepartner", FATHER: "Vater", MOTHER: "Mutter", SON: "Sohn", DAUGHTER: "Tochter", BROTHER: "Bruder", SISTER: "Schwester", RELATIVE: "Verwandt", FRIEND: "Befreundet",
  BUSINESS_CONNECTION: "Geschäftlich bekannt",
  UNIVERSAL_POSTAL_SERVICE_DE: "Post-Universaldienst (DE)", INTRA_COMMUNITY_TRADE_EU: "Innergemeinschaftliche Lieferung (EU)",
  THIRD_PARTY_COUNTRY_DELIVERY_EU: "Lieferung in Drittländer (EU)", REVERSE_CHARGE_EU: "Umkehr der Steuerschuld (EU)",
  ORGANIZATION: "Organisation", PERSONAL: "Privat", PROFESSIONAL: "Beruflich",
  BLOG: "Blog", FACEBOOK_PAGE_OR_PROFILE: "Facebook", GOOGLE_PLUS_PROFILE: "Google+", HOMEPAGE_OR_WEBSITE: "Website", LINKEDIN_PROFILE: "LinkedIn", ONLINE_STORE: "Online-Shop",
  ORGANIZATION_BLOG: "Blog der Organisation", ORGANIZATION_PROFILE: "Profil der Organisation", ORGANIZATION_WEBSITE: "Website der Organisation", PERSONAL_BLOG: "Privates Blog",
  PERSONAL_PROFILE: "Privates Profil", PERSONAL_WEBSITE: "Private Website", PROFESSIONAL_BLOG: "Berufliches Blog", PROFESSIONAL_PROFILE: "Berufliches Profil",
  PROFESSIONAL_WEBSITE: "Berufliche Website", TWITTER_PROFILE: "Twitter", TWITTER_STREAM: "Twitter-Feed", XING_PROFILE: "XING", YELP_IMAGE: "Yelp", INSTAGRAM_PROFILE: "Instagram",
  YOUTUBE: "YouTube",
  ACTIVE: "Aktiv", FAILING: "Gestört", DISABLED: "Ausgeschaltet",
};

// The German names of fields.
export const fields: Record<Exclude<FieldName, "@type">, string> = {
  additional: "Zusatz", address: "Adresse", alternative_payer: "Abweichender Zahler", alternative_payer_id: "Zahlernummer", anniversary: "Jahrestag",
  api_access_configuration: "Zugang zur Schnittstelle", area: "Bereich", brand_id: "Marke", care_of: "Zu Händen", city: "Ort", code: "Kürzel", country_code: "Land",
  credentials_key: "Schlüssel der Zugangsdaten", credit_limit: "Kreditlimit", custom_workflow_config: "Eigene Abläufe", customer_id: "Kundennummer", customer_since: "Kunde seit",
  date_of_birth: "Geburtstag", delivery_address_id: "Lieferadresse", delivery_and_invoicing_configurations: "Lieferung und Rechnung", departments: "Abteilungen",
  description: "Bemerkung", enabled_tax_exemptions: "Steuerbefreiungen", events: "Ereignisse", eu_vat_number: "USt-IdNr.", external_card: "Kundenkarte", external_id: "Externe Id",
  external_organization_id: "Externe Organisations-Id", founded: "Gegründet", founders: "Gründer", full_address: "Anschrift", global_location_number: "GLN", id: "Id",
  individual_contact: "Person", invoice_address_id: "Rechnungsadresse", is_active: "Aktiv", is_suspended: "Gesperrt", job_title: "Tätigkeit", leaders: "Leitung",
  limitations: "Gilt nur für", locations: "Standorte", managed_by: "Betreut von", max_retries: "Höchstzahl der Wiederholungen", my_customer_id: "Eigene Kundennummer dort", name: "Name",
  number: "Nummer", organization_contact: "Organisation", priority: "Rang", provide_contact_address_start_url: "Adresse anlegen: URL",
  provide_contact_start_url: "Kontakt anlegen: URL", provider_id: "Anbieter", recipient_name: "Empfänger", reference: "Zeichen", requires_formal_invoice: "Förmliche Rechnung",
  retry_interval_in_millis: "Pause vor Wiederholung (ms)", show_contact_details_start_url: "Kontakt zeigen: URL", since: "Seit", street_name: "Straße", street_number: "Hausnummer",
  status: "Zustand", subTypeId: "Unterart", supplier_id: "Lieferantennummer", supplier_since: "Lieferant seit", tax_information: "Steuerangaben", tax_registration_number: "Steuernummer",
  timeout_in_millis: "Wartezeit (ms)", track_revenue: "Umsatz erfassen", type: "Art", typeId: "Art", unit: "Währung", url: "Adresse im Web", usage_context: "Zusammenhang",
  usages: "Verwendung", use_external_contact_management: "Externe Kontaktverwaltung", value: "Wert", zip: "Postleitzahl",
};
