package fsck

import (
	"context"
	"fmt"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store/offset"
)

// Checks of offset indexes against the rows of their lists. All repairs are the same: the index is deleted, and the next deep read
// rebuilds it.

// tombstoneRow returns the key of the row that a tombstone marks as removed.
func tombstoneRow(tombstone dynamo.Item, p keys.Parsed) dynamo.Key {
	return dynamo.Key{PK: p.Indexed.PK, SK: keys.Digits(keys.LastID(tombstone.String("sk")))}
}

// index returns the offset index that the item belongs to.
func (c *itemCheck) index() offset.Index {
	of := dynamo.Key{}
	if c.key.List != 0 {
		of = keys.CustomerList(c.key.Org, c.key.List)
	}
	return c.check.store.Offsets().Of(c.key.Indexed.PK, of, false)
}

// hasList checks that the list exists, and reports whether it does.
func (c *itemCheck) hasList() bool {
	if c.key.List == 0 {
		return true
	}
	list := keys.CustomerList(c.key.Org, c.key.List)
	if c.get(list) != nil {
		c.checkCountedBy(list)
		return true
	}
	c.reportRemoval(FoundOrphan, fmt.Sprintf("customer list %s does not exist", c.key.List))
	return false
}

// reportOffset reports an offset index that contradicts the rows.
func (c *itemCheck) reportOffset(format string, args ...any) {
	root := c.item
	if c.key.Kind != keys.KindOffsetRoot {
		root = c.get(keys.OffsetRoot(c.key.Indexed))
	}
	c.reportFix(FoundOffset, fmt.Sprintf(format, args...), "delete the offset index of its list; reads rebuild it", func(ctx context.Context) error {
		return c.index().Delete(ctx, root)
	})
}

func (c *itemCheck) checkOffsetRoot() {
	if !c.hasList() {
		return
	}
	root, ok := c.index().ParseRoot(c.item)
	if !ok {
		c.reportOffset("it can't be read")
		return
	}
	for n, entry := range root.List {
		node, ok := offset.ParseNode(c.get(keys.OffsetNode(c.key.Indexed, n)))
		if !ok || node.Version != entry.Written || node.Base != root.Start(n) || node.End() != entry.End || node.Sum() != entry.Count {
			c.reportOffset("node %d is missing or differs from the root's entry", n)
			return
		}
	}
	if n := len(root.List) - 1; n >= 0 {
		node, _ := offset.ParseNode(c.get(keys.OffsetNode(c.key.Indexed, n)))
		if len(node.List) != root.Buckets-n*c.index().Sizes().Buckets {
			c.reportOffset("it counts %d buckets, but the last node has %d", root.Buckets, len(node.List))
		}
	}
}

// checkOffsetNode compares a node with the rows. A node of a former index, which the root doesn't have, still locates contacts, but not
// the rows of a customer list.
func (c *itemCheck) checkOffsetNode() {
	if !c.hasList() {
		return
	}
	index := c.index()
	node, ok := offset.ParseNode(c.item)
	root, _ := index.ParseRoot(c.get(keys.OffsetRoot(c.key.Indexed)))
	known, ofContacts := c.key.Node < len(root.List), c.key.List == 0
	switch {
	case !ok:
		c.reportOffset("it can't be read")
		return
	case !known && !ofContacts:
		return
	case c.key.Node == 0 && node.Base != 0:
		c.reportOffset("it is the first node, but begins after %s", node.Base)
		return
	case c.key.Node > 0:
		before, ok := offset.ParseNode(c.get(keys.OffsetNode(c.key.Indexed, c.key.Node-1)))
		if !ok || before.End() != node.Base || len(before.List) != index.Sizes().Buckets {
			c.reportOffset("it doesn't begin where the previous node ends")
			return
		}
	}
	if c.collecting {
		return
	}
	rows, living, err := index.RowsOf(c.ctx, node)
	c.keepError(err)
	for n, count := range rows {
		if err == nil && ofContacts && count != index.Sizes().Rows {
			c.reportOffset("%d rows are between %s and %s, but a bucket has %d", count, node.Start(n), node.List[n].End, index.Sizes().Rows)
			return
		}
	}
	if s, err := index.Snapshot(c.ctx); err != nil || !known || s.Version != root.Version || node.Version != root.List[c.key.Node].Written {
		c.keepError(err) // without an error the index is being written
	} else {
		c.checkCounts(node, living, s)
	}
}

// checkCounts compares a node's counts with the ids of the rows that count, read before the snapshot, and with the tombstones since.
func (c *itemCheck) checkCounts(node offset.Node, living []contact.ID, s offset.Snapshot) {
	want := make([]int64, len(node.List))
	count := func(id contact.ID) {
		if n := node.Find(id); n >= 0 {
			want[n]++
		}
	}
	for _, id := range living {
		count(id)
	}
	for _, t := range s.Tombstones {
		if _, there := slices.BinarySearch(living, t.ID); !there && t.At >= node.Watermark {
			count(t.ID)
		}
	}
	for n, entry := range node.List {
		if entry.Count != want[n] {
			c.reportOffset("it counts %d rows after %s, but %d exist", entry.Count, node.Start(n), want[n])
			return
		}
	}
}

func (c *itemCheck) checkTombstone() {
	if c.isExpired() || !c.hasList() {
		return
	}
	if c.item[dynamo.AttrExpires] == nil {
		c.report(FoundOffset, "it never expires", "let it expire", func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(c.check.now().Add(offset.Retention).Unix()))
		})
	}
	row := c.get(tombstoneRow(c.item, c.key))
	if row != nil && (c.key.List != 0 || !c.isDeleted(row)) {
		c.report(FoundOffset, "its row still exists", "delete it", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, row.Key(), row)
			tx.Delete(c.item.Key())
		})
	}
}
