// Package keys makes and parses the keys of all items. Every constructor takes the tenant first, or a value that has it, except those of
// the platform's own records. docs/table-design.md shows the keys with their access patterns.
package keys

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Segments of sort keys. Those of parts in a contact's details are upper case, all others lower case, so that the details are one range.
const (
	SegmentAddress      = "ADDR"
	SegmentOptionSet    = "CHANGES"
	SegmentDepartment   = "DEPT"
	SegmentEmail        = "EMAIL"
	SegmentLocation     = "LOC"
	SegmentMembership   = "MEMB"
	SegmentOption       = "OPT"
	SegmentWebAddress   = "PAGE"
	SegmentPhone        = "PHONE"
	SegmentIdentity     = "PI"
	SegmentRelationship = "REL"
	SegmentRole         = "ROLE"

	SegmentGuard     = "guard"
	SegmentHistory   = "hist"
	SegmentImage     = "image"
	SegmentReference = "ref"
	// SegmentRepresentative is that of an organization's representatives in separate items.
	SegmentRepresentative = "rep"
	SegmentTag            = "tag"

	// Segments of the tenant's own items.
	SegmentOptionType    = "OPTTYPE"
	SegmentOptionSubType = "OPTSUB"

	// FirstDetail and EndOfDetails bound the sort keys of the parts in a contact's details.
	FirstDetail  = "A"
	EndOfDetails = "a"
)

// Names of the roles in their keys.
const (
	RoleCustomer         = "CUSTOMER"
	RoleAlternativePayer = "ALTERNATIVE_PAYER"
	RoleSupplier         = "SUPPLIER"
)

// Names of the counters of account numbers, and of the guard item's attributes with the contact's own numbers.
const (
	CounterDebtor   = "debtor"
	CounterCreditor = "creditor"
)

// AttrCounter is the attribute of a counter's item, N: how many numbers it has assigned.
const AttrCounter = "given"

// Tenant returns the prefix of a tenant's partition keys; a # follows it.
func Tenant(org string) string { return "T#" + org }

// Contacts is the partition of all contacts of a kind, in the order of their creation. It is empty for the kind Part.
func Contacts(org string, kind contact.Kind) string {
	return Tenant(org) + [...]string{"#I", "#O", "#P", "#NONE"}[kind]
}

// Contact is a contact's own item, as its list shows it. Its list follows from the id.
func Contact(org string, id contact.ID) dynamo.Key { return key(Contacts(org, id.Kind()), Digits(id)) }

// Parts is the partition of all parts of a contact; of the tenant's own items for 0.
func Parts(org string, owner contact.ID) string { return Tenant(org) + "#C#" + Digits(owner) }

// PartsOf is the partition of all parts of an owner.
func PartsOf(o contact.Owner) string { return Parts(o.Org, o.Contact) }

// Prefix begins the sort keys of an owner's parts of one segment.
func Prefix(o contact.Owner, segment string) string {
	if o.Identity != 0 {
		return SegmentIdentity + "#" + Digits(o.Identity) + "#" + segment + "#"
	}
	return segment + "#"
}

// Part is a part of an owner.
func Part(o contact.Owner, segment string, id contact.ID) dynamo.Key {
	return key(PartsOf(o), Prefix(o, segment)+Digits(id))
}

// Nowhere is a key in the partition of another that no item ever has.
func Nowhere(near dynamo.Key) dynamo.Key { return key(near.PK, "never") }

// Guard is a contact's guard item, which writes of its parts and references to it check and count. It is in the partition of the parts, so
// that these writes don't load the partition of all contacts.
func Guard(org string, id contact.ID) dynamo.Key { return key(Parts(org, id), SegmentGuard) }

// Owner is the item that writes of an owner's parts check and count: a professional identity, or a contact's guard item.
func Owner(o contact.Owner) dynamo.Key {
	if o.Identity != 0 {
		return key(PartsOf(o), SegmentIdentity+"#"+Digits(o.Identity))
	}
	return Guard(o.Org, o.Contact)
}

// Role is a role of a contact.
func Role(o contact.Owner, name string) dynamo.Key {
	return key(PartsOf(o), Prefix(o, SegmentRole)+name)
}

// OptionSet counts the changes of a contact's options, which change together. It sorts before them, so that a Query, which is no snapshot,
// reads it first.
func OptionSet(o contact.Owner) dynamo.Key { return key(PartsOf(o), SegmentOptionSet) }

// Image is an image of a contact. The newest sorts first.
func Image(o contact.Owner, id contact.ID) dynamo.Key {
	return key(PartsOf(o), Prefix(o, SegmentImage)+Digits(contact.MaxID-id))
}

