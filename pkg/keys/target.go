package keys

import (
	"fmt"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A Target is a contact or a part that can be referred to.
type Target struct {
	Contact contact.ID // 0 for the tenant itself
	Part    string     // the part's sort key, "" for the contact itself
}

// segments are the segments of the parts that references name.
var segments = map[contact.PartType]string{contact.AnAddress: SegmentAddress, contact.ADepartment: SegmentDepartment,
	contact.AnIdentity: SegmentIdentity, contact.ALocation: SegmentLocation,
	contact.AnOptionType: SegmentOptionType, contact.AnOptionSubType: SegmentOptionSubType}

// TargetOf returns the target of a reference. That of contact.NoResource doesn't exist.
func TargetOf(t contact.Target) Target {
	switch t.Part {
	case contact.TheContact:
		return Target{Contact: t.Contact}
	case contact.NoResource:
		return Target{t.Contact, "of another kind"}
	}
	return PartTarget(t.Contact, segments[t.Part], t.ID)
}

// PartTarget is a part of a contact.
func PartTarget(owner contact.ID, segment string, id contact.ID) Target {
	return Target{owner, segment + "#" + Digits(id)}
}

// Key returns the key of the target's own item.
func (t Target) Key(org string) dynamo.Key {
	if t.Part == "" {
		return Contact(org, t.Contact)
	}
	return dynamo.Key{PK: Parts(org, t.Contact), SK: t.Part}
}

// Guard returns the key of the item that counts the references to the target: the part itself, or the guard item of a contact.
func (t Target) Guard(org string) dynamo.Key {
	if t.Part == "" {
		return Guard(org, t.Contact)
	}
	return t.Key(org)
}

// String returns how items name a target: the contact's digits, followed by the part's sort key.
func (t Target) String() string {
	if t.Part == "" {
		return Digits(t.Contact)
	}
	return Digits(t.Contact) + "#" + t.Part
}

// ParseTarget is the reverse of String.
func ParseTarget(s string) Target {
	owner, part, _ := strings.Cut(s, "#")
	return Target{LastID(owner), part}
}

// parseWholeTarget parses a target; false if the text is none.
func parseWholeTarget(text string) (Target, bool) {
	owner, _, _ := strings.Cut(text, "#")
	_, ok := parseID(owner)
	return ParseTarget(text), ok
}

// Describe names a target for a caller.
func (t Target) Describe() string {
	noun := map[string]string{
		"": "", SegmentIdentity: "professional identity", SegmentLocation: "location", SegmentDepartment: "department",
		SegmentAddress: "address", SegmentOption: "option", SegmentPhone: "phone", SegmentEmail: "email", SegmentWebAddress: "web address",
		SegmentOptionType: "option type", SegmentOptionSubType: "option sub-type", RoleCustomer: "customer role", RoleAlternativePayer: "alternative payer role", RoleSupplier: "supplier role",
	}
	segment, id, _ := strings.Cut(t.Part, "#")
	switch {
	case t.Part == "":
		return "contact " + t.Contact.String()
	case t.Contact == 0:
		return fmt.Sprintf("the %s %s", noun[segment], LastID(id))
	case segment == SegmentRole:
		return fmt.Sprintf("the %s of contact %s", noun[id], t.Contact)
	}
	return fmt.Sprintf("%s %s of contact %s", noun[segment], LastID(id), t.Contact)
}

// ReferencePrefix returns the prefix of the sort keys of references to a target, in the partition of its contact's parts.
func ReferencePrefix(to Target) string {
	part := to.Part
	if part == "" {
		part = "CONTACT"
	}
	return SegmentReference + "#" + part + "#"
}

// Reference is the item next to a target for each resource that refers to it.
func Reference(org string, to, by Target) dynamo.Key {
	return dynamo.Key{PK: Parts(org, to.Contact), SK: ReferencePrefix(to) + by.String()}
}

// RepresentativeName names a representative of an organization: by the id of the professional identity, for the order of creation, and the
// individual, because identities of two individuals may have the same id.
func RepresentativeName(individual, identity contact.ID) string {
	return Digits(identity) + "#" + Digits(individual)
}

// ParseRepresentativeName is the reverse of RepresentativeName.
func ParseRepresentativeName(name string) (identity Target, ok bool) {
	first, second, _ := strings.Cut(name, "#")
	id, ok := parseID(first)
	individual, also := parseID(second)
	return PartTarget(individual, SegmentIdentity, id), ok && also
}
