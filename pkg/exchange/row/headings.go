package row

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"contacts/pkg/contact"
)

// A heading is what the heading of a column is known to mean.
type heading struct {
	family string // as in field
	group  string // columns of one group and family are one channel
	part   string
	// preset is what the heading says of the channel.
	preset preset
}

type preset struct{ typeName, usages string }

// known has the headings of Google, Outlook, HubSpot and Salesforce, and plain words for the same: a line for each field, with the
// headings by their keys. A channel is spelled family/group/part/TYPE.
const known = `
name: fullname, displayname, kontaktname, vollständigername
given_name: firstname, givenname, vorname
middle_name: middlename, additionalname, weiterevornamen, zweitervorname
family_name: lastname, familyname, surname, nachname, familienname
name_suffix: namesuffix, suffix, namenszusatz
name_prefix: nameprefix, salutation, anrede
nickname: nickname, spitzname
external_id: externalid, recordid, contactid, kontaktid
date_of_birth: birthday, birthdate, dateofbirth, geburtstag, geburtsdatum
anniversary: anniversary, jahrestag
founded: founded, yearfounded, gründungsdatum
tags: tags, labels, groupmembership, categories, kategorien, keywords, schlagwörter
organization: company, companyname, associatedcompany, organization, organizationname, accountname, firma, unternehmen, firmenname
department: department, organizationdepartment, abteilung
job_title: jobtitle, organizationtitle, position
email/1/address/: email, emailaddress, emailadresse, email1address, mail, primaryemail
email/2/address/: email2address, email2adresse, secondaryemail
email/3/address/: email3address, email3adresse
email/more/address/: additionalemailaddresses
phone/business/number/DIRECT_LINE: businessphone, workphone, telefongeschäftlich
phone/business2/number/DIRECT_LINE: businessphone2, telefongeschäftlich2
phone/home/number/HOME_PHONE: homephone, telefonprivat
phone/home2/number/HOME_PHONE: homephone2, telefonprivat2
phone/mobile/number/MOBILE: mobilephone, mobilephonenumber, mobile, mobil, mobiltelefon, mobilnummer, handy, cellphone
phone/mobile2/number/MOBILE: mobiltelefon2
phone/main/number/MAIN: companymainphone, telefonfirma
phone/plain/number/NOT_QUALIFIED: phone, phonenumber, telephone, telefon, telefonnummer
phone/primary/number/NOT_QUALIFIED: primaryphone, haupttelefon
phone/other/number/NOT_QUALIFIED: otherphone, weiterestelefon
phone/businessfax/number/DIRECT_FAX: businessfax, workfax, faxgeschäftlich
phone/homefax/number/HOME_FAX: homefax, faxprivat
phone/fax/number/FAX_LINE: fax, faxnumber, telefax, faxnummer
phone/otherfax/number/FAX_LINE: otherfax, weiteresfax
phone/pager/number/PAGER: pager
address/business/street_name/OFFICE: businessstreet, straßegeschäftlich
address/business/additional/OFFICE: businessstreet2, businessstreet3, straßegeschäftlich2, straßegeschäftlich3
address/business/post_office_box/OFFICE: businessaddresspobox, postfachgeschäftlich
address/business/city/OFFICE: businesscity, ortgeschäftlich
address/business/region/OFFICE: businessstate, regiongeschäftlich
address/business/zip/OFFICE: businesspostalcode, postleitzahlgeschäftlich
address/business/country_code/OFFICE: businesscountryregion, businesscountry, landregiongeschäftlich
address/home/street_name/RESIDENTIAL_HOME: homestreet, straßeprivat
address/home/additional/RESIDENTIAL_HOME: homestreet2, homestreet3, straßeprivat2, straßeprivat3
address/home/post_office_box/RESIDENTIAL_HOME: homeaddresspobox, postfachprivat
address/home/city/RESIDENTIAL_HOME: homecity, ortprivat
address/home/region/RESIDENTIAL_HOME: homestate, bundeslandkantonprivat, regionprivat
address/home/zip/RESIDENTIAL_HOME: homepostalcode, postleitzahlprivat
address/home/country_code/RESIDENTIAL_HOME: homecountryregion, homecountry, landregionprivat
address/other/street_name/NOT_QUALIFIED: otherstreet, weiterestraße
address/other/additional/NOT_QUALIFIED: otherstreet2, otherstreet3, weiterestraße2, weiterestraße3
address/other/post_office_box/NOT_QUALIFIED: otheraddresspobox, weiterespostfach
address/other/city/NOT_QUALIFIED: othercity, weitererort
address/other/region/NOT_QUALIFIED: otherstate, otherstateprovince, weiteresrbundeslandkanton
address/other/zip/NOT_QUALIFIED: otherpostalcode, otherzippostalcode, weiterepostleitzahl
address/other/country_code/NOT_QUALIFIED: othercountryregion, othercountry, weitereselandregion
address/plain/street_name/NOT_QUALIFIED: street, streetaddress, straße, address
address/plain/street_number/NOT_QUALIFIED: housenumber, hausnummer
address/plain/additional/NOT_QUALIFIED: streetaddress2, addressline2, adresszusatz
address/plain/city/NOT_QUALIFIED: city, ort, stadt
address/plain/region/NOT_QUALIFIED: state, stateregion, stateprovince, bundesland
address/plain/zip/NOT_QUALIFIED: zip, zipcode, postalcode, postcode, plz, postleitzahl
address/plain/country_code/NOT_QUALIFIED: country, countryregion, land
address/mailing/street_name/NOT_QUALIFIED: mailingstreet
address/mailing/city/NOT_QUALIFIED: mailingcity
address/mailing/region/NOT_QUALIFIED: mailingstate, mailingstateprovince
address/mailing/zip/NOT_QUALIFIED: mailingpostalcode, mailingzippostalcode
address/mailing/country_code/NOT_QUALIFIED: mailingcountry
address/billing/street_name/NOT_QUALIFIED: billingstreet
address/billing/city/NOT_QUALIFIED: billingcity
address/billing/region/NOT_QUALIFIED: billingstate, billingstateprovince
address/billing/zip/NOT_QUALIFIED: billingpostalcode, billingzippostalcode
address/billing/country_code/NOT_QUALIFIED: billingcountry
address/shipping/street_name/NOT_QUALIFIED: shippingstreet
address/shipping/city/NOT_QUALIFIED: shippingcity
address/shipping/region/NOT_QUALIFIED: shippingstate, shippingstateprovince
address/shipping/zip/NOT_QUALIFIED: shippingpostalcode, shippingzippostalcode
address/shipping/country_code/NOT_QUALIFIED: shippingcountry
web_address/1/url/: webpage, website, websiteurl, webseite, homepage, url, internet
web_address/personal/url/PERSONAL_WEBSITE: personalwebpage
`

