package store

import (
	"context"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// maxFound is the most contacts that a lookup reads at once.
const maxFound = 1000

// Lookup returns the contacts that a value finds, in the order of their creation. Telephone numbers are read as dialled in region. It never
// returns deleted contacts: their entries are deleted with them.
//
// Offset counts entries, of some 80 bytes, without reading their contacts. Entries of a deletion in progress count until they are
// deleted.
func (s *Store) Lookup(ctx context.Context, org string, l contact.Lookup, region string, q contact.Query) (contact.Page, error) {
	var page contact.Page
	lookup, ok := lookupKey(l, region)
	if !ok {
		return page, nil
	}
	entries := keys.Lookup(org, lookup)
	for position := q.After; ; {
		wanted, read := min(q.Offset, dynamo.MaxPage)+min(q.Limit+1-len(page.Rows), maxFound), 0
		var ids []contact.ID
		if err := s.Query(entries.PK).Between(entries.Prefix+keys.After(position), entries.Prefix+keys.EndOfIDs).Read(ctx, wanted, func(i dynamo.Item) {
			read++
			owner := keys.ParseTarget(strings.TrimPrefix(i.String("sk"), entries.Prefix)).Contact
			switch {
			case owner == position: // another part of the same contact
				return
			case q.Offset > 0:
				q.Offset--
			default:
				ids = append(ids, owner)
			}
			position = owner
		}); err != nil {
			return page, err
		}
		notDeleted, err := s.notDeleted(ctx, org, ids)
		if err != nil {
			return page, err
		}
		if page.Rows = append(page.Rows, notDeleted...); len(page.Rows) > q.Limit {
			return contact.Page{Rows: page.Rows[:q.Limit], More: true}, nil
		}
		if read < wanted {
			return page, nil
		}
	}
}

// LookupExternalID returns the contacts of any kind with an external id, in the order of their creation.
func (s *Store) LookupExternalID(ctx context.Context, org, externalID string, q contact.Query) (contact.Page, error) {
	var uniques []dynamo.Key
	for _, kind := range []contact.Kind{contact.Individual, contact.Organization, contact.Placeholder} {
		uniques = append(uniques, keys.Unique(org, kind.String(), externalID))
	}
	items, err := s.BatchGet(ctx, uniques, "")
	if err != nil {
		return contact.Page{}, err
	}
	var ids []contact.ID
	for _, i := range items {
		if owner := contact.ID(i.Number(AttrOwner)); owner > q.After {
			ids = append(ids, owner)
		}
	}
	slices.Sort(ids)
	rows, err := s.notDeleted(ctx, org, ids)
	rows = rows[min(q.Offset, len(rows)):]
	return contact.Page{Rows: rows[:min(q.Limit, len(rows))], More: len(rows) > q.Limit}, err
}

// notDeleted reads contacts, in the order of ids, and omits deleted ones.
func (s *Store) notDeleted(ctx context.Context, org string, ids []contact.ID) ([]contact.Record, error) {
	items, err := s.BatchGet(ctx, contactKeys(org, ids), "")
	if err != nil {
		return nil, err
	}
	var rows []contact.Record
	for _, i := range items {
		if i != nil && !i.Bool(AttrDeleted) {
			rows = append(rows, RecordOf(i))
		}
	}
	return rows, nil
}

// contactKeys returns the keys of contacts' items.
func contactKeys(org string, ids []contact.ID) []dynamo.Key {
	wanted := make([]dynamo.Key, len(ids))
	for i, id := range ids {
		wanted[i] = keys.Contact(org, id)
	}
	return wanted
}
