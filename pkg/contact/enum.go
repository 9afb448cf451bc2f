package contact

import "strings"

// Enumerations. Values returns their values in the order of the API document; schemas and checks are derived from it.
type (
	// AddressType is what is at an address.
	AddressType string
	// AddressUsage is what an address is used for.
	AddressUsage string
	// EmailType is the kind of a mailbox.
	EmailType string
	// PhoneType is what a number reaches.
	PhoneType string
	// PhoneUsage is what a number is used for.
	PhoneUsage string
	// WebAddressType is the kind of a page.
	WebAddressType string
	// UsageContext is the capacity in which a channel is used.
	UsageContext string
	// CountryCode is the API document's list of countries: ISO 3166-1 alpha-2, with AN and WG.
	CountryCode string
)

// Values returns all of the type's values.
func (AddressType) Values() []string {
	return []string{"NOT_QUALIFIED", "FACTORY", "HEADQUARTERS", "HOME_OFFICE", "OFFICE", "OFFICE_CENTER", "PACKSTATION",
		"PO_BOX", "POST_OFFICE", "RESIDENTIAL_HOME", "SECOND_HOME", "SERVICE_POINT", "STORE", "SUBSIDIARY", "VACATION_HOME",
		"WAREHOUSE"}
}

// Values returns all of the type's values.
func (AddressUsage) Values() []string {
	return []string{"EVERYTHING", "CORRESPONDENCE", "INVOICES", "SHIPPING"}
}

// Values returns all of the type's values.
func (EmailType) Values() []string {
	return []string{"NOT_QUALIFIED", "EMAIL_ALIAS", "MAILING_LIST", "PERSONAL_EMAIL", "WORK_EMAIL"}
}

// Values returns all of the type's values.
func (PhoneType) Values() []string {
	return []string{"NOT_QUALIFIED", "DIRECT_EXTENSION", "DIRECT_FAX", "DIRECT_LINE", "FAX_LINE", "FIXED_LINE", "HOME_FAX",
		"HOME_PHONE", "HOTLINE", "MAIN", "MAIN_FAX", "MOBILE", "PAGER", "PERSONAL_MOBILE", "SAT", "VIRTUAL_LINE", "VOIP_LINE",
		"WORK_MOBILE"}
}

// Values returns all of the type's values.
func (PhoneUsage) Values() []string { return []string{"EVERYTHING", "CALL", "SMS", "WHATSAPP"} }

// Values returns all of the type's values.
func (WebAddressType) Values() []string {
	return []string{"NOT_QUALIFIED", "BLOG", "FACEBOOK_PAGE_OR_PROFILE", "GOOGLE_PLUS_PROFILE", "HOMEPAGE_OR_WEBSITE",
		"LINKEDIN_PROFILE", "ONLINE_STORE", "ORGANIZATION_BLOG", "ORGANIZATION_PROFILE", "ORGANIZATION_WEBSITE", "OTHER",
		"PERSONAL_BLOG", "PERSONAL_PROFILE", "PERSONAL_WEBSITE", "PROFESSIONAL_BLOG", "PROFESSIONAL_PROFILE",
		"PROFESSIONAL_WEBSITE", "TWITTER_PROFILE", "TWITTER_STREAM", "XING_PROFILE", "YELP_IMAGE", "INSTAGRAM_PROFILE",
		"YOUTUBE"}
}

// Values returns all of the type's values.
func (UsageContext) Values() []string { return []string{"ORGANIZATION", "PERSONAL", "PROFESSIONAL"} }

// Values returns all of the type's values.
func (CountryCode) Values() []string { return strings.Fields(countryCodes) }

const countryCodes = `
AF AX AL DZ AS AD AO AI AQ AG AR AM AW AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BQ BA BW BV BR IO BN BG BF BI KH CM
CA CV KY CF TD CL CN CX CC CO KM CG CD CK CR CI HR CU CW CY CZ DK DJ DM DO EC EG SV GQ ER EE ET FK FO FJ FI FR GF PF
TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HM VA HN HK HU IS IN ID IR IQ IE IM IL IT JM JP JE JO KZ KE KI
KP KR KW KG LA LV LB LS LR LY LI LT LU MO MK MG MW MY MV ML MT MH MQ MR MU YT MX FM MD MC MN ME MS MA MZ MM NA NR NP
NL NC NZ NI NE NG NU NF MP OM PK PW PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW BL SH KN LC MF PM VC WS SM ST SA SN
RS SC SL SG SX SK SI SB SO ZA GS ES LK SD SS SR SJ SZ SE CH SY TW TJ TZ TH TL TG TK TO TT TN TR TM TC TV UG UA AE GB
US UM UY UZ VU VE VN VG VI WF EH YE ZM ZW AN WG NO`
