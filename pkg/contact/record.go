package contact

import "slices"

// A Record is a stored resource.
type Record struct {
	ID      ID
	Version int64
	// Doc is the resource's JSON, nil if the stored document is not a JSON object.
	Doc []byte
	// Derived reports whether Doc shows more than Version counts: what changes without a write of the resource.
	Derived bool
}

// A Page is part of a list. More reports whether rows follow it. A page whose rows have more bytes than one answer carries ends early.
type Page struct {
	Rows []Record
	More bool
}

// A Query says which part of a list is wanted: Limit rows after the id After, or after the first Offset rows.
type Query struct {
	Limit, Offset int
	After         ID // 0 for the list's beginning
	// Living leaves deleted contacts out; they count for neither Limit nor Offset then.
	Living bool
}

// A Precondition is what a request requires of the stored version (RFC 9110, section 13.1). The zero Precondition requires nothing.
type Precondition struct{ IfMatch, IfNoneMatch ETags }

// Given reports whether the request has a precondition.
func (p Precondition) Given() bool { return p.IfMatch.Given || p.IfNoneMatch.Given }

// Check returns ErrStale unless a stored version satisfies the precondition. exists reports whether there is one.
func (p Precondition) Check(version int64, exists bool) error {
	if p.IfMatch.Given && !p.IfMatch.Match(version) ||
		p.IfNoneMatch.Given && (p.IfNoneMatch.Any && exists || slices.Contains(p.IfNoneMatch.Versions, version)) {
		return ErrStale
	}
	return nil
}

// ETags is the value of If-Match or If-None-Match.
type ETags struct {
	// Given reports whether the header is present.
	Given bool
	// Any reports whether it is *, which every version matches.
	Any bool
	// Versions are those that the entity tags name. A tag that names no version is left out.
	Versions []int64
}

// Match reports whether a version is among the tags.
func (e ETags) Match(version int64) bool { return e.Any || slices.Contains(e.Versions, version) }

// ErrStale says that the stored version is not as a Precondition requires.
var ErrStale = Refuse(Stale, "the resource is not, or no longer, as If-Match and If-None-Match ask; read it again")
