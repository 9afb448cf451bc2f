package store

import (
	"context"
	"errors"
	"maps"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// A Contact is a pointer to a type of contact.
type Contact[T any] interface {
	*T
	contact.Contact
}

// Contacts is the list of all contacts of one kind, in the order of creation.
type Contacts[T any, P Contact[T]] struct {
	store *Store
	kind  contact.Kind
	// derived are the initial values of the fields that writes of other resources update.
	derived dynamo.Item
	// reserved are ids for the next contact; nil for none.
	reserved *reservedIDs
}

// reservedIDs are left consecutive ids from next on: a new contact gets the first free one.
type reservedIDs struct {
	next contact.ID
	left int
}

// reservedPerContact is the number of ids reserved for each contact of a batch, because another process can have assigned some of them.
const reservedPerContact = 8

// InOrder returns the list n times. A contact created through one of them is listed before those of the later ones, in whatever order they
// are created. None is safe for concurrent use.
func (c Contacts[T, P]) InOrder(n int) []Contacts[T, P] {
	lists := make([]Contacts[T, P], n)
	for i := range lists {
		lists[i] = c
		lists[i].reserved = &reservedIDs{c.store.ids.Reserve(c.kind, reservedPerContact), reservedPerContact}
	}
	return lists
}

// nextID returns the next reserved id, or a new one if there is none. It never repeats one.
func (c Contacts[T, P]) nextID() contact.ID {
	if c.reserved == nil || c.reserved.left == 0 {
		return c.store.ids.Next(c.kind)
	}
	id := c.reserved.next
	c.reserved.next, c.reserved.left = id.Next(), c.reserved.left-1
	return id
}

// Individuals is the list of individual contacts.
func Individuals(s *Store) Contacts[contact.IndividualContact, *contact.IndividualContact] {
	return Contacts[contact.IndividualContact, *contact.IndividualContact]{store: s, kind: contact.Individual}
}

// Organizations is the list of organization contacts. Each shows its representatives.
func Organizations(s *Store) Contacts[contact.OrganizationContact, *contact.OrganizationContact] {
	return Contacts[contact.OrganizationContact, *contact.OrganizationContact]{store: s, kind: contact.Organization,
		derived: dynamo.Item{AttrRepresentatives: dynamo.Map(dynamo.Item{})}}
}

// PlaceholderCustomers is the list of placeholder customers.
func PlaceholderCustomers(s *Store) Contacts[contact.PlaceholderCustomer, *contact.PlaceholderCustomer] {
	return Contacts[contact.PlaceholderCustomer, *contact.PlaceholderCustomer]{store: s, kind: contact.Placeholder}
}

// enforceRules adds to a change of a contact, from stored to next, the item of value, what the rules of its type require.
func (c Contacts[T, P]) enforceRules(tx *transaction, o contact.Owner, stored, next dynamo.Item, value P) {
	tx.refuse(keys.Contacts(o.Org, c.kind), value.Validate())
	tx.link(o.Org, keys.Target{Contact: o.Contact}, stored, next, resolve(value.Links(o), o.Region))
}

// Get returns a contact, also a deleted one, for one read unit per 4 KB. The error is NotFound if it doesn't exist.
func (c Contacts[T, P]) Get(ctx context.Context, org string, id contact.ID) (contact.Record, error) {
	item, err := c.store.contact(ctx, org, id, c.kind)
	if err == nil {
		item, err = c.store.withRepresentatives(ctx, org, item)
	}
	if err != nil {
		return contact.Record{}, err
	}
	return readable(item)
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

// Create adds a contact with a new id, and parts of it in the same transaction. The error is Taken if another contact has one of its unique
// values.
func (c Contacts[T, P]) Create(ctx context.Context, org string, w idempotency.Write, value T, parts ...NewPart) (contact.Record, error) {
	ids := c.store.partIDs()
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		tx := c.store.begin()
		item, err := c.add(tx, org, value)
		if err != nil {
			return contact.Record{}, err
		}
		record := RecordOf(item)
		for _, add := range parts {
			if err := add(tx, contact.Owner{Org: org, Contact: record.ID}, ids); err != nil {
				return record, err
			}
		}
		return record, tx.commit(ctx, w, record)
	})
}

