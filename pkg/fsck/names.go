package fsck

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// checkListed checks that an individual or organization is in the list by name, by the name of its document.
func (c *itemCheck) checkListed() {
	if c.key.Owner.Kind() == contact.Placeholder {
		return
	}
	var document struct {
		Name string `json:"name"`
	}
	listed := c.item.String(store.AttrListed)
	if doc, err := store.Document(c.item); err == nil && json.Unmarshal(doc, &document) == nil && document.Name != listed {
		c.report(FoundLinks, fmt.Sprintf("its name in the list by name is %q, that of its document %q", listed, document.Name), "store that of the document", func(tx *dynamo.Tx) {
			c.update(tx, func(u *dynamo.Update) {
				if document.Name == "" {
					u.Remove(store.AttrListed)
				} else {
					u.Set(store.AttrListed, dynamo.String(document.Name))
				}
			})
		})
	}
	if listed == "" {
		return
	}
	entry := store.NameItem(c.key.Org, listed, c.key.Owner, c.isDeleted(c.item))
	switch there := c.get(entry.Key()); {
	case there == nil:
		c.report(FoundLookup, "it has no entry in the list by name", "write the entry", func(tx *dynamo.Tx) { tx.Put(entry, dynamo.NotExists()) })
	case there.String(store.AttrName) != listed, there.Bool(store.AttrDeleted) != entry.Bool(store.AttrDeleted):
		c.report(FoundLookup, fmt.Sprintf("its entry in the list by name has the name %q, deleted=%t", there.String(store.AttrName), there.Bool(store.AttrDeleted)), "write the entry",
			func(tx *dynamo.Tx) {
				tx.Put(entry, dynamo.SameAttribute(store.AttrName, there), dynamo.SameAttribute(store.AttrDeleted, there))
			})
	}
}

// checkName checks that an entry of a list by name is that of its contact.
func (c *itemCheck) checkName() {
	key := keys.Contact(c.key.Org, c.key.Owner)
	owner := c.get(key)
	if listed := owner.String(store.AttrListed); listed == "" || store.NameItem(c.key.Org, listed, c.key.Owner, false).Key() != c.item.Key() {
		c.report(FoundLookup, "contact "+c.key.Owner.String()+" does not have this name", "delete it", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, key, owner)
			tx.Delete(c.item.Key())
		})
	}
}
