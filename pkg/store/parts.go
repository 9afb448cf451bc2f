package store

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Parts is a collection of one type of part, in the order of creation, of any owner.
type Parts[P contact.Resource[P]] struct {
	repository[P]
	segment string
	// ownPartition returns the partition of a tenant's collection that has one of its own; nil for a collection in its owner's partition,
	// by its segment.
	ownPartition func(org string) string
	// children locates the items that are deleted with a part, by partition and prefix of the sort key; nil for none.
	children func(o contact.Owner, id contact.ID) (partition, prefix string)
	// checkDeletion returns an error for a part that must not be deleted. It may be nil.
	checkDeletion func(P) error
}

// parts returns the collection of a type of part with a segment.
func parts[P contact.Resource[P]](s *Store, segment, name string) Parts[P] {
	return Parts[P]{repository: repository[P]{store: s, name: name}, segment: segment}
}

func (p Parts[P]) partition(o contact.Owner) string {
	if p.ownPartition != nil {
		return p.ownPartition(o.Org)
	}
	return keys.PartsOf(o)
}

// prefix returns the prefix of the sort keys of an owner's parts.
func (p Parts[P]) prefix(o contact.Owner) string {
	if p.ownPartition != nil {
		return ""
	}
	return keys.Prefix(o, p.segment)
}

// at returns the place of a part.
func (p Parts[P]) at(o contact.Owner, id contact.ID) place {
	key := keys.Part(o, p.segment, id)
	if p.ownPartition != nil {
		key = dynamo.Key{PK: p.ownPartition(o.Org), SK: keys.Digits(id)}
	}
	return place{owner: o, target: keys.Target{Contact: o.Contact, Part: key.SK}, key: key}
}

// List returns all of an owner's parts. The error is NotFound if the owner doesn't exist, contact.ErrAnswerTooLarge if the parts exceed
// the largest answer.
func (p Parts[P]) List(ctx context.Context, o contact.Owner) ([]contact.Record, error) {
	var rows []contact.Record
	prefix := p.prefix(o)
	err := readRows(ctx, p.store.Query(p.partition(o)).Prefix(prefix), 0, func(r row) int {
		if !isPart(r.sk, prefix) {
			return 0
		}
		rows = append(rows, r.Record)
		return len(r.Doc)
	})
	if err == nil && len(rows) == 0 {
		err = p.store.requireOwnerExists(ctx, o)
	}
	return rows, err
}

// isPart reports whether a sort key with the prefix of a collection is that of a part of it; longer ones are those of the part's own parts.
func isPart(sk, prefix string) bool { return len(sk) == len(prefix)+keys.IDDigits }

// requireOwnerExists returns NotFound if the owner doesn't exist.
func (s *Store) requireOwnerExists(ctx context.Context, o contact.Owner) error {
	if o.Contact == 0 {
		return nil
	}
	exists, err := s.Exists(ctx, keys.Owner(o))
	switch {
	case err != nil || exists:
		return err
	case o.Identity != 0:
		return notFound("professional identity")
	}
	return notFound("contact")
}

// Values returns an owner's parts, decoded. It omits those that can't be decoded.
func (p Parts[P]) Values(ctx context.Context, o contact.Owner) ([]P, error) {
	var values []P
	prefix := p.prefix(o)
	err := p.store.Query(p.partition(o)).Prefix(prefix).Read(ctx, 0, func(i dynamo.Item) {
		if !isPart(i.String("sk"), prefix) {
			return
		}
		if value, err := Decode[P](i); err == nil {
			values = append(values, value)
		}
	})
	return values, err
}

// Get returns a part. The error is NotFound if it doesn't exist.
func (p Parts[P]) Get(ctx context.Context, o contact.Owner, id contact.ID) (contact.Record, error) {
	at, err := p.read(ctx, p.at(o, id), contact.Precondition{})
	if err != nil {
		return contact.Record{}, err
	}
	return readable(at.stored)
}

// Create adds a part with a new id. The error is NotFound if the owner doesn't exist, Impossible if its contact is deleted or a
// reference names a resource that doesn't exist.
func (p Parts[P]) Create(ctx context.Context, o contact.Owner, w idempotency.Write, value P) (contact.Record, error) {
	ids := p.store.partIDs()
	return p.save(ctx, w, value, func(tx *transaction) (place, error) {
		tx.requireOwner(o)
		if o.Identity != 0 {
			tx.Update(keys.Owner(o)).Add(AttrChildren, 1) // fails a concurrent deletion of the identity that hasn't read the part
		}
		return p.at(o, ids.next(tx, o)), nil
	})
}

// A NewPart adds a part to the transaction that creates its contact.
type NewPart func(tx *transaction, o contact.Owner, ids *partIDs) error

// New returns a part to create together with its contact.
func (p Parts[P]) New(value P) NewPart {
	return func(tx *transaction, o contact.Owner, ids *partIDs) error {
		_, err := p.write(tx, p.at(o, ids.next(tx, o)), value)
		return err
	}
}

// Replace replaces a part by value. Its errors are those of Create, NotFound if the part doesn't exist, and Stale if the precondition fails.
func (p Parts[P]) Replace(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write, value P) (contact.Record, error) {
	return p.save(ctx, w, value, func(tx *transaction) (place, error) {
		tx.requireOwner(o)
		return p.read(ctx, p.at(o, id), w.Precondition)
	})
}

// Delete deletes a part and its children. The error is NotFound if it doesn't exist, Stale if the precondition fails, or Impossible while
// a reference restricts it.
func (p Parts[P]) Delete(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		at, err := p.read(ctx, p.at(o, id), w.Precondition)
		if err != nil {
			return contact.Record{}, err
		}
		if value, err := Decode[P](at.stored); err == nil && p.checkDeletion != nil {
			if err := p.checkDeletion(value); err != nil {
				return contact.Record{}, err
			}
		}
		tx := p.store.begin()
		tx.requireOwner(o)
		p.remove(tx, at)
		tx.Check(at.key, notReferenced(0))
		if p.children != nil {
			tx.Check(at.key, dynamo.SameAttribute(AttrChildren, at.stored))
			if at.stored[AttrChildren] != nil { // else it never had children
				partition, prefix := p.children(o, id)
				err = tx.deleteChildren(ctx, at, partition, prefix)
			}
		}
		if err == nil {
			err = tx.commit(ctx, w, contact.Record{ID: id})
		}
		return contact.Record{}, p.store.explainReferences(ctx, o.Org, at.target, err)
	})
	return err
}
