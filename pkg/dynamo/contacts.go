package dynamo

import (
	"context"

	"contacts/pkg/contact"
)

// A Resource is what a list of contacts holds.
type Resource[T any] interface {
	*T
	Identify(contact.ID)
	// External returns the external id, or "".
	External() string
	// Bury marks the contact as deleted.
	Bury()
}

// Contacts is the list of all contacts of one kind, in the order of their creation.
type Contacts[T any, P Resource[T]] struct {
	table *Table
	kind  contact.Kind
}

// Individuals is the list of individual contacts.
func Individuals(t *Table) Contacts[contact.IndividualContact, *contact.IndividualContact] {
	return Contacts[contact.IndividualContact, *contact.IndividualContact]{t, contact.Individual}
}

// Get returns a contact, deleted ones too. One read unit for each 4 KB.
func (c Contacts[T, P]) Get(ctx context.Context, org string, id contact.ID) (Record, error) {
	item, err := c.table.contact(ctx, org, id, c.kind)
	if err != nil {
		return Record{}, err
	}
	return item.readable()
}

// contact reads a contact's own item. An id of another kind is not found without asking.
func (t *Table) contact(ctx context.Context, org string, id contact.ID, kind contact.Kind) (Item, error) {
	if id.Kind() != kind {
		return nil, notFound("contact")
	}
	item, err := t.get(ctx, contactKey(org, id))
	if err == nil && item == nil {
		err = notFound("contact")
	}
	return item, err
}

// Create adds a contact under a new id. Taken if another contact of the kind has its external id.
func (c Contacts[T, P]) Create(ctx context.Context, org string, value T) (Record, error) {
	return untilUnchanged(ctx, func() (Record, error) {
		id := c.table.ids.Next(c.kind)
		P(&value).Identify(id)
		doc, err := encode(value)
		if err != nil {
			return Record{}, err
		}
		item := newItem(contactKey(org, id), doc, c.table.now())
		item.setText(attrExternal, P(&value).External())
		tx := c.table.begin()
		tx.put(item, absent(func(Item) error { return errChanged }))
		tx.claim(externalKey(org, P(&value).External(), c.kind), P(&value).External(), id, "external_id")
		made := Record{ID: id, Version: 1, Doc: doc}
		return made, tx.commit(ctx, made)
	})
}

// Replace puts value in the place of the contact. Impossible for a deleted contact, Stale if match says so, Taken if
// another contact has its external id.
func (c Contacts[T, P]) Replace(ctx context.Context, org string, id contact.ID, match Match, value T) (Record, error) {
	P(&value).Identify(id)
	doc, err := encode(value)
	if err != nil {
		return Record{}, err
	}
	return untilUnchanged(ctx, func() (Record, error) {
		stored, err := c.read(ctx, org, id, match)
		if err != nil {
			return Record{}, err
		}
		if stored.is(attrDeleted) {
			return Record{}, errDeleted
		}
		next := nextItem(stored, doc, c.table.now())
		next.setText(attrExternal, P(&value).External())
		tx := c.table.begin()
		tx.put(next, unchanged(stored))
		if before, after := stored.text(attrExternal), P(&value).External(); before != after {
			tx.release(externalKey(org, before, c.kind), before)
			tx.claim(externalKey(org, after, c.kind), after, id, "external_id")
		}
		made := Record{ID: id, Version: next.number(attrVersion), Doc: doc}
		return made, tx.commit(ctx, made)
	})
}

// Delete marks the contact as deleted and frees its unique values. Doing it again changes nothing.
func (c Contacts[T, P]) Delete(ctx context.Context, org string, id contact.ID, match Match) error {
	_, err := untilUnchanged(ctx, func() (Record, error) {
		stored, err := c.read(ctx, org, id, match)
		if err != nil || stored.is(attrDeleted) {
			return Record{}, err
		}
		doc := []byte(stored.text(attrDoc))
		if last, err := decode[T](stored); err == nil { // a damaged contact can be deleted too
			P(&last).Bury()
			if doc, err = encode(last); err != nil {
				return Record{}, err
			}
		}
		next := nextItem(stored, doc, c.table.now())
		next[attrDeleted] = yes
		tx := c.table.begin()
		tx.put(next, unchanged(stored))
		external := stored.text(attrExternal)
		tx.release(externalKey(org, external, c.kind), external)
		return Record{}, tx.commit(ctx, Record{ID: id})
	})
	return err
}

// read returns a contact that is about to change, and holds it against match.
func (c Contacts[T, P]) read(ctx context.Context, org string, id contact.ID, match Match) (Item, error) {
	stored, err := c.table.contact(ctx, org, id, c.kind)
	if err != nil {
		return nil, err
	}
	return stored, match.check(stored)
}

// Page returns contacts in the order of their creation.
func (c Contacts[T, P]) Page(ctx context.Context, org string, q Query) (Page, error) {
	return c.table.page(ctx, listOf(org, c.kind), q)
}

var errDeleted = contact.Refuse(contact.Impossible, "the contact is deleted and can't be changed")

func notFound(noun string) error {
	return contact.Refuse(contact.NotFound, "no such %s, or its id is not one", noun)
}

// readable returns the item's record, or a fault if it can't be shown.
func (i Item) readable() (Record, error) {
	r := i.record()
	if r.Doc == nil {
		return r, &unreadable{i.text("sk")}
	}
	return r, nil
}

// unreadable is the fault of an item that holds no resource.
type unreadable struct{ sk string }

func (u *unreadable) Error() string { return "dynamo: stored object " + u.sk + " can't be read" }

// Match is what If-Match asks of the stored version. The zero Match asks nothing.
type Match struct {
	// Given tells that there is an If-Match. It then holds for the Versions, or, where Any, for whatever is there.
	Given, Any bool
	Versions   []int64
}

func (m Match) check(stored Item) error {
	if !m.Given || m.Any {
		return nil
	}
	for _, v := range m.Versions {
		if v == stored.number(attrVersion) {
			return nil
		}
	}
	return contact.Refuse(contact.Stale, "the resource was changed since; read it again")
}

// claim makes a value the contact's own. An empty value needs no claim.
func (tx *transaction) claim(key Key, value string, owner contact.ID, field string) {
	if value == "" {
		return
	}
	item := key.entry()
	item[attrOwner] = num(int64(owner))
	tx.put(item, condition{absent(nil).expression, func(stored Item) error {
		if holder := contact.ID(stored.number(attrOwner)); stored != nil {
			return &contact.Error{Reason: contact.Taken, Existing: holder,
				Detail: field + " is taken by another contact",
				Faults: []contact.Fault{{Pointer: "/" + field, Detail: "taken by " + holder.String()}}}
		}
		return nil
	}})
}

// release gives a claimed value back.
func (tx *transaction) release(key Key, value string) {
	if value != "" {
		tx.remove(key)
	}
}
