package store

import (
	"context"
	"errors"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Contacts is the list of all contacts of one kind, in the order of creation. Its owner is the tenant.
type Contacts[P contact.Contact[P]] struct {
	repository[P]
	kind contact.Kind
	// reserved are ids for the next contact; nil for none.
	reserved *reservedIDs
}

// contacts returns the list of the contacts of a kind.
func contacts[P contact.Contact[P]](s *Store, kind contact.Kind, derived dynamo.Item) Contacts[P] {
	return Contacts[P]{repository: repository[P]{store: s, name: "contact", derived: derived}, kind: kind}
}

// Individuals is the list of individual contacts.
func Individuals(s *Store) Contacts[*contact.IndividualContact] {
	c := contacts[*contact.IndividualContact](s, contact.Individual, nil)
	c.onWrite = listedBy(func(i *contact.IndividualContact) string { return i.Name })
	return c
}

// Organizations is the list of organization contacts. Each shows its representatives.
func Organizations(s *Store) Contacts[*contact.OrganizationContact] {
	c := contacts[*contact.OrganizationContact](s, contact.Organization, dynamo.Item{AttrRepresentatives: dynamo.Map(dynamo.Item{})})
	c.onWrite = listedBy(func(o *contact.OrganizationContact) string { return o.Name })
	return c
}

// PlaceholderCustomers is the list of placeholder customers.
func PlaceholderCustomers(s *Store) Contacts[*contact.PlaceholderCustomer] {
	return contacts[*contact.PlaceholderCustomer](s, contact.Placeholder, nil)
}

// reservedIDs are consecutive ids, left in number, that begin with next. A new contact gets the first that is free.
type reservedIDs struct {
	next contact.ID
	left int
}

// reservedPerContact is the number of ids reserved for each contact of a batch, because another process can have assigned some of them.
const reservedPerContact = 8

// InOrder returns n views of the list. A contact created through one of them is listed before those of the later ones, in whatever order
// they are created. A view is not safe for concurrent use, different ones are.
func (c Contacts[P]) InOrder(n int) []Contacts[P] {
	lists := make([]Contacts[P], n)
	for i := range lists {
		lists[i] = c
		lists[i].reserved = &reservedIDs{c.store.ids.Reserve(c.kind, reservedPerContact), reservedPerContact}
	}
	return lists
}

// nextID returns the next reserved id, or a new one if there is none. It never repeats one.
func (c Contacts[P]) nextID() contact.ID {
	if c.reserved == nil || c.reserved.left == 0 {
		return c.store.ids.Next(c.kind)
	}
	id := c.reserved.next
	c.reserved.next, c.reserved.left = id.Next(), c.reserved.left-1
	return id
}

// at returns the place of a contact.
func (c Contacts[P]) at(o contact.Owner, id contact.ID) place {
	o.Contact = id
	return place{owner: o, target: keys.Target{Contact: id}, key: keys.Contact(o.Org, id)}
}

// newPlace returns the place of a new contact, and adds its guard to tx.
func (c Contacts[P]) newPlace(tx *transaction, o contact.Owner) place {
	at := c.at(o, c.nextID())
	tx.Put(keys.Guard(o.Org, at.id()).Item(), dynamo.NotExists())
	return at
}

// contact reads a contact's item. The error is NotFound if it doesn't exist or has another kind.
func (s *Store) contact(ctx context.Context, org string, id contact.ID, kind contact.Kind) (dynamo.Item, error) {
	if id.Kind() != kind {
		return nil, notFound("contact")
	}
	item, err := s.Get(ctx, keys.Contact(org, id))
	if err == nil && item == nil {
		err = notFound("contact")
	}
	return item, err
}

// Get returns a contact, also a deleted one, for one read unit per 4 KB. The error is NotFound if it doesn't exist.
func (c Contacts[P]) Get(ctx context.Context, o contact.Owner, id contact.ID) (contact.Record, error) {
	item, err := c.store.contact(ctx, o.Org, id, c.kind)
	if err == nil {
		item, err = c.store.withRepresentatives(ctx, o.Org, item)
	}
	if err != nil {
		return contact.Record{}, err
	}
	return readable(item)
}

// Create adds a contact with a new id, and parts of it in the same transaction. The error is Taken if another contact has one of its unique
// values.
func (c Contacts[P]) Create(ctx context.Context, o contact.Owner, w idempotency.Write, value P, parts ...NewPart) (contact.Record, error) {
	ids := c.store.partIDs()
	return c.save(ctx, w, value, func(tx *transaction) (place, error) {
		at := c.newPlace(tx, o)
		for _, add := range parts {
			if err := add(tx, at.owner, ids); err != nil {
				return at, err
			}
		}
		return at, nil
	})
}

// Replace replaces a contact by value. The error is NotFound if it doesn't exist, Impossible if it is deleted, Stale if the precondition fails, or
// Taken if another contact has one of its unique values.
func (c Contacts[P]) Replace(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write, value P) (contact.Record, error) {
	return c.save(ctx, w, value, func(*transaction) (at place, err error) {
		at = c.at(o, id)
		if at.stored, err = c.store.contact(ctx, o.Org, id, c.kind); err != nil {
			return at, err
		}
		if err := check(w.Precondition, at.stored); err != nil {
			return at, err
		}
		if at.stored.Bool(AttrDeleted) {
			return at, errDeleted
		}
		current, err := c.store.withRepresentatives(ctx, o.Org, at.stored)
		if err == nil && current.Number(dynamo.AttrVersion) != at.stored.Number(dynamo.AttrVersion) {
			err = dynamo.ErrConflict
		}
		if all, ok := current[AttrRepresentatives]; ok {
			at.shown = dynamo.Item{AttrRepresentatives: all}
		}
		return at, err
	})
}

// Page returns contacts in the order of their creation.
func (c Contacts[P]) Page(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
	page, incomplete, err := c.store.page(ctx, keys.Contacts(org, c.kind), dynamo.Key{}, q)
	if err == nil {
		err = c.store.addRepresentatives(ctx, org, page.Rows, incomplete)
	}
	return page, err
}

// Upsert replaces the contact with an external id, or creates one. The error is Stale if If-Match is given and there is none.
func (c Contacts[P]) Upsert(ctx context.Context, o contact.Owner, externalID string, w idempotency.Write, value P) (contact.Record, error) {
	value.SetExternal(externalID)
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		unique, err := c.store.Get(ctx, keys.Unique(o.Org, c.kind.String(), externalID))
		if err != nil {
			return contact.Record{}, err
		}
		var record contact.Record
		if unique == nil {
			if w.Precondition.IfMatch.Given {
				return contact.Record{}, contact.Refuse(contact.Stale, "there is no contact with this external id yet; send no If-Match to create it")
			}
			record, err = c.Create(ctx, o, w, value)
		} else {
			record, err = c.Replace(ctx, o, contact.ID(unique.Number(AttrOwner)), w, value)
		}
		if contact.IsRefused(err, contact.Taken) || errors.Is(err, errDeleted) {
			err = dynamo.ErrConflict // created, changed or deleted concurrently
		}
		return record, err
	})
}
