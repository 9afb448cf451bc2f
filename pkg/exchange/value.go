package exchange

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"contacts/pkg/contact"
)

// maxExternalID is the greatest length of an external id, in characters.
var _, maxExternalID = contact.ExternalID("").Bounds()

// Text returns a text in its stored form; "" for an invisible one. fault says what is wrong with it, "" for nothing: a character that the
// API refuses, or more than MaxText characters.
func Text(s string) (text, fault string) { return bounded(s, contact.MaxText) }

func bounded(s string, most int) (text, fault string) {
	text = contact.NormalizeText(s)
	if fault = contact.CheckText(text); fault == "" && utf8.RuneCountInString(text) > most {
		fault = fmt.Sprintf("must have at most %d characters", most)
	}
	return text, fault
}

// Formatted returns a trimmed text in its stored form, and what is wrong with it as a value of a format of the API: "date", "email", "uri"
// or "external-id".
func Formatted(format, s string) (text, fault string) {
	most := map[string]int{"email": 254, "external-id": maxExternalID}[format]
	if most == 0 {
		most = contact.MaxText
	}
	if text, fault = bounded(strings.TrimSpace(s), most); fault == "" && text != "" {
		fault = contact.FormatCheck(format)(text)
	}
	return text, fault
}

// TagName returns the name of a tag in its stored form, and what is wrong with it.
func TagName(s string) (text, fault string) { return bounded(strings.TrimSpace(s), 256) }
