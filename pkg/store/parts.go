package store

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// A Part is a resource under an owner: a pointer to one of the types of package contact.
type Part interface {
	SetID(contact.ID)
	// Normalize brings a value that was sent into the form that is kept.
	Normalize()
	// Validate refuses a value that breaks rules of its own.
	Validate() error
}

// Parts is a collection of one kind of resource, in the order of creation, under any owner. Where a field is nil there is
// nothing of the kind.
type Parts struct {
	store   *Store
	segment string
	noun    string
	links   func(Part, contact.Owner) Links
	// binds tells that its ties have to be let go when the contact is deleted.
	hasLinks bool
	// derived are the fields that other resources' writes fill in, as a new part has them.
	derived dynamo.Item
	// settle completes a value from the part that it replaces, nil for a new one; or refuses it.
	setDefaults func(stored dynamo.Item, value Part) error
	// beside writes what else changes with the part: from stored to next, which holds value. A side where there is no
	// part is nil.
	onWrite func(tx *transaction, o contact.Owner, id contact.ID, stored, next dynamo.Item, value Part)
	// under is where the resources lie that go with the part: a partition, and how their sort keys begin.
	children func(o contact.Owner, id contact.ID) (partition, prefix string)
	// indexed reports whether what lies there has an offset index, which is deleted too.
	indexed bool
	// keep refuses the deletion of a part that shall stay.
	keep func(stored dynamo.Item) error
	// list is the partition of a collection that has one to itself.
	list func(org string) string
	// blank is a value to read a part into.
	blank func() Part
}

func (p Parts) partition(o contact.Owner) string {
	if p.list != nil {
		return p.list(o.Org)
	}
	return keys.PartsOf(o)
}

// prefix begins the sort keys of the collection.
func (p Parts) prefix(o contact.Owner) string {
	if p.list != nil {
		return ""
	}
	return keys.Prefix(o, p.segment)
}

// List returns all of an owner's parts. NotFound if there is no such owner, contact.ErrAnswerTooLarge if an answer can't carry them.
func (p Parts) List(ctx context.Context, o contact.Owner) ([]contact.Record, error) {
	var rows []contact.Record
	prefix := p.prefix(o)
	err := readRows(ctx, p.store.Query(p.partition(o)).Prefix(prefix), 0, func(r row) int {
		if len(r.sk) != len(prefix)+keys.IDDigits { // longer ones lie under a part
			return 0
		}
		rows = append(rows, r.Record)
		return len(r.Doc)
	})
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return nil, p.store.requireOwnerExists(ctx, o) // parts prove their owner; an empty collection proves nothing
}

// Values returns those of an owner's parts that can be read, as the type they are.
func Values[T any](ctx context.Context, p Parts, o contact.Owner) ([]T, error) {
	var values []T
	err := p.store.Query(p.partition(o)).Prefix(p.prefix(o)).Read(ctx, 0, func(i dynamo.Item) {
		if value, err := Decode[T](i); err == nil {
			values = append(values, value)
		}
	})
	return values, err
}

// requireThere returns NotFound if there is no such owner.
func (s *Store) requireOwnerExists(ctx context.Context, o contact.Owner) error {
	if o.Contact == 0 {
		return nil
	}
	there, err := s.Exists(ctx, keys.Owner(o))
	if err == nil && !there {
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

// Get returns a part.
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

// Create adds a part under a new id. NotFound if there is no such owner, Impossible if its contact is deleted or the
// part refers to what doesn't exist.
func (p Parts) Create(ctx context.Context, o contact.Owner, w idempotency.Write, value Part) (contact.Record, error) {
	ids := p.store.partIDs()
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		tx := p.store.begin()
		tx.requireOwner(o)
		if o.Identity != 0 {
			tx.Update(keys.Owner(o)).Add(AttrChildren, 1) // a deletion of the identity that has not seen the part fails
		}
		if p.hasLinks {
			tx.countChange(o)
		}
		made, err := p.add(tx, o, ids.next(tx, o), value)
		if err != nil {
			return made, err
		}
		return made, tx.commit(ctx, w, made)
	})
}

// A NewPart is a part that is made together with its contact.
type NewPart func(tx *transaction, o contact.Owner, ids *partIDs) error

// New is a part to be made together with its contact; telephone numbers are read as they are dialled in region.
func (p Parts) New(value Part, region string) NewPart {
	return func(tx *transaction, o contact.Owner, ids *partIDs) error {
		o.Region = region
		if p.hasLinks {
			tx.countChange(o)
		}
		_, err := p.add(tx, o, ids.next(tx, o), value)
		return err
	}
}

func (p Parts) add(tx *transaction, o contact.Owner, id contact.ID, value Part) (contact.Record, error) {
	value.Normalize()
	value.SetID(id)
	item, err := p.newVersion(o, id, nil, value)
	if err != nil {
		return contact.Record{}, err
	}
	p.updateLinks(tx, o, id, nil, item, value)
	tx.Put(item, dynamo.NotExists())
	return RecordOf(item), nil
}

// compose is the item of a value, in the place of stored if that isn't nil.
func (p Parts) newVersion(o contact.Owner, id contact.ID, stored dynamo.Item, value Part) (dynamo.Item, error) {
	if p.setDefaults != nil {
		if err := p.setDefaults(stored, value); err != nil {
			return nil, err
		}
	}
	doc, err := encode(value)
	if err != nil {
		return nil, err
	}
	if stored != nil {
		return nextItem(stored, doc, p.store.now()), nil
	}
	item := NewItem(p.key(o, id), doc, p.store.now())
	for name, value := range p.derived {
		item[name] = value
	}
	return item, nil
}

