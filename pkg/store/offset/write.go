package offset

import (
	"context"
	"errors"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// AttrChildren counts the changes of an item's children, N: a deletion of the item that hasn't read the last change fails.
const AttrChildren = "children"

// writeTime bounds each write of the index by a read, which then continues without it.
const writeTime = 3 * time.Second

// stride is the least number of buckets that are added at a time, if there are as many rows: sequential page reads would otherwise write one
// at a time.
const stride = 20

// extend indexes rows after the end of the index, node by node. It ends when less than a bucket is left to skip, at rows that are not
// settled, at the end of the list, or if the index can't be written. ErrConflict if another read has written it meanwhile.
func (x Index) extend(ctx context.Context, s Snapshot, at Position) (Position, error) {
	for at.Skip >= x.sizes.Rows {
		_, buckets := x.lastNode(s.Root)
		wanted := min(max(at.Skip/x.sizes.Rows, stride), x.sizes.Buckets-buckets)
		found, err := x.scan(ctx, at.After, wanted)
		if err != nil || len(found.List) == 0 {
			return at, err
		}
		next, err := x.add(ctx, s, found)
		if errors.Is(err, dynamo.ErrConflict) {
			return at, err
		}
		n, rest := locate(found.counts, at.Skip)
		at = Position{found.Start(n), rest}
		if err != nil || n < len(found.List) {
			return at, nil
		}
		s = next
	}
	return at, nil
}

// scanned are the buckets that a scan has read.
type scanned struct {
	Entries
	// counts are the counts of the buckets for the query.
	counts []int64
	// living are the ids of rows that are not deleted.
	living []contact.ID
}

// scan reads up to that many buckets of settled rows.
func (x Index) scan(ctx context.Context, after contact.ID, buckets int) (found scanned, err error) {
	found.Base = after
	settled := x.now().Add(-settling)
	n, living := 0, 0 // rows of the bucket
	err = x.rows(after, keys.EndOfIDs).Project("sk", attrDeleted).Read(ctx, buckets*x.sizes.Rows, func(i dynamo.Item) {
		id := keys.LastID(i.String("sk"))
		if n++; !i.Bool(attrDeleted) {
			living++
			found.living = append(found.living, id)
		}
		if n < x.sizes.Rows || !id.Time().Before(settled) {
			return
		}
		counted := int64(living)
		found.List = append(found.List, Entry{End: id, Count: counted})
		if x.keepsRows() {
			counted = int64(x.sizes.Rows)
		}
		found.counts = append(found.counts, counted)
		n, living = 0, 0
	})
	return found, err
}

// add appends buckets to the index. The tombstones are read after the rows: a row removed since the watermark, whether scanned before its
// removal or not, is counted once and has a tombstone.
func (x Index) add(ctx context.Context, s Snapshot, found scanned) (Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	next, err := x.Snapshot(ctx)
	if err != nil {
		return s, err
	}
	if next.Version != s.Version || next.End() != found.Base {
		return s, dynamo.ErrConflict
	}
	for _, t := range next.Tombstones {
		if _, seen := slices.BinarySearch(found.living, t.ID); !seen {
			if n := found.Find(t.ID); n >= 0 {
				found.List[n].Count++
			}
		}
	}
	n, buckets := x.lastNode(next.Root)
	last := Node{Entries: Entries{Base: next.End()}}
	if buckets > 0 {
		var ok bool
		if last, ok, err = x.node(ctx, next, n); err != nil || !ok || last.Version != next.List[n].Written {
			return s, errors.Join(err, errDamaged)
		}
		next.List = slices.Clone(next.List[:n])
	}
	last.List = slices.Concat(last.List, found.List)
	next.List = append(next.List, Entry{End: last.End()})
	next.Buckets += len(found.List)
	return x.write(ctx, next, map[int]Node{n: last})
}

// errDamaged says that the index can't be written.
var errDamaged = errors.New("offset: the index of a list is damaged, or its list is gone")

// write writes nodes, with counts as of the root's watermark, and the root, if that is unchanged.
func (x Index) write(ctx context.Context, s Snapshot, nodes map[int]Node) (Snapshot, error) {
	tx := x.table.Begin()
	s.Version = max(s.Version+1, x.now().UnixMilli()) // no version of an earlier root
	for n, node := range nodes {
		node.Version, node.Watermark = s.Version, s.Watermark
		s.List[n].Count, s.List[n].Written = node.Sum(), node.Version
		item, err := node.item(keys.OffsetNode(x.list, n))
		if err != nil {
			return s, err
		}
		tx.Put(item)
		nodes[n] = node
	}
	next, err := s.item(x.list)
	if err != nil {
		return s, err
	}
	if s.stored == nil {
		tx.Put(next, dynamo.NotExists())
	} else {
		tx.Put(next, dynamo.Unchanged(s.stored))
	}
	if x.of != (dynamo.Key{}) { // a deletion of the parent has to read them
		tx.Check(x.of, dynamo.Exists(errDamaged))
		tx.Update(x.of).Add(AttrChildren, 1)
	}
	if err := tx.Commit(ctx); err != nil {
		return s, err
	}
	for n, node := range nodes {
		x.cache.put(keys.OffsetNode(x.list, n), node)
	}
	s.stored = next
	return s, nil
}

// merge merges tombstones into the counts, if there are many or the counts are old. If it fails, the index is unchanged.
func (x Index) merge(ctx context.Context, s Snapshot) Snapshot {
	now := x.now()
	watermark := now.Add(-settling).UnixMilli()
	old := slices.DeleteFunc(slices.Clone(s.Tombstones), func(t Tombstone) bool { return t.At >= watermark })
	if len(s.List) == 0 || len(old) <= x.sizes.Tombstones && s.Watermark >= now.Add(-countsFresh).UnixMilli() {
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	next := s
	next.List = slices.Clone(s.List)
	nodes := map[int]Node{}
	slices.Reverse(old)
	for _, t := range old {
		n := s.Find(t.ID)
		if _, there := nodes[n]; n < 0 || there {
			continue
		}
		if len(nodes) == x.sizes.Together { // the next deep read merges the rest
			watermark = t.At
			break
		}
		node, ok, err := x.node(ctx, s, n)
		if err != nil || !ok || node.Version != s.List[n].Written {
			return s
		}
		nodes[n] = node
	}
	merged := slices.DeleteFunc(old, func(t Tombstone) bool { return t.At >= watermark })
	for n, node := range nodes {
		node.List = slices.Clone(node.List)
		for i, count := range node.counts(merged, s.Watermark) {
			node.List[i].Count = max(count, 0)
		}
		nodes[n] = node
	}
	next.Watermark = watermark
	next, err := x.write(ctx, next, nodes)
	if err != nil {
		return s
	}
	next.Tombstones = slices.DeleteFunc(slices.Clone(s.Tombstones), func(t Tombstone) bool { return t.At < watermark })
	return next
}

// Delete deletes the index of a list, the root last, if that is unchanged, else ErrConflict. The next deep read rebuilds the index.
func (x Index) Delete(ctx context.Context, root dynamo.Item) error {
	key := keys.OffsetRoot(x.list)
	var nodes []dynamo.Key
	if err := x.table.Query(key.PK).Prefix(key.SK).Read(ctx, 0, func(i dynamo.Item) {
		if i.Key() != key {
			nodes = append(nodes, i.Key())
		}
	}); err != nil {
		return err
	}
	for last := false; !last; {
		n := min(len(nodes), x.sizes.Together)
		last = n == len(nodes)
		tx := x.table.Begin()
		switch {
		case root == nil:
			tx.Check(key, dynamo.NotExists())
		case root[dynamo.AttrVersion] == nil:
			tx.Check(key, dynamo.Exists(dynamo.ErrConflict))
		default:
			tx.Check(key, dynamo.Unchanged(root))
		}
		for _, node := range nodes[:n] {
			tx.Delete(node)
		}
		if nodes = nodes[n:]; last && root != nil {
			tx.Delete(key)
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
	}
	return nil
}