// Representative is a representative of an organization in a separate item, by its RepresentativeName.
func Representative(org string, organization contact.ID, name string) dynamo.Key {
	return key(Parts(org, organization), SegmentRepresentative+"#"+name)
}

// CustomerLists is the partition of a tenant's customer lists.
func CustomerLists(org string) string { return Tenant(org) + "#L" }

// CustomerList is a customer list.
func CustomerList(org string, list contact.ID) dynamo.Key {
	return key(CustomerLists(org), Digits(list))
}

// ListItems is the partition of the items and members of a customer list.
func ListItems(org string, list contact.ID) string { return CustomerLists(org) + "#" + Digits(list) }

// ListItem is a customer in a list, in the order of additions.
func ListItem(org string, list, position contact.ID) dynamo.Key {
	return key(ListItems(org, list), Digits(position))
}

// ListMember maps a customer to its position in a list.
func ListMember(org string, list, customer contact.ID) dynamo.Key {
	return key(ListItems(org, list), "member#"+Digits(customer))
}

// The offset index of a list has its own partition, which follows from the key of any row, or from a key with the list's partition only.
// Tombstones come first, in the order of time, then the root, then the nodes: a Query backwards from the root returns the root and the
// latest tombstones.

// OffsetRoot is the root of a list's offset index.
func OffsetRoot(list dynamo.Key) dynamo.Key { return key(list.PK+"#OFFSETS", "ROOT") }

// OffsetNode is a node of a list's offset index.
func OffsetNode(list dynamo.Key, n int) dynamo.Key {
	return key(OffsetRoot(list).PK, fmt.Sprintf("%s%06d", nodePrefix, n))
}

// Tombstone marks a row of a list as removed at a time.
func Tombstone(row dynamo.Key, at time.Time) dynamo.Key {
	return key(OffsetRoot(row).PK, TombstonesSince(at.UnixMilli())+"#"+row.SK)
}

// TombstonesSince returns the prefix of the first tombstones at or after a time, in Unix milliseconds.
func TombstonesSince(milliseconds int64) string {
	return fmt.Sprintf("%0*d", TombstoneDigits, milliseconds)
}

// TombstoneDigits is how many digits of a tombstone's sort key are its time.
const TombstoneDigits = 13

const nodePrefix = "ROOT#"

// ChangeShards is the number of partitions of a tenant's changes. One takes 500 changes a second, as a write in a transaction takes two of
// the 1,000 units of a partition.
const ChangeShards = 4

// Changes is a partition of a tenant's changes, in the order of their times. Those of a contact are in one.
func Changes(org string, shard int) string { return fmt.Sprintf("%s#LOG#%d", Tenant(org), shard) }

// ChangeShard returns the number of the partition of a contact's changes. The lowest two bits of an id are its kind; ids of a batch differ by
// multiples of eight above these.
func ChangeShard(id contact.ID) int {
	n := int(id >> 2)
	return (n ^ n>>3 ^ n>>11) % ChangeShards
}

// Change is the entry of a contact's change at a time in Unix microseconds.
func Change(org string, id contact.ID, at int64) dynamo.Key {
	return key(Changes(org, ChangeShard(id)), ChangeSortKey(at, id))
}

// ChangeSortKey is the sort key of a change. That of id 0 sorts before those of all contacts at the same time.
func ChangeSortKey(at int64, id contact.ID) string {
	return fmt.Sprintf("%0*d#%s", ChangeDigits, at, Digits(id))
}

// ChangeDigits is how many digits of a change's sort key are its time.
const ChangeDigits = 16

// History is a piece, from 0, of the entry of a change in its contact's history, next to the contact's parts.
func History(org string, id contact.ID, at int64, piece int) dynamo.Key {
	return key(Parts(org, id), HistorySortKey(at, piece))
}

// HistorySortKey is the sort key of History. Those of an entry sort after all of earlier ones.
func HistorySortKey(at int64, piece int) string {
	sk := fmt.Sprintf("%s#%0*d", SegmentHistory, ChangeDigits, at)
	if piece > 0 {
		sk += fmt.Sprintf("#%0*d", historyPieceDigits, piece)
	}
	return sk
}

const historyPieceDigits = 3

// AfterHistory is the first sort key after all pieces of the entry of a time.
func AfterHistory(at int64) string { return HistorySortKey(at, 0) + "$" }

// Uniques is the partition of the unique values of a space.
func Uniques(org, space string) string { return Tenant(org) + "#U#" + space }

// Unique reserves a value that is unique in its space for one contact.
func Unique(org, space, value string) dynamo.Key {
	return key(Uniques(org, space), UniqueSortKey(value))
}

// CutUnique returns the space and the value of "SPACE#value", by which a resource names its unique values.
func CutUnique(name string) (space, value string) {
	space, value, _ = strings.Cut(name, "#")
	return space, value
}