// relate brings what stands beside a part in line with its change from stored to next, which holds value.
func (p Parts) updateLinks(tx *transaction, o contact.Owner, id contact.ID, stored, next dynamo.Item, value Part) {
	if value != nil {
		tx.refuse(keys.PartsOf(o), value.Validate())
	}
	if p.onWrite != nil {
		p.onWrite(tx, o, id, stored, next, value)
	}
	tx.link(o.Org, p.target(o, id), stored, next, p.linksOf(o, next, value))
}

// tiesOf are those of an item that holds value; none for nil.
func (p Parts) linksOf(o contact.Owner, item dynamo.Item, value Part) (t Links) {
	if p.links != nil && value != nil {
		t = p.links(value, o)
	}
	t.References = append(t.References, dialectReferences(item)...)
	return t
}

// Replace puts value in the place of the part.
func (p Parts) Replace(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write, value Part) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := p.read(ctx, o, id, w.Precondition)
		if err != nil {
			return contact.Record{}, err
		}
		value.Normalize()
		value.SetID(id)
		next, err := p.newVersion(o, id, stored, value)
		if err != nil {
			return contact.Record{}, err
		}
		tx := p.store.begin()
		tx.requireOwner(o)
		if p.hasLinks {
			tx.countChange(o) // it may hold something now that it didn't before
		}
		p.updateLinks(tx, o, id, stored, next, value)
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		made := RecordOf(next)
		return made, tx.commit(ctx, w, made)
	})
}

// Delete removes the part, with what lies under it. Impossible while something refers to it.
func (p Parts) Delete(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := p.read(ctx, o, id, w.Precondition)
		if err != nil {
			return contact.Record{}, err
		}
		if p.keep != nil {
			if err := p.keep(stored); err != nil {
				return contact.Record{}, err
			}
		}
		tx := p.store.begin()
		tx.requireOwner(o)
		p.updateLinks(tx, o, id, stored, nil, nil)
		tx.Delete(p.key(o, id), dynamo.Unchanged(stored), notReferenced(0))
		if p.children != nil {
			tx.Check(p.key(o, id), dynamo.SameAttribute(AttrChildren, stored))
			if stored[AttrChildren] != nil { // else nothing ever lay under it
				if err := p.empty(ctx, tx, o, id); err != nil {
					return contact.Record{}, p.store.explainReferences(ctx, o.Org, p.target(o, id), err)
				}
			}
		}
		return contact.Record{}, p.store.explainReferences(ctx, o.Org, p.target(o, id), tx.commit(ctx, w, contact.Record{ID: id}))
	})
	return err
}

// maxEmptied bounds how much of what lies under a part is looked at together.
const maxEmptied = 10_000

// empty adds the removal of what lies under a part to its deletion. What one transaction can't hold is removed before, in
// transactions of their own; then all begins anew, with what was added meanwhile.
func (p Parts) empty(ctx context.Context, last *transaction, o contact.Owner, id contact.ID) error {
	partition, prefix := p.children(o, id)
	var contents []dynamo.Item
	if err := p.store.Query(partition).Prefix(prefix).Read(ctx, maxEmptied, func(i dynamo.Item) { contents = append(contents, i) }); err != nil {
		return err
	}
	if p.indexed { // after the rows: each that was removed by then has a tombstone
		index := p.store.Query(keys.OffsetRoot(dynamo.Key{PK: partition}).PK)
		if err := index.Read(ctx, maxEmptied, func(i dynamo.Item) { contents = append(contents, i) }); err != nil {
			return err
		}
	}
	all := len(contents) < maxEmptied
	for len(contents) > 0 {
		step := p.store.begin()
		step.Check(p.key(o, id), notReferenced(0)) // nothing goes if the part itself has to stay
		n := 0
		for ; n < len(contents) && step.Len()+2 < dynamo.MaxTransactionItems; n++ {
			step.deleteChild(o, contents[n])
		}
		if n == len(contents) && all && last.Len()+step.Len() < dynamo.MaxTransactionItems {
			for _, item := range contents {
				last.deleteChild(o, item)
			}
			return nil
		}
		if err := step.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return err
		}
		contents, all = contents[n:], false
	}
	if !all {
		return dynamo.ErrConflict
	}
	return nil
}

// discard removes an item that goes with what it lies under, and its entries for the look-up.
func (tx *transaction) deleteChild(o contact.Owner, item dynamo.Item) {
	tx.linkLookups(o.Org, keys.Target{Contact: o.Contact, Part: item.String("sk")}, item, nil, nil)
	tx.Delete(item.Key())
	if item[dynamo.AttrVersion] != nil {
		tx.Check(item.Key(), dynamo.Unchanged(item)) // its entries are those that were read
	}
}

// bind counts a change of a part that holds something: a deletion of the contact that has not seen it fails.
func (tx *transaction) countChange(o contact.Owner) {
	tx.Update(keys.Guard(o.Org, o.Contact)).Add(AttrChildren, 1)
}

// requireOwner holds that the owner is there and its contact not deleted.
func (tx *transaction) requireOwner(o contact.Owner) {
	if o.Contact == 0 {
		return
	}
	tx.Check(keys.Guard(o.Org, o.Contact), dynamo.Exists(notFound("contact")), notDeleted(errDeleted))
	if o.Identity != 0 {
		tx.Check(keys.Owner(o), dynamo.Exists(notFound("professional identity")))
	}
}
