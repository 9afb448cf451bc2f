package keys

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Parsed is the content of a key: the reverse of the constructors.
type Parsed struct {
	Org  string
	Kind Kind
	// Owner is the contact of a part, of a reference's target, or of a lookup entry; 0 for the tenant itself.
	Owner contact.ID
	// Segment is that of a part. Identity is the professional identity that it belongs to, 0 for none.
	Segment  string
	Identity contact.ID
	// Of is the target of a reference, By the resource that refers to it. By is also the part that a lookup entry leads to.
	Of, By Target
	// Space and Name are those of a unique value. Name is also a lookup key, and a RepresentativeName.
	Space, Name string
	// List is the customer list of an item or a member, Customer the member.
	List, Customer contact.ID
	// AnswerPart is the number of a part of a long answer, 6 digits.
	AnswerPart string
	// Indexed is the list of an offset index, a key with its partition only. Node is the number of a node.
	Indexed dynamo.Key
	Node    int
	// Webhook is the webhook of an item.
	Webhook contact.ID
	// File is the export or import of an item.
	File contact.ID
	// At is the time of a change, Unix microseconds, or that of a webhook's next try, Unix milliseconds. Owner is the contact. Piece is that
	// of the change's entry in the history.
	At    int64
	Piece int
}

// A Kind is the kind of an item.
type Kind int

// The kinds of item.
const (
	KindUnknown Kind = iota // no constructor makes such a key
	KindPlatform
	KindFailedLogins
	KindSession
	KindContact
	KindGuard // of a contact
	KindPart
	KindTag // of a contact
	KindImage
	KindReference
	KindRepresentative // in a separate item
	KindOptionSet
	KindLookup
	KindOption // the lookup entry of an option's id
	KindWord   // the entry of a word of a contact's name
	KindName   // the entry of a contact in the list by name
	KindUnique
	KindCustomerList
	KindListItem
	KindListMember
	KindOffsetRoot
	KindOffsetNode
	KindTombstone
	KindSharedTag
	KindTagID
	KindAnswer
	KindAnswerPart
	KindConfiguration
	KindCounter // of account numbers
	KindMappingRun
	KindChange
	KindHistory // an entry of a contact's history, or a piece of it
	KindWebhook
	KindWebhookPlace // of the deliverer
	KindWebhookTest
	KindWebhookLane
	KindWebhookDue // a lane by its next try
	KindWebhookWaiting
	KindWebhookDelivery
	KindExport
	KindJob      // the mark of one that is not finished
	KindJobPlace // how far it has come
)

// partSegments are the segments of parts that have an id.
var partSegments = []string{SegmentAddress, SegmentEmail, SegmentPhone, SegmentWebAddress, SegmentOption, SegmentRelationship, SegmentIdentity,
	SegmentDepartment, SegmentLocation, SegmentMembership, SegmentOptionType, SegmentOptionSubType}

// isTenantSegment reports whether a segment is that of the tenant's own items.
func isTenantSegment(segment string) bool {
	return segment == SegmentOptionType || segment == SegmentOptionSubType
}

// isChannelSegment reports whether a segment is one that professional identities have, too.
func isChannelSegment(segment string) bool {
	return segment == SegmentAddress || segment == SegmentEmail || segment == SegmentPhone || segment == SegmentWebAddress
}

// spaces are the spaces of unique values, and whether they are those of external ids, which a mapping replaces.
var spaces = map[string]bool{
	contact.Individual.String(): true, contact.Organization.String(): true, contact.Placeholder.String(): true,
	contact.SpaceCustomer: false, contact.SpaceSupplier: false, contact.SpaceAlternativePayer: false,
}

