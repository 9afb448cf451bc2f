package store

import (
	"context"
	"maps"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// A Part is a pointer to a type of part: a contact.PartOf its type.
type Part interface {
	contact.Resource
	SetID(contact.ID)
}

// Parts is a collection of one type of part, in the order of creation, of any owner. Functions may be nil.
type Parts struct {
	store   *Store
	segment string
	noun    string
	// hasLinks reports whether parts can have links that a deletion of their contact removes.
	hasLinks bool
	// derived are the initial values of the fields that writes of other resources update.
	derived dynamo.Item
	// setDefaults sets fields from the part that value replaces, nil for a new one, or refuses value.
	setDefaults func(stored dynamo.Item, value Part) error
	// onWrite adds the writes of other items that follow from a change of the part from stored to next, the item of value. stored is
	// nil on creation, next and value on deletion.
	onWrite func(tx *transaction, o contact.Owner, id contact.ID, stored, next dynamo.Item, value Part)
	// children locates the items that are deleted with the part, by partition and prefix of the sort key.
	children func(o contact.Owner, id contact.ID) (partition, prefix string)
	// indexed reports whether the children have an offset index, which is deleted with them.
	indexed bool
	// checkDeletion returns an error for a part that must not be deleted.
	checkDeletion func(stored dynamo.Item) error
	// list returns the partition of a collection that has its own; nil for one in its owner's partition.
	list func(org string) string
	// blank returns an empty part to decode into.
	blank func() Part
}

func (p Parts) partition(o contact.Owner) string {
	if p.list != nil {
		return p.list(o.Org)
	}
	return keys.PartsOf(o)
}

// prefix returns the prefix of the collection's sort keys.
func (p Parts) prefix(o contact.Owner) string {
	if p.list != nil {
		return ""
	}
	return keys.Prefix(o, p.segment)
}

// List returns all of an owner's parts. The error is NotFound if the owner doesn't exist, contact.ErrAnswerTooLarge if the parts exceed
// the largest answer.
func (p Parts) List(ctx context.Context, o contact.Owner) ([]contact.Record, error) {
	var rows []contact.Record
	prefix := p.prefix(o)
	err := readRows(ctx, p.store.Query(p.partition(o)).Prefix(prefix), 0, func(r row) int {
		if len(r.sk) != len(prefix)+keys.IDDigits { // longer ones belong to a part of the collection
			return 0
		}
		rows = append(rows, r.Record)
		return len(r.Doc)
	})
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return nil, p.store.requireOwnerExists(ctx, o) // an empty collection doesn't prove that its owner exists
}

// Values returns an owner's parts, decoded. It omits those that can't be decoded.
func Values[T any](ctx context.Context, p Parts, o contact.Owner) ([]T, error) {
	var values []T
	err := p.store.Query(p.partition(o)).Prefix(p.prefix(o)).Read(ctx, 0, func(i dynamo.Item) {
		if value, err := Decode[T](i); err == nil {
			values = append(values, value)
		}
	})
	return values, err
}

// requireOwnerExists returns NotFound if the owner doesn't exist.
func (s *Store) requireOwnerExists(ctx context.Context, o contact.Owner) error {
	if o.Contact == 0 {
		return nil
	}
	exists, err := s.Exists(ctx, keys.Owner(o))
	if err == nil && !exists {
		err = notFound(ownerNoun(o))
	}
	return err
}

func ownerNoun(o contact.Owner) string {
	if o.Identity != 0 {
		return "professional identity"
	}
	return "contact"
}

// Get returns a part. The error is NotFound if it doesn't exist.
func (p Parts) Get(ctx context.Context, o contact.Owner, id contact.ID) (contact.Record, error) {
	item, err := p.read(ctx, o, id, contact.Precondition{})
	if err != nil {
		return contact.Record{}, err
	}
	return readable(item)
}

func (p Parts) key(o contact.Owner, id contact.ID) dynamo.Key {
	return dynamo.Key{PK: p.partition(o), SK: p.prefix(o) + keys.Digits(id)}
}

func (p Parts) target(o contact.Owner, id contact.ID) keys.Target {
	return keys.Target{Contact: o.Contact, Part: p.key(o, id).SK}
}

func (p Parts) read(ctx context.Context, o contact.Owner, id contact.ID, require contact.Precondition) (dynamo.Item, error) {
	item, err := p.store.Get(ctx, p.key(o, id))
	switch {
	case err != nil:
		return nil, err
	case item == nil:
		return nil, notFound(p.noun)
	}
	return item, check(require, item)
}

// Create adds a part with a new id. The error is NotFound if the owner doesn't exist, Impossible if its contact is deleted or a
// reference names a resource that doesn't exist.
func (p Parts) Create(ctx context.Context, o contact.Owner, w idempotency.Write, value Part) (contact.Record, error) {
	ids := p.store.partIDs()
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		tx := p.store.begin()
		tx.requireOwner(o)
		if o.Identity != 0 {
			tx.Update(keys.Owner(o)).Add(AttrChildren, 1) // fails a concurrent deletion of the identity that hasn't read the part
		}
		if p.hasLinks {
			tx.recordChildChange(o)
		}
		record, err := p.add(tx, o, ids.next(tx, o), value)
		if err != nil {
			return record, err
		}
		return record, tx.commit(ctx, w, record)
	})
}

