package store

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Persons are the individual contacts as the plentymarkets dialect sees them: each is a contact that isn't deleted, with its
// options, and with what that dialect alone knows of it. A change of contact and options is one transaction.
type Persons struct {
	store    *Store
	contacts Contacts[contact.IndividualContact, *contact.IndividualContact]
	options  OptionSet
}

// A Person is an individual contact with its options.
type Person struct {
	ID    contact.ID
	Value contact.IndividualContact
	// Aside is JSON that is kept beside the contact, nil for none: the other dialect leaves it.
	DialectData []byte
	// Options are in the order of their ids.
	Options []Option
	// CustomerNumber and DebtorAccount are those of its roles, "" for none.
	CustomerNumber, DebtorAccount string
	Created, Updated              int64 // Unix milliseconds
	// Version counts the changes of the contact itself.
	Version int64
}

// PersonsOf returns the individual contacts of a table.
func PersonsOf(s *Store) Persons { return Persons{s, Individuals(s), ContactOptions(s)} }

// person reads a contact's own item. One that is damaged is none.
func person(i dynamo.Item) (Person, bool) {
	value, err := Decode[contact.IndividualContact](i)
	p := Person{ID: IDOf(i), Value: value,
		Created: i.Number(AttrCreated), Updated: i.Number(AttrUpdated), Version: i.Number(dynamo.AttrVersion)}
	if aside := i.String(AttrDialectData); aside != "" {
		p.DialectData = []byte(aside)
	}
	return p, err == nil
}

// openedPerson is a person as it was read to be changed.
type openedPerson struct {
	Person
	item    dynamo.Item
	options opened
}

// Get returns a person. NotFound if there is none, or no longer.
func (p Persons) Get(ctx context.Context, o contact.Owner) (Person, error) {
	read, err := p.open(ctx, o)
	return read.Person, err
}

// open reads a contact and its options: a GetItem and a Query, side by side.
func (p Persons) open(ctx context.Context, o contact.Owner) (openedPerson, error) {
	var found ofPerson
	var item dynamo.Item
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found, err = p.parts(ctx, o)
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
		return openedPerson{}, err
	}
	read, ok := person(item)
	if !ok {
		return openedPerson{}, &unreadableError{item.String("sk")}
	}
	found.of(&read)
	return openedPerson{read, item, found.opened}, nil
}

// ofPerson is what a person's parts say.
type ofPerson struct {
	opened
	number, account string
}

func (f ofPerson) of(p *Person) {
	p.Options, p.CustomerNumber, p.DebtorAccount = f.options, f.number, f.account
}

// parts reads the options of a contact, and what its roles say of it: one Query.
func (p Persons) parts(ctx context.Context, o contact.Owner) (now ofPerson, err error) {
	now.items = map[contact.ID]dynamo.Item{}
	role, payer := keys.Role(o, keys.RoleCustomer).SK, keys.Role(o, keys.RoleAlternativePayer).SK
	err = p.store.Query(keys.PartsOf(o)).Between(keys.SegmentOptionSet, role).Read(ctx, 0, func(i dynamo.Item) {
		switch i.String("sk") {
		case keys.SegmentOptionSet:
			now.changes = i.Number(dynamo.AttrVersion)
		case payer:
			now.account = i.String(AttrAccount)
		case role:
			now.account = i.String(AttrAccount)
			if customer, err := Decode[contact.CustomerRole](i); err == nil {
				now.number = customer.CustomerID
			}
		}
		if m, ok := p.options.option(i); ok {
			now.options, now.items[m.ID] = append(now.options, m), i
		}
	})
	byID(now.options)
	return now, err
}

