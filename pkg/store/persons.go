package store

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Persons are the individual contacts of the plentymarkets dialect: those that aren't deleted, with their options and the data that only
// that dialect has. A change of a contact and its options is one transaction.
type Persons struct {
	store    *Store
	contacts Contacts[*contact.IndividualContact]
	options  OptionSet
}

// A Person is an individual contact with its options.
type Person struct {
	ID    contact.ID
	Value contact.IndividualContact
	// DialectData is JSON stored with the contact, nil for none. Changes in the other dialect leave it.
	DialectData []byte
	// Options are in the order of ids.
	Options []Option
	// CustomerNumber and DebtorAccount are those of the contact's roles, "" for none.
	CustomerNumber, DebtorAccount string
	Created, Updated              int64 // Unix milliseconds
	// Version is that of the contact itself, without its options.
	Version int64
}

// PersonsOf returns the individual contacts in a store.
func PersonsOf(s *Store) Persons { return Persons{s, Individuals(s), ContactOptions(s)} }

// decodePerson decodes a contact's item; ok is false for an unreadable one.
func decodePerson(i dynamo.Item) (Person, bool) {
	value, err := Decode[contact.IndividualContact](i)
	p := Person{ID: IDOf(i), Value: value,
		Created: i.Number(AttrCreated), Updated: i.Number(AttrUpdated), Version: i.Number(dynamo.AttrVersion)}
	if data := i.String(AttrDialectData); data != "" {
		p.DialectData = []byte(data)
	}
	return p, err == nil
}

// loadedPerson is a person as read for a change.
type loadedPerson struct {
	Person
	item    dynamo.Item
	options loadedOptions
}

// Get returns a person. The error is NotFound if the contact doesn't exist or is deleted.
func (p Persons) Get(ctx context.Context, o contact.Owner) (Person, error) {
	loaded, err := p.load(ctx, o)
	return loaded.Person, err
}

// load reads a contact and its parts, by a GetItem and a Query in parallel.
func (p Persons) load(ctx context.Context, o contact.Owner) (loadedPerson, error) {
	var parts personParts
	var item dynamo.Item
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		parts, err = p.parts(ctx, o)
		return err
	})
	group.Go(func() (err error) {
		item, err = p.store.contact(ctx, o.Org, o.Contact, contact.Individual)
		if err == nil && item.Bool(AttrDeleted) {
			err = notFound("contact")
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return loadedPerson{}, err
	}
	person, ok := decodePerson(item)
	if !ok {
		return loadedPerson{}, &unreadableError{item.String("sk")}
	}
	parts.addTo(&person)
	return loadedPerson{person, item, parts.loadedOptions}, nil
}

// personParts are the fields of a person that its parts have.
type personParts struct {
	loadedOptions
	number, account string
}

func (parts personParts) addTo(p *Person) {
	p.Options, p.CustomerNumber, p.DebtorAccount = parts.options, parts.number, parts.account
}

// parts reads the options and roles of a contact, by one Query.
func (p Persons) parts(ctx context.Context, o contact.Owner) (parts personParts, err error) {
	parts.items = map[contact.ID]dynamo.Item{}
	role, payer := keys.Role(o, keys.RoleCustomer).SK, keys.Role(o, keys.RoleAlternativePayer).SK
	err = p.store.Query(keys.PartsOf(o)).Between(keys.SegmentOptionSet, role).Read(ctx, 0, func(i dynamo.Item) {
		switch i.String("sk") {
		case payer:
			parts.account = i.String(AttrAccount)
		case role:
			parts.account = i.String(AttrAccount)
			if customer, err := Decode[contact.CustomerRole](i); err == nil {
				parts.number = customer.CustomerID
			}
		}
		parts.add(i)
	})
	byID(parts.options)
	return parts, err
}

// Create adds a person with its options, and returns the answer that show makes of it. The error is Taken if another contact has its
// external id.
func (p Persons) Create(ctx context.Context, o contact.Owner, w idempotency.Write, value Person, show func(Person) ([]byte, error)) ([]byte, error) {
	ids := p.store.partIDs()
	answer, err := p.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		d, err := p.contacts.draft(p.contacts.newPlace(tx, o), &value.Value)
		if err != nil {
			return contact.Record{}, err
		}
		d.item.SetString(AttrDialectData, string(value.DialectData))
		p.contacts.put(tx, d)
		created, _ := decodePerson(d.item)
		created.Options = slices.Clone(value.Options)
		for i := range created.Options {
			created.Options[i].ID = ids.next(tx, d.owner)
			if err := p.options.write(tx, d.owner, nil, &created.Options[i]); err != nil {
				return contact.Record{}, err
			}
		}
		byID(created.Options)
		body, err := show(created)
		return contact.Record{ID: created.ID, Version: created.Version, Doc: body}, err
	})
	return answer.Doc, err
}