// UniqueSortKey is the sort key of a unique value: without case, so that values are found by their beginning; then NUL, which no value has, and
// how the value differs from that: nothing, a mark if it is in small letters, or the value itself. One that is longer than a sort key can
// be ends in its hash.
func UniqueSortKey(value string) string {
	folded := contact.Fold(value)
	switch {
	case len(folded) < maxSortKey && value == folded:
		return folded + endOfValue
	case len(folded) < maxSortKey-1 && value == strings.ToLower(folded):
		return folded + endOfValue + smallLetters
	case len(folded)+len(value) < maxSortKey:
		return folded + endOfValue + value
	}
	return uniqueBeginning(value) + endOfValue + endOfValue + digest(value)
}

const (
	maxSortKey      = 1024
	maxFoldedUnique = 900
	smallLetters    = "\x01"
)

// uniqueBeginning returns the prefix of the sort keys of unique values with a beginning, in any case. That of a long one ends before it.
func uniqueBeginning(beginning string) string {
	folded := contact.Fold(beginning)
	end := min(len(folded), maxFoldedUnique)
	for end < len(folded) && !utf8.RuneStart(folded[end]) {
		end--
	}
	return folded[:end]
}

// UniqueValue returns the value of a sort key; whole is false if that has its hash.
func UniqueValue(sk string) (value string, whole bool) {
	switch folded, rest, _ := strings.Cut(sk, endOfValue); {
	case rest == "":
		return folded, true
	case rest == smallLetters:
		return strings.ToLower(folded), true
	case strings.HasPrefix(rest, endOfValue):
		return "", false
	default:
		return rest, true
	}
}

// MappingRun is the last replacement of the whole mapping of a kind.
func MappingRun(org string, kind contact.Kind) dynamo.Key {
	return key(Uniques(org, kind.String())+"#RUN", "RUN")
}

// Tag is a tag that the tenant's contacts share, by its case-insensitive name. The key has only the name's hash, which may remain when the name
// is erased.
func Tag(org, name string) dynamo.Key { return key(Tags(org), digest(contact.Fold(name))) }

// Tags is the partition of the tags that a tenant's contacts share.
func Tags(org string) string { return Tenant(org) + "#TAG" }

// TagID reserves the id of a tag permanently.
func TagID(org string, id contact.ID) dynamo.Key { return key(Tags(org)+"#"+Digits(id), "TAG") }

// Counter is a counter of assigned numbers.
func Counter(org, name string) dynamo.Key { return key(Counters(org), name) }

// Counters is the partition of a tenant's counters.
func Counters(org string) string { return Tenant(org) + "#COUNTER" }

// Configuration is the tenant's configuration.
func Configuration(org string) dynamo.Key { return key(Tenant(org)+"#CONFIG", "CONFIGURATION") }

// Idempotency is the record of a request with an Idempotency-Key. The digest is of application and key.
func Idempotency(org string, digest []byte) dynamo.Key {
	return key(Tenant(org)+"#KEY#"+base64.RawURLEncoding.EncodeToString(digest), "ANSWER")
}

// BatchRow is the record of one row of a batch, next to that of the whole.
func BatchRow(batch dynamo.Key, index int) dynamo.Key {
	return key(batch.PK, fmt.Sprintf("ROW#%06d", index))
}

// AnswerParts returns the prefix of the sort keys of the parts of a long answer.
func AnswerParts(answer dynamo.Key) string { return answer.SK + "#" }

// AnswerPart is a part of a long answer, from 1.
func AnswerPart(answer dynamo.Key, n int64) dynamo.Key {
	return key(answer.PK, fmt.Sprintf("%s%06d", AnswerParts(answer), n))
}

// IDDigits is how many digits an id has in a key.
const IDDigits = 16

// Digits is an id in the 16 digits that sort as the number does.
func Digits(id contact.ID) string { return fmt.Sprintf("%0*d", IDDigits, int64(id)) }

// LastID returns the id in the last 16 digits of a text, 0 if there is none.
func LastID(text string) contact.ID {
	n, _ := strconv.ParseInt(text[max(0, len(text)-IDDigits):], 10, 64)
	return contact.ID(n)
}

// EndOfIDs sorts after every id.
const EndOfIDs = ":"

// After is the first sort key after an id and all sort keys with it as prefix.
func After(id contact.ID) string { return Digits(id) + "$" }

func key(pk, sk string) dynamo.Key { return dynamo.Key{PK: pk, SK: sk} }

// digest is the SHA-256 of a value, as text without the separator of keys.
func digest(value string) string {
	digest := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// AnswerOf is the record that a part of a long answer belongs to.
func AnswerOf(part dynamo.Key) dynamo.Key {
	return key(part.PK, part.SK[:strings.LastIndexByte(part.SK, '#')])
}
