package dynamo

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
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
	// piece is the number of a piece of a long answer, 6 digits.
	piece string
	// marked is the list that marks are of, as a Key that has its partition; chunk the number of a chunk.
	marked Key
	chunk  int
}

type placeKind int

const (
	placeStray placeKind = iota
	placePlatform
	placeContact
	placeGuard // of a contact
	placePart
	placeTag // of a contact
	placeImage
	placeReference
	placeRepresentative // that does not lie on its organization's item
	placeChanges
	placeFind
	placeOption // the entry of an option's id
	placeClaim
	placeList
	placeEntry
	placeMember
	placeDirectory
	placeChunk
	placeGone
	placeSharedTag
	placeTagID
	placeAnswer
	placePiece
	placeConfiguration
	placeCounter // of account numbers
	placePlain   // what stands alone: a plan
)

// partKinds are the kinds of part with an id, by their segment.
var partKinds = map[string]func(*Table) Parts{
	segmentAddress: Addresses, segmentEmail: Emails, segmentPhone: Phones, segmentWebAddress: WebAddresses, segmentOption: PlainOptions,
	segmentRelationship: Relationships, segmentIdentity: Identities, segmentDepartment: Departments, segmentLocation: Locations,
	segmentMembership: Memberships, segmentOptionType: OptionTypes, segmentOptionSubType: OptionSubTypes,
}

// isOwn tells whether a segment is that of what belongs to the tenant itself.
func isOwn(segment string) bool {
	return segment == segmentOptionType || segment == segmentOptionSubType
}

// isChannel tells whether a segment is that of what a professional identity has too.
func isChannel(segment string) bool {
	return segment == segmentAddress || segment == segmentEmail || segment == segmentPhone || segment == segmentWebAddress
}

// claimSpaces are the spaces of unique values, and whether there is a plan of what is claimed there.
var claimSpaces = map[string]bool{
	contact.Individual.String(): true, contact.Organization.String(): true, contact.Placeholder.String(): true,
	spaceCustomer: false, spaceSupplier: false, spaceAlternativePayer: false,
}

// whereIs reads a key. One that no constructor makes is a stray.
func whereIs(k Key) place {
	if rest, ok := strings.CutPrefix(k.PK, "P#"); ok {
		area, digest, nested := strings.Cut(rest, "#")
		switch {
		case !nested && (area == "ORG" || area == "APP" || area == "USER"),
			!nested && area == "KEY" && isNumber(k.SK, 10),
			nested && area == "GUESS" && k.SK == "GUESSES" && isDigest(digest),
			nested && area == "SESSION" && k.SK == "SESSION" && isDigest(digest),
			k == userCounterKey():
			return place{kind: placePlatform}
		}
		return place{}
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
		if p.owner, ok = idOf(k.SK); ok && contactKey(org, p.owner) == k {
			p.kind = placeContact
		}
	case (area == "I" || area == "O" || area == "P") && rest == "MARKS":
		p.inMarks(Key{PK: listOf(org, contact.Kind(strings.Index("IOP", area)))}, k.SK)
	case area == "C" && nested:
		if p.owner, ok = idOf(rest); ok && p.owner.Kind() != contact.Part || rest == digits(0) {
			p.inContact(k.SK)
		}
	case area == "L" && !nested:
		if p.list, ok = idOf(k.SK); ok {
			p.kind = placeList
		}
	case area == "L":
		list, marks := strings.CutSuffix(rest, "#MARKS")
		if p.list, ok = idOf(list); ok && marks {
			p.inMarks(Key{PK: itemsOf(org, p.list)}, k.SK)
		} else if ok {
			p.inList(k.SK)
		}
	case area == "FIND" && nested:
		space, value, _ := strings.Cut(rest, "#")
		if id, err := contact.ParseID(value); err == nil && k == optionKey(org, id) {
			p.kind, p.name = placeOption, rest
		} else if p.by, ok = parseWholeTarget(k.SK); ok && p.by.part != "" && slices.Contains([]string{"EMAIL", "PHONE", "TAG"}, space) {
			p.kind, p.name, p.owner = placeFind, rest, p.by.contact
		}
	case area == "U" && nested:
		space, plan := strings.CutSuffix(rest, "#PLAN")
		switch planned, known := claimSpaces[space]; {
		case known && !plan:
			p.kind, p.space, p.name = placeClaim, space, k.SK
		case planned && k.SK == "PLAN":
			p.kind = placePlain
		}
	case area == "TAG" && !nested && isDigest(k.SK):
		p.kind = placeSharedTag
	case area == "TAG" && nested:
		if id, ok := idOf(rest); ok && k == tagIDKey(org, id) {
			p.kind = placeTagID
		}
	case !nested && (k == counterKey(org, debtor.attribute) || k == counterKey(org, creditor.attribute)):
		p.kind = placeCounter
	case !nested && k == configurationKey(org):
		p.kind = placeConfiguration
	case area == "KEY" && nested && isDigest(rest):
		p.inAttempt(k.SK)
	}
	return p
}

// inAttempt reads the sort key of the record of an Idempotency-Key, of a row's, or of a piece of its answer.
func (p *place) inAttempt(sk string) {
	if n, found := strings.CutPrefix(sk, "ANSWER#"); found && isNumber(n, 6) {
		p.kind, p.piece = placePiece, n
	} else if n, found := strings.CutPrefix(sk, "ROW#"); sk == "ANSWER" || found && isNumber(n, 6) {
		p.kind = placeAnswer
	}
}

// inContact reads the sort key of what lies in the partition of a contact's parts.
func (p *place) inContact(sk string) {
	segment, rest, _ := strings.Cut(sk, "#")
	switch _, isID := idOf(rest); {
	case p.owner == 0 && segment != segmentReference && !isOwn(segment):
	case sk == segmentGuard:
		p.kind = placeGuard
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
	case segment == segmentRepresentative:
		if _, ok := parseRepresentativeName(rest); ok && p.owner.Kind() == contact.Organization {
			p.kind, p.name = placeRepresentative, rest
		}
	case partKinds[segment] != nil && isID && isOwn(segment) == (p.owner == 0):
		p.kind, p.segment = placePart, segment
	case segment == segmentIdentity:
		identity, rest, _ := strings.Cut(rest, "#")
		segment, rest, _ := strings.Cut(rest, "#")
		var ok bool
		if p.identity, ok = idOf(identity); ok && isChannel(segment) {
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

// inMarks reads the sort key of what lies beside a list.
func (p *place) inMarks(in Key, sk string) {
	p.marked = in
	number, chunk := strings.CutPrefix(sk, in.directory().SK+"#")
	at, row, _ := strings.Cut(sk, "#")
	switch _, isID := idOf(row); {
	case sk == in.directory().SK:
		p.kind = placeDirectory
	case chunk && isNumber(number, 6):
		p.kind = placeChunk
		p.chunk, _ = strconv.Atoi(number)
	case isID && isNumber(at, goneDigits):
		p.kind = placeGone
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

// isNumber tells whether a text is so many digits.
func isNumber(text string, digits int) bool {
	return len(text) == digits && strings.Trim(text, "0123456789") == ""
}

// isDigest tells whether a text is a SHA-256 as keys have it.
func isDigest(text string) bool {
	digest, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(digest) == sha256.Size
}

// parseWholeTarget is parseTarget of a text that may be none.
func parseWholeTarget(text string) (target, bool) {
	owner, _, _ := strings.Cut(text, "#")
	_, ok := idOf(owner)
	return parseTarget(text), ok
}
