package dynamo

import "contacts/pkg/contact"

// The ids of parts are unique beneath their contact, whatever the kind of part, and however many processes give them: the contact's
// guard knows the last one, and a transaction that gives another holds it to be greater. So one is taken a second time neither where
// two processes draw the same in the same millisecond, nor where the clock of one is behind.
//
// Ids that are used without their contact are unique in their tenant: there is one key for each, and what is put there is put on the
// condition that nothing is (contacts, customer lists, own types; the entries of options, the claims of tags).

// partIDs gives ids to the parts that one operation makes, in as many tries as it takes: it never gives one again.
type partIDs struct {
	table *Table
	last  contact.ID // the greatest that is known to be given
}

func (t *Table) partIDs() *partIDs { return &partIDs{table: t} }

// next is the id of a part that the transaction makes, greater than all that its contact gave. If that turns out to be wrong, the
// transaction fails with errChanged, and a further try gives one that is.
func (p *partIDs) next(tx *transaction, o Owner) contact.ID {
	id := p.fresh()
	p.given(tx, o, id)
	return id
}

// fresh is an id that is greater than all that are known to be given.
func (p *partIDs) fresh() contact.ID {
	return max(p.table.ids.Next(contact.Part), p.last.Next()|contact.ID(contact.Part))
}

// given makes the transaction fail with errChanged unless an id is greater than all that the contact gave.
func (p *partIDs) given(tx *transaction, o Owner, id contact.ID) {
	p.last = id
	if o.Contact == 0 {
		return // the tenant's own
	}
	guard := tx.step(guardKey(o.Org, o.Contact))
	if guard.put != nil { // its contact is made with it
		guard.put[attrLast] = num(int64(id))
		return
	}
	if guard.update.sets[attrLast] == nil { // the first of the transaction, whose ids grow
		guard.conds = append(guard.conds, p.greater(id))
	}
	guard.update.set(attrLast, num(int64(id)))
}

// greater holds of a guard whose last id is less than one that is to be given.
func (p *partIDs) greater(id contact.ID) condition {
	return condition{text: "attribute_not_exists(#last) OR #last < :given", names: map[string]string{"#last": attrLast}, values: values{":given": num(int64(id))},
		explain: func(stored Item) error {
			last := contact.ID(stored.number(attrLast))
			if last < id {
				return nil
			}
			p.last = max(p.last, last)
			return errChanged
		}}
}