// Create adds a person, with its options. show makes of it what the caller is told. Taken if another contact has its external id.
func (p Persons) Create(ctx context.Context, o contact.Owner, w idempotency.Write, made Person, show func(Person) ([]byte, error)) ([]byte, error) {
	ids := p.store.partIDs()
	answer, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		made := made
		tx := p.store.begin()
		item, err := p.contacts.add(tx, o.Org, made.Value)
		if err != nil {
			return contact.Record{}, err
		}
		added := RecordOf(item)
		o := contact.Owner{Org: o.Org, Contact: added.ID, Region: o.Region}
		item.SetString(AttrDialectData, string(made.DialectData))
		made.Options = append([]Option(nil), made.Options...)
		for i := range made.Options {
			made.Options[i].ID = ids.next(tx, o)
			if err := p.options.write(tx, o, nil, &made.Options[i]); err != nil {
				return contact.Record{}, err
			}
		}
		byID(made.Options)
		read, _ := person(item)
		read.Options = made.Options
		body, err := show(read)
		if err != nil {
			return contact.Record{}, err
		}
		answer := contact.Record{ID: added.ID, Version: added.Version, Doc: body}
		return answer, tx.commit(ctx, w, answer)
	})
	return answer.Doc, err
}

// Change makes of a person what decide says of it: its value, what is kept beside it, and, if withOptions, its options, as
// Bundle.Change does. show makes of it what the caller is told. NotFound if there is none, or no longer; Taken if another contact
// has its external id.
func (p Persons) Change(ctx context.Context, o contact.Owner, w idempotency.Write, withOptions bool, decide func(*Person) error, show func(Person) ([]byte, error)) ([]byte, error) {
	ids := p.store.partIDs()
	answer, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		now, err := p.open(ctx, o)
		if err != nil {
			return contact.Record{}, err
		}
		next := now.Person
		next.Options = append([]Option(nil), now.Options...)
		if err := decide(&next); err != nil {
			return contact.Record{}, err
		}
		tx := p.store.begin()
		if withOptions {
			tx = p.options.begin(o, now.options.changes)
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
		if err != nil {
			return contact.Record{}, err
		}
		answer := contact.Record{ID: o.Contact, Version: next.Version, Doc: body}
		return answer, tx.commit(ctx, w, answer)
	})
	return answer.Doc, hideDeleted(err)
}

// replace writes the contact itself, if anything of it changes.
func (p Persons) replace(tx *transaction, o contact.Owner, stored dynamo.Item, next *Person) error {
	next.Value.SetID(o.Contact)
	doc, err := encode(next.Value)
	if err != nil {
		return err
	}
	if stored.String(AttrDoc) == string(doc) && stored.String(AttrDialectData) == string(next.DialectData) {
		tx.Check(stored.Key(), dynamo.Unchanged(stored))
		return nil
	}
	item := nextItem(stored, doc, p.store.now())
	item.SetString(AttrDialectData, string(next.DialectData))
	tx.link(o.Org, keys.Target{Contact: o.Contact}, stored, item, p.contacts.linksOf(&next.Value))
	tx.Replace(stored, item, dynamo.Unchanged(stored))
	next.Updated, next.Version = item.Number(AttrUpdated), item.Number(dynamo.AttrVersion)
	return nil
}

// Delete deletes a person as Contacts.Delete does. NotFound if there is none, or no longer. allowed, unless it is nil, is asked
// beforehand, and again when the contact changed meanwhile.
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
			now, err := p.open(ctx, o)
			if err == nil {
				err = allowed(now.Person)
			}
			if err != nil {
				return struct{}{}, err
			}
			w.Precondition = contact.Precondition{IfMatch: contact.ETags{Given: true, Versions: []int64{now.Version}}}
		}
		err = p.contacts.Delete(ctx, o.Org, o.Contact, w)
		if errors.Is(err, contact.ErrStale) {
			err = dynamo.ErrConflict
		}
		return struct{}{}, err
	})
	return err
}

// hidden says of a deleted contact that there is none: so this dialect has it.
func hideDeleted(err error) error {
	if errors.Is(err, errDeleted) {
		return notFound("contact")
	}
	return err
}

// requireLiving returns NotFound if there is no such contact, or no longer: its guard says so.
func (s *Store) requireNotDeleted(ctx context.Context, o contact.Owner) error {
	guard, err := s.Get(ctx, keys.Guard(o.Org, o.Contact))
	if err == nil && (guard == nil || guard.Bool(AttrDeleted)) {
		err = notFound("contact")
	}
	return err
}
