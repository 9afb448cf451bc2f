// Package offset lets a page of a list begin after any offset at the same cost.
//
// The rows of a list stand in the order of their ids, and an id begins with the time at which it was made: after a minute (see settling)
// no row comes in before those that are there. The rows are cut into buckets of so many; a node is an item that tells where many buckets
// end, the root tells where the nodes end. A deep read leaves them as it goes, so the first one reads all rows before its offset, and the
// later ones two items.
//
// Contacts stay in their list: for them the offset itself says which bucket it is in. Rows that leave, those of a customer list, and
// contacts where deleted ones are left out, have to be counted. Nodes and root have counts that exclude rows removed before their
// watermark; each removal since is a tombstone, an item that is written in the transaction that removes the row, so that no removal waits for
// another. What counts now is the count less the tombstones. When there are many, a deep read merges them into the counts (see write.go),
// but never those of the last minute, of which some may be under way. Tombstones expire long after that.
//
// All of it follows from the rows: it may be removed at any time, and is made anew.
package offset

import (
	"encoding/binary"
	"slices"
	"sort"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Sizes say how lists are cut. What is stored is cut so: other sizes need another name of the root in package keys.
type Sizes struct {
	// Rows make a bucket. A page that begins within one reads those before it in vain.
	Rows int
	// Buckets make a node, at most: an item of less than 4 KB.
	Buckets int
	// Near is below which offset no index is looked at or made.
	Near int
	// Tombstones is how many stay next to the index: with the root of a million rows less than 4 KB.
	Tombstones int
	// Together is how many nodes are written together: 100 items make a transaction, of at most 4 MB.
	Together int
}

// DefaultSizes are those of every list.
var DefaultSizes = Sizes{Rows: 20, Buckets: 400, Near: 200, Tombstones: 20, Together: 90}

const (
	// settling is the age at which rows and removals are final: a request ends within 30 seconds, and clocks differ by seconds.
	settling = time.Minute
	// Retention is when a tombstone expires. Counts are made anew when they are older than countsExpire, and brought up to date when
	// they are older than countsFresh.
	Retention    = 40 * 24 * time.Hour
	countsExpire = 30 * 24 * time.Hour
	countsFresh  = 7 * 24 * time.Hour
)

// Indexes are the offset indexes of a table's lists.
type Indexes struct {
	table *dynamo.Table
	now   func() time.Time
	sizes Sizes
	cache *nodeCache
}

// New returns the offset indexes of a table.
func New(table *dynamo.Table, now func() time.Time, sizes Sizes) *Indexes {
	return &Indexes{table, now, sizes, newNodeCache()}
}

// An Index is that of one list, seen by one kind of query.
type Index struct {
	*Indexes
	// list is a key whose partition the rows are in.
	list dynamo.Key
	// of is the item that the rows belong to and are deleted with. The zero Key: contacts, which stay.
	of dynamo.Key
	// living leaves deleted contacts out of the count.
	living bool
}

// Of returns the index of the list in a partition. of is what the rows belong to and are deleted with, the zero Key for contacts. living
// leaves deleted contacts out.
func (x *Indexes) Of(partition string, of dynamo.Key, living bool) Index {
	return Index{x, dynamo.Key{PK: partition}, of, living}
}

// keepsRows reports whether rows that were listed once always are.
func (x Index) keepsRows() bool { return !x.living && x.of == dynamo.Key{} }

// Remove adds to a transaction that a row of a list doesn't count any more.
func (x *Indexes) Remove(tx *dynamo.Tx, row dynamo.Key) {
	now := x.now()
	tombstone := keys.Tombstone(row, now).Item()
	tombstone[dynamo.AttrExpires] = dynamo.Number(now.Add(Retention).Unix())
	tx.Put(tombstone)
}

// An Entry is a bucket in a node, or a node in the root: the rows after the entry before it, up to an id.
type Entry struct {
	End   contact.ID
	Count int64
	// Written is, in a root, the version of the root that wrote the node last.
	Written int64
}

// Entries follow each other.
type Entries struct {
	Base contact.ID // after which the first one begins
	List []Entry
}

// Start is the id after which an entry begins; after the last one, where the entries end.
func (e Entries) Start(n int) contact.ID {
	if n == 0 {
		return e.Base
	}
	return e.List[n-1].End
}

// End is the id of the last row.
func (e Entries) End() contact.ID { return e.Start(len(e.List)) }

// Find returns the entry that an id lies in, -1 for none.
func (e Entries) Find(id contact.ID) int {
	if id <= e.Base || id > e.End() {
		return -1
	}
	return sort.Search(len(e.List), func(n int) bool { return e.List[n].End >= id })
}

// Sum is the count of all entries.
func (e Entries) Sum() (sum int64) {
	for _, entry := range e.List {
		sum += entry.Count
	}
	return sum
}

// counts are how many rows of each entry count, less the tombstones since a time.
func (e Entries) counts(tombstones []Tombstone, since int64) []int64 {
	counts := make([]int64, len(e.List))
	for n, entry := range e.List {
		counts[n] = entry.Count
	}
	for _, t := range tombstones {
		if n := e.Find(t.ID); n >= 0 && t.At >= since {
			counts[n]--
		}
	}
	return counts
}

// locate finds the entry that an offset falls into, and how far: the number of entries, if it lies after them all.
func locate(counts []int64, offset int) (n, rest int) {
	for n, count := range counts {
		if int64(offset) < count {
			return n, offset
		}
		offset -= int(max(count, 0))
	}
	return len(counts), offset
}

// pack encodes entries: for each, as it differs from what goes before, its end, its count, and in a root how long ago, in versions, it was
// written. Six bytes or so for a bucket, nine at most.
func (e Entries) pack(version int64) (packed []byte) {
	for n, entry := range e.List {
		packed = binary.AppendUvarint(packed, uint64(entry.End-e.Start(n)))
		packed = binary.AppendUvarint(packed, uint64(entry.Count))
		if version != 0 {
			packed = binary.AppendUvarint(packed, uint64(version-entry.Written))
		}
	}
	return packed
}

// unpack is the reverse of pack; not ok if it is damaged.
func unpack(base contact.ID, packed []byte, version int64) (e Entries, ok bool) {
	e.Base = base
	next := func() int64 {
		n, size := binary.Uvarint(packed)
		if ok = ok && size > 0 && n <= uint64(1)<<62; !ok {
			return 0
		}
		packed = packed[size:]
		return int64(n)
	}
	for ok = true; ok && len(packed) > 0; {
		entry := Entry{End: e.End() + contact.ID(next()), Count: next()}
		if version != 0 {
			entry.Written = version - next()
		}
		ok = ok && entry.End > e.End() && entry.End <= contact.MaxID
		e.List = append(e.List, entry)
	}
	return e, ok
}

// A Root has the nodes of a list; the zero one has none.
type Root struct {
	Entries
	Version   int64
	Watermark int64 // Unix milliseconds: counts exclude rows removed before
	Buckets   int   // of all nodes
	stored    dynamo.Item
}

// rootItem is a Root as it is stored.
type rootItem struct {
	Version   int64  `dynamodbav:"v"`
	Watermark int64  `dynamodbav:"watermark"`
	Buckets   int    `dynamodbav:"buckets"`
	Entries   []byte `dynamodbav:"entries"`
}

// ParseRoot reads a root; not ok if it is damaged. Then, or if it is too old for all tombstones since to be there, it has no nodes.
func (x Index) ParseRoot(item dynamo.Item) (r Root, ok bool) {
	now := x.now()
	stored, err := dynamo.Decode[rootItem](item)
	r = Root{stored: item, Version: stored.Version, Watermark: stored.Watermark, Buckets: stored.Buckets}
	r.Entries, ok = unpack(0, stored.Entries, r.Version)
	ok = ok && err == nil && r.Buckets >= 0 && len(r.List) == (r.Buckets+x.sizes.Buckets-1)/x.sizes.Buckets
	if ok && r.Watermark >= now.Add(-countsExpire).UnixMilli() {
		return r, true
	}
	return Root{stored: item, Version: item.Number(dynamo.AttrVersion), Watermark: now.Add(-settling).UnixMilli()}, ok
}

func (r Root) item(list dynamo.Key) (dynamo.Item, error) {
	return dynamo.Encode(keys.OffsetRoot(list), rootItem{r.Version, r.Watermark, r.Buckets, r.pack(r.Version)})
}

// A Node has buckets. Its counts exclude rows removed before its watermark, or before that of its root if that is later.
type Node struct {
	Entries
	Version   int64
	Watermark int64 // Unix milliseconds
}

// nodeItem is a Node as it is stored.
type nodeItem struct {
	Version   int64  `dynamodbav:"v"`
	Watermark int64  `dynamodbav:"watermark"`
	Base      int64  `dynamodbav:"base"`
	Entries   []byte `dynamodbav:"entries"`
}

// ParseNode reads a node; false if there is none, or it is damaged.
func ParseNode(item dynamo.Item) (n Node, ok bool) {
	stored, err := dynamo.Decode[nodeItem](item)
	n = Node{Version: stored.Version, Watermark: stored.Watermark}
	n.Entries, ok = unpack(contact.ID(stored.Base), stored.Entries, 0)
	return n, ok && err == nil && len(n.List) > 0
}

func (n Node) item(key dynamo.Key) (dynamo.Item, error) {
	return dynamo.Encode(key, nodeItem{n.Version, n.Watermark, int64(n.Base), n.pack(0)})
}

// A Tombstone is a row that doesn't count any more.
type Tombstone struct {
	At int64 // Unix milliseconds
	ID contact.ID
}

// A Snapshot is a root and the tombstones since, the latest first.
type Snapshot struct {
	Root
	Tombstones []Tombstone
}

// lastNode is the number of the node that takes the next buckets, and how many it has.
func (x Index) lastNode(r Root) (n, buckets int) {
	n = max(len(r.List)-1, 0)
	if buckets = r.Buckets - n*x.sizes.Buckets; buckets == x.sizes.Buckets {
		return n + 1, 0
	}
	return n, buckets
}

// counts are how many rows of each node count.
func (x Index) counts(s Snapshot) []int64 {
	if !x.keepsRows() {
		return s.counts(s.Tombstones, s.Watermark)
	}
	counts := slices.Repeat([]int64{int64(x.sizes.Buckets * x.sizes.Rows)}, len(s.List))
	if n, buckets := x.lastNode(s.Root); n < len(counts) {
		counts[n] = int64(buckets * x.sizes.Rows)
	}
	return counts
}

// countsIn are how many rows of each bucket of a node count.
func (x Index) countsIn(s Snapshot, n Node) []int64 {
	if !x.keepsRows() {
		return n.counts(s.Tombstones, max(s.Watermark, n.Watermark))
	}
	return slices.Repeat([]int64{int64(x.sizes.Rows)}, len(n.List))
}

// Sizes returns how the list is cut.
func (x *Indexes) Sizes() Sizes { return x.sizes }
