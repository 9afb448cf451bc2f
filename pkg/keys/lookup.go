package keys

import (
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Spaces of lookup keys. A lookup key is "SPACE#value", the value normalised.
const (
	spaceEmail  = "EMAIL"
	spacePhone  = "PHONE"
	spaceTag    = "TAG"
	spaceOption = "OPTION"
)

// EmailLookup is the lookup key of an email address, which is case-insensitive.
func EmailLookup(address string) string { return spaceEmail + "#" + strings.ToLower(address) }

// PhoneLookup is the lookup key of a telephone number in its E.164 form.
func PhoneLookup(e164 string) string { return spacePhone + "#" + e164 }

// IsPhoneLookup reports whether a lookup key is that of a telephone number.
func IsPhoneLookup(lookup string) bool { return strings.HasPrefix(lookup, spacePhone+"#") }

// TagLookup is the lookup key of a tag, which is case-insensitive.
func TagLookup(name string) string { return spaceTag + "#" + contact.Fold(name) }

// OptionLookup is the lookup key of an option's decimal id.
func OptionLookup(id string) string { return spaceOption + "#" + id }

// IsOptionLookup reports whether a lookup key is that of an option's id.
func IsOptionLookup(lookup string) bool { return strings.HasPrefix(lookup, spaceOption+"#") }

// Lookup is the partition of the entries of a lookup key.
func Lookup(org, lookup string) string { return Tenant(org) + "#FIND#" + lookup }

// LookupEntry is the entry that leads from a lookup key to a part and its contact. The entries of one lookup key are in the
// order of the contacts.
func LookupEntry(org, lookup string, part Target) dynamo.Key {
	return dynamo.Key{PK: Lookup(org, lookup), SK: Digits(part.Contact) + "#" + part.Part}
}

// Option is the entry that leads from an option's id to its contact: one for each id, so that ids of options are unique in a tenant.
func Option(org string, id contact.ID) dynamo.Key {
	return dynamo.Key{PK: Lookup(org, OptionLookup(id.String())), SK: spaceOption}
}
