package keys

import (
	"slices"
	"strings"
	"unicode/utf8"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Spaces of lookup keys. A lookup key is "SPACE#value", the value as it was sent.
const (
	spaceEmail  = "EMAIL"
	spacePhone  = "PHONE"
	spaceTag    = "TAG"
	spaceOption = "OPTION"
	spaceName   = "NAME"
)

// EmailLookup is the lookup key of an email address.
func EmailLookup(address string) string { return spaceEmail + "#" + address }

// PhoneLookup is the lookup key of a telephone number in its E.164 form, and as it was sent; "" where that doesn't matter.
func PhoneLookup(e164, sent string) string { return spacePhone + "#" + e164 + "#" + sent }

// IsPhoneLookup reports whether a lookup key is that of a telephone number.
func IsPhoneLookup(lookup string) bool { return strings.HasPrefix(lookup, spacePhone+"#") }

// TagLookup is the lookup key of a tag, which is case-insensitive.
func TagLookup(name string) string { return spaceTag + "#" + contact.Fold(name) }

// OptionLookup is the lookup key of an option's decimal id.
func OptionLookup(id string) string { return spaceOption + "#" + id }

// IsOptionLookup reports whether a lookup key is that of an option's id.
func IsOptionLookup(lookup string) bool { return strings.HasPrefix(lookup, spaceOption+"#") }

// NameLookup is the lookup key of a contact's name, which is found by its words.
func NameLookup(name string) string { return spaceName + "#" + name }

// NameOfLookup returns the name of a lookup key; ok is false for one of another space.
func NameOfLookup(lookup string) (name string, ok bool) {
	return strings.CutPrefix(lookup, spaceName+"#")
}

// LookupValue returns the value of the lookup key of an email or phone as it was sent; ok is false for other spaces.
func LookupValue(lookup string) (value string, ok bool) {
	space, value, _ := strings.Cut(lookup, "#")
	switch space {
	case spaceEmail:
		return value, true
	case spacePhone:
		_, value, _ = strings.Cut(value, "#")
		return value, true
	}
	return "", false
}

// A Range is the items of a partition whose sort keys have a prefix.
type Range struct{ PK, Prefix string }

func lookupPartition(org, space, value string) string {
	return Tenant(org) + "#FIND#" + space + "#" + value
}

// Lookup is the range of the entries of a lookup key of emails, phones and tags. They are in the order of the contacts.
func Lookup(org, lookup string) Range {
	space, value, _ := strings.Cut(lookup, "#")
	switch space {
	case spaceEmail:
		r := EmailsBeginning(org, value)
		r.Prefix += endOfValue
		return r
	case spacePhone:
		e164, _, _ := strings.Cut(value, "#")
		r := PhonesEnding(org, strings.TrimPrefix(e164, "+"))
		r.Prefix += endOfValue
		return r
	}
	return Range{lookupPartition(org, space, value), ""}
}

// endOfValue follows the value in the sort key of an email's or phone's entry. No value has it.
const endOfValue = "\x00"

const (
	// MinEmailBeginning is the least bytes of an address by which emails are found.
	MinEmailBeginning = 3
	// MinPhoneEnding is the least digits by which phones are found.
	MinPhoneEnding = 4
)

// EmailsBeginning is the range of the entries of email addresses, which are case-insensitive, with a beginning of at least MinEmailBeginning
// bytes.
func EmailsBeginning(org, beginning string) Range {
	beginning = strings.ToLower(beginning)
	return Range{lookupPartition(org, spaceEmail, beginning[:min(MinEmailBeginning, len(beginning))]), beginning}
}

// PhonesEnding is the range of the entries of telephone numbers whose E.164 form ends in at least MinPhoneEnding digits.
func PhonesEnding(org, digits string) Range {
	return Range{lookupPartition(org, spacePhone, digits[max(0, len(digits)-MinPhoneEnding):]), reversed(digits)}
}

func reversed(digits string) string {
	bytes := []byte(digits)
	slices.Reverse(bytes)
	return string(bytes)
}

// LookupEntry is the entry that leads from a lookup key of emails, phones and tags to a part and its contact.
func LookupEntry(org, lookup string, part Target) dynamo.Key {
	r := Lookup(org, lookup)
	return dynamo.Key{PK: r.PK, SK: r.Prefix + part.String()}
}

// Option is the entry that leads from an option's id to its contact: one for each id, so that ids of options are unique in a tenant.
func Option(org string, id contact.ID) dynamo.Key {
	return dynamo.Key{PK: lookupPartition(org, spaceOption, id.String()), SK: spaceOption}
}

// parseLookup parses the sort key of a lookup entry. rest is the partition's after "FIND#".
func (p *Parsed) parseLookup(k dynamo.Key, rest string) {
	space, value, _ := strings.Cut(rest, "#")
	if id, err := contact.ParseID(value); err == nil && k == Option(p.Org, id) {
		p.Kind, p.Name = KindOption, rest
		return
	}
	found, target, separated := strings.Cut(k.SK, endOfValue)
	name, isOf := rest, true // whether the partition is that of what is found
	switch {
	case space == spaceTag:
		target = k.SK
	case space == spaceEmail && separated:
		name, isOf = EmailLookup(found), value == found[:min(MinEmailBeginning, len(found))] && found == strings.ToLower(found)
	case space == spacePhone && separated:
		name, isOf = PhoneLookup("+"+reversed(found), ""), value == reversed(found[:min(MinPhoneEnding, len(found))])
	default:
		return
	}
	if by, ok := parseWholeTarget(target); ok && by.Part != "" && isOf {
		p.Kind, p.Name, p.By, p.Owner = KindLookup, name, by, by.Contact
	}
}

// wordsPrefix returns the prefix of the partitions of words.
func wordsPrefix(org string) string { return Tenant(org) + "#WORD#" }

// Words is the range of the entries of names with a word that begins with a prefix, in the order of words, folded names and contacts. The
// partition follows from the first character. Words in which an umlaut is spelled as two letters have partitions of their own.
func Words(org, prefix string, spelled bool) Range {
	first, _ := utf8.DecodeRuneInString(prefix)
	partition := wordsPrefix(org) + string(first)
	if spelled {
		partition += spelledWords
	}
	return Range{partition, prefix}
}

// spelledWords ends the partitions of words in which an umlaut is spelled as two letters.
const spelledWords = "#E"

// Word is the entry of a word of a contact's folded name.
func Word(org, word string, spelled bool, folded string, id contact.ID) dynamo.Key {
	return dynamo.Key{PK: Words(org, word, spelled).PK, SK: WordSortKey(word, folded, id)}
}

// WordSortKey is the sort key of a word of a contact's folded name.
func WordSortKey(word, folded string, id contact.ID) string {
	return word + "#" + strings.ReplaceAll(folded, " ", "$") + "#" + Digits(id)
}

// WordOf returns the word of its entry.
func WordOf(k dynamo.Key) (word string, spelled bool) {
	word, _, _ = strings.Cut(k.SK, "#")
	return word, strings.HasSuffix(k.PK, spelledWords)
}

// parseWord parses the sort key of the entry of a word. partition is the partition's after "WORD#".
func (p *Parsed) parseWord(partition, sk string) {
	word, rest, _ := strings.Cut(sk, "#")
	_, id, _ := strings.Cut(rest, "#")
	first, _ := utf8.DecodeRuneInString(word)
	owner, isID := parseID(id)
	if isID && owner.Kind() != contact.Part && word != "" && strings.TrimSuffix(partition, spelledWords) == string(first) {
		p.Kind, p.Owner, p.By = KindWord, owner, Target{Contact: owner}
	}
}

// Names is the partition of the list by name of the contacts of a kind.
func Names(org string, kind contact.Kind) string { return Contacts(org, kind) + "#NAMES" }

// Name is the entry of a contact in the list by name. sortKey is that of the name: ASCII without control characters, blanks and tildes, so that a
// blank ends it.
func Name(org, sortKey string, id contact.ID) dynamo.Key {
	return key(Names(org, id.Kind()), sortKey+" "+Digits(id))
}

// AfterName sorts after the sort key of an entry in a list by name, and before that of the next; "" is before the first.
func AfterName(sk string) string { return sk + "\x00" }

// EndOfNames sorts after every entry of a list by name.
const EndOfNames = "~"

// parseName parses the sort key of an entry in the list by name.
func (p *Parsed) parseName(k dynamo.Key) {
	sortKey, id, _ := strings.Cut(k.SK, " ")
	if owner, ok := parseID(id); ok && k == Name(p.Org, sortKey, owner) {
		p.Kind, p.Owner = KindName, owner
	}
}

// UniquesBeginning is a range with the entries of a space's unique values with a beginning, in any case; it has others too if that is longer
// than 900 bytes.
func UniquesBeginning(org, space, beginning string) Range {
	return Range{Uniques(org, space), uniqueBeginning(beginning)}
}

// Has reports whether the range has the item of a key.
func (r Range) Has(k dynamo.Key) bool { return k.PK == r.PK && strings.HasPrefix(k.SK, r.Prefix) }
