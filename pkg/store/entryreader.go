package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// An entryReader reads the entries of several ranges in the order of their sort keys.
type entryReader struct {
	store *Store
	parts []rangeReader
	batch int // how many entries of a range are read at once
	fills int // how often
	read  int // how many were read
}

// A rangeReader reads the entries of a range, batch by batch.
type rangeReader struct {
	keys.Range
	after  string // the sort key of the last entry that was read, "" for none
	buffer []dynamo.Item
	end    bool // the range has no more than buffer
}

// newEntryReader returns a reader of the entries after a sort key, "" for all.
func (s *Store) newEntryReader(ranges []keys.Range, after string, batch int) *entryReader {
	r := &entryReader{store: s, batch: batch}
	for _, entries := range ranges {
		part := rangeReader{Range: entries}
		switch {
		case after < entries.Prefix:
		case strings.HasPrefix(after, entries.Prefix):
			part.after = after
		default:
			part.end = true
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
	err := dynamo.EachParallel(ctx, len(empty), func(ctx context.Context, n int) error {
		p := empty[n]
		query := r.store.Query(p.PK).Prefix(p.Prefix)
		if p.after != "" {
			query.After(dynamo.Key{PK: p.PK, SK: p.after})
		}
		err := query.Read(ctx, r.batch, func(i dynamo.Item) { p.buffer = append(p.buffer, i) })
		if p.end = len(p.buffer) < r.batch; len(p.buffer) > 0 {
			p.after = p.buffer[len(p.buffer)-1].String("sk")
		}
		return err
	})
	for _, p := range empty {
		r.read += len(p.buffer)
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
		if p := &r.parts[i]; len(p.buffer) > 0 && (first == nil || p.buffer[0].String("sk") < first.buffer[0].String("sk")) {
			first = p
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
