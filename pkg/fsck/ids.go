package fsck

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// Checks that no two resources have an id that must be unique.

func (c *itemCheck) checkOption() {
	to := store.OptionTarget(c.item)
	if part := c.get(to.Key(c.key.Org)); !slices.Contains(part.Strings(store.AttrLookups), c.key.Name) {
		c.report(FoundLookup, to.Describe()+" does not have this lookup key", "delete it", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, to.Key(c.key.Org), part)
			tx.Check(c.item.Key(), dynamo.SameAttribute(store.AttrOwner, c.item), dynamo.SameAttribute(store.AttrPart, c.item))
			tx.Delete(c.item.Key())
		})
	}
}

// partID returns the id of an item that is unique below its contact; false for other items. Ids of tags are unique in the tenant.
func partID(i dynamo.Item) (contact.ID, bool) {
	switch p := keys.Parse(i.Key()); {
	case p.Kind == keys.KindPart && p.Owner != 0 && p.Segment != keys.SegmentRole:
		return store.IDOf(i), true
	case p.Kind == keys.KindImage:
		return contact.MaxID - store.IDOf(i), true
	}
	return 0, false
}

// seenIDs are the ids of a partition: a scan returns the items of a partition one after the other.
type seenIDs struct {
	partition string
	by        map[contact.ID]dynamo.Key
}

// checkDuplicateIDs reports parts of a contact that have the id of another part.
func (c *Check) checkDuplicateIDs(ctx context.Context, seen *seenIDs, items []dynamo.Item) error {
	for _, i := range items {
		id, ok := partID(i)
		if !ok {
			continue
		}
		key := i.Key()
		if seen.partition != key.PK {
			seen.partition, seen.by = key.PK, map[contact.ID]dynamo.Key{}
		}
		other, twice := seen.by[id]
		seen.by[id] = key
		if !twice {
			continue
		}
		both, err := c.store.BatchGet(ctx, []dynamo.Key{other, key}, "") // a concurrent change may have moved one to the key of the other
		if err != nil {
			return err
		}
		if both[0] != nil && both[1] != nil {
			p := keys.Parse(key)
			if err := c.report(ctx, []Finding{{Kind: FoundID, Org: p.Org, Key: key.PK + " " + key.SK,
				Detail: "its id is also used by " + other.SK, Repair: "delete one of the two and create it again"}}); err != nil {
				return err
			}
		}
	}
	return nil
}
