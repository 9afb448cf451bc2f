package dynamo

import (
	"encoding/binary"
	"slices"
	"sort"
	"time"

	"contacts/pkg/contact"
)

// Marks let a page begin behind any offset at the same cost. The rows of a list stand in the order of their ids, and an id begins with
// the time at which it was made: no row comes in any more before those that are older than a minute (see settling). They are cut
// into segments of so many rows; a chunk is an item that tells where many segments end, a directory where the chunks do. A deep read
// leaves them as it goes, so the first one reads all rows before its offset, and the later ones two items.
//
// Contacts stay in their list: for them the offset itself says which segment it is in. Rows that leave, those of a customer list, and
// contacts where deleted ones are left out, have to be counted. Chunks and directory hold how many rows of each segment counted at a
// time, through; each removal since is an item beside them, written in the transaction that removes, so that no removal waits for
// another. What counts now is the number of then, less the removals since. When there are many, a deep read works them into the
// numbers (see marks_write.go), but never those of the last minute, of which some may be under way. Removals expire long after that.
//
// All of it follows from the rows: it may be removed at any time, and is made anew.

// cuts say how lists are cut. What is stored is cut so: others need another name for the directory in keys.go.
type cuts struct {
	// rows make a segment. A page that begins within one reads those before it in vain.
	rows int
	// segments make a chunk, at most: an item of less than 4 KB.
	segments int
	// near is below which offset no marks are looked at or left.
	near int
	// removals is how many stay beside the marks: with the directory of a million rows less than 4 KB.
	removals int
	// together is how many chunks are written together: 100 items make a transaction, of at most 4 MB.
	together int
}

var usualCuts = cuts{rows: 20, segments: 400, near: 200, removals: 20, together: 90}

const (
	// settling is the age at which rows and removals are final: a request ends within 30 seconds, and clocks differ by seconds.
	settling = time.Minute
	// removalsKept is when the record of a removal expires. Numbers are counted anew when they are older than removalsCounted, and
	// brought up to date when they are older than removalsFresh.
	removalsKept    = 40 * 24 * time.Hour
	removalsCounted = 30 * 24 * time.Hour
	removalsFresh   = 7 * 24 * time.Hour
)

const (
	attrMarks    = "marks"    // B: the ends of segments or chunks, and their numbers
	attrBase     = "base"     // N: the id behind which a chunk begins
	attrThrough  = "through"  // N: Unix milliseconds; the numbers are of the rows as if nothing had been removed since
	attrSegments = "segments" // N: how many there are in all chunks
)

// A mark is a stretch of rows: those behind the mark before it, up to an id.
type mark struct {
	end   contact.ID
	count int64
	// written is, in a directory, the version of the directory that wrote the chunk last.
	written int64
}

// A run is marks that follow each other.
type run struct {
	base  contact.ID // behind which the first one begins
	marks []mark
}

// start is the id behind which a mark begins; behind the last one, where the run ends.
func (r run) start(n int) contact.ID {
	if n == 0 {
		return r.base
	}
	return r.marks[n-1].end
}

func (r run) end() contact.ID { return r.start(len(r.marks)) }

// holding is the mark that an id lies in, -1 for none.
func (r run) holding(id contact.ID) int {
	if id <= r.base || id > r.end() {
		return -1
	}
	return sort.Search(len(r.marks), func(n int) bool { return r.marks[n].end >= id })
}

func (r run) sum() (sum int64) {
	for _, m := range r.marks {
		sum += m.count
	}
	return sum
}

// counts are how many rows of each mark count, less what was removed since.
func (r run) counts(removed []removal, since int64) []int64 {
	counts := make([]int64, len(r.marks))
	for n, m := range r.marks {
		counts[n] = m.count
	}
	for _, gone := range removed {
		if n := r.holding(gone.id); n >= 0 && gone.at >= since {
			counts[n]--
		}
	}
	return counts
}

// within finds the mark that an offset falls into, and how far: the number of marks, if it lies behind them all.
func within(counts []int64, offset int) (n, rest int) {
	for n, count := range counts {
		if int64(offset) < count {
			return n, offset
		}
		offset -= int(max(count, 0))
	}
	return len(counts), offset
}

// pack writes marks: for each, as it differs from what goes before, its end, its number, and in a directory how long ago, in versions,
// it was written. Six bytes or so for a segment, nine at most.
func (r run) pack(version int64) (packed []byte) {
	for n, m := range r.marks {
		packed = binary.AppendUvarint(packed, uint64(m.end-r.start(n)))
		packed = binary.AppendUvarint(packed, uint64(m.count))
		if version != 0 {
			packed = binary.AppendUvarint(packed, uint64(version-m.written))
		}
	}
	return packed
}

