// Package offset reads pages of a list at any offset at the same cost.
//
// The rows of a list are ordered by their ids, and an id begins with its time of creation: after a minute (see settling) no row is
// inserted before existing ones. Rows form buckets of a fixed size; a node is an item with the ends of many buckets, the root has the ends
// of the nodes. Deep reads build the index: the first reads all rows before its offset, later ones read two items.
//
// Contacts are never removed from their list, so their bucket follows from the offset. Rows that can be removed, of customer lists and of
// contacts without deleted ones, must be counted. Counts in nodes and root exclude rows removed before their watermark. Each later
// removal is a tombstone, an item written in the transaction that removes the row, so that removals don't conflict. The current count is
// the stored count less the tombstones. When there are many, a deep read merges them into the counts (see write.go), except those of the
// last minute, of which some may not be committed yet. Tombstones expire long after that.
//
// The index follows from the rows: it may be deleted at any time, and reads rebuild it.
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

// Sizes are the sizes of buckets and nodes. Stored indexes have them: other sizes need another name of the root in package keys.
type Sizes struct {
	// Rows is the number of rows in a bucket. A page that begins within a bucket reads and discards the rows before it.
	Rows int
	// Buckets is the most buckets in a node, an item of less than 4 KB.
	Buckets int
	// Near is the offset below which reads neither use nor build the index.
	Near int
	// Tombstones is how many are not merged: with the root of a million rows less than 4 KB.
	Tombstones int
	// Together is how many nodes one transaction writes: it has at most 100 items and 4 MB.
	Together int
}

// DefaultSizes are the sizes in production.
var DefaultSizes = Sizes{Rows: 20, Buckets: 400, Near: 200, Tombstones: 20, Together: 90}

const (
	// settling is the age at which rows and removals are final: a request ends within 30 seconds, and clocks differ by seconds.
	settling = time.Minute
	// Retention is how long a tombstone is stored. Counts older than countsExpire are rebuilt, those older than countsFresh updated.
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

// An Index is the offset index of one list, for one kind of query.
type Index struct {
	*Indexes
	// list is a key with the partition of the rows.
	list dynamo.Key
	// of is the item whose children the rows are. The zero Key: contacts, which are never removed.
	of dynamo.Key
	// living excludes deleted contacts from the count.
	living bool
}

// Of returns the index of the list in a partition. of is the item whose children the rows are, the zero Key for contacts. living excludes
// deleted contacts.
func (x *Indexes) Of(partition string, of dynamo.Key, living bool) Index {
	return Index{x, dynamo.Key{PK: partition}, of, living}
}

// keepsRows reports whether rows are never removed from the list.
func (x Index) keepsRows() bool { return !x.living && x.of == dynamo.Key{} }

// Remove adds the tombstone of a row to the transaction that removes it.
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

// Entries are consecutive entries.
type Entries struct {
	Base contact.ID // the first one begins after it
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

// Find returns the entry of an id, -1 for none.
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

// counts returns the current count of each entry: the stored one less the tombstones since a time.
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

// locate returns the entry of an offset and the rest within it. n is the number of entries if the offset is after all of them.
func locate(counts []int64, offset int) (n, rest int) {
	for n, count := range counts {
		if int64(offset) < count {
			return n, offset
		}
		offset -= int(max(count, 0))
	}
	return len(counts), offset
}

// pack encodes entries: for each its end and count, as differences, and in a root how many versions ago it was written. A bucket takes
// about six bytes, at most nine.
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

// A Root has the nodes of a list.
type Root struct {
	Entries
	Version   int64
	Watermark int64 // Unix milliseconds: counts exclude rows removed before
	Buckets   int   // of all nodes
	stored    dynamo.Item
}

// rootItem is a stored Root.
type rootItem struct {
	Version   int64  `dynamodbav:"v"`
	Watermark int64  `dynamodbav:"watermark"`
	Buckets   int    `dynamodbav:"buckets"`
	Entries   []byte `dynamodbav:"entries"`
}

// ParseRoot parses a root; not ok if it is damaged. Then, or if some tombstones since its watermark may have expired, it has no nodes.
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

// nodeItem is a stored Node.
type nodeItem struct {
	Version   int64  `dynamodbav:"v"`
	Watermark int64  `dynamodbav:"watermark"`
	Base      int64  `dynamodbav:"base"`
	Entries   []byte `dynamodbav:"entries"`
}

// ParseNode parses a node; false if there is none, or it is damaged.
func ParseNode(item dynamo.Item) (n Node, ok bool) {
	stored, err := dynamo.Decode[nodeItem](item)
	n = Node{Version: stored.Version, Watermark: stored.Watermark}
	n.Entries, ok = unpack(contact.ID(stored.Base), stored.Entries, 0)
	return n, ok && err == nil && len(n.List) > 0
}

func (n Node) item(key dynamo.Key) (dynamo.Item, error) {
	return dynamo.Encode(key, nodeItem{n.Version, n.Watermark, int64(n.Base), n.pack(0)})
}

// A Tombstone is a removed row.
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

// counts returns the current count of each node.
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

// countsIn returns the current count of each bucket of a node.
func (x Index) countsIn(s Snapshot, n Node) []int64 {
	if !x.keepsRows() {
		return n.counts(s.Tombstones, max(s.Watermark, n.Watermark))
	}
	return slices.Repeat([]int64{int64(x.sizes.Rows)}, len(n.List))
}

// Sizes returns the sizes of buckets and nodes.
func (x *Indexes) Sizes() Sizes { return x.sizes }
