package option

import "contacts/pkg/contact"

// Types are the types of options that every tenant has: they can neither be changed nor deleted.
func Types() []contact.OptionType { return defaults(types) }

// SubTypes are the sub-types of options that every tenant has: they can neither be changed nor deleted.
func SubTypes() []contact.OptionType { return defaults(subTypes) }

type word struct {
	id     int64
	en, de string
}

// The names are those of the API document, those of 13 and 15 the vendor's later ones.
var types = []word{
	{1, "Telephone", "Telefon"}, {2, "Email", "E-Mail"}, {3, "Telefax", "Telefax"}, {4, "Web page", "Webseite"},
	{5, "Marketplace", "Marktplatz"}, {6, "Identification number", "Identifikationsnummer"}, {7, "Payment", "Zahlung"},
	{8, "User name", "Benutzername"}, {9, "Group", "Gruppe"}, {10, "Access", "Zugang"}, {11, "Additional", "Zusätzlich"},
	{13, "Converted by", "Konvertiert durch"},
}

var subTypes = []word{
	{1, "Work", "Arbeit"}, {2, "Mobile private", "Mobil privat"}, {3, "Mobile work", "Mobil geschäftlich"}, {4, "Private", "Privat"},
	{5, "PayPal", "PayPal"}, {6, "Ebay", "eBay"}, {7, "Amazon", "Amazon"}, {8, "Klarna", "Klarna"}, {9, "DHL", "DHL"},
	{10, "Forum", "Forum"}, {11, "Guest", "Gast"}, {12, "Contact person", "Ansprechpartner"},
	{13, "Marketplace partner", "Marktplatz-Partner"}, {15, "User", "Benutzer"},
}

func defaults(words []word) []contact.OptionType {
	all := make([]contact.OptionType, len(words))
	for i, w := range words {
		position := int64(i + 1)
		all[i] = contact.OptionType{ID: w.id, Position: &position, NonErasable: 1,
			Names: []contact.OptionName{{Lang: "en", Name: w.en}, {Lang: "de", Name: w.de}}}
	}
	return all
}

// IsType tells whether an id is that of a type that every tenant has.
func IsType(id int64) bool { return has(types, id) }

// IsSubType tells whether an id is that of a sub-type that every tenant has.
func IsSubType(id int64) bool { return has(subTypes, id) }

func has(words []word, id int64) bool {
	for _, w := range words {
		if w.id == id {
			return true
		}
	}
	return false
}
