package store

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/phone"
	"contacts/pkg/search"
)

// A valueField is a field by whose values contacts are found.
type valueField struct {
	name string
	// ranges are its entries that match the query.
	ranges []keys.Range
}

const fieldPhone = "phone"

// minBeginning is the least characters of a value by which a contact is found.
const minBeginning = 3

// valueFields returns the fields in the order of their hits. A field without ranges finds nothing.
func (r *searcher) valueFields() []valueField {
	return []valueField{
		{"email", r.emails()},
		{fieldPhone, r.phones()},
		{"external_id", r.externalIDs()},
		{"customer_id", r.uniques(contact.SpaceCustomer)},
		{"supplier_id", r.uniques(contact.SpaceSupplier)},
		{"alternative_payer_id", r.uniques(contact.SpaceAlternativePayer)},
	}
}

// isBeginning reports whether the query is long enough for the beginning of a value.
func (r *searcher) isBeginning() bool { return utf8.RuneCountInString(r.Query.Text) >= minBeginning }

// emails returns the range of the addresses that begin with the query.
func (r *searcher) emails() []keys.Range {
	text := r.Query.Text
	if !r.isBeginning() || len(text) > maxEmail || strings.ContainsFunc(text, func(c rune) bool { return c > unicode.MaxASCII }) {
		return nil
	}
	return []keys.Range{keys.EmailsBeginning(r.org, text)}
}

// externalIDs returns the ranges of the external ids that begin with the query.
func (r *searcher) externalIDs() (ranges []keys.Range) {
	for _, kind := range []contact.Kind{contact.Individual, contact.Organization, contact.Placeholder} {
		if r.Kind == nil || kind == *r.Kind {
			ranges = append(ranges, r.uniques(kind.String())...)
		}
	}
	return ranges
}

// uniques returns the range of the values of a space that begin with the query.
func (r *searcher) uniques(space string) []keys.Range {
	if !r.isBeginning() {
		return nil
	}
	return []keys.Range{keys.UniquesBeginning(r.org, space, r.Query.Text)}
}

// phones returns the ranges of the numbers that the query is, or the end of which it is.
func (r *searcher) phones() []keys.Range {
	isDigit := func(c rune) bool { return unicode.IsDigit(c) }
	text := r.Query.Text
	first := strings.IndexFunc(text, func(c rune) bool { return unicode.IsDigit(c) || unicode.IsLetter(c) })
	if c, _ := utf8.DecodeRuneInString(text[max(first, 0):]); !isDigit(c) && !strings.HasPrefix(text, "tel:") {
		return nil
	}
	var ranges []keys.Range
	if !strings.ContainsFunc(text, unicode.IsLetter) {
		digits := phone.Digits(text)
		if len(digits) >= keys.MinPhoneEnding && len(digits) <= maxPhone {
			ranges = append(ranges, keys.PhonesEnding(r.org, digits))
		}
	}
	if e164, ok := phone.E164(text, r.Region); ok {
		whole := keys.Lookup(r.org, keys.PhoneLookup(e164, ""))
		if len(ranges) == 0 || !ranges[0].Has(dynamo.Key{PK: whole.PK, SK: whole.Prefix}) {
			ranges = append(ranges, whole)
		}
	}
	return ranges
}

// maxPhone is the most digits of a telephone number (E.164).
const maxPhone = 15

// A candidate is a contact that an entry of a value leads to.
type candidate struct {
	id    contact.ID
	match Match
}