// Change changes a person as decide does: its value, its dialect data and, if withOptions is true, its options as OptionSet.Change does. It
// returns the answer that show makes of it. The error is NotFound if the contact doesn't exist or is deleted, Taken if another contact has
// its external id, or that of decide or show.
func (p Persons) Change(ctx context.Context, o contact.Owner, w idempotency.Write, withOptions bool, decide func(*Person) error, show func(Person) ([]byte, error)) ([]byte, error) {
	ids := p.store.partIDs()
	answer, err := p.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		now, err := p.load(ctx, o)
		if err != nil {
			return contact.Record{}, err
		}
		next := now.Person
		next.Options = slices.Clone(now.Options)
		if err := decide(&next); err != nil {
			return contact.Record{}, err
		}
		if withOptions {
			tx.changeOptions(o, now.options.changes)
			for i := range next.Options {
				if next.Options[i].ID == 0 {
					next.Options[i].ID = ids.next(tx, o)
				}
				if err := p.options.write(tx, o, now.options.items[next.Options[i].ID], &next.Options[i]); err != nil {
					return contact.Record{}, err
				}
			}
		}
		if err := p.replace(tx, o, now.item, &next); err != nil {
			return contact.Record{}, err
		}
		body, err := show(next)
		return contact.Record{ID: o.Contact, Version: next.Version, Doc: body}, err
	})
	return answer.Doc, deletedAsNotFound(err)
}

// replace adds the write of the contact itself to tx, if it changes.
func (p Persons) replace(tx *transaction, o contact.Owner, stored dynamo.Item, next *Person) error {
	at := p.contacts.at(o, o.Contact)
	at.stored = stored
	d, err := p.contacts.draft(at, &next.Value)
	if err != nil {
		return err
	}
	d.item.SetString(AttrDialectData, string(next.DialectData))
	if !d.changes() {
		tx.Check(stored.Key(), dynamo.Unchanged(stored))
		return nil
	}
	p.contacts.put(tx, d)
	next.Updated, next.Version = d.item.Number(AttrUpdated), d.item.Number(dynamo.AttrVersion)
	return nil
}

// Delete deletes a person as Contacts.Delete does, unless allowed, which may be nil, returns an error for it. The error is NotFound if the
// contact doesn't exist or is deleted.
func (p Persons) Delete(ctx context.Context, o contact.Owner, w idempotency.Write, allowed func(Person) error) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (struct{}, error) {
		item, err := p.store.contact(ctx, o.Org, o.Contact, contact.Individual)
		if err == nil && item.Bool(AttrDeleted) && !item.Bool(AttrReleasing) {
			err = notFound("contact")
		}
		if err != nil {
			return struct{}{}, err
		}
		w := w
		if allowed != nil && !item.Bool(AttrReleasing) {
			now, err := p.load(ctx, o)
			if err == nil {
				err = allowed(now.Person)
			}
			if err != nil {
				return struct{}{}, err
			}
			w.Precondition = contact.Precondition{IfMatch: contact.ETags{Given: true, Versions: []int64{now.Version}}}
		}
		err = p.contacts.Delete(ctx, o, o.Contact, w)
		if errors.Is(err, contact.ErrStale) {
			err = dynamo.ErrConflict
		}
		return struct{}{}, err
	})
	return err
}

// deletedAsNotFound replaces the error that a contact is deleted: this dialect doesn't show deleted contacts.
func deletedAsNotFound(err error) error {
	if errors.Is(err, errDeleted) {
		return notFound("contact")
	}
	return err
}

// requireNotDeleted returns NotFound if the contact doesn't exist or is deleted, by its guard.
func (s *Store) requireNotDeleted(ctx context.Context, o contact.Owner) error {
	guard, err := s.Get(ctx, keys.Guard(o.Org, o.Contact))
	if err == nil && (guard == nil || guard.Bool(AttrDeleted)) {
		err = notFound("contact")
	}
	return err
}
