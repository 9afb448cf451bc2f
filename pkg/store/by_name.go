package store

import (
	"context"
	"slices"

	"contacts/pkg/collation"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/search"
)

// Individuals and organizations have a list by name each: an entry of each contact, also of a deleted one, in the order of the names.

// AttrListed, S, is the name by which a contact is in the list by name.
const AttrListed = "listed"

// NameItem returns the entry of a contact in the list by name. AttrDeleted on it is that of the contact.
func NameItem(org, name string, id contact.ID, deleted bool) dynamo.Item {
	entry := keys.Name(org, collation.Key(name), id).Item()
	entry[AttrName] = dynamo.String(name)
	if deleted {
		entry[AttrDeleted] = dynamo.True
	}
	return entry
}

// listedBy returns the onWrite of contacts that have a list by name. name returns that of a contact; an unreadable one keeps its entry.
func listedBy[P comparable](name func(P) string) func(*transaction, place, dynamo.Item, P) {
	return func(tx *transaction, at place, next dynamo.Item, value P) {
		listed := at.stored.String(AttrListed)
		if value != *new(P) {
			listed = name(value)
		}
		tx.listByName(at.owner.Org, at.id(), at.stored, next, listed)
	}
}

// listByName moves the entry of a contact in the list by name to that of a name, and sets the name in next. stored is nil for a new contact.
func (tx *transaction) listByName(org string, id contact.ID, stored, next dynamo.Item, name string) {
	next.SetString(AttrListed, name)
	former := stored.String(AttrListed)
	if former == name && stored.Bool(AttrDeleted) == next.Bool(AttrDeleted) {
		return
	}
	entry := NameItem(org, name, id, next.Bool(AttrDeleted))
	if before := NameItem(org, former, id, false).Key(); former != "" && before != entry.Key() {
		tx.Delete(before)
	}
	if name != "" {
		tx.Put(entry)
	}
}

// A NameQuery says which part of a list by name is wanted.
type NameQuery struct {
	Limit int
	// StartsWith selects the names that begin with it; nil for all.
	StartsWith *search.WholeName
	// Living leaves deleted contacts out.
	Living bool
	// After is the Next of the page before, "" for the first.
	After string
}

// A NamePage is part of a list by name. It may be short, or empty, with a Next, "" for the last one.
type NamePage struct {
	Rows []contact.Record
	Next string
}

// PageByName returns contacts in the order of their names (Unicode's root collation), then of their creation. It ends early rather than read
// more than some maxEntries names that are not wanted.
func (c Contacts[P]) PageByName(ctx context.Context, org string, q NameQuery) (page NamePage, err error) {
	r := nameReader{NameQuery: q, store: c.store, partition: keys.Names(org, c.kind), at: q.After}
	entries, err := r.read(ctx)
	if err != nil {
		return page, err
	}
	if page.Next = r.at; len(entries) > q.Limit {
		entries = entries[:q.Limit]
		page.Next = entries[q.Limit-1].String("sk")
	}
	page.Rows, err = c.store.listed(ctx, org, entries, q.Living)
	return page, err
}

// listed returns the contacts of entries, without deleted ones if living is set. It stops after maxAnswer bytes: the answer would be refused
// anyway.
func (s *Store) listed(ctx context.Context, org string, entries []dynamo.Item, living bool) (rows []contact.Record, err error) {
	size := 0
	for some := range slices.Chunk(entries, dynamo.MaxBatchGet) {
		ids := make([]contact.ID, len(some))
		for i, entry := range some {
			ids[i] = IDOf(entry)
		}
		items, err := s.BatchGet(ctx, contactKeys(org, ids), "")
		if err != nil {
			return nil, err
		}
		first, incomplete := len(rows), map[int]dynamo.Item{}
		for _, item := range items {
			if item == nil || living && item.Bool(AttrDeleted) { // deleted meanwhile
				continue
			}
			if HasSeparateRepresentatives(item) {
				incomplete[len(rows)-first] = item
			}
			row := RecordOf(item)
			rows, size = append(rows, row), size+len(row.Doc)
		}
		if err := s.addRepresentatives(ctx, org, rows[first:], incomplete); err != nil || size > maxAnswer {
			return rows, err
		}
	}
	return rows, nil
}

// A nameReader reads the entries of a list by name.
type nameReader struct {
	NameQuery
	store     *Store
	partition string
	at        string // the sort key of the last entry that was examined, "" for none
}

// read returns the next entries that are wanted, one more than Limit if there are as many. Then at is where to go on, "" at the end. Between
// names that begin with StartsWith it jumps to where the next one can be.
func (r *nameReader) read(ctx context.Context) (wanted []dynamo.Item, err error) {
	var prefix collation.Prefix
	batch := r.Limit + 1
	if r.StartsWith != nil {
		prefix, batch = collation.NewPrefix(*r.StartsWith...), min(batch, firstEntries)
	}
	for vain := 0; vain < maxEntries; {
		from := keys.AfterName(r.at)
		if r.StartsWith != nil {
			next, ok := prefix.Seek(r.at)
			if !ok {
				r.at = ""
				return wanted, nil
			}
			from = max(from, next)
		}
		read, unwanted := 0, 0
		if err := r.store.Query(r.partition).Between(from, keys.EndOfNames).Read(ctx, batch, func(entry dynamo.Item) {
			read++
			switch r.at = entry.String("sk"); {
			case r.wants(entry):
				wanted = append(wanted, entry)
			default:
				unwanted++
			}
		}); err != nil {
			return nil, err
		}
		missing := r.Limit + 1 - len(wanted)
		switch {
		case missing <= 0:
			return wanted, nil
		case read < batch:
			r.at = ""
			return wanted, nil
		case unwanted == 0:
			batch = min(missing, 2*batch)
		case r.StartsWith != nil: // there may be no more before the place to jump to
			batch = min(missing, firstEntries)
		default:
			batch = missing
		}
		if unwanted > 0 {
			vain += max(unwanted, firstEntries)
		}
	}
	return wanted, nil
}

// wants reports whether an entry is that of a wanted contact.
func (r *nameReader) wants(entry dynamo.Item) bool {
	if r.Living && entry.Bool(AttrDeleted) {
		return false
	}
	return r.StartsWith == nil || search.Whole(entry.String(AttrName)).BeginsWith(*r.StartsWith)
}