// A NewPart adds a part to the transaction that creates its contact.
type NewPart func(tx *transaction, o contact.Owner, ids *partIDs) error

// New returns a part to create together with its contact. Telephone numbers are read as dialled in region.
func (p Parts) New(value Part, region string) NewPart {
	return func(tx *transaction, o contact.Owner, ids *partIDs) error {
		o.Region = region
		if p.hasLinks {
			tx.recordChildChange(o)
		}
		_, err := p.add(tx, o, ids.next(tx, o), value)
		return err
	}
}

func (p Parts) add(tx *transaction, o contact.Owner, id contact.ID, value Part) (contact.Record, error) {
	value.Normalize()
	value.SetID(id)
	item, err := p.itemOf(o, id, nil, value)
	if err != nil {
		return contact.Record{}, err
	}
	p.enforceRules(tx, o, id, nil, item, value)
	tx.Put(item, dynamo.NotExists())
	return RecordOf(item), nil
}

// itemOf returns the item of value, which replaces stored; nil for a new part.
func (p Parts) itemOf(o contact.Owner, id contact.ID, stored dynamo.Item, value Part) (dynamo.Item, error) {
	if err := p.setDefaults(stored, value); err != nil {
		return nil, err
	}
	doc, err := encode(value)
	if err != nil {
		return nil, err
	}
	if stored != nil {
		return nextItem(stored, doc, p.store.now()), nil
	}
	item := NewItem(p.key(o, id), doc, p.store.now())
	maps.Copy(item, p.derived)
	return item, nil
}

// enforceRules adds to a change of a part, from stored to next, the item of value, what the rules of its type require: validity, writes
// of other items, links.
func (p Parts) enforceRules(tx *transaction, o contact.Owner, id contact.ID, stored, next dynamo.Item, value Part) {
	if value != nil {
		tx.refuse(keys.PartsOf(o), value.Validate())
	}
	if p.onWrite != nil {
		p.onWrite(tx, o, id, stored, next, value)
	}
	tx.link(o.Org, p.target(o, id), stored, next, p.linksOf(o, next, value))
}

// linksOf returns the links of an item with value; none for nil.
func (p Parts) linksOf(o contact.Owner, item dynamo.Item, value Part) (links resolved) {
	if value != nil {
		links = resolve(value.Links(o), o.Region)
	}
	links.references = append(links.references, dialectReferences(item)...)
	return links
}

// Replace replaces a part by value. Its errors are those of Create, NotFound if the part doesn't exist, and contact.ErrStale.
func (p Parts) Replace(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write, value Part) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := p.read(ctx, o, id, w.Precondition)
		if err != nil {
			return contact.Record{}, err
		}
		value.Normalize()
		value.SetID(id)
		next, err := p.itemOf(o, id, stored, value)
		if err != nil {
			return contact.Record{}, err
		}
		tx := p.store.begin()
		tx.requireOwner(o)
		if p.hasLinks {
			tx.recordChildChange(o) // it may have its first links now
		}
		p.enforceRules(tx, o, id, stored, next, value)
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		record := RecordOf(next)
		return record, tx.commit(ctx, w, record)
	})
}

