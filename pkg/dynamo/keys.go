package dynamo

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"contacts/pkg/contact"
)

// Every key of the table is built in this file, and every constructor but those of the platform's own records takes
// the tenant first. docs/table-design.md shows them with their access patterns.

// A Key names one item. PK is a partition, SK the place in it.
type Key struct{ PK, SK string }

const (
	// Segments of a contact's parts. Those that /full shows are upper case, all others lower case, so that one
	// range of the sort key holds the details.
	segmentAddress      = "ADDR"
	segmentChanges      = "CHANGES"
	segmentEmail        = "EMAIL"
	segmentPhone        = "PHONE"
	segmentWebAddress   = "PAGE"
	segmentOption       = "OPT"
	segmentRelationship = "REL"
	segmentIdentity     = "PI"
	segmentDepartment   = "DEPT"
	segmentLocation     = "LOC"
	segmentMembership   = "MEMB"
	segmentRole         = "ROLE"
	startOfParts        = "A"
	endOfDetails        = "a"
	segmentGuard        = "guard"
	segmentReference    = "ref"
	segmentTag          = "tag"
	segmentImage        = "image"

	// segmentRepresentative begins the representatives of an organization that don't lie on its item.
	segmentRepresentative = "rep"

	// Segments of what belongs to the tenant itself.
	segmentOptionType    = "OPTTYPE"
	segmentOptionSubType = "OPTSUB"
)

func tenant(org string) string { return "T#" + org }

// listOf is the partition that holds all contacts of a kind, in the order of their creation; none for parts.
func listOf(org string, kind contact.Kind) string {
	return tenant(org) + [...]string{"#I", "#O", "#P", "#NONE"}[kind]
}

// contactKey is the contact's own item, as its list shows it. The id tells its list.
func contactKey(org string, id contact.ID) Key { return Key{listOf(org, id.Kind()), digits(id)} }

// partsOf is the partition that holds all of a contact's parts; for 0 what belongs to the tenant itself.
func partsOf(org string, owner contact.ID) string { return tenant(org) + "#C#" + digits(owner) }

// guardKey is the contact's guard: what writes of its parts, and references to it, check and count. It lies with the parts, so that
// these writes leave the one partition alone in which all contacts of a kind are listed.
func guardKey(org string, id contact.ID) Key { return Key{partsOf(org, id), segmentGuard} }

// representativeKey is a representative that lies in an item of its own, by its representativeName.
func representativeKey(org string, organization contact.ID, name string) Key {
	return Key{partsOf(org, organization), segmentRepresentative + "#" + name}
}

// listPartition holds the customer lists of a tenant, itemsOf what is in one.
func listPartition(org string) string { return tenant(org) + "#L" }

func listKey(org string, list contact.ID) Key { return Key{listPartition(org), digits(list)} }

func itemsOf(org string, list contact.ID) string { return listPartition(org) + "#" + digits(list) }

// entryKey is a customer in a list, in the order of being added; memberKey leads from the customer to that place.
func entryKey(org string, list, position contact.ID) Key {
	return Key{itemsOf(org, list), digits(position)}
}

func memberKey(org string, list, customer contact.ID) Key {
	return Key{itemsOf(org, list), "member#" + digits(customer)}
}

// Beside a list of rows lie its marks, in a partition of their own. The key of any row tells which: so does one that has the list's
// partition alone. What was taken off the list comes first, in the order of time, then the directory, then its chunks: read
// backwards from the directory, a Query gives the directory and the latest of what is gone.

func (k Key) directory() Key { return Key{k.PK + "#MARKS", "MARKS"} }

func (k Key) chunk(n int) Key {
	return Key{k.directory().PK, fmt.Sprintf("%s#%06d", k.directory().SK, n)}
}

// gone tells that the row of the key doesn't count any more.
func (k Key) gone(at time.Time) Key {
	return Key{k.directory().PK, goneSince(at.UnixMilli()) + "#" + k.SK}
}

// goneSince begins the sort keys of what is gone since then, in Unix milliseconds.
func goneSince(milliseconds int64) string { return fmt.Sprintf("%0*d", goneDigits, milliseconds) }

const goneDigits = 13

// partition holds all parts of an owner.
func (o Owner) partition() string { return partsOf(o.Org, o.Contact) }

// prefix begins the sort keys of an owner's parts of one kind.
func (o Owner) prefix(segment string) string {
	if o.Identity != 0 {
		return segmentIdentity + "#" + digits(o.Identity) + "#" + segment + "#"
	}
	return segment + "#"
}

// key is the item that tells of the owner what its parts check, and where they are counted: a professional identity, or the guard of a
// contact.
func (o Owner) key() Key {
	if o.Identity != 0 {
		return Key{o.partition(), segmentIdentity + "#" + digits(o.Identity)}
	}
	return guardKey(o.Org, o.Contact)
}

// changesKey counts the changes of a contact's options, which change together. It lies before all of them, so that a Query,
// which is no snapshot, reads it first.
func changesKey(o Owner) Key { return Key{o.partition(), segmentChanges} }

