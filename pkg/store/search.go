package store

import (
	"context"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"

	"contacts/pkg/capacity"
	"contacts/pkg/contact"
	"contacts/pkg/search"
)

// A Search is a request for a page of the contacts that a query finds.
type Search struct {
	Query search.Query
	// Kind is that of the contacts, nil for all.
	Kind *contact.Kind
	// Region is where telephone numbers are read as dialled.
	Region string
	Limit  int
	// After is the Next of the page before, nil for the first.
	After []byte
}

// A Hit is a contact that a search finds. It is not deleted.
type Hit struct {
	ID      contact.ID
	Name    string
	Matched []Match
	// Unreadable is set if the contact's document can't be read.
	Unreadable bool
}

// A Match is a value by which a contact is found, as it is stored.
type Match struct{ Field, Value string }

// A SearchPage is a part of what a search finds. It may be short, or empty, with a Next.
type SearchPage struct {
	Hits []Hit
	// Next is where the next page begins, nil if there is none.
	Next []byte
}

// maxUnits returns the most read units of a page that is found by values: it ends early rather than take more. One of names takes less, but for
// several words, each of which many names have.
func maxUnits(limit int) int { return max(limit, 20) + 4 }

// maxEntries is the most entries that a page reads to find those that match.
const maxEntries = 1000

// Search returns a page of what a query finds: first the contacts with a name that matches, then those with a value that begins, or for a
// telephone number ends, with it. Each contact is one hit over all pages; docs/search.md has the order.
func (s *Store) Search(ctx context.Context, org string, q Search) (SearchPage, error) {
	if q.Query.IsEmpty() {
		return SearchPage{}, nil
	}
	r := &searcher{store: s, org: org, Search: q, units: capacity.Of(ctx), known: map[contact.ID]int{}}
	r.begun, r.fields = r.units.Read, r.valueFields()
	at, err := parseSearchPosition(q.After)
	if err != nil {
		return SearchPage{}, err
	}
	next := &at
	if at.Field == 0 {
		if next, err = r.names(ctx, at); err != nil {
			return SearchPage{}, err
		}
		if next == nil {
			next = &searchPosition{Field: 1}
		}
	}
	if next.Field > 0 && (at.Field > 0 || len(r.hits) == 0 && r.spent() <= maxUnits(q.Limit)/2) { // a page of names reads nothing else
		if next, err = r.values(ctx, *next); err != nil {
			return SearchPage{}, err
		}
	}
	page := SearchPage{Hits: r.hits}
	if next != nil && !r.atEnd(*next) {
		page.Next, err = json.Marshal(next)
	}
	return page, err
}

// A searcher reads a page.
type searcher struct {
	store *Store
	org   string
	Search
	fields []valueField // in the order of their hits
	units  *capacity.Units
	begun  float64 // the units that were consumed before
	hits   []Hit
	known  map[contact.ID]int // the index of each hit
}

// spent returns how many units the page has consumed.
func (r *searcher) spent() int { return int(r.units.Read - r.begun) }

func (r *searcher) wanted(id contact.ID) bool { return r.Kind == nil || id.Kind() == *r.Kind }

// add adds a hit, or another match of one that the page has.
func (r *searcher) add(hit Hit) {
	if i, known := r.known[hit.ID]; known {
		r.hits[i].Matched = append(r.hits[i].Matched, hit.Matched...)
		return
	}
	r.known[hit.ID] = len(r.hits)
	r.hits = append(r.hits, hit)
}

// A searchPosition is where a page begins.
type searchPosition struct {
	// Field is what is read: 0 for names, else a field of valueFields, counted from 1.
	Field int `json:"f,omitzero"`
	// The place is that of the last entry that was read of it.
	entryPlace
	// Word is the word of the query whose entries are read.
	Word int `json:"w,omitzero"`
	// Sorted is set if all entries of the word are read for each page, and sorted by the names' first words.
	Sorted bool `json:"s,omitzero"`
}

// isBegun reports whether earlier pages have shown something that this one could show again.
func (p searchPosition) isBegun() bool { return p.Field > 1 || p.After != "" }

func parseSearchPosition(text []byte) (p searchPosition, err error) {
	if text == nil {
		return p, nil
	}
	if err := json.Unmarshal(text, &p); err != nil || p.Field < 0 || p.Word < 0 {
		return p, errors.New("store: the position of a search can't be read")
	}
	return p, nil
}

// atEnd reports whether nothing can be left at a position.
func (r *searcher) atEnd(p searchPosition) bool {
	return p.Field > 0 && !slices.ContainsFunc(r.fields[min(p.Field-1, len(r.fields)):], func(f valueField) bool { return len(f.ranges) > 0 })
}