// values adds the contacts that are found by their values, and returns where the next page goes on, nil after the last.
func (r *searcher) values(ctx context.Context, at searchPosition) (*searchPosition, error) {
	verify := at.isBegun()
	found, next, err := r.candidates(ctx, at, verify)
	if err != nil || len(found) == 0 {
		return next, err
	}
	var ids []contact.ID
	for _, c := range found {
		if !slices.Contains(ids, c.id) {
			ids = append(ids, c.id)
		}
	}
	items, err := r.store.BatchGet(ctx, contactKeys(r.org, ids), "")
	if err != nil {
		return nil, err
	}
	shown := make([]bool, len(ids)) // by an earlier page
	if verify {
		if err := dynamo.EachParallel(ctx, len(ids), func(ctx context.Context, i int) (err error) {
			shown[i], err = r.isShownBefore(ctx, ids[i], items[i], at)
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, c := range found {
		i := slices.Index(ids, c.id)
		if hit, ok := r.valueHit(items[i]); ok && !shown[i] {
			hit.Matched = []Match{c.match}
			r.add(hit)
		}
	}
	return next, nil
}

// candidates reads entries until the page is full, or costs as much as it may.
func (r *searcher) candidates(ctx context.Context, at searchPosition, verify bool) (found []candidate, next *searchPosition, err error) {
	each := 1 // how many units a contact costs
	if verify {
		each = 2
	}
	seen := map[contact.ID]bool{}
	for i, field := range r.fields {
		if i+1 < at.Field || len(field.ranges) == 0 {
			continue
		}
		if i+1 > at.Field {
			at = searchPosition{Field: i + 1}
		}
		room := func() int {
			return min(r.Limit-len(r.hits), (maxUnits(r.Limit)-r.spent())/each) - len(seen)
		}
		if room() < len(field.ranges) && len(seen) > 0 {
			return found, &at, nil
		}
		reader := r.store.newEntryReader(field.ranges, at.entryPlace, max(room(), 1)+1)
		for read := 0; ; read++ {
			entry, err := reader.next(ctx)
			if err != nil {
				return nil, nil, err
			}
			if entry == nil {
				break
			}
			c := candidateOf(entry, field.name)
			if r.finds(c) {
				if !seen[c.id] && len(seen) > 0 && room() <= 0 {
					return found, &at, nil
				}
				if _, known := r.known[c.id]; !known {
					seen[c.id] = true
				}
				found = append(found, c)
			}
			if at.entryPlace = reader.place; read == maxEntries {
				return found, &at, nil
			}
		}
		at = searchPosition{Field: i + 2}
	}
	return found, nil, nil
}

// finds reports whether the query finds a candidate: the range of its entry can have others.
func (r *searcher) finds(c candidate) bool {
	return r.wanted(c.id) && (c.match.Field == fieldPhone || strings.HasPrefix(contact.Fold(c.match.Value), contact.Fold(r.Query.Text)))
}

// candidateOf returns the contact that an entry leads to.
func candidateOf(entry dynamo.Item, field string) candidate {
	if parsed := keys.Parse(entry.Key()); parsed.Kind == keys.KindLookup {
		return candidate{parsed.Owner, Match{field, entry.String(AttrValue)}}
	}
	return candidate{contact.ID(entry.Number(AttrOwner)), Match{field, uniqueValue(entry)}}
}

// valueHit returns the hit of a contact; ok is false for a deleted one, and for one that earlier pages have shown by its name.
func (r *searcher) valueHit(item dynamo.Item) (hit Hit, ok bool) {
	if item == nil || item.Bool(AttrDeleted) {
		return hit, false
	}
	hit.ID = IDOf(item)
	var named struct {
		Name string `json:"name"`
	}
	if doc, err := Document(item); err != nil || json.Unmarshal(doc, &named) != nil {
		hit.Unreadable = true
		return hit, true
	}
	hit.Name = named.Name
	_, known := r.known[hit.ID]
	return hit, known || !r.Query.Matches(search.NewName(hit.Name))
}

// isShownBefore reports whether an earlier page has shown a contact by a value before a position.
func (r *searcher) isShownBefore(ctx context.Context, id contact.ID, item dynamo.Item, at searchPosition) (shown bool, err error) {
	isBefore := func(k dynamo.Key) bool {
		for i, field := range r.fields {
			if index := slices.IndexFunc(field.ranges, func(entries keys.Range) bool { return entries.Has(k) }); index >= 0 {
				return i+1 < at.Field || i+1 == at.Field && at.has(k.SK, index)
			}
		}
		return false
	}
	check := func(i dynamo.Item) {
		for _, name := range i.Strings(AttrUniques) {
			space, value := keys.CutUnique(name)
			shown = shown || isBefore(keys.Unique(r.org, space, value))
		}
		for _, lookup := range i.Strings(AttrLookups) {
			for _, entry := range LookupItems(r.org, lookup, keys.Target{Contact: id, Part: i.String("sk")}) {
				shown = shown || isBefore(entry.Key())
			}
		}
	}
	check(item)
	err = r.store.details(r.org, id).Project("sk", AttrUniques, AttrLookups).Read(ctx, 0, check)
	return shown, err
}
