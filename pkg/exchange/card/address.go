package card

import (
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/exchange/country"
	"contacts/pkg/vcard"
)

// Components of ADR (RFC 6350, section 6.3.1).
const (
	postOfficeBox = iota
	extended
	street
	locality
	region
	code
	countryName
	components
)

// What ADR has no component for.
const (
	recipientParam    = "X-CONTACTS-RECIPIENT"
	careOfParam       = "X-CONTACTS-CARE-OF"
	streetNumberParam = "X-CONTACTS-STREET-NUMBER"
)

// addressChannel returns an address as ADR, with a LABEL unless the parts of ADR make up the full address.
func addressChannel(a contact.Address, kind contact.Kind) channel {
	a.ID = 0
	var parts [components]string
	parts[extended], parts[locality], parts[code] = a.Additional, a.City, a.Zip
	parts[street] = joinNonEmpty(" ", a.StreetName, a.StreetNumber)
	if a.CountryCode != "" {
		parts[countryName] = country.Name(a.CountryCode)
	}
	adr := vcard.Property{Name: "ADR", Value: vcard.EscapeComponents(parts[:]...)}
	addressTypes.write(&adr, string(a.Type), a.UsageContext, kind)
	writeUsages(&adr, a.Usages)
	for _, param := range []vcard.Param{
		{Name: recipientParam, Values: []string{a.RecipientName}},
		{Name: careOfParam, Values: []string{a.CareOf}},
		{Name: streetNumberParam, Values: []string{a.StreetNumber}},
	} {
		if param.Values[0] != "" {
			adr.Params = append(adr.Params, param)
		}
	}
	var properties []vcard.Property
	if a.FullAddress != joined(parts) {
		label := vcard.Property{Name: "LABEL", Value: vcard.Escape(a.FullAddress)}
		if a.FullAddress != strings.TrimSpace(a.FullAddress) {
			adr.Add(blanksParam, "1") // version 4.0 has the label in a parameter
		}
		if types := adr.Values("TYPE"); types != nil {
			label.Add("TYPE", types...)
		}
		properties = append(properties, label)
	}
	properties = append([]vcard.Property{adr}, properties...)
	return channel{fieldAddresses, digest(a), withDescription(a.Description, properties...)}
}

// joined returns the parts of an address as lines.
func joined(parts [components]string) string {
	return joinNonEmpty("\n", parts[postOfficeBox], parts[street], parts[extended], joinNonEmpty(" ", parts[code], parts[locality]),
		parts[region], parts[countryName])
}

func joinNonEmpty(separator string, texts ...string) string {
	var some []string
	for _, text := range texts {
		if text != "" {
			some = append(some, text)
		}
	}
	return strings.Join(some, separator)
}

// readAddress returns the address of an ADR, a LABEL or both; one of them may be nil. It returns what is wrong with it.
func readAddress(adr, label *vcard.Property, description string, kind contact.Kind) (a contact.Address, fault string) {
	a = contact.Address{Description: description}
	words := adr
	if adr == nil {
		words = label
	}
	a.Type, a.UsageContext = readWords[contact.AddressType](addressTypes, words, kind)
	var parts [components]string
	if adr != nil {
		for i := range parts {
			if parts[i], fault = exchange.Text(component(adr, i)); fault != "" {
				return a, fault
			}
		}
		a.Additional, a.City, a.Zip = parts[extended], parts[locality], parts[code]
		a.CountryCode = country.Code(parts[countryName])
		a.Usages = usages[contact.AddressUsage](adr)
		a.RecipientName = validText(adr.Param(recipientParam))
		a.CareOf = validText(adr.Param(careOfParam))
		a.StreetName, a.StreetNumber = splitStreet(parts[street], adr.Param(streetNumberParam))
	}
	full := joined(parts)
	if label != nil && text(label) != "" {
		full = label.Text()
		if words.Param(blanksParam) == "" {
			full = strings.TrimSpace(full)
		}
	}
	if a.FullAddress, fault = exchange.Text(full); fault == "" && strings.TrimSpace(a.FullAddress) == "" {
		fault = "has neither parts nor a label"
	}
	return a, fault
}

// splitStreet returns the street's name and number. The number is a parameter of ours: it counts if the street still ends in it.
func splitStreet(street, number string) (name, rest string) {
	if number, fault := exchange.Text(number); fault == "" && number != "" {
		if street == number {
			return "", number
		}
		if name, found := strings.CutSuffix(street, " "+number); found {
			return name, number
		}
	}
	return street, ""
}

// validText returns a text in its stored form; "" if it can't be one.
func validText(s string) string {
	text, fault := exchange.Text(s)
	if fault != "" {
		return ""
	}
	return text
}
