package fsck

import (
	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// checkChange checks that the entry of a change belongs to a contact whose guard item has a time that is not earlier, and expires.
func (c *itemCheck) checkChange() {
	guard := c.get(keys.Guard(c.key.Org, c.key.Owner))
	change, err := changes.Of(c.item)
	switch {
	case c.get(keys.Contact(c.key.Org, c.key.Owner)) == nil:
		c.reportRemoval(FoundChange, "its contact "+c.key.Owner.String()+" does not exist")
	case err != nil || len(change.Parts) == 0:
		c.reportManual(FoundChange, "it can't be read", "delete it; who reads the feed then misses a change")
	case guard.IsNumber(changes.AttrChanged) && guard.Number(changes.AttrChanged) < c.key.At:
		c.report(FoundChange, "its contact's guard item has an earlier time", "set it to that of the change", func(tx *dynamo.Tx) {
			tx.Check(guard.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(changes.AttrChanged, guard))
			tx.Update(guard.Key()).Set(changes.AttrChanged, dynamo.Number(c.key.At))
		})
	}
	c.checkHasHistory(guard, c.key.At)
	if !c.item.IsNumber(dynamo.AttrExpires) {
		c.report(FoundChange, "it never expires", "let it expire as late as one made now", func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(changes.Expires(c.check.now())))
		})
	}
}