// usagesOf are the usages that groups of addresses say.
var usagesOf = map[string]string{"billing": "INVOICES", "shipping": "SHIPPING", "mailing": "CORRESPONDENCE"}

var knownHeadings = sync.OnceValue(func() map[string]heading {
	table := map[string]heading{}
	for line := range strings.Lines(strings.TrimSpace(known)) {
		means, keys, _ := strings.Cut(strings.TrimSpace(line), ": ")
		h := heading{part: means}
		if parts := strings.Split(means, "/"); len(parts) == 4 {
			h = heading{parts[0], parts[1], parts[2], preset{typeName: parts[3]}}
			if h.family == "address" {
				h.preset.usages = usagesOf[h.group]
			}
		}
		for key := range strings.SplitSeq(keys, ", ") {
			table[key] = h
		}
	}
	return table
})

// headingKey returns the form in which headings are compared: letters and digits, in small letters.
func headingKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, contact.NormalizeText(s))
}

// Google numbers its columns: "Phone 2 - Value"; "Type" was renamed to "Label".
var googleHeading = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(E-mail|Phone|Address|Website|Event|Organization) ([0-9]{1,2}) - (.{1,40})$`)
})

var googleFamilies = map[string]string{"E-mail": "email", "Phone": "phone", "Address": "address", "Website": "web_address", "Event": "event"}

var googleParts = map[string]string{"Type": "type", "Label": "type", "Formatted": "full_address", "Street": "street_name", "City": "city",
	"PO Box": "post_office_box", "Region": "region", "Postal Code": "zip", "Country": "country_code", "Extended Address": "additional"}

// headingsOf returns what the headings of a file mean: none for those that are not known. Of two with the same meaning the first has it.
func headingsOf(names []string) []heading {
	keys := map[string]bool{}
	for _, name := range names {
		keys[headingKey(name)] = true
	}
	some := func(any ...string) bool { return slices.ContainsFunc(any, func(key string) bool { return keys[key] }) }
	// These mean one thing or another, by the headings next to them.
	special := map[string]heading{"title": {part: "job_title"}, "titel": {part: "name_prefix"}, "name": {part: "name"}}
	switch {
	case some("suffix") && !some("accountname"): // Outlook
		special["title"] = heading{part: "name_prefix"}
	case some("jobtitle"):
		special["title"] = heading{}
	}
	if some("vorname", "firstname", "givenname") && !some("nachname", "lastname", "familyname") {
		special["name"] = heading{part: "family_name"}
	}
	if some("mailingstreet", "billingstreet", "accountid", "systemmodstamp") && !some("contactid") { // Salesforce
		special["id"] = heading{part: "external_id"}
	}
	if !some("city", "ort", "stadt", "zip", "plz", "postleitzahl", "postalcode") {
		for _, key := range []string{"address", "adresse", "anschrift"} {
			special[key] = heading{family: "address", group: "plain", part: "full_address"}
		}
	}
	all := make([]heading, len(names))
	used := map[heading]bool{}
	for i, name := range names {
		h := googleMeaning(strings.TrimSpace(name))
		if means, isSpecial := special[headingKey(name)]; isSpecial {
			h = means
		} else if h.part == "" {
			h = knownHeadings()[headingKey(name)]
		}
		once := h
		once.preset = preset{}
		if h.part != "additional" && used[once] {
			continue
		}
		used[once] = true
		all[i] = h
	}
	return all
}

// googleMeaning returns what a numbered heading of Google's means.
func googleMeaning(name string) heading {
	match := googleHeading().FindStringSubmatch(name)
	if match == nil {
		return heading{}
	}
	if match[1] == "Organization" {
		part := map[string]string{"Name": "organization", "Title": "job_title", "Department": "department"}[match[3]]
		if match[2] != "1" {
			part = ""
		}
		return heading{part: part}
	}
	family := googleFamilies[match[1]]
	part := googleParts[match[3]]
	switch {
	case match[3] == "Value" && family == "event":
		part = "value"
	case match[3] == "Value" && family != "address":
		part = channelParts[family][0]
	case family != "address" && part != "type":
		return heading{}
	case part == "":
		return heading{}
	}
	return heading{family: family, group: "google" + match[2], part: part}
}
