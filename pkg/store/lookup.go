package store

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// EmailLookup is the lookup key of an email address, in any case.
func EmailLookup(address string) string { return keys.EmailLookup(address) }

// TagLookup is the lookup key of a tag, in any case.
func TagLookup(name string) string { return keys.TagLookup(name) }

// maxFound bounds how many contacts a look-up reads together.
const maxFound = 1000

// Find returns the contacts that a find leads to (FindEmail, FindPhone, FindTag), in the order of their creation. Deleted
// ones are never found: their entries go with their deletion.
//
// What Offset passes over is counted by its entries, some 80 bytes each, and no contact is read for it. A deletion of several
// transactions that is under way may still have entries there, which count until they are gone.
func (s *Store) Lookup(ctx context.Context, org, lookup string, q contact.Query) (contact.Page, error) {
	var page contact.Page
	for position := q.After; ; {
		wanted, read := min(q.Offset, dynamo.MaxPage)+min(q.Limit+1-len(page.Rows), maxFound), 0
		var ids []contact.ID
		if err := s.Query(keys.Lookup(org, lookup)).Between(keys.After(position), keys.EndOfIDs).Read(ctx, wanted, func(i dynamo.Item) {
			read++
			owner := keys.ParseTarget(i.String("sk")).Contact
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

// FindExternal returns the contacts that have an external id, of any kind.
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

// living reads those of some contacts that aren't deleted, in the order of their ids.
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

// contactKeys are the keys of contacts' own items.
func contactKeys(org string, ids []contact.ID) []dynamo.Key {
	wanted := make([]dynamo.Key, len(ids))
	for i, id := range ids {
		wanted[i] = keys.Contact(org, id)
	}
	return wanted
}
