package fsck

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// The rules of guards: what parts check of their contact is what the contact is, and what a deletion asks before it looks no further is so.

// isDeleted reports whether a contact is deleted: what two of its item, its document and its guard say.
func (j *judgement) isDeleted(stored dynamo.Item) bool {
	if stored == nil {
		return false
	}
	kept, guard := stored.Bool(store.AttrDeleted), j.at(keys.Guard(j.key.Org, store.IDOf(stored)))
	if guard == nil || guard.Bool(store.AttrDeleted) == kept {
		return kept
	}
	var says struct {
		Deleted bool `json:"deleted"`
	}
	if doc, err := store.Document(stored); err != nil || json.Unmarshal(doc, &says) != nil {
		return kept
	}
	return says.Deleted
}

// guarded holds a contact to have a guard that says of it what it is.
func (j *judgement) guarded() {
	key := keys.Guard(j.key.Org, j.key.Owner)
	guard, deleted := j.at(key), j.isDeleted(j.item)
	if deleted != j.item.Bool(store.AttrDeleted) {
		j.find(FoundDeletion, fmt.Sprintf("its document and its guard say deleted: %t, its item %t", deleted, !deleted), "make that say so too", func(tx *dynamo.Tx) {
			j.change(tx, func(u *dynamo.Update) { u.SetBool(store.AttrDeleted, deleted) })
		})
	}
	if guard == nil {
		j.find(FoundGuard, "it has no guard, and nothing can be added to it", "make it one, of its parts and references", func(tx *dynamo.Tx) {
			tx.Put(j.guard(), dynamo.NotExists())
		})
		return
	}
	j.guardSays(guard, store.AttrDeleted, deleted)
	j.guardSays(guard, store.AttrErased, j.item.Bool(store.AttrErased))
}

func (j *judgement) guardSays(guard dynamo.Item, attribute string, is bool) {
	if said := guard.Bool(attribute); said != is {
		j.find(FoundGuard, fmt.Sprintf("its guard says %s: %t, it says %t itself", attribute, said, is), "make the guard say so too", func(tx *dynamo.Tx) {
			tx.Check(guard.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(attribute, guard))
			tx.Update(guard.Key()).SetBool(attribute, is)
		})
	}
}

// guard is what the guard of a contact that lost it is made anew of: what lies in the contact's partition. Its account numbers come back
// from its roles.
func (j *judgement) guard() dynamo.Item {
	guard := keys.Guard(j.key.Org, j.key.Owner).Item()
	for _, attribute := range []string{store.AttrDeleted, store.AttrErased} {
		if j.item.Bool(attribute) {
			guard[attribute] = dynamo.True
		}
	}
	if n := len(j.referrers(j.self())); n > 0 {
		guard[store.AttrReferenceCount] = dynamo.Number(int64(n))
	}
	last := contact.ID(0)
	j.note(j.check.store.Query(keys.Parts(j.key.Org, j.key.Owner)).Prefix("").Read(j.ctx, 0, func(i dynamo.Item) {
		if id, ok := givenID(i); ok {
			last = max(last, id)
		}
		if store.HasLinks(i) {
			guard[store.AttrChildren] = dynamo.Number(1) // a deletion looks for what its parts hold
		}
	}))
	if last != 0 {
		guard[store.AttrLastID] = dynamo.Number(int64(last))
	}
	return guard
}

// ofGuards are the attributes that a guard can have.
var ofGuards = []string{"pk", "sk", store.AttrDeleted, store.AttrErased, store.AttrReferenceCount, store.AttrChildren, store.AttrLastID, store.Debtor.Attribute, store.Creditor.Attribute}

func (j *judgement) checkGuard() {
	j.underContact()
	j.counting()
	if j.item[store.AttrLastID] != nil && !j.item.IsNumber(store.AttrLastID) {
		j.find(FoundID, "the last id of a part that it knows is no number", "forget it; each part's is noted again", func(tx *dynamo.Tx) {
			tx.Check(j.item.Key(), dynamo.SameAttribute(store.AttrLastID, j.item))
			tx.Update(j.item.Key()).Remove(store.AttrLastID)
		})
	}
	var strange []string
	for name := range j.item {
		if !slices.Contains(ofGuards, name) {
			strange = append(strange, name)
		}
	}
	if strange != nil {
		slices.Sort(strange)
		j.find(FoundGuard, fmt.Sprintf("it has %q, which no guard has", strange), "remove that", func(tx *dynamo.Tx) {
			for _, name := range strange {
				tx.Update(j.item.Key()).Remove(name)
			}
		})
	}
	j.referred()
	j.account(store.Debtor, keys.RoleCustomer, keys.RoleAlternativePayer)
	j.account(store.Creditor, keys.RoleSupplier)
}

// given holds that the contact knows an id of one of its parts: else it could give it again.
func (j *judgement) reserve(id contact.ID) {
	if _, ok := givenID(j.item); !ok {
		return
	}
	key := keys.Guard(j.key.Org, j.key.Owner)
	if guard := j.at(key); guard != nil && contact.ID(guard.Number(store.AttrLastID)) < id {
		j.find(FoundID, "its contact doesn't know that its id is given", "note it at the contact's guard", func(tx *dynamo.Tx) {
			tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrLastID, guard))
			tx.Update(key).Set(store.AttrLastID, dynamo.Number(int64(id)))
		})
	}
}

// counting holds what an item counts of changes beneath it to be a number that changes can add to, and a deletion can ask for.
func (j *judgement) counting() {
	if j.item[store.AttrChildren] != nil && j.item.Number(store.AttrChildren) < 1 {
		j.recall(j.item.Key(), j.item, "its count of what changed beneath it is none")
	}
}

// seen holds that what the item lies under counts changes: a deletion of it looks for nothing beneath it else.
func (j *judgement) seen(children dynamo.Key) {
	if counter := j.at(children); counter != nil && counter.Number(store.AttrChildren) < 1 {
		j.recall(children, counter, "its parent counts no changes: a deletion would not see it")
	}
}

func (j *judgement) recall(key dynamo.Key, read dynamo.Item, detail string) {
	j.find(FoundCount, detail, "count from 1", func(tx *dynamo.Tx) {
		tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrChildren, read))
		tx.Update(key).Set(store.AttrChildren, dynamo.Number(1))
	})
}
