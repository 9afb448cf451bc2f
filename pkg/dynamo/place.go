package dynamo

import (
	"strings"

	"contacts/pkg/contact"
)

// A place is what the key of an item says of it: the reverse of the constructors in keys.go.
type place struct {
	org  string
	kind placeKind
	// owner is the contact of a part, of what refers to something, or of an entry of the look-up; 0 for the tenant itself.
	owner contact.ID
	// segment is that of a part, "" for a contact; identity the professional identity that it lies under.
	segment  string
	identity contact.ID
	// of, by: who is referred to, and by whom; or, of an entry of the look-up, to which part it leads.
	of, by target
	// name is a value: that is claimed, or by which is found. space is where it is claimed.
	space, name string
	// list is the customer list of an entry or a member, customer the member.
	list, customer contact.ID
}

type placeKind int

const (
	placeStray placeKind = iota
	placePlatform
	placeContact
	placePart
	placeTag // of a contact
	placeImage
	placeReference
	placeChanges
	placeFind
	placeClaim
	placeList
	placeEntry
	placeMember
	placeSharedTag
	placeAnswer
	placePiece
	placePlain // what stands alone: counters, the configuration, a plan, rows of batches
)

// partSegments are those of parts with an id.
var partSegments = map[string]bool{
	segmentAddress: true, segmentEmail: true, segmentPhone: true, segmentWebAddress: true, segmentOption: true, segmentRelationship: true,
	segmentIdentity: true, segmentDepartment: true, segmentLocation: true, segmentMembership: true,
	segmentOptionType: true, segmentOptionSubType: true,
}

// whereIs reads a key. One that no constructor makes is a stray.
func whereIs(k Key) place {
	if strings.HasPrefix(k.PK, "P#") {
		return place{kind: placePlatform}
	}
	rest, ok := strings.CutPrefix(k.PK, "T#")
	if !ok {
		return place{}
	}
	org, rest, _ := strings.Cut(rest, "#")
	area, rest, nested := strings.Cut(rest, "#")
	p := place{org: org}
	switch {
	case org == "":
	case (area == "I" || area == "O" || area == "P") && !nested:
		if p.owner, ok = idOf(k.SK); ok {
			p.kind = placeContact
		}
	case area == "C" && nested:
		if p.owner, ok = idOf(rest); ok || rest == digits(0) {
			p.inContact(k.SK)
		}
	case area == "L" && !nested:
		if p.list, ok = idOf(k.SK); ok {
			p.kind = placeList
		}
	case area == "L":
		if p.list, ok = idOf(rest); ok {
			p.inList(k.SK)
		}
	case area == "FIND" && nested:
		if p.by, ok = parseWholeTarget(k.SK); ok && p.by.part != "" {
			p.kind, p.name, p.owner = placeFind, rest, p.by.contact
		}
	case area == "U" && strings.HasSuffix(rest, "#PLAN") && k.SK == "PLAN":
		p.kind = placePlain
	case area == "U" && nested:
		p.kind, p.space, p.name = placeClaim, rest, k.SK
	case area == "TAG" && !nested:
		p.kind, p.name = placeSharedTag, k.SK
	case area == "COUNTER" && !nested, area == "CONFIG" && !nested:
		p.kind = placePlain
	case area == "KEY" && nested:
		switch {
		case k.SK == "ANSWER":
			p.kind = placeAnswer
		case strings.HasPrefix(k.SK, "ANSWER#"):
			p.kind = placePiece
		case strings.HasPrefix(k.SK, "ROW#"):
			p.kind = placeAnswer
		}
	}
	return p
}

// inContact reads the sort key of what lies in the partition of a contact's parts.
func (p *place) inContact(sk string) {
	segment, rest, _ := strings.Cut(sk, "#")
	switch _, isID := idOf(rest); {
	case sk == segmentChanges:
		p.kind = placeChanges
	case segment == segmentRole && (rest == roleCustomer || rest == roleAlternativePayer || rest == roleSupplier):
		p.kind, p.segment = placePart, segmentRole
	case segment == segmentTag && isID:
		p.kind = placeTag
	case segment == segmentImage && isID:
		p.kind = placeImage
	case segment == segmentReference:
		p.ofReference(rest)
	case partSegments[segment] && isID:
		p.kind, p.segment = placePart, segment
	case segment == segmentIdentity:
		identity, rest, _ := strings.Cut(rest, "#")
		segment, rest, _ := strings.Cut(rest, "#")
		var ok bool
		if p.identity, ok = idOf(identity); ok && partSegments[segment] {
			if _, ok = idOf(rest); ok {
				p.kind, p.segment = placePart, segment
			}
		}
	}
}

// ofReference reads what stands behind "ref#": the target's part or CONTACT, and who refers to it.
func (p *place) ofReference(rest string) {
	first, behind, _ := strings.Cut(rest, "#")
	part := ""
	if first != "CONTACT" {
		id, behind2, _ := strings.Cut(behind, "#")
		if _, ok := idOf(id); !ok {
			return
		}
		part, behind = first+"#"+id, behind2
	}
	if by, ok := parseWholeTarget(behind); ok {
		p.kind, p.of, p.by = placeReference, target{p.owner, part}, by
	}
}

func (p *place) inList(sk string) {
	if customer, found := strings.CutPrefix(sk, "member#"); found {
		if id, ok := idOf(customer); ok {
			p.kind, p.customer = placeMember, id
		}
	} else if _, ok := idOf(sk); ok {
		p.kind = placeEntry
	}
}

// idOf reads 16 digits.
func idOf(text string) (contact.ID, bool) {
	if len(text) != idDigits {
		return 0, false
	}
	id, err := contact.ParseID(strings.TrimLeft(text, "0"))
	return id, err == nil
}

// parseWholeTarget is parseTarget of a text that may be none.
func parseWholeTarget(text string) (target, bool) {
	owner, _, _ := strings.Cut(text, "#")
	_, ok := idOf(owner)
	return parseTarget(text), ok
}
