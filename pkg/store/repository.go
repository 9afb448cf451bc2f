package store

import (
	"bytes"
	"context"
	"maps"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// A repository reads and writes the resources of one type, and enforces the rules of the type. Contacts, Parts and Singletons say where
// their resources are stored, and how they come and go. A write goes from save, which repeats on conflicts, through write, which adds it to
// one transaction, and draft, which makes the stored form, to put, which enforces the rules.
type repository[P contact.Resource[P]] struct {
	store *Store
	name  string // of a resource, in errors
	// derived are the initial values of the fields that writes of other resources update.
	derived dynamo.Item
	// before returns what is known of a stored resource. If it is nil, that is its document, as long as it can be decoded.
	before func(stored dynamo.Item) P
	// onWrite adds the writes of other items that follow from a change of the resource to next, the item of value; both are nil on
	// deletion, except that of a contact, whose item stays: then value is nil only if it can't be read. It may be nil.
	onWrite func(tx *transaction, at place, next dynamo.Item, value P)
}

// A place is where a resource is stored, or will be.
type place struct {
	owner  contact.Owner // the contact itself for a contact
	target keys.Target   // as others refer to it
	key    dynamo.Key
	// stored is its item; nil for a new resource.
	stored dynamo.Item
	// account is the number of the resource's account, "" for none.
	account string
	// shown are attributes that the answer to a write shows in place of those that are written.
	shown dynamo.Item
}

func (p place) id() contact.ID { return keys.LastID(p.key.SK) }

// A draft is a resource in the form in which it will be stored.
type draft[P any] struct {
	place
	value  P
	before P // nil for a new one, or if it is unreadable
	item   dynamo.Item
}

// read returns a place with the item that is stored there. The error is NotFound if there is none, or Stale if the precondition fails.
func (r repository[P]) read(ctx context.Context, at place, require contact.Precondition) (place, error) {
	var err error
	if at.stored, err = r.store.Get(ctx, at.key); err != nil {
		return at, err
	}
	if at.stored == nil {
		return at, notFound(r.name)
	}
	return at, check(require, at.stored)
}

// save writes value at the place that prepare returns, in one transaction with what prepare adds to it, and returns the record. It repeats
// both on a conflict.
func (r repository[P]) save(ctx context.Context, w idempotency.Write, value P, prepare func(*transaction) (place, error)) (contact.Record, error) {
	return r.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		at, err := prepare(tx)
		if err != nil {
			return contact.Record{}, err
		}
		return r.write(tx, at, value)
	})
}

// write adds the write of a value to tx, and returns its record.
func (r repository[P]) write(tx *transaction, at place, value P) (contact.Record, error) {
	d, err := r.draft(at, value)
	if err != nil {
		return contact.Record{}, err
	}
	r.put(tx, d)
	if at.shown == nil {
		return RecordOf(d.item), nil
	}
	shown := maps.Clone(d.item)
	maps.Copy(shown, at.shown)
	return RecordOf(shown), nil
}

// draft returns a value in its stored form. The error is TooLarge.
func (r repository[P]) draft(at place, value P) (draft[P], error) {
	d := draft[P]{place: at, value: value}
	if at.stored != nil && r.before != nil {
		d.before = r.before(at.stored)
	} else if before, err := Decode[P](at.stored); err == nil {
		d.before = before
	}
	now := r.store.now()
	d.value.Normalize(d.before, contact.Assigned{ID: at.id(), Account: at.account, Now: contact.TimeOf(now.UnixMilli())})
	doc, err := encode(d.value)
	if err != nil {
		return d, err
	}
	if at.stored != nil {
		d.item = nextItem(at.stored, doc, now)
	} else {
		d.item = NewItem(at.key, doc, now)
		maps.Copy(d.item, r.derived)
	}
	d.item.SetString(AttrAccount, at.account)
	return d, nil
}

// changes reports whether a draft differs from what is stored in its document or its dialect data.
func (d draft[P]) changes() bool {
	stored, err := Document(d.stored)
	doc, _ := Document(d.item)
	return err != nil || !bytes.Equal(stored, doc) || d.stored.String(AttrDialectData) != d.item.String(AttrDialectData)
}

// put adds the write of a draft to tx, with all that the rules of its type require: validity, writes of other items, links.
func (r repository[P]) put(tx *transaction, d draft[P]) {
	tx.refuse(d.key, d.value.Validate(d.before))
	if r.onWrite != nil {
		r.onWrite(tx, d.place, d.item, d.value)
	}
	links := resolve(d.value.Links(d.owner), d.owner.Region)
	links.references = append(links.references, dialectReferences(d.item)...)
	tx.link(d.owner.Org, d.target, d.stored, d.item, links)
	if d.target.Part != "" && d.owner.Contact != 0 && HasLinks(d.item) {
		tx.countChildChange(d.owner)
	}
	if d.stored == nil {
		tx.Put(d.item, dynamo.NotExists())
	} else {
		tx.Replace(d.stored, d.item, dynamo.Unchanged(d.stored))
	}
}

// remove adds the deletion of a resource to tx, with all that the rules of its type require.
func (r repository[P]) remove(tx *transaction, at place) {
	if r.onWrite != nil {
		r.onWrite(tx, at, nil, *new(P))
	}
	tx.removeWithLinks(at.owner, at.stored)
}

// removeWithLinks adds the deletion of a part and of the entries of its links.
func (tx *transaction) removeWithLinks(o contact.Owner, stored dynamo.Item) {
	tx.link(o.Org, keys.Target{Contact: o.Contact, Part: stored.String("sk")}, stored, nil, resolved{})
	tx.Remove(stored, dynamo.Unchanged(stored))
}