func (c Contacts[T, P]) add(tx *transaction, org string, value T) (dynamo.Item, error) {
	id := c.nextID()
	P(&value).Normalize()
	P(&value).SetID(id)
	doc, err := encode(value)
	if err != nil {
		return nil, err
	}
	item := NewItem(keys.Contact(org, id), doc, c.store.now())
	maps.Copy(item, c.derived)
	c.enforceRules(tx, contact.Owner{Org: org, Contact: id}, nil, item, &value)
	tx.Put(item, dynamo.NotExists())
	tx.Put(keys.Guard(org, id).Item(), dynamo.NotExists())
	return item, nil
}

// Replace replaces a contact by value. The error is NotFound if it doesn't exist, Impossible if it is deleted, contact.ErrStale, or Taken
// if another contact has one of its unique values.
func (c Contacts[T, P]) Replace(ctx context.Context, org string, id contact.ID, w idempotency.Write, value T) (contact.Record, error) {
	P(&value).Normalize()
	P(&value).SetID(id)
	doc, err := encode(value)
	if err != nil {
		return contact.Record{}, err
	}
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := c.read(ctx, org, id, w.Precondition)
		if err != nil {
			return contact.Record{}, err
		}
		if stored.Bool(AttrDeleted) {
			return contact.Record{}, errDeleted
		}
		current, err := c.store.withRepresentatives(ctx, org, stored)
		if err == nil && current.Number(dynamo.AttrVersion) != stored.Number(dynamo.AttrVersion) {
			err = dynamo.ErrConflict
		}
		if err != nil {
			return contact.Record{}, err
		}
		next := nextItem(stored, doc, c.store.now())
		tx := c.store.begin()
		c.enforceRules(tx, contact.Owner{Org: org, Contact: id}, stored, next, &value)
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		current = maps.Clone(current)
		setDoc(current, doc)
		current[dynamo.AttrVersion] = next[dynamo.AttrVersion]
		record := RecordOf(current)
		return record, tx.commit(ctx, w, record)
	})
}

// read returns a contact's item after checking a precondition.
func (c Contacts[T, P]) read(ctx context.Context, org string, id contact.ID, p contact.Precondition) (dynamo.Item, error) {
	stored, err := c.store.contact(ctx, org, id, c.kind)
	if err != nil {
		return nil, err
	}
	return stored, check(p, stored)
}

// Page returns contacts in the order of their creation.
func (c Contacts[T, P]) Page(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
	page, incomplete, err := c.store.page(ctx, keys.Contacts(org, c.kind), dynamo.Key{}, q)
	if err == nil {
		err = c.store.addRepresentatives(ctx, org, page.Rows, incomplete)
	}
	return page, err
}

// Upsert replaces the contact with an external id, or creates one. The error is Stale if If-Match is given and there is none.
func (c Contacts[T, P]) Upsert(ctx context.Context, org, externalID string, w idempotency.Write, value T) (contact.Record, error) {
	P(&value).SetExternal(externalID)
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		unique, err := c.store.Get(ctx, keys.Unique(org, c.kind.String(), externalID))
		if err != nil {
			return contact.Record{}, err
		}
		var record contact.Record
		if unique == nil {
			if w.Precondition.IfMatch.Given {
				return contact.Record{}, contact.Refuse(contact.Stale, "there is no contact with this external id yet; send no If-Match to create it")
			}
			record, err = c.Create(ctx, org, w, value)
		} else {
			record, err = c.Replace(ctx, org, contact.ID(unique.Number(AttrOwner)), w, value)
		}
		if contact.IsRefused(err, contact.Taken) || errors.Is(err, errDeleted) {
			err = dynamo.ErrConflict // created, changed or deleted concurrently
		}
		return record, err
	})
}
