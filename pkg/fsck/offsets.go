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

// The rules of offset indexes: they say of a list's rows what the rows say themselves. All repairs are the same: the index is removed, and
// made anew by the next deep read.

// neighboursOfOffset are the items that an item of an offset index must agree with.
func neighboursOfOffset(item dynamo.Item, p keys.Parsed) (others []dynamo.Key) {
	if p.List != 0 {
		others = append(others, keys.CustomerList(p.Org, p.List))
	}
	switch p.Kind {
	case keys.KindOffsetNode:
		others = append(others, keys.OffsetRoot(p.Indexed))
		if p.Node > 0 {
			others = append(others, keys.OffsetNode(p.Indexed, p.Node-1))
		}
	case keys.KindTombstone:
		others = append(others, rowOf(item, p))
	}
	return others
}

// rowOf is the row that a tombstone is of.
func rowOf(tombstone dynamo.Item, p keys.Parsed) dynamo.Key {
	return dynamo.Key{PK: p.Indexed.PK, SK: keys.Digits(keys.LastID(tombstone.String("sk")))}
}

// index is the offset index that the item belongs to.
func (j *judgement) index() offset.Index {
	of := dynamo.Key{}
	if j.key.List != 0 {
		of = keys.CustomerList(j.key.Org, j.key.List)
	}
	return j.check.store.Offsets().Of(j.key.Indexed.PK, of, false)
}

// hasList requires that the list is there.
func (j *judgement) hasList() bool {
	if j.key.List == 0 {
		return true
	}
	list := keys.CustomerList(j.key.Org, j.key.List)
	if j.at(list) != nil {
		j.seen(list)
		return true
	}
	j.remove(FoundOrphan, fmt.Sprintf("there is no customer list %s", j.key.List))
	return false
}

// wrongOffset reports an offset index that is not that of the rows.
func (j *judgement) wrongOffset(format string, args ...any) {
	root := j.item
	if j.key.Kind != keys.KindOffsetRoot {
		root = j.at(keys.OffsetRoot(j.key.Indexed))
	}
	j.fixable(FoundOffset, fmt.Sprintf(format, args...), "remove the offset index of its list: it is made anew", func(ctx context.Context) error {
		return j.index().Delete(ctx, root)
	})
}

func (j *judgement) checkOffsetRoot() {
	if !j.hasList() {
		return
	}
	root, ok := j.index().ParseRoot(j.item)
	if !ok {
		j.wrongOffset("it can't be read")
		return
	}
	for n, entry := range root.List {
		node, ok := offset.ParseNode(j.at(keys.OffsetNode(j.key.Indexed, n)))
		if !ok || node.Version != entry.Written || node.Base != root.Start(n) || node.End() != entry.End || node.Sum() != entry.Count {
			j.wrongOffset("node %d is not there, or not as the root has it", n)
			return
		}
	}
	if n := len(root.List) - 1; n >= 0 {
		node, _ := offset.ParseNode(j.at(keys.OffsetNode(j.key.Indexed, n)))
		if len(node.List) != root.Buckets-n*j.index().Sizes().Buckets {
			j.wrongOffset("it counts %d buckets, and the last node has %d", root.Buckets, len(node.List))
		}
	}
}

// checkOffsetNode compares a node with the rows. One that the root doesn't have, for the index was begun anew, still locates contacts, and
// nothing of a customer list.
func (j *judgement) checkOffsetNode() {
	if !j.hasList() {
		return
	}
	index := j.index()
	node, ok := offset.ParseNode(j.item)
	root, _ := index.ParseRoot(j.at(keys.OffsetRoot(j.key.Indexed)))
	known, ofContacts := j.key.Node < len(root.List), j.key.List == 0
	switch {
	case !ok:
		j.wrongOffset("it can't be read")
		return
	case !known && !ofContacts:
		return
	case j.key.Node == 0 && node.Base != 0:
		j.wrongOffset("it is the first, and begins after %s", node.Base)
		return
	case j.key.Node > 0:
		before, ok := offset.ParseNode(j.at(keys.OffsetNode(j.key.Indexed, j.key.Node-1)))
		if !ok || before.End() != node.Base || len(before.List) != index.Sizes().Buckets {
			j.wrongOffset("it doesn't begin where the node before it ends")
			return
		}
	}
	rows, living, err := index.RowsOf(j.ctx, node)
	j.note(err)
	for n, count := range rows {
		if err == nil && ofContacts && count != index.Sizes().Rows {
			j.wrongOffset("%d rows lie between %s and %s, where %d make a bucket", count, node.Start(n), node.List[n].End, index.Sizes().Rows)
			return
		}
	}
	if s, err := index.Snapshot(j.ctx); err != nil || !known || s.Version != root.Version || node.Version != root.List[j.key.Node].Written {
		j.note(err) // else it is being written
	} else {
		j.checkCounts(node, living, s)
	}
}

// checkCounts compares a node's counts with the rows that count now, which were read before, and with the tombstones since.
func (j *judgement) checkCounts(node offset.Node, living []contact.ID, s offset.Snapshot) {
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
			j.wrongOffset("it counts %d rows after %s, and there are %d", entry.Count, node.Start(n), want[n])
			return
		}
	}
}

func (j *judgement) checkTombstone() {
	if j.past() || !j.hasList() {
		return
	}
	if j.item[dynamo.AttrExpires] == nil {
		j.find(FoundOffset, "it never expires", "let it expire", func(tx *dynamo.Tx) {
			tx.Update(j.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(j.check.now().Add(offset.Retention).Unix()))
		})
	}
	row := j.at(rowOf(j.item, j.key))
	if row != nil && (j.key.List != 0 || !j.isDeleted(row)) {
		j.find(FoundOffset, "the row that it says was removed is there", "remove it", func(tx *dynamo.Tx) {
			j.asRead(tx, row.Key(), row)
			tx.Delete(j.item.Key())
		})
	}
}
