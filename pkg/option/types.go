package option

import "contacts/pkg/contact"

// Types returns the built-in option types. They can't be changed or deleted.
func Types() []contact.OptionType { return builtIn(types) }

// SubTypes returns the built-in sub-types. They can't be changed or deleted.
func SubTypes() []contact.OptionType { return builtIn(subTypes) }

type named struct {
	id     int64
	en, de string
}

// The names are from the API document, except those of 13 and 15, which are later names of the vendor.
var types = []named{
	{1, "Telephone", "Telefon"}, {2, "Email", "E-Mail"}, {3, "Telefax", "Telefax"}, {4, "Web page", "Webseite"},
	{5, "Marketplace", "Marktplatz"}, {6, "Identification number", "Identifikationsnummer"}, {7, "Payment", "Zahlung"},
	{8, "User name", "Benutzername"}, {9, "Group", "Gruppe"}, {10, "Access", "Zugang"}, {11, "Additional", "Zusätzlich"},
	{13, "Converted by", "Konvertiert durch"},
}

var subTypes = []named{
	{1, "Work", "Arbeit"}, {2, "Mobile private", "Mobil privat"}, {3, "Mobile work", "Mobil geschäftlich"}, {4, "Private", "Privat"},
	{5, "PayPal", "PayPal"}, {6, "Ebay", "eBay"}, {7, "Amazon", "Amazon"}, {8, "Klarna", "Klarna"}, {9, "DHL", "DHL"},
	{10, "Forum", "Forum"}, {11, "Guest", "Gast"}, {12, "Contact person", "Ansprechpartner"},
	{13, "Marketplace partner", "Marktplatz-Partner"}, {15, "User", "Benutzer"},
}

func builtIn(list []named) []contact.OptionType {
	all := make([]contact.OptionType, len(list))
	for i, w := range list {
		position := int64(i + 1)
		all[i] = contact.OptionType{ID: w.id, Position: &position, NonErasable: 1,
			Names: []contact.OptionName{{Lang: "en", Name: w.en}, {Lang: "de", Name: w.de}}}
	}
	return all
}

// IsType reports whether an id is that of a built-in type.
func IsType(id int64) bool { return has(types, id) }

// IsSubType reports whether an id is that of a built-in sub-type.
func IsSubType(id int64) bool { return has(subTypes, id) }

func has(list []named, id int64) bool {
	for _, w := range list {
		if w.id == id {
			return true
		}
	}
	return false
}
