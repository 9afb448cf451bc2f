package dynamo

import (
	"encoding/base64"
	"fmt"

	"contacts/pkg/contact"
)

// Every key of the table is built in this file, and every constructor but those of the platform's own records takes
// the tenant first. docs/table-design.md shows them with their access patterns.

// A Key names one item. PK is a partition, SK the place in it.
type Key struct{ PK, SK string }

const (
	// Segments of a contact's parts. Those that /details shows are upper case, all others lower case, so that one
	// range of the sort key holds the details.
	segmentAddress      = "ADDR"
	segmentEmail        = "EMAIL"
	segmentPhone        = "PHONE"
	segmentWebAddress   = "WEB"
	segmentRelationship = "REL"
	segmentIdentity     = "PI"
	endOfDetails        = "a"
)

func tenant(org string) string { return "T#" + org }

// listOf is the partition that holds all contacts of a kind, in the order of their creation.
func listOf(org string, kind contact.Kind) string {
	return tenant(org) + [...]string{"#I", "#O", "#P"}[kind]
}

// contactKey is the contact's own item. The id tells its list.
func contactKey(org string, id contact.ID) Key { return Key{listOf(org, id.Kind()), digits(id)} }

// partsOf is the partition that holds all of a contact's parts.
func partsOf(org string, owner contact.ID) string { return tenant(org) + "#C#" + digits(owner) }

// partKey is one part of an owner.
func partKey(o Owner, segment string, id contact.ID) Key {
	return Key{partsOf(o.Org, o.Contact), partPrefix(o, segment) + digits(id)}
}

// partPrefix begins the sort keys of an owner's parts of one kind.
func partPrefix(o Owner, segment string) string {
	if o.Identity != 0 {
		return segmentIdentity + "#" + digits(o.Identity) + "#" + segment + "#"
	}
	return segment + "#"
}

// identityKey is a professional identity's own item.
func identityKey(o Owner) Key {
	return Key{partsOf(o.Org, o.Contact), segmentIdentity + "#" + digits(o.Identity)}
}

// findKey is the entry by which a find ("SPACE#value") of a part leads to its contact; the entries of one find are in
// the order of the contacts.
func findKey(org, find string, part Key, owner contact.ID) Key {
	return Key{tenant(org) + "#FIND#" + find, digits(owner) + "#" + part.SK}
}

// optionKey leads from a channel's id alone to its contact.
func optionKey(org string, id contact.ID) Key {
	return Key{tenant(org) + "#OPTION#" + digits(id), "OPTION"}
}

// externalKey is the claim of a kind on an external id.
func externalKey(org, externalID string, kind contact.Kind) Key {
	return Key{tenant(org) + "#X#" + externalID, kind.String()}
}

// attemptKey is the record of a request that carried an Idempotency-Key. The digest covers application and key.
func attemptKey(org string, digest []byte) Key {
	return Key{tenant(org) + "#KEY#" + base64.RawURLEncoding.EncodeToString(digest), "ANSWER"}
}

// The platform's own records belong to no tenant; no tenant's key begins like them.

func platformOrganizations() string { return "P#ORG" }

func organizationKey(org string) Key { return Key{platformOrganizations(), org} }

func platformApplications() string { return "P#APP" }

func applicationKey(name string) Key { return Key{platformApplications(), name} }

func platformUsers() string { return "P#USER" }

func userKey(name string) Key { return Key{platformUsers(), name} }

func platformKeys() string { return "P#KEY" }

func signingKeyKey(generation int) Key { return Key{platformKeys(), fmt.Sprintf("%010d", generation)} }

// digits is an id in the 16 digits that sort as the number does.
func digits(id contact.ID) string { return fmt.Sprintf("%016d", int64(id)) }
