package store

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// The ids of parts are unique beneath their contact, whatever the kind of part, and however many processes give them: the contact's
// guard knows the last one, and a transaction that gives another holds it to be greater. So one is taken a second time neither where
// two processes draw the same in the same millisecond, nor where the clock of one is behind.
//
// Ids that are used without their contact are unique in their tenant: there is one key for each, and what is put there is put on the
// condition that nothing is (contacts, customer lists, own types; the entries of options, the claims of tags).

// partIDs gives ids to the parts that one operation makes, in as many tries as it takes: it never gives one again.
type partIDs struct {
	store *Store
	last  contact.ID // the greatest that is known to be given
}

func (s *Store) partIDs() *partIDs { return &partIDs{store: s} }

// next is the id of a part that the transaction makes, greater than all that its contact gave. If that turns out to be wrong, the
// transaction fails with dynamo.ErrConflict, and a further try gives one that is.
func (p *partIDs) next(tx *transaction, o contact.Owner) contact.ID {
	id := p.fresh()
	p.reserve(tx, o, id)
	return id
}

// fresh is an id that is greater than all that are known to be given.
func (p *partIDs) fresh() contact.ID {
	return max(p.store.ids.Next(contact.Part), p.last.Next()|contact.ID(contact.Part))
}

// given makes the transaction fail with dynamo.ErrConflict unless an id is greater than all that the contact gave.
func (p *partIDs) reserve(tx *transaction, o contact.Owner, id contact.ID) {
	p.last = id
	if o.Contact == 0 {
		return // the tenant's own
	}
	guard := keys.Guard(o.Org, o.Contact)
	if !tx.Update(guard).Changes(AttrLastID) { // the first of the transaction, whose ids grow
		tx.Check(guard, p.greater(id))
	}
	tx.Update(guard).Set(AttrLastID, dynamo.Number(int64(id)))
}

// greater requires that a guard's last id is less than one that is to be given.
func (p *partIDs) greater(id contact.ID) dynamo.Condition {
	unused := dynamo.Or(dynamo.AttributeNotExists(AttrLastID), dynamo.LessThan(AttrLastID, int64(id)))
	return dynamo.RequireFunc(unused, func(stored dynamo.Item) error {
		p.last = max(p.last, contact.ID(stored.Number(AttrLastID)))
		return dynamo.ErrConflict
	})
}
