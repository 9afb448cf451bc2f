package offset

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Position is a place in a list: a number of rows after an id.
type Position struct {
	After contact.ID
	Skip  int
}

// maxOvertaken bounds how often a read retries an index that others change; then it continues without the index.
const maxOvertaken = 3

// Seek moves a position forward through the index, until fewer than a bucket's rows remain to skip; false if the list ends first.
func (x Index) Seek(ctx context.Context, at Position) (Position, bool, error) {
	if at.After != 0 || at.Skip < x.sizes.Near {
		return x.skip(ctx, at)
	}
	offset := at.Skip
	if x.keepsRows() {
		if at, found, err := x.ordinal(ctx, offset); err != nil || found {
			return at, true, err
		}
	}
	for range maxOvertaken {
		s, err := x.Snapshot(ctx)
		if err != nil {
			return at, false, err
		}
		if !x.keepsRows() {
			s = x.merge(ctx, s)
		}
		if at, err = x.find(ctx, s, offset); err != nil {
			return at, false, err
		}
		if at.After != s.End() {
			break
		}
		next, err := x.extend(ctx, s, at)
		if errors.Is(err, dynamo.ErrConflict) {
			continue
		}
		if at = next; err != nil {
			return at, false, err
		}
		break
	}
	return x.skip(ctx, at)
}

// Total returns the number of rows of a list: the counts of the index, and the rows after it one by one. If those are many, the index is
// extended first.
func (x Index) Total(ctx context.Context) (int, error) {
	most := 2 * stride * x.sizes.Rows
	for try := 0; ; try++ {
		s, err := x.Snapshot(ctx)
		if err != nil {
			return 0, err
		}
		if !x.keepsRows() {
			s = x.merge(ctx, s)
		}
		sum := 0
		for _, count := range x.counts(s) {
			sum += int(count)
		}
		if try == maxOvertaken {
			most = 0 // others keep changing the index: count all rows
		}
		rows, counted, err := x.tail(ctx, s.End(), most)
		if err != nil || most == 0 || rows < most {
			return sum + counted, err
		}
		if _, err := x.extend(ctx, s, Position{s.End(), math.MaxInt}); err != nil && !errors.Is(err, dynamo.ErrConflict) {
			return 0, err
		}
	}
}

// tail returns how many rows follow an id, up to most or all for 0, and how many of them count.
func (x Index) tail(ctx context.Context, after contact.ID, most int) (rows, counted int, err error) {
	err = x.rows(after, keys.EndOfIDs).Project("sk", attrDeleted).Read(ctx, most, func(i dynamo.Item) {
		if rows++; !x.living || !i.Bool(attrDeleted) {
			counted++
		}
	})
	return rows, counted, err
}

// ordinal finds the bucket of an offset in a list whose rows are never removed, for one read unit. False if there is no index yet.
func (x Index) ordinal(ctx context.Context, offset int) (Position, bool, error) {
	bucket := offset / x.sizes.Rows
	item, err := x.table.Get(ctx, keys.OffsetNode(x.list, bucket/x.sizes.Buckets))
	if err != nil {
		return Position{}, false, err
	}
	n, ok := ParseNode(item)
	if bucket %= x.sizes.Buckets; !ok || bucket > len(n.List) {
		return Position{}, false, nil
	}
	return Position{n.Start(bucket), offset % x.sizes.Rows}, true, nil
}

// firstLook is how many items of root and tombstones are read first: less than 4 KB for a list of a million rows.
const firstLook = 24

// Snapshot reads root and tombstones.
func (x Index) Snapshot(ctx context.Context) (Snapshot, error) {
	s := Snapshot{Root: Root{Watermark: x.now().Add(-settling).UnixMilli()}}
	root := keys.OffsetRoot(x.list)
	last, seen := "", 0
	each := func(i dynamo.Item) {
		sk := i.String("sk")
		switch {
		case sk == root.SK:
			s.Root, _ = x.ParseRoot(i)
		case sk != last:
			at, _ := strconv.ParseInt(sk[:min(keys.TombstoneDigits, len(sk))], 10, 64) // 0, of an unknown item: long ago
			if at >= s.Watermark {
				s.Tombstones = append(s.Tombstones, Tombstone{at, keys.LastID(sk)})
			}
		}
		seen, last = seen+1, sk
	}
	err := x.table.Query(root.PK).Between(keys.TombstonesSince(0), root.SK).Backwards().Read(ctx, firstLook, each)
	if since := keys.TombstonesSince(s.Watermark); err == nil && seen == firstLook && last > since {
		err = x.table.Query(root.PK).Between(since, last).Backwards().Read(ctx, 0, each)
	}
	return s, err
}

