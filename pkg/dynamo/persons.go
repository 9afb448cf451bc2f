package dynamo

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"contacts/pkg/contact"
)

// Persons are the individual contacts as the plentymarkets dialect sees them: each is a contact that isn't deleted, with its
// options, and with what that dialect alone knows of it. A change of contact and options is one transaction.
type Persons struct {
	table    *Table
	contacts Contacts[contact.IndividualContact, *contact.IndividualContact]
	options  Bundle
}

// A Person is an individual contact with its options.
type Person struct {
	ID    contact.ID
	Value contact.IndividualContact
	// Aside is JSON that is kept beside the contact, nil for none: the other dialect leaves it.
	Aside []byte
	// Options are in the order of their ids.
	Options []Member
	// CustomerNumber and DebtorAccount are those of its roles, "" for none.
	CustomerNumber, DebtorAccount string
	Created, Updated              int64 // Unix milliseconds
	// Version counts the changes of the contact itself.
	Version int64
}

// PersonsOf returns the individual contacts of a table.
func PersonsOf(t *Table) Persons { return Persons{t, Individuals(t), ContactOptions(t)} }

// person reads a contact's own item. One that is damaged is none.
func person(i Item) (Person, bool) {
	value, err := decode[contact.IndividualContact](i)
	p := Person{ID: i.id(), Value: value,
		Created: i.number(attrCreated), Updated: i.number(attrUpdated), Version: i.number(attrVersion)}
	if aside := i.text(attrAside); aside != "" {
		p.Aside = []byte(aside)
	}
	return p, err == nil
}

// openedPerson is a person as it was read to be changed.
type openedPerson struct {
	Person
	item    Item
	options opened
}

// Get returns a person. NotFound if there is none, or no longer.
func (p Persons) Get(ctx context.Context, o Owner) (Person, error) {
	read, err := p.open(ctx, o)
	return read.Person, err
}

// open reads a contact and its options: a GetItem and a Query, side by side.
func (p Persons) open(ctx context.Context, o Owner) (openedPerson, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var parts sync.WaitGroup
	var found ofPerson
	var failed error
	parts.Go(func() { found, failed = p.parts(ctx, o) })
	item, err := p.table.contact(ctx, o.Org, o.Contact, contact.Individual)
	if err == nil && item.is(attrDeleted) {
		err = notFound("contact")
	}
	if err != nil {
		cancel()
	}
	parts.Wait()
	if err == nil {
		err = failed
	}
	if err != nil {
		return openedPerson{}, err
	}
	read, ok := person(item)
	if !ok {
		return openedPerson{}, &unreadable{item.text("sk")}
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
	p.Options, p.CustomerNumber, p.DebtorAccount = f.members, f.number, f.account
}

// parts reads the options of a contact, and what its roles say of it: one Query.
func (p Persons) parts(ctx context.Context, o Owner) (now ofPerson, err error) {
	now.items = map[contact.ID]Item{}
	role, payer := roleKey(roleCustomer)(o).SK, roleKey(roleAlternativePayer)(o).SK
	r := &reader{table: p.table, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(o.partition()), ":end": str(role)},
	}}
	err = r.read(ctx, segmentChanges, 0, func(i Item) {
		switch i.text("sk") {
		case segmentChanges:
			now.changes = i.number(attrVersion)
		case payer:
			now.account = i.text(attrAccount)
		case role:
			now.account = i.text(attrAccount)
			if customer, err := decode[contact.CustomerRole](i); err == nil {
				now.number = customer.CustomerID
			}
		}
		if m, ok := p.options.member(i); ok {
			now.members, now.items[m.ID] = append(now.members, m), i
		}
	})
	byID(now.members)
	return now, err
}

