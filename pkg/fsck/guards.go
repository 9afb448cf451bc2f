package fsck

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// Checks of guard items: they agree with their contacts, and with what deletions require of them.

// isDeleted reports whether a contact is deleted: the majority of its item, its document and its guard item.
func (c *itemCheck) isDeleted(stored dynamo.Item) bool {
	if stored == nil {
		return false
	}
	deleted, guard := stored.Bool(store.AttrDeleted), c.get(keys.Guard(c.key.Org, store.IDOf(stored)))
	if guard == nil || guard.Bool(store.AttrDeleted) == deleted {
		return deleted
	}
	var document struct {
		Deleted bool `json:"deleted"`
	}
	if doc, err := store.Document(stored); err != nil || json.Unmarshal(doc, &document) != nil {
		return deleted
	}
	return document.Deleted
}

// checkHasGuard checks that a contact has a guard item with the same flags.
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

func (c *itemCheck) checkGuardFlag(guard dynamo.Item, attribute string, want bool) {
	if got := guard.Bool(attribute); got != want {
		c.report(FoundGuard, fmt.Sprintf("its guard item has %s=%t, the contact has %t", attribute, got, want), "correct the guard item", func(tx *dynamo.Tx) {
			tx.Check(guard.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(attribute, guard))
			tx.Update(guard.Key()).SetBool(attribute, want)
		})
	}
}

// rebuiltGuard returns a new guard item for a contact that lost it, from the items in the contact's partition. checkRole restores its
// account numbers.
func (c *itemCheck) rebuiltGuard() dynamo.Item {
	guard := keys.Guard(c.key.Org, c.key.Owner).Item()
	now := dynamo.Number(c.check.now().UnixMicro())
	guard[changes.AttrChanged], guard[store.AttrUnkept] = now, now
	for _, attribute := range []string{store.AttrDeleted, store.AttrErased} {
		if c.item.Bool(attribute) {
			guard[attribute] = dynamo.True
		}
	}
	if n := len(c.referencing(c.target())); n > 0 {
		guard[store.AttrReferenceCount] = dynamo.Number(int64(n))
	}
	last := contact.ID(0)
	c.query(c.key.Owner, "", func(i dynamo.Item) {
		if id, ok := partID(i); ok {
			last = max(last, id)
		}
		if store.HasLinks(i) {
			guard[store.AttrChildren] = dynamo.Number(1) // a deletion must read the links of the parts
		}
	})
	if last != 0 {
		guard[store.AttrLastID] = dynamo.Number(int64(last))
	}
	return guard
}

// guardAttributes are the attributes that a guard item can have.
var guardAttributes = []string{"pk", "sk", store.AttrDeleted, store.AttrErased, store.AttrReferenceCount, store.AttrChildren, store.AttrLastID, changes.AttrChanged, store.AttrUnkept, store.Debtor.Attribute, store.Creditor.Attribute}

func (c *itemCheck) checkGuard() {
	owner := c.checkOwner()
	c.checkChildCount()
	if c.item[store.AttrLastID] != nil && !c.item.IsNumber(store.AttrLastID) {
		c.report(FoundID, "its last_id is not a number", "remove it; it is set again from the parts", func(tx *dynamo.Tx) {
			tx.Check(c.item.Key(), dynamo.SameAttribute(store.AttrLastID, c.item))
			tx.Update(c.item.Key()).Remove(store.AttrLastID)
		})
	}
	if owner != nil && !c.item.IsNumber(changes.AttrChanged) {
		c.report(FoundGuard, "the time of its contact's last change is missing or not a number", "set it to now", func(tx *dynamo.Tx) {
			tx.Check(c.item.Key(), dynamo.SameAttribute(changes.AttrChanged, c.item))
			now := dynamo.Number(c.check.now().UnixMicro())
			tx.Update(c.item.Key()).Set(changes.AttrChanged, now)
			tx.Update(c.item.Key()).Set(store.AttrUnkept, now)
		})
	} else if owner != nil {
		c.checkHasHistory(c.item, c.item.Number(changes.AttrChanged))
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

// checkLastID checks that the contact's last_id is not less than the id of its part: else it could assign that id again.
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

// checkChildCount checks that an item's count of changed children, if it has one, is a positive number.
func (c *itemCheck) checkChildCount() {
	if c.item[store.AttrChildren] != nil && c.item.Number(store.AttrChildren) < 1 {
		c.reportChildCount(c.item.Key(), c.item, "its count of changed children is not a positive number")
	}
}

// checkCountedBy checks that the item's parent counts changed children: else a deletion of it doesn't read them.
func (c *itemCheck) checkCountedBy(parent dynamo.Key) {
	if counter := c.get(parent); counter != nil && counter.Number(store.AttrChildren) < 1 {
		c.reportChildCount(parent, counter, "its parent has no count of changed children, so a deletion would miss it")
	}
}

func (c *itemCheck) reportChildCount(key dynamo.Key, read dynamo.Item, detail string) {
	c.report(FoundCount, detail, "set it to 1", func(tx *dynamo.Tx) {
		tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrChildren, read))
		tx.Update(key).Set(store.AttrChildren, dynamo.Number(1))
	})
}
