package store

import (
	"cmp"
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/search"
)

// names adds the contacts whose names match, and returns where the next page goes on, nil after the last name.
func (r *searcher) names(ctx context.Context, at searchPosition) (*searchPosition, error) {
	if r.Query.Len() == 1 {
		return r.stream(ctx, at, r.reader(0, at.entryPlace, r.batch()), maxEntries)
	}
	if at.isBegun() {
		if at.Sorted {
			return r.sorted(ctx, at, r.reader(at.Word, entryPlace{}, maxEntries))
		}
		return r.stream(ctx, at, r.reader(at.Word, at.entryPlace, r.batch()), maxEntries)
	}
	word, reader, left, err := r.rarest(ctx)
	if err != nil {
		return nil, err
	}
	at.Word = word
	entries, all := reader.buffered()
	if all {
		at.Sorted = true
		return r.sorted(ctx, at, reader)
	}
	return r.stream(ctx, at, reader, len(entries)+left)
}

// batch is how many entries are read at first for a page: some are of contacts that are shown elsewhere.
func (r *searcher) batch() int { return r.Limit + r.Limit/4 + 1 }

// reader returns the reader of the entries of a word after a place.
func (r *searcher) reader(word int, after entryPlace, batch int) *entryReader {
	var ranges []keys.Range
	for _, prefix := range r.Query.Prefixes(word) {
		ranges = append(ranges, keys.Words(r.org, prefix.Text, prefix.Spelled))
	}
	return r.store.newEntryReader(ranges, after, batch)
}

// firstEntries is how many entries of each word are read to find the rarest: as many as one unit reads.
const firstEntries = 25

// rarest returns the word of the query with the fewest entries, and a reader that has read them all; or, if each has many, the longest word.
// left is how many more entries the page may read.
func (r *searcher) rarest(ctx context.Context) (word int, reader *entryReader, left int, err error) {
	readers := make([]*entryReader, r.Query.Len())
	for i := range readers {
		readers[i] = r.reader(i, entryPlace{}, firstEntries)
	}
	total := 0
	for n := firstEntries; total+n*len(readers) <= maxEntries; n *= 2 {
		if err := dynamo.EachParallel(ctx, len(readers), func(ctx context.Context, i int) error { return readers[i].extend(ctx, n) }); err != nil {
			return 0, nil, 0, err
		}
		total, word = 0, -1
		for i, reader := range readers {
			total += reader.read
			if entries, all := reader.buffered(); all && (word < 0 || len(entries) < readers[word].read) {
				word = i
			}
		}
		if word >= 0 {
			return word, readers[word], 0, nil
		}
	}
	length := func(i int) int { return len(r.Query.Prefixes(i)[0].Text) }
	word = 0
	for i := range readers {
		if length(i) > length(word) {
			word = i
		}
	}
	left = max(maxEntries-total, 1)
	readers[word].batch = left
	return word, readers[word], left, nil
}

// nameHit returns the hit of an entry, and its name; ok is false for one that doesn't match.
func (r *searcher) nameHit(entry dynamo.Item) (hit Hit, name search.Name, ok bool) {
	hit = Hit{ID: IDOf(entry), Name: entry.String(AttrName)}
	hit.Matched = []Match{{"name", hit.Name}}
	name = search.NewName(hit.Name)
	return hit, name, r.wanted(hit.ID) && r.Query.Matches(name)
}

// stream adds hits in the order of the entries of a word, of which it reads at most so many. A contact is shown at the entry of its first
// word that matches.
func (r *searcher) stream(ctx context.Context, at searchPosition, reader *entryReader, most int) (*searchPosition, error) {
	prefixes := r.Query.Prefixes(at.Word)
	for read := 0; ; read++ {
		if read == most {
			return &at, nil
		}
		entry, err := reader.next(ctx)
		if err != nil || entry == nil {
			return nil, err
		}
		hit, name, ok := r.nameHit(entry)
		word, spelled := keys.WordOf(entry.Key())
		if ok && name.First(prefixes) == (search.Term{Text: word, Spelled: spelled}) {
			if len(r.hits) == r.Limit {
				return &at, nil
			}
			r.add(hit)
		}
		at.entryPlace = reader.place
	}
}

// sorted adds the hits after a position among all entries of a word, in the order of the names' first words that match any of the query.
func (r *searcher) sorted(ctx context.Context, at searchPosition, reader *entryReader) (*searchPosition, error) {
	var all []search.Term
	for i := range r.Query.Len() {
		all = append(all, r.Query.Prefixes(i)...)
	}
	type place struct {
		sk  string
		hit Hit
	}
	var places []place
	seen := map[contact.ID]bool{}
	for {
		entry, err := reader.next(ctx)
		if err != nil {
			return nil, err
		}
		if entry == nil {
			break
		}
		hit, name, ok := r.nameHit(entry)
		if !ok || seen[hit.ID] {
			continue
		}
		seen[hit.ID] = true
		if sk := keys.WordSortKey(name.First(all).Text, name.Folded(), hit.ID); sk > at.After {
			places = append(places, place{sk, hit})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.sk, b.sk) })
	for _, p := range places {
		if len(r.hits) == r.Limit {
			return &at, nil
		}
		r.add(p.hit)
		at.After = p.sk
	}
	return nil, nil
}
