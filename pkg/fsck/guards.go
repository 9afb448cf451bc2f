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
func (c *itemCheck) isDeleted(stored dynamo.Item) bool {
	if stored == nil {
		return false
	}
	kept, guard := stored.Bool(store.AttrDeleted), c.get(keys.Guard(c.key.Org, store.IDOf(stored)))
	if guard == nil || guard.Bool(store.AttrDeleted) == kept {
		return kept
	}
	var says struct {
		Deleted bool `json:"deleted"`
	}
	if json.Unmarshal([]byte(stored.String(store.AttrDoc)), &says) != nil {
		return kept
	}
	return says.Deleted
}

// guarded holds a contact to have a guard that says of it what it is.
func (c *itemCheck) checkHasGuard() {
	key := keys.Guard(c.key.Org, c.key.Owner)
	guard, deleted := c.get(key), c.isDeleted(c.item)
	if deleted != c.item.Bool(store.AttrDeleted) {
		c.report(FoundDeletion, fmt.Sprintf("its document and its guard item have deleted=%t, the item has %t", deleted, !deleted), "set it on the item", func(tx *dynamo.Tx) {
			c.update(tx, func(u *dynamo.Update) { u.SetBool(store.AttrDeleted, deleted) })
		})
	}
	if guard == nil {
		c.report(FoundGuard, "it has no guard item", "create it from the parts and references", func(tx *dynamo.Tx) {
			tx.Put(c.rebuiltGuard(), dynamo.NotExists())
		})
		return
	}
	c.checkGuardFlag(guard, store.AttrDeleted, deleted)
	c.checkGuardFlag(guard, store.AttrErased, c.item.Bool(store.AttrErased))
}

func (c *itemCheck) checkGuardFlag(guard dynamo.Item, attribute string, is bool) {
	if said := guard.Bool(attribute); said != is {
		c.report(FoundGuard, fmt.Sprintf("its guard item has %s=%t, the contact has %t", attribute, said, is), "correct the guard item", func(tx *dynamo.Tx) {
			tx.Check(guard.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(attribute, guard))
			tx.Update(guard.Key()).SetBool(attribute, is)
		})
	}
}

// guard is what the guard of a contact that lost it is made anew of: what lies in the contact's partition. Its account numbers come back
// from its roles.
func (c *itemCheck) rebuiltGuard() dynamo.Item {
	guard := keys.Guard(c.key.Org, c.key.Owner).Item()
	for _, attribute := range []string{store.AttrDeleted, store.AttrErased} {
		if c.item.Bool(attribute) {
			guard[attribute] = dynamo.True
		}
	}
	if n := len(c.referencing(c.target())); n > 0 {
		guard[store.AttrReferenceCount] = dynamo.Number(int64(n))
	}
	last := contact.ID(0)
	c.keepError(c.check.store.Query(keys.Parts(c.key.Org, c.key.Owner)).Prefix("").Read(c.ctx, 0, func(i dynamo.Item) {
		if id, ok := partID(i); ok {
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
var guardAttributes = []string{"pk", "sk", store.AttrDeleted, store.AttrErased, store.AttrReferenceCount, store.AttrChildren, store.AttrLastID, store.Debtor.Attribute, store.Creditor.Attribute}

func (c *itemCheck) checkGuard() {
	c.checkOwner()
	c.checkChildCount()
	if c.item[store.AttrLastID] != nil && !c.item.IsNumber(store.AttrLastID) {
		c.report(FoundID, "its last_id is not a number", "remove it; it is set again from the parts", func(tx *dynamo.Tx) {
			tx.Check(c.item.Key(), dynamo.SameAttribute(store.AttrLastID, c.item))
			tx.Update(c.item.Key()).Remove(store.AttrLastID)
		})
	}
	var unknown []string
	for name := range c.item {
		if !slices.Contains(guardAttributes, name) {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		slices.Sort(unknown)
		c.report(FoundGuard, fmt.Sprintf("it has the attributes %q, which a guard item never has", unknown), "remove them", func(tx *dynamo.Tx) {
			for _, name := range unknown {
				tx.Update(c.item.Key()).Remove(name)
			}
		})
	}
	c.checkReferenceCount()
	c.checkAccount(store.Debtor, keys.RoleCustomer, keys.RoleAlternativePayer)
	c.checkAccount(store.Creditor, keys.RoleSupplier)
}

// given holds that the contact knows an id of one of its parts: else it could give it again.
func (c *itemCheck) checkLastID(id contact.ID) {
	if _, ok := partID(c.item); !ok {
		return
	}
	key := keys.Guard(c.key.Org, c.key.Owner)
	if guard := c.get(key); guard != nil && contact.ID(guard.Number(store.AttrLastID)) < id {
		c.report(FoundID, "its contact's last_id is less than its id", "set last_id on the contact's guard item", func(tx *dynamo.Tx) {
			tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrLastID, guard))
			tx.Update(key).Set(store.AttrLastID, dynamo.Number(int64(id)))
		})
	}
}

// counting holds what an item counts of changes beneath it to be a number that changes can add to, and a deletion can ask for.
func (c *itemCheck) checkChildCount() {
	if c.item[store.AttrChildren] != nil && c.item.Number(store.AttrChildren) < 1 {
		c.reportChildCount(c.item.Key(), c.item, "its count of changed children is not a positive number")
	}
}

// seen holds that what the item lies under counts changes: a deletion of it looks for nothing beneath it else.
func (c *itemCheck) checkCountedBy(children dynamo.Key) {
	if counter := c.get(children); counter != nil && counter.Number(store.AttrChildren) < 1 {
		c.reportChildCount(children, counter, "its parent has no count of changed children, so a deletion would miss it")
	}
}

func (c *itemCheck) reportChildCount(key dynamo.Key, read dynamo.Item, detail string) {
	c.report(FoundCount, detail, "set it to 1", func(tx *dynamo.Tx) {
		tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrChildren, read))
		tx.Update(key).Set(store.AttrChildren, dynamo.Number(1))
	})
}
