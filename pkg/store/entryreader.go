package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// An entryPlace is a place among the entries of several ranges: of those with the sort key, the one of the range with an index.
type entryPlace struct {
	// After is the sort key, "" before the first entry.
	After string `json:"a,omitempty"`
	Range int    `json:"r,omitzero"`
}

// has reports whether an entry of the range with an index is at the place or before it.
func (p entryPlace) has(sk string, index int) bool {
	return sk < p.After || sk == p.After && index <= p.Range
}

// An entryReader reads the entries of several ranges in the order of their sort keys, then of the ranges.
type entryReader struct {
	store *Store
	parts []rangeReader
	place entryPlace // of the entry that next returned
	batch int        // how many entries of a range are read at once
	fills int        // how often
	read  int        // how many were read
}

// A rangeReader reads the entries of a range, batch by batch.
type rangeReader struct {
	keys.Range
	from    string // the sort key at which it goes on, or
	isAfter bool   // after which
	buffer  []dynamo.Item
	end     bool // the range has no more than buffer
}

// newEntryReader returns a reader of the entries after a place.
func (s *Store) newEntryReader(ranges []keys.Range, after entryPlace, batch int) *entryReader {
	r := &entryReader{store: s, place: after, batch: batch}
	for i, entries := range ranges {
		part := rangeReader{Range: entries, from: entries.Prefix}
		switch {
		case after.After < entries.Prefix:
		case !strings.HasPrefix(after.After, entries.Prefix):
			part.end = true
		default: // a later range can have an entry with the same sort key
			part.from, part.isAfter = after.After, i <= after.Range
		}
		r.parts = append(r.parts, part)
	}
	return r
}

// fill reads the next batches of the ranges whose buffers are empty, at the same time.
func (r *entryReader) fill(ctx context.Context) error {
	var empty []*rangeReader
	for i := range r.parts {
		if p := &r.parts[i]; len(p.buffer) == 0 && !p.end {
			empty = append(empty, p)
		}
	}
	if len(empty) == 0 {
		return nil
	}
	if r.fills++; r.fills > 2 { // few match
		r.batch = min(2*r.batch, maxEntries)
	}
	err := dynamo.EachParallel(ctx, len(empty), func(ctx context.Context, n int) error { return empty[n].fill(ctx, r.store, r.batch) })
	for _, p := range empty {
		r.read += len(p.buffer)
	}
	return err
}

// fill reads the next batch into the empty buffer.
func (p *rangeReader) fill(ctx context.Context, s *Store, batch int) error {
	query := s.Query(p.PK).Between(p.from, dynamo.LastWithPrefix(p.Prefix))
	if p.isAfter {
		query.After(dynamo.Key{PK: p.PK, SK: p.from})
	}
	err := query.Read(ctx, batch, func(i dynamo.Item) { p.buffer = append(p.buffer, i) })
	if p.end = len(p.buffer) < batch; len(p.buffer) > 0 {
		p.from, p.isAfter = p.buffer[len(p.buffer)-1].String("sk"), true
	}
	return err
}

// next returns the next entry, nil at the end.
func (r *entryReader) next(ctx context.Context) (dynamo.Item, error) {
	if err := r.fill(ctx); err != nil {
		return nil, err
	}
	var first *rangeReader
	for i := range r.parts {
		if p := &r.parts[i]; len(p.buffer) > 0 && (first == nil || p.buffer[0].String("sk") < r.place.After) {
			first, r.place = p, entryPlace{p.buffer[0].String("sk"), i}
		}
	}
	if first == nil {
		return nil, nil
	}
	entry := first.buffer[0]
	first.buffer = first.buffer[1:]
	return entry, nil
}

// buffered returns all entries that are read and not returned by next, in their order, and whether there are no more.
func (r *entryReader) buffered() (entries []dynamo.Item, all bool) {
	all = true
	for _, p := range r.parts {
		entries = append(entries, p.buffer...)
		all = all && p.end
	}
	slices.SortStableFunc(entries, func(a, b dynamo.Item) int { return cmp.Compare(a.String("sk"), b.String("sk")) })
	return entries, all
}

// extend reads n more entries of each range into the buffers.
func (r *entryReader) extend(ctx context.Context, n int) error {
	kept := make([][]dynamo.Item, len(r.parts))
	for i := range r.parts {
		kept[i], r.parts[i].buffer = r.parts[i].buffer, nil
	}
	r.batch, r.fills = n, 0
	err := r.fill(ctx)
	for i := range r.parts {
		r.parts[i].buffer = append(kept[i], r.parts[i].buffer...)
	}
	return err
}
