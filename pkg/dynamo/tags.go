package dynamo

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"contacts/pkg/contact"
)

// Tags are the words that contacts are marked with. All contacts of a tenant that have the same one, in any case, share
// it: its id, and its name as it was first written. The name goes with the erasure of the last contact that has the tag; the id stays.
type Tags struct{ table *Table }

// TagsOf returns the tags of a table.
func TagsOf(t *Table) Tags { return Tags{t} }

const (
	attrTag  = "tag"  // N: the id of a shared tag
	attrName = "name" // S: of the claim of a tag's id: the sort key of the shared tag
)

// tagClaim is the claim of a shared tag's id, by which no other tag ever has it.
func tagClaim(org string, shared Item) Item {
	claim := tagIDKey(org, contact.ID(shared.number(attrTag))).entry()
	claim[attrName] = shared["sk"]
	return claim
}

// tagged says that the contact has the tag already.
type tagged struct{ contact.Record }

func (tagged) Error() string { return "dynamo: tagged already" }

// List returns a contact's tags in the order in which it got them.
func (t Tags) List(ctx context.Context, o Owner) ([]contact.Record, error) {
	var items []Item
	err := t.table.prefixed(o.partition()).read(ctx, o.prefix(segmentTag), 0, func(i Item) { items = append(items, i) })
	if err == nil && len(items) == 0 {
		err = t.table.requireThere(ctx, o)
	}
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(a.number(attrCreated), b.number(attrCreated)) })
	rows := make([]contact.Record, len(items))
	for i, item := range items {
		rows[i] = item.record()
	}
	return rows, err
}

// Add marks a contact with the tag of a name. Doing it again changes nothing. NotFound if there is no such contact,
// Impossible if it is deleted.
func (t Tags) Add(ctx context.Context, o Owner, name string) (contact.Record, error) {
	made, err := untilUnchanged(ctx, func() (contact.Record, error) {
		shared, err := t.table.get(ctx, tagKey(o.Org, name))
		if err != nil {
			return contact.Record{}, err
		}
		tx := t.table.begin()
		tx.requireOwner(o)
		tx.bind(o)
		switch id := contact.ID(shared.number(attrTag)); {
		case shared == nil:
			id = t.table.ids.Next(contact.Part)
			doc, err := encode(contact.Tag{ID: id, Name: name})
			if err != nil {
				return contact.Record{}, err
			}
			shared = newItem(tagKey(o.Org, name), doc, t.table.now())
			shared[attrTag] = num(int64(id))
			tx.put(shared, absent(func(Item) error { return errChanged }))
			tx.put(tagClaim(o.Org, shared), absent(func(Item) error { return errChanged })) // another tag has the id: this one takes another
		case shared.is(attrErased):
			doc, err := encode(contact.Tag{ID: id, Name: name})
			if err != nil {
				return contact.Record{}, err
			}
			next := nextItem(shared, doc, t.table.now())
			delete(next, attrErased)
			tx.replace(shared, next, unchanged(shared))
			shared = next
		}
		part := target{o.Contact, o.prefix(segmentTag) + digits(contact.ID(shared.number(attrTag)))}
		item := newItem(part.key(o.Org), []byte(shared.text(attrDoc)), t.table.now())
		tx.tie(o.Org, part, nil, item, ties{finds: []string{FindTag(name)}})
		tx.put(item, absent(func(stored Item) error { return tagged{stored.record()} }))
		made := item.record()
		return made, tx.commit(ctx, made)
	})
	if already := (tagged{}); errors.As(err, &already) {
		return already.Record, nil
	}
	return made, err
}

// Remove takes a tag off a contact. NotFound if it doesn't have it.
func (t Tags) Remove(ctx context.Context, o Owner, id contact.ID, match contact.Precondition) error {
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		part := target{o.Contact, o.prefix(segmentTag) + digits(id)}
		stored, err := t.table.get(ctx, part.key(o.Org))
		if err != nil {
			return contact.Record{}, err
		}
		if stored == nil {
			return contact.Record{}, notFound("tag of the contact")
		}
		if err := stored.meets(match); err != nil {
			return contact.Record{}, err
		}
		tx := t.table.begin()
		tx.requireOwner(o)
		tx.tie(o.Org, part, stored, nil, ties{})
		tx.remove(part.key(o.Org), unchanged(stored))
		return contact.Record{}, tx.commit(ctx, contact.Record{ID: id})
	})
	return err
}
