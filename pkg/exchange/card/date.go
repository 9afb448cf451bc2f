package card

import (
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/vcard"
)

// omitYearParam names the year that stands for none in a date of Apple's.
const omitYearParam = "X-APPLE-OMIT-YEAR"

// noYear is the year that Apple writes for none, with omitYearParam or without.
const noYear = "1604"

// dateOf returns the date of a property, without its time, or what is wrong with it.
func dateOf(p *vcard.Property) (date contact.Date, fault string) {
	value, _, _ := strings.Cut(text(p), "T")
	value, _, _ = strings.Cut(value, " ")
	if len(value) == 8 && !strings.Contains(value, "-") {
		value = value[:4] + "-" + value[4:6] + "-" + value[6:]
	}
	year, _, _ := strings.Cut(value, "-")
	switch {
	case year == "" && strings.HasPrefix(value, "--"), year == noYear, year != "" && year == p.Param(omitYearParam):
		return "", "the date has no year"
	case value == "":
		return "", "has no value"
	}
	value, fault = exchange.Formatted("date", value)
	return contact.Date(value), fault
}