// Delete deletes a part and its children. The error is Impossible while a reference restricts it.
func (p Parts) Delete(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := p.read(ctx, o, id, w.Precondition)
		if err != nil {
			return contact.Record{}, err
		}
		if p.checkDeletion != nil {
			if err := p.checkDeletion(stored); err != nil {
				return contact.Record{}, err
			}
		}
		tx := p.store.begin()
		tx.requireOwner(o)
		p.enforceRules(tx, o, id, stored, nil, nil)
		tx.Delete(p.key(o, id), dynamo.Unchanged(stored), notReferenced(0))
		if p.children != nil {
			tx.Check(p.key(o, id), dynamo.SameAttribute(AttrChildren, stored))
			if stored[AttrChildren] != nil { // else it never had children
				if err := p.deleteChildren(ctx, tx, o, id); err != nil {
					return contact.Record{}, p.store.explainReferences(ctx, o.Org, p.target(o, id), err)
				}
			}
		}
		return contact.Record{}, p.store.explainReferences(ctx, o.Org, p.target(o, id), tx.commit(ctx, w, contact.Record{ID: id}))
	})
	return err
}

// maxChildren is the most children that are read at once.
const maxChildren = 10_000

// deleteChildren adds the deletion of a part's children to last, the transaction that deletes the part. If there are too many for it, it
// deletes them in transactions of their own first, and returns dynamo.ErrConflict: the retry finds the few added meanwhile.
func (p Parts) deleteChildren(ctx context.Context, last *transaction, o contact.Owner, id contact.ID) error {
	partition, prefix := p.children(o, id)
	var items []dynamo.Item
	if err := p.store.Query(partition).Prefix(prefix).Read(ctx, maxChildren, func(i dynamo.Item) { items = append(items, i) }); err != nil {
		return err
	}
	if p.indexed { // after the rows: each that was removed until then has a tombstone
		index := p.store.Query(keys.OffsetRoot(dynamo.Key{PK: partition}).PK)
		if err := index.Read(ctx, maxChildren, func(i dynamo.Item) { items = append(items, i) }); err != nil {
			return err
		}
	}
	all := len(items) < maxChildren
	for len(items) > 0 {
		step := p.store.begin()
		step.Check(p.key(o, id), notReferenced(0)) // no child is deleted if the part must stay
		n := 0
		for ; n < len(items) && step.Len()+2 < dynamo.MaxTransactionItems; n++ {
			step.deleteChild(o, items[n])
		}
		if n == len(items) && all && last.Len()+step.Len() < dynamo.MaxTransactionItems {
			for _, item := range items {
				last.deleteChild(o, item)
			}
			return nil
		}
		if err := step.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return err
		}
		items, all = items[n:], false
	}
	if !all {
		return dynamo.ErrConflict
	}
	return nil
}

// deleteChild deletes an item that belongs to a deleted part, and its lookup entries.
func (tx *transaction) deleteChild(o contact.Owner, item dynamo.Item) {
	tx.linkLookups(o.Org, keys.Target{Contact: o.Contact, Part: item.String("sk")}, item, nil)
	tx.Delete(item.Key())
	if item[dynamo.AttrVersion] != nil {
		tx.Check(item.Key(), dynamo.Unchanged(item)) // its lookup entries are those that were read
	}
}

// recordChildChange counts a change of a part that can have links: a concurrent deletion of the contact that hasn't read the part fails.
func (tx *transaction) recordChildChange(o contact.Owner) {
	tx.Update(keys.Guard(o.Org, o.Contact)).Add(AttrChildren, 1)
}

// requireOwner requires that the owner exists and its contact isn't deleted.
func (tx *transaction) requireOwner(o contact.Owner) {
	if o.Contact == 0 {
		return
	}
	tx.Check(keys.Guard(o.Org, o.Contact), dynamo.Exists(notFound("contact")), notDeleted(errDeleted))
	if o.Identity != 0 {
		tx.Check(keys.Owner(o), dynamo.Exists(notFound("professional identity")))
	}
}