// unpack reads what pack wrote; none if it is damaged.
func unpack(base contact.ID, packed []byte, version int64) (r run, ok bool) {
	r.base = base
	next := func() int64 {
		n, size := binary.Uvarint(packed)
		if ok = ok && size > 0 && n <= uint64(1)<<62; !ok {
			return 0
		}
		packed = packed[size:]
		return int64(n)
	}
	for ok = true; ok && len(packed) > 0; {
		m := mark{end: r.end() + contact.ID(next()), count: next()}
		if version != 0 {
			m.written = version - next()
		}
		ok = ok && m.end > r.end() && m.end <= contact.MaxID
		r.marks = append(r.marks, m)
	}
	return r, ok
}

// A directory holds the chunks of a list; the zero one none.
type directory struct {
	run
	stored           Item // nil for none
	version, through int64
	segments         int
}

// directory reads one; not ok, if it is damaged. Then, or if it is too old for all removals since to be there, it holds no chunks.
func (m marks) directory(i Item) (d directory, ok bool) {
	now := m.table.now()
	d = directory{stored: i, version: i.number(attrVersion), through: i.number(attrThrough), segments: int(i.number(attrSegments))}
	d.run, ok = unpack(0, i.bytes(attrMarks), d.version)
	ok = ok && d.segments >= 0 && len(d.marks) == (d.segments+m.segments-1)/m.segments
	if ok && d.through >= now.Add(-removalsCounted).UnixMilli() {
		return d, true
	}
	return directory{stored: i, version: d.version, through: now.Add(-settling).UnixMilli()}, ok
}

func (d directory) item(list Key) Item {
	item := list.directory().entry()
	item[attrVersion], item[attrThrough], item[attrSegments] = num(d.version), num(d.through), num(int64(d.segments))
	item[attrMarks] = bin(d.pack(d.version))
	return item
}

// A chunk holds segments. What it leaves out of its numbers was removed before through, or before that of its directory if that
// is later.
type chunk struct {
	run
	version, through int64
}

// readChunk reads one; false if there is none, or it is damaged.
func readChunk(i Item) (c chunk, ok bool) {
	c = chunk{version: i.number(attrVersion), through: i.number(attrThrough)}
	c.run, ok = unpack(contact.ID(i.number(attrBase)), i.bytes(attrMarks), 0)
	return c, ok && len(c.marks) > 0
}

func (c chunk) item(key Key) Item {
	item := key.entry()
	item[attrVersion], item[attrThrough], item[attrBase] = num(c.version), num(c.through), num(int64(c.base))
	item[attrMarks] = bin(c.pack(0))
	return item
}

// A removal is a row that ceased to count.
type removal struct {
	at int64 // Unix milliseconds
	id contact.ID
}

// takeOff notes that a row of a list counts no more.
func (tx *transaction) takeOff(row Key) {
	now := tx.table.now()
	gone := row.gone(now).entry()
	gone[attrExpires] = num(now.Add(removalsKept).Unix())
	tx.put(gone)
}

// Marks are those of one list, seen by one kind of query.
type marks struct {
	table *Table
	cuts
	in Key // whose partition the rows are in
	of Key
	// living leaves deleted contacts out of the count.
	living bool
}

func (t *Table) marksOf(in Key, q Query) marks {
	return marks{table: t, cuts: t.cuts, in: in, of: q.of, living: q.Living}
}

// stays tells that rows that were listed once always are.
func (m marks) stays() bool { return !m.living && m.of == Key{} }

// A survey is a directory and what was removed since, the latest first.
type survey struct {
	directory
	removed []removal
}

// lastChunk is the number of the chunk that takes the next segments, and how many it has.
func (m marks) lastChunk(d directory) (n, segments int) {
	n = max(len(d.marks)-1, 0)
	if segments = d.segments - n*m.segments; segments == m.segments {
		return n + 1, 0
	}
	return n, segments
}

// counts are how many rows of each chunk count.
func (m marks) counts(s survey) []int64 {
	if !m.stays() {
		return s.counts(s.removed, s.through)
	}
	counts := slices.Repeat([]int64{int64(m.segments * m.rows)}, len(s.marks))
	if n, segments := m.lastChunk(s.directory); n < len(counts) {
		counts[n] = int64(segments * m.rows)
	}
	return counts
}

// countsIn are how many rows of each segment of a chunk count.
func (m marks) countsIn(s survey, c chunk) []int64 {
	if !m.stays() {
		return c.counts(s.removed, max(s.through, c.through))
	}
	return slices.Repeat([]int64{int64(m.rows)}, len(c.marks))
}
