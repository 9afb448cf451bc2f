package store

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// maxChildren is the most children that are read at once.
const maxChildren = 10_000

// deleteChildren adds the deletion of a part's children to tx, which deletes the part. If there are too many for it, it deletes them in
// transactions of their own first, and returns dynamo.ErrConflict: the retry finds the few added meanwhile.
func (tx *transaction) deleteChildren(ctx context.Context, parent place, partition, prefix string) error {
	var items []dynamo.Item
	if err := tx.store.Query(partition).Prefix(prefix).Read(ctx, maxChildren, func(i dynamo.Item) { items = append(items, i) }); err != nil {
		return err
	}
	if prefix == "" { // the partition is a list with an offset index, read after the rows: each that was removed until then has a tombstone
		index := tx.store.Query(keys.OffsetRoot(dynamo.Key{PK: partition}).PK)
		if err := index.Read(ctx, maxChildren, func(i dynamo.Item) { items = append(items, i) }); err != nil {
			return err
		}
	}
	all := len(items) < maxChildren
	for len(items) > 0 {
		step := tx.store.begin()
		step.Check(parent.key, notReferenced(0)) // no child is deleted if the part must stay
		n := 0
		for ; n < len(items) && step.Len()+2 < dynamo.MaxTransactionItems; n++ {
			step.deleteChild(parent.owner, items[n])
		}
		if n == len(items) && all && tx.Len()+step.Len() < dynamo.MaxTransactionItems {
			for _, item := range items {
				tx.deleteChild(parent.owner, item)
			}
			return nil
		}
		if err := step.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return err
		}
		items, all = items[n:], false
	}
	if !all {
		return dynamo.ErrConflict
	}
	return nil
}

// deleteChild deletes an item that belongs to a deleted part, and its lookup entries.
func (tx *transaction) deleteChild(o contact.Owner, item dynamo.Item) {
	tx.linkLookups(o.Org, keys.Target{Contact: o.Contact, Part: item.String("sk")}, item, nil)
	tx.Remove(item)
	if item[dynamo.AttrVersion] != nil {
		tx.Check(item.Key(), dynamo.Unchanged(item)) // its lookup entries are those that were read
	}
}