// Create adds a person, with its options. show makes of it what the caller is told. Taken if another contact has its external id.
func (p Persons) Create(ctx context.Context, o Owner, made Person, show func(Person) ([]byte, error)) ([]byte, error) {
	ids := p.table.partIDs()
	answer, err := untilUnchanged(ctx, func() (contact.Record, error) {
		made := made
		tx := p.table.begin()
		added, err := p.contacts.add(tx, o.Org, made.Value)
		if err != nil {
			return contact.Record{}, err
		}
		o := Owner{Org: o.Org, Contact: added.ID, Region: o.Region}
		item := tx.step(contactKey(o.Org, added.ID)).put
		item.setText(attrAside, string(made.Aside))
		guard := tx.step(guardKey(o.Org, o.Contact))
		made.Options = append([]Member(nil), made.Options...)
		for i := range made.Options {
			made.Options[i].ID = ids.next(tx, o)
			if err := p.options.write(tx, o, nil, &made.Options[i]); err != nil {
				return contact.Record{}, err
			}
			guard.put[attrChildren] = num(1) // as if it had been made after the contact
		}
		guard.update = update{} // what the options count there is in it
		byID(made.Options)
		read, _ := person(item)
		read.Options = made.Options
		body, err := show(read)
		if err != nil {
			return contact.Record{}, err
		}
		answer := contact.Record{ID: added.ID, Version: added.Version, Doc: body}
		return answer, tx.commit(ctx, answer)
	})
	return answer.Doc, err
}

// Change makes of a person what decide says of it: its value, what is kept beside it, and, if withOptions, its options, as
// Bundle.Change does. show makes of it what the caller is told. NotFound if there is none, or no longer; Taken if another contact
// has its external id.
func (p Persons) Change(ctx context.Context, o Owner, withOptions bool, decide func(*Person) error, show func(Person) ([]byte, error)) ([]byte, error) {
	ids := p.table.partIDs()
	answer, err := untilUnchanged(ctx, func() (contact.Record, error) {
		now, err := p.open(ctx, o)
		if err != nil {
			return contact.Record{}, err
		}
		next := now.Person
		next.Options = append([]Member(nil), now.Options...)
		if err := decide(&next); err != nil {
			return contact.Record{}, err
		}
		tx := p.table.begin()
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
		return answer, tx.commit(ctx, answer)
	})
	return answer.Doc, hidden(err)
}

// replace writes the contact itself, if anything of it changes.
func (p Persons) replace(tx *transaction, o Owner, stored Item, next *Person) error {
	next.Value.SetID(o.Contact)
	doc, err := encode(next.Value)
	if err != nil {
		return err
	}
	if stored.text(attrDoc) == string(doc) && stored.text(attrAside) == string(next.Aside) {
		tx.require(stored.key(), unchanged(stored))
		return nil
	}
	item := nextItem(stored, doc, p.table.now())
	item.setText(attrAside, string(next.Aside))
	tx.tie(o.Org, target{contact: o.Contact}, stored, item, p.contacts.tiesOf(&next.Value))
	tx.replace(stored, item, unchanged(stored))
	next.Updated, next.Version = item.number(attrUpdated), item.number(attrVersion)
	return nil
}

// Delete deletes a person as Contacts.Delete does. NotFound if there is none, or no longer. allowed, unless it is nil, is asked
// beforehand, and again when the contact changed meanwhile.
func (p Persons) Delete(ctx context.Context, o Owner, allowed func(Person) error) error {
	_, err := untilUnchanged(ctx, func() (struct{}, error) {
		item, err := p.table.contact(ctx, o.Org, o.Contact, contact.Individual)
		if err == nil && item.is(attrDeleted) && !item.is(attrReleasing) {
			err = notFound("contact")
		}
		if err != nil {
			return struct{}{}, err
		}
		match := contact.Precondition{}
		if allowed != nil && !item.is(attrReleasing) {
			now, err := p.open(ctx, o)
			if err == nil {
				err = allowed(now.Person)
			}
			if err != nil {
				return struct{}{}, err
			}
			match = contact.Precondition{IfMatch: contact.ETags{Given: true, Versions: []int64{now.Version}}}
		}
		err = p.contacts.Delete(ctx, o.Org, o.Contact, match)
		if errors.Is(err, ErrStale) {
			err = errChanged
		}
		return struct{}{}, err
	})
	return err
}

// hidden says of a deleted contact that there is none: so this dialect has it.
func hidden(err error) error {
	if errors.Is(err, errDeleted) {
		return notFound("contact")
	}
	return err
}

// requireLiving returns NotFound if there is no such contact, or no longer: its guard says so.
func (t *Table) requireLiving(ctx context.Context, o Owner) error {
	guard, err := t.get(ctx, guardKey(o.Org, o.Contact))
	if err == nil && (guard == nil || guard.is(attrDeleted)) {
		err = notFound("contact")
	}
	return err
}