// Parse parses a key. Its Kind is KindUnknown if no constructor makes it.
func Parse(k dynamo.Key) Parsed {
	if rest, ok := strings.CutPrefix(k.PK, "P#"); ok {
		area, digest, nested := strings.Cut(rest, "#")
		switch {
		case !nested && (area == "ORG" || area == "APP" || area == "USER" || area == "WEBHOOK"),
			!nested && (area == "KEY" || area == "USERNAME") && isNumber(k.SK, 10),
			k == UserCounter():
			return Parsed{Kind: KindPlatform}
		case !nested && area == "JOB":
			if _, _, _, ok := ParseJob(k.SK); ok {
				return Parsed{Kind: KindJob}
			}
		case nested && area == "GUESS" && isDigest(digest) && (k.SK == failedLogins || isDigest(k.SK)):
			return Parsed{Kind: KindFailedLogins}
		case nested && area == "SESSION" && isDigest(digest) && isDigest(k.SK):
			return Parsed{Kind: KindSession}
		}
		return Parsed{}
	}
	rest, ok := strings.CutPrefix(k.PK, "T#")
	if !ok {
		return Parsed{}
	}
	org, rest, _ := strings.Cut(rest, "#")
	area, rest, nested := strings.Cut(rest, "#")
	p := Parsed{Org: org}
	switch {
	case org == "":
	case (area == "I" || area == "O" || area == "P") && !nested:
		if p.Owner, ok = parseID(k.SK); ok && Contact(org, p.Owner) == k {
			p.Kind = KindContact
		}
	case (area == "I" || area == "O") && rest == "NAMES":
		p.parseName(k)
	case (area == "I" || area == "O" || area == "P") && rest == "OFFSETS":
		p.parseOffsetKey(dynamo.Key{PK: Contacts(org, contact.Kind(strings.Index("IOP", area)))}, k.SK)
	case area == "C" && nested:
		if p.Owner, ok = parseID(rest); ok && p.Owner.Kind() != contact.Part || rest == Digits(0) {
			p.parsePart(k.SK)
		}
	case area == "L" && !nested:
		if p.List, ok = parseID(k.SK); ok {
			p.Kind = KindCustomerList
		}
	case area == "L":
		list, isIndex := strings.CutSuffix(rest, "#OFFSETS")
		if p.List, ok = parseID(list); ok && isIndex {
			p.parseOffsetKey(dynamo.Key{PK: ListItems(org, p.List)}, k.SK)
		} else if ok {
			p.parseListKey(k.SK)
		}
	case area == "FIND" && nested:
		p.parseLookup(k, rest)
	case area == "WORD" && nested:
		p.parseWord(rest, k.SK)
	case area == "U" && nested:
		space, isRun := strings.CutSuffix(rest, "#RUN")
		switch external, known := spaces[space]; {
		case known && !isRun:
			p.Kind, p.Space, p.Name = KindUnique, space, k.SK
		case external && k.SK == "RUN":
			p.Kind = KindMappingRun
		}
	case area == "TAG" && !nested && isDigest(k.SK):
		p.Kind = KindSharedTag
	case area == "TAG" && nested:
		if id, ok := parseID(rest); ok && k == TagID(org, id) {
			p.Kind = KindTagID
		}
	case !nested && (k == Counter(org, CounterDebtor) || k == Counter(org, CounterCreditor)):
		p.Kind = KindCounter
	case !nested && k == Configuration(org):
		p.Kind = KindConfiguration
	case area == "LOG" && nested:
		at, id, _ := strings.Cut(k.SK, "#")
		if p.Owner, ok = parseID(id); ok && p.Owner.Kind() != contact.Part && isNumber(at, ChangeDigits) {
			p.At, _ = strconv.ParseInt(at, 10, 64)
			if k == Change(org, p.Owner, p.At) {
				p.Kind = KindChange
			}
		}
	case area == "W" && !nested:
		if p.Webhook, ok = parseID(k.SK); ok {
			p.Kind = KindWebhook
		}
	case area == "W":
		if p.Webhook, ok = parseID(rest); ok {
			p.parseWebhookItem(k.SK)
		}
	case area == string(ExportJob) && !nested:
		if p.File, ok = parseID(k.SK); ok {
			p.Kind = KindExport
		}
	case area == string(ExportJob) && k.SK == "PLACE":
		if p.File, ok = parseID(rest); ok {
			p.Kind = KindJobPlace
		}
	case area == "KEY" && nested && isDigest(rest):
		p.parseAnswer(k.SK)
	}
	return p
}

// ParseStrings parses the key of a partition key and a sort key, as an event of the table's stream has them.
func ParseStrings(pk, sk string) Parsed { return Parse(dynamo.Key{PK: pk, SK: sk}) }

// parseAnswer parses the sort key of the record of an Idempotency-Key, of a batch row, or of a part of a long answer.
func (p *Parsed) parseAnswer(sk string) {
	if n, found := strings.CutPrefix(sk, "ANSWER#"); found && isNumber(n, 6) {
		p.Kind, p.AnswerPart = KindAnswerPart, n
	} else if n, found := strings.CutPrefix(sk, "ROW#"); sk == "ANSWER" || found && isNumber(n, 6) {
		p.Kind = KindAnswer
	}
}