// find returns the position of an offset, as far as the index covers it. The rest remains to skip.
func (x Index) find(ctx context.Context, s Snapshot, offset int) (Position, error) {
	n, rest := locate(x.counts(s), offset)
	if n == len(s.List) {
		return Position{s.End(), rest}, nil
	}
	node, ok, err := x.node(ctx, s, n)
	if err != nil || !ok {
		return Position{s.Start(n), rest}, err
	}
	n, rest = locate(x.countsIn(s, node), rest)
	return Position{node.Start(n), rest}, nil
}

// node reads a node, in the version of the root or a later one; false if it is damaged.
func (x Index) node(ctx context.Context, s Snapshot, n int) (Node, bool, error) {
	key := keys.OffsetNode(x.list, n)
	if node, ok := x.cache.get(key, s.List[n].Written); ok {
		return node, true, nil
	}
	item, err := x.table.Get(ctx, key)
	if err != nil {
		return Node{}, false, err
	}
	node, ok := ParseNode(item)
	switch {
	case !ok || node.Base != s.Start(n) || node.Version < s.List[n].Written:
		return Node{}, false, nil
	case node.Version == s.List[n].Written:
		x.cache.put(key, node)
	}
	return node, true, nil
}

// skip skips row by row, unless less than a bucket is left, which the page reads itself.
func (x Index) skip(ctx context.Context, at Position) (Position, bool, error) {
	if at.Skip < x.sizes.Rows {
		return at, true, nil
	}
	q := x.rows(at.After, keys.EndOfIDs).Project("sk")
	if x.living {
		q.Filter(dynamo.AttributeNotExists(attrDeleted))
	}
	err := q.Read(ctx, at.Skip, func(i dynamo.Item) { at = Position{keys.LastID(i.String("sk")), at.Skip - 1} })
	return at, at.Skip == 0, err
}

// attrDeleted is true of a row that is a deleted contact, BOOL.
const attrDeleted = "deleted"

// rows returns the query of the list's rows after an id, up to a sort key.
func (x Index) rows(after contact.ID, end string) *dynamo.Query {
	return x.table.Query(x.list.PK).Between(keys.After(after), end)
}

// RowsOf returns the number of rows in each bucket of a node, and the ids of those that are not deleted.
func (x Index) RowsOf(ctx context.Context, n Node) (rows []int, living []contact.ID, err error) {
	rows = make([]int, len(n.List))
	err = x.rows(n.Base, keys.Digits(n.End())).Project("sk", attrDeleted).Read(ctx, 0, func(i dynamo.Item) {
		id := keys.LastID(i.String("sk"))
		if bucket := n.Find(id); bucket >= 0 {
			rows[bucket]++
		}
		if !i.Bool(attrDeleted) {
			living = append(living, id)
		}
	})
	return rows, living, err
}

// A nodeCache caches the last nodes while roots have their versions: sequential page reads read each node once.
type nodeCache struct {
	mu    sync.Mutex
	nodes map[dynamo.Key]Node
}

// maxNodes bounds the cache, to some 300 KB.
const maxNodes = 32

func newNodeCache() *nodeCache { return &nodeCache{nodes: map[dynamo.Key]Node{}} }

func (c *nodeCache) get(key dynamo.Key, version int64) (Node, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.nodes[key]
	return kept, ok && kept.Version == version
}

func (c *nodeCache) put(key dynamo.Key, n Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.nodes) == maxNodes {
		clear(c.nodes)
	}
	c.nodes[key] = n
}
