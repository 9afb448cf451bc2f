package store

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Ids of parts are unique within their contact, across types of part and processes: the contact's guard has the greatest id, and a
// transaction that assigns another requires that it is greater. So no id is assigned twice, neither if two processes draw the same one
// in a millisecond nor if the clock of one is slow.
//
// Ids that are used without their contact are unique within their tenant: each has one key, which is put on the condition that it
// doesn't exist (contacts, customer lists, own types; lookup entries of options, ids of tags).

// partIDs assigns ids to the parts that one operation creates. It never repeats one, in any number of tries.
type partIDs struct {
	store *Store
	last  contact.ID // the greatest id known to be assigned
}

func (s *Store) partIDs() *partIDs { return &partIDs{store: s} }

// next returns the id of a part that the transaction creates, greater than those of the contact's other parts. If it isn't, the
// transaction fails with dynamo.ErrConflict, and the next try gets one that is.
func (p *partIDs) next(tx *transaction, o contact.Owner) contact.ID {
	id := p.fresh()
	p.reserve(tx, o, id)
	return id
}

// fresh returns an id greater than all that are known to be assigned.
func (p *partIDs) fresh() contact.ID {
	return max(p.store.ids.Next(contact.Part), p.last.Next()|contact.ID(contact.Part))
}

// reserve makes the transaction fail with dynamo.ErrConflict unless id is greater than those of the contact's parts.
func (p *partIDs) reserve(tx *transaction, o contact.Owner, id contact.ID) {
	p.last = id
	if o.Contact == 0 {
		return // parts of the tenant itself have keys of their own
	}
	guard := keys.Guard(o.Org, o.Contact)
	if !tx.Update(guard).Changes(AttrLastID) { // the first id of the transaction is the least
		tx.Check(guard, p.greater(id))
	}
	tx.Update(guard).Set(AttrLastID, dynamo.Number(int64(id)))
}

// greater requires that id is greater than a guard's last id.
func (p *partIDs) greater(id contact.ID) dynamo.Condition {
	unused := dynamo.Or(dynamo.AttributeNotExists(AttrLastID), dynamo.LessThan(AttrLastID, int64(id)))
	return dynamo.RequireFunc(unused, func(stored dynamo.Item) error {
		p.last = max(p.last, contact.ID(stored.Number(AttrLastID)))
		return dynamo.ErrConflict
	})
}
