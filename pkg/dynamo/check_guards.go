package dynamo

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
)

// The rules of guards: what parts check of their contact is what the contact is, and what a deletion asks before it looks no further is so.

// isDeleted reports whether a contact is deleted: what two of its item, its document and its guard say.
func (j *judgement) isDeleted(stored Item) bool {
	if stored == nil {
		return false
	}
	kept, guard := stored.is(attrDeleted), j.at(guardKey(j.place.org, stored.id()))
	if guard == nil || guard.is(attrDeleted) == kept {
		return kept
	}
	var says struct {
		Deleted bool `json:"deleted"`
	}
	if json.Unmarshal([]byte(stored.text(attrDoc)), &says) != nil {
		return kept
	}
	return says.Deleted
}

// guarded holds a contact to have a guard that says of it what it is.
func (j *judgement) guarded() {
	key := guardKey(j.place.org, j.place.owner)
	guard, deleted := j.at(key), j.isDeleted(j.item)
	if deleted != j.item.is(attrDeleted) {
		j.find(FoundDeletion, fmt.Sprintf("its document and its guard say deleted: %t, what stands beside its document %t", deleted, !deleted), "make that say so too", func(tx *transaction) {
			j.change(tx, func(u *update) { u.flag(attrDeleted, deleted) })
		})
	}
	if guard == nil {
		j.find(FoundGuard, "it has no guard, and nothing can be added to it", "make it one, of its parts and references", func(tx *transaction) {
			tx.put(j.guard(), absent(func(Item) error { return errChanged }))
		})
		return
	}
	j.guardSays(guard, attrDeleted, deleted)
	j.guardSays(guard, attrErased, j.item.is(attrErased))
}

func (j *judgement) guardSays(guard Item, attribute string, is bool) {
	if said := guard.is(attribute); said != is {
		j.find(FoundGuard, fmt.Sprintf("its guard says %s: %t, it says %t itself", attribute, said, is), "make the guard say so too", func(tx *transaction) {
			tx.require(guard.key(), present(errChanged), asIs(attribute, guard))
			tx.step(guard.key()).update.flag(attribute, is)
		})
	}
}

// guard is what the guard of a contact that lost it is made anew of: what lies in the contact's partition. Its account numbers come back
// from its roles.
func (j *judgement) guard() Item {
	guard := guardKey(j.place.org, j.place.owner).entry()
	for _, attribute := range []string{attrDeleted, attrErased} {
		if j.item.is(attribute) {
			guard[attribute] = yes
		}
	}
	if n := len(j.referrers(j.self())); n > 0 {
		guard[attrReferrers] = num(int64(n))
	}
	last := contact.ID(0)
	j.note(j.check.table.prefixed(partsOf(j.place.org, j.place.owner)).read(j.ctx, "", 0, func(i Item) {
		if id, ok := givenID(i); ok {
			last = max(last, id)
		}
		if i.holds() {
			guard[attrChildren] = num(1) // a deletion looks for what its parts hold
		}
	}))
	if last != 0 {
		guard[attrLast] = num(int64(last))
	}
	return guard
}

func (j *judgement) ofGuard() {
	j.underContact()
	j.counting()
	if j.item[attrLast] != nil && !j.item.isNumber(attrLast) {
		j.find(FoundID, "the last id of a part that it knows is no number", "forget it; each part's is noted again", func(tx *transaction) {
			tx.require(j.item.key(), asIs(attrLast, j.item))
			tx.step(j.item.key()).update.remove(attrLast)
		})
	}
	j.references()
	j.account(debtor, roleCustomer, roleAlternativePayer)
	j.account(creditor, roleSupplier)
}

// given holds that the contact knows an id of one of its parts: else it could give it again.
func (j *judgement) given(id contact.ID) {
	if _, ok := givenID(j.item); !ok {
		return
	}
	key := guardKey(j.place.org, j.place.owner)
	if guard := j.at(key); guard != nil && contact.ID(guard.number(attrLast)) < id {
		j.find(FoundID, "its contact doesn't know that its id is given", "note it at the contact's guard", func(tx *transaction) {
			tx.require(key, present(errChanged), asIs(attrLast, guard))
			tx.step(key).update.set(attrLast, num(int64(id)))
		})
	}
}

// counting holds what an item counts of changes beneath it to be a number that changes can add to, and a deletion can ask for.
func (j *judgement) counting() {
	if j.item[attrChildren] != nil && j.item.number(attrChildren) < 1 {
		j.recall(j.item.key(), j.item, "its count of what changed beneath it is none")
	}
}

// seen holds that what the item lies under counts changes: a deletion of it looks for nothing beneath it else.
func (j *judgement) seen(under Key) {
	if counter := j.at(under); counter != nil && counter.number(attrChildren) < 1 {
		j.recall(under, counter, "what it lies under counts no changes: a deletion would not see it")
	}
}

func (j *judgement) recall(key Key, read Item, detail string) {
	j.find(FoundCount, detail, "count from 1", func(tx *transaction) {
		tx.require(key, present(errChanged), asIs(attrChildren, read))
		tx.step(key).update.set(attrChildren, num(1))
	})
}