// parsePart parses a sort key in the partition of a contact's parts.
func (p *Parsed) parsePart(sk string) {
	segment, rest, _ := strings.Cut(sk, "#")
	switch _, isID := parseID(rest); {
	case p.Owner == 0 && segment != SegmentReference && !isTenantSegment(segment):
	case sk == SegmentGuard:
		p.Kind = KindGuard
	case sk == SegmentOptionSet:
		p.Kind = KindOptionSet
	case segment == SegmentRole && (rest == RoleCustomer || rest == RoleAlternativePayer || rest == RoleSupplier):
		p.Kind, p.Segment = KindPart, SegmentRole
	case segment == SegmentTag && isID:
		p.Kind = KindTag
	case segment == SegmentImage && isID:
		p.Kind = KindImage
	case segment == SegmentHistory:
		at, piece, _ := strings.Cut(rest, "#")
		p.At, _ = strconv.ParseInt(at, 10, 64)
		p.Piece, _ = strconv.Atoi(piece)
		if HistorySortKey(p.At, p.Piece) == sk {
			p.Kind = KindHistory
		}
	case segment == SegmentReference:
		p.parseReference(rest)
	case segment == SegmentRepresentative:
		if _, ok := ParseRepresentativeName(rest); ok && p.Owner.Kind() == contact.Organization {
			p.Kind, p.Name = KindRepresentative, rest
		}
	case slices.Contains(partSegments, segment) && isID && isTenantSegment(segment) == (p.Owner == 0):
		p.Kind, p.Segment = KindPart, segment
	case segment == SegmentIdentity:
		identity, rest, _ := strings.Cut(rest, "#")
		segment, rest, _ := strings.Cut(rest, "#")
		var ok bool
		if p.Identity, ok = parseID(identity); ok && isChannelSegment(segment) {
			if _, ok = parseID(rest); ok {
				p.Kind, p.Segment = KindPart, segment
			}
		}
	}
}

// parseReference parses a sort key after "ref#": the target's part, or CONTACT, then what refers to it.
func (p *Parsed) parseReference(rest string) {
	segment, by, _ := strings.Cut(rest, "#")
	part := ""
	if segment != "CONTACT" {
		id, after, _ := strings.Cut(by, "#")
		if _, ok := parseID(id); !ok {
			return
		}
		part, by = segment+"#"+id, after
	}
	if target, ok := parseWholeTarget(by); ok {
		p.Kind, p.Of, p.By = KindReference, Target{p.Owner, part}, target
	}
}

func (p *Parsed) parseListKey(sk string) {
	if customer, found := strings.CutPrefix(sk, "member#"); found {
		if id, ok := parseID(customer); ok {
			p.Kind, p.Customer = KindListMember, id
		}
	} else if _, ok := parseID(sk); ok {
		p.Kind = KindListItem
	}
}

// parseOffsetKey parses a sort key of a list's offset index.
func (p *Parsed) parseOffsetKey(list dynamo.Key, sk string) {
	p.Indexed = list
	number, isNode := strings.CutPrefix(sk, nodePrefix)
	at, row, _ := strings.Cut(sk, "#")
	switch _, isID := parseID(row); {
	case sk == OffsetRoot(list).SK:
		p.Kind = KindOffsetRoot
	case isNode && isNumber(number, 6):
		p.Kind = KindOffsetNode
		p.Node, _ = strconv.Atoi(number)
	case isID && isNumber(at, TombstoneDigits):
		p.Kind = KindTombstone
	}
}

// parseID parses 16 digits.
func parseID(text string) (contact.ID, bool) {
	if len(text) != IDDigits {
		return 0, false
	}
	id, err := contact.ParseID(strings.TrimLeft(text, "0"))
	return id, err == nil
}

// isNumber reports whether a text consists of that many digits.
func isNumber(text string, digits int) bool {
	return len(text) == digits && strings.Trim(text, "0123456789") == ""
}

// isDigest reports whether a text is a SHA-256 in the encoding of keys.
func isDigest(text string) bool {
	digest, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(digest) == sha256.Size
}

// Self returns how other items name the item of a key.
func (p Parsed) Self(k dynamo.Key) Target {
	if p.Kind == KindContact || p.Kind == KindGuard {
		return Target{Contact: p.Owner}
	}
	return Target{Contact: p.Owner, Part: k.SK}
}