// findKey is the entry by which a find ("SPACE#value") leads to the contact that the part belongs to; the entries of one
// find are in the order of the contacts.
func findKey(org, find string, part target) Key {
	return Key{findPartition(org, find), digits(part.contact) + "#" + part.part}
}

// optionKey is the entry by which an option's id leads to its contact: one for each id, so that no two options of a tenant have the same.
func optionKey(org string, id contact.ID) Key {
	return Key{findPartition(org, optionFind(id)), spaceOption}
}

func findPartition(org, find string) string { return tenant(org) + "#FIND#" + find }

// claimKey is the claim on a value that is unique in its space.
func claimKey(org, space, value string) Key { return Key{claimPartition(org, space), bounded(value)} }

// bounded is a value that a sort key can hold, 1024 bytes. A longer one goes by its hash, behind a character that no
// text holds.
func bounded(value string) string {
	if len(value) <= 1024 {
		return value
	}
	return "\x00" + digested(value)
}

// digested is the SHA-256 of a value, as text that no key's separator is in.
func digested(value string) string {
	digest := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// planKey tells which replacement of the whole mapping of a kind came last.
func planKey(org string, kind contact.Kind) Key {
	return Key{claimPartition(org, kind.String()) + "#PLAN", "PLAN"}
}

func claimPartition(org, space string) string { return tenant(org) + "#U#" + space }

// tagKey is a tag that the tenant's contacts share, by its name in any case: by its hash, which stays where the name has to go.
func tagKey(org, name string) Key { return Key{tenant(org) + "#TAG", digested(contact.Fold(name))} }

// tagIDKey is the claim of a tag's id: one for each id, for ever.
func tagIDKey(org string, id contact.ID) Key { return Key{tenant(org) + "#TAG#" + digits(id), "TAG"} }

// counterKey is where numbers of one kind are given out.
func counterKey(org, name string) Key { return Key{tenant(org) + "#COUNTER", name} }

// configurationKey is the tenant's configuration.
func configurationKey(org string) Key { return Key{tenant(org) + "#CONFIG", "CONFIGURATION"} }

// attemptKey is the record of a request that carried an Idempotency-Key. The digest covers application and key.
func attemptKey(org string, digest []byte) Key {
	return Key{tenant(org) + "#KEY#" + base64.RawURLEncoding.EncodeToString(digest), "ANSWER"}
}

// row is the record of one row of a batch, beside that of the whole.
func (k Key) row(index int) Key { return Key{k.PK, fmt.Sprintf("ROW#%06d", index)} }

// pieces begins the sort keys of the pieces of a long answer, piece is one.
func (k Key) pieces() string { return k.SK + "#" }

func (k Key) piece(n int64) Key { return Key{k.PK, fmt.Sprintf("%s%06d", k.pieces(), n)} }

// whole is the record that a piece belongs to.
func (k Key) whole() Key { return Key{k.PK, k.SK[:strings.LastIndexByte(k.SK, '#')]} }

// possible reports whether an item can have the key: of damaged values none is made up that DynamoDB refuses.
func (k Key) possible() bool {
	return k.PK != "" && len(k.PK) <= 2048 && k.SK != "" && len(k.SK) <= 1024
}

// The platform's own records belong to no tenant; no tenant's key begins like them.

func platformOrganizations() string { return "P#ORG" }

func organizationKey(org string) Key { return Key{platformOrganizations(), org} }

func platformApplications() string { return "P#APP" }

func applicationKey(name string) Key { return Key{platformApplications(), name} }

func platformUsers() string { return "P#USER" }

func userKey(name string) Key { return Key{platformUsers(), name} }

// platformGuesses and platformSessions hold one item each: what it is about stands there by its SHA-256 alone.
func platformGuesses(digest []byte) string {
	return "P#GUESS#" + base64.RawURLEncoding.EncodeToString(digest)
}

// guessesKey is where wrong passwords are counted: for a user, for an address, or for a user at an address.
func guessesKey(about ...string) Key {
	digest := sha256.Sum256([]byte(strings.Join(about, "\x00")))
	return Key{platformGuesses(digest[:]), "GUESSES"}
}

func platformSessions(digest []byte) string {
	return "P#SESSION#" + base64.RawURLEncoding.EncodeToString(digest)
}

// sessionKey is a user's session, by the SHA-256 of its id.
func sessionKey(session string) Key {
	digest := sha256.Sum256([]byte(session))
	return Key{platformSessions(digest[:]), "SESSION"}
}

func platformCounters() string { return "P#COUNTER" }

// userCounterKey is where the numbers of users are given out.
func userCounterKey() Key { return Key{platformCounters(), "USER"} }

func platformKeys() string { return "P#KEY" }

func signingKeyKey(generation int) Key { return Key{platformKeys(), fmt.Sprintf("%010d", generation)} }

const idDigits = 16

// digits is an id in the 16 digits that sort as the number does.
func digits(id contact.ID) string { return fmt.Sprintf("%016d", int64(id)) }
