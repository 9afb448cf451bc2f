package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Tags are the tags of contacts. All contacts of a tenant whose tags differ only in case share one tag: its id, and its name as first
// written. The name is erased with the last contact that has the tag; the id stays.
type Tags struct{ parts Parts[*contact.Tag] }

// TagsOf returns the tags in a store.
func TagsOf(s *Store) Tags {
	return Tags{parts[*contact.Tag](s, keys.SegmentTag, "tag of the contact")}
}

const (
	AttrTag    = "tag"  // N: the id of a shared tag
	AttrTagKey = "name" // S: of the item of a tag's id: the sort key of the shared tag
)

// TagIDItem returns the item that reserves the id of a shared tag for ever.
func TagIDItem(org string, shared dynamo.Item) dynamo.Item {
	item := keys.TagID(org, contact.ID(shared.Number(AttrTag))).Item()
	item[AttrTagKey] = shared["sk"]
	return item
}

// tagged is the error that the contact has the tag already, with its record.
type tagged struct{ contact.Record }

func (tagged) Error() string { return "store: the contact has the tag already" }

// List returns a contact's tags in the order in which they were added. The error is NotFound if the contact doesn't exist.
func (t Tags) List(ctx context.Context, o contact.Owner) ([]contact.Record, error) {
	items, err := t.read(ctx, o)
	if err == nil && len(items) == 0 {
		err = t.parts.store.requireOwnerExists(ctx, o)
	}
	rows := make([]contact.Record, len(items))
	for i, item := range items {
		rows[i] = RecordOf(item)
	}
	return rows, err
}

// Names returns the names of a contact's tags in the order in which they were added; none if it doesn't exist.
func (t Tags) Names(ctx context.Context, o contact.Owner) ([]string, error) {
	items, err := t.read(ctx, o)
	names := make([]string, 0, len(items))
	for _, item := range items {
		if tag, unreadable := Decode[contact.Tag](item); unreadable == nil {
			names = append(names, tag.Name)
		}
	}
	return names, err
}

func (t Tags) read(ctx context.Context, o contact.Owner) (items []dynamo.Item, err error) {
	err = t.parts.store.Query(t.parts.partition(o)).Prefix(t.parts.prefix(o)).Read(ctx, 0, func(i dynamo.Item) { items = append(items, i) })
	slices.SortStableFunc(items, func(a, b dynamo.Item) int { return cmp.Compare(a.Number(AttrCreated), b.Number(AttrCreated)) })
	return items, err
}

// Add adds the tag of a name to a contact. Adding it again changes nothing. The error is NotFound if the contact doesn't exist, Impossible
// if it is deleted.
func (t Tags) Add(ctx context.Context, o contact.Owner, w idempotency.Write, name string) (contact.Record, error) {
	record, err := t.parts.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		shared, err := t.parts.store.Get(ctx, keys.Tag(o.Org, name))
		if err != nil {
			return contact.Record{}, err
		}
		tx.requireOwner(o)
		switch id := contact.ID(shared.Number(AttrTag)); {
		case shared == nil:
			id = t.parts.store.ids.Next(contact.Part)
			doc, err := encode(contact.Tag{ID: id, Name: name})
			if err != nil {
				return contact.Record{}, err
			}
			shared = NewItem(keys.Tag(o.Org, name), doc, t.parts.store.now())
			shared[AttrTag] = dynamo.Number(int64(id))
			tx.Put(shared, dynamo.NotExists())
			tx.Put(TagIDItem(o.Org, shared), dynamo.NotExists()) // if another tag has the id, the retry takes a new one
		case shared.Bool(AttrErased):
			doc, err := encode(contact.Tag{ID: id, Name: name})
			if err != nil {
				return contact.Record{}, err
			}
			next := nextItem(shared, doc, t.parts.store.now())
			delete(next, AttrErased)
			tx.Replace(shared, next, dynamo.Unchanged(shared))
			shared = next
		}
		at := t.parts.at(o, contact.ID(shared.Number(AttrTag)))
		doc, err := Document(shared)
		if err != nil {
			return contact.Record{}, err
		}
		item := NewItem(at.key, doc, t.parts.store.now())
		tx.countChildChange(o)
		tx.link(o.Org, at.target, nil, item, resolve((&contact.Tag{Name: name}).Links(o), o.Region))
		tx.Put(item, dynamo.NotExistsElse(func(stored dynamo.Item) error { return tagged{RecordOf(stored)} }))
		return RecordOf(item), nil
	})
	if existing := (tagged{}); errors.As(err, &existing) {
		return existing.Record, nil
	}
	return record, err
}

// Remove removes a tag from a contact. The error is NotFound if the contact doesn't have it, or Stale if the precondition fails.
func (t Tags) Remove(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) error {
	return t.parts.Delete(ctx, o, id, w)
}
