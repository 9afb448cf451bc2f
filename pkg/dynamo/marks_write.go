package dynamo

import (
	"context"
	"errors"
	"slices"
	"time"

	"contacts/pkg/contact"
)

// markTime is how long a read may take to write marks, each time: it goes on without them.
const markTime = 3 * time.Second

// stride is how many segments are made at a time, at least, where there are so many rows: not one with every page that somebody reads
// behind the page before.
const stride = 20

// extend goes on from the end of the marks, chunk by chunk, and leaves marks for the rows that it reads. It ends where less than a
// segment is to go, where rows are not settled or the list ends, or where no marks can be written. errChanged, if others have
// written some meanwhile.
func (m marks) extend(ctx context.Context, s survey, at spot) (spot, error) {
	for at.on >= m.rows {
		_, segments := m.lastChunk(s.directory)
		wanted := min(max(at.on/m.rows, stride), m.segments-segments)
		found, err := m.scan(ctx, at.behind, wanted)
		if err != nil || len(found.marks) == 0 {
			return at, err
		}
		next, err := m.add(ctx, s, found)
		if errors.Is(err, errChanged) {
			return at, err
		}
		n, rest := within(found.seen, at.on)
		at = spot{found.start(n), rest}
		if err != nil || n < len(found.marks) {
			return at, nil
		}
		s = next
	}
	return at, nil
}

// A stretch is segments as they were found.
type stretch struct {
	run
	// seen are how many rows of each are there for the query.
	seen []int64
	// living are the ids of those that count where deleted ones don't.
	living []contact.ID
}

// scan reads so many segments, or as many as there are of settled rows.
func (m marks) scan(ctx context.Context, behindID contact.ID, segments int) (found stretch, err error) {
	found.base = behindID
	settled := m.table.now().Add(-settling)
	n, living := 0, 0 // rows of the segment
	err = m.reader("sk, deleted").read(ctx, behind(digits(behindID)), segments*m.rows, func(i Item) {
		id := i.id()
		if n++; !i.is(attrDeleted) {
			living++
			found.living = append(found.living, id)
		}
		if n < m.rows || !id.Time().Before(settled) {
			return
		}
		counted := int64(living)
		found.marks = append(found.marks, mark{end: id, count: counted})
		if m.stays() {
			counted = int64(m.rows)
		}
		found.seen = append(found.seen, counted)
		n, living = 0, 0
	})
	return found, err
}

// add puts segments behind those that there are. The removals are read behind the rows: a row that was removed since through, was it
// seen before that or not, is in the numbers once, and among the removals.
func (m marks) add(ctx context.Context, s survey, found stretch) (survey, error) {
	ctx, cancel := context.WithTimeout(ctx, markTime)
	defer cancel()
	next, err := m.survey(ctx)
	if err != nil {
		return s, err
	}
	if next.version != s.version || next.end() != found.base {
		return s, errChanged
	}
	for _, gone := range next.removed {
		if _, seen := slices.BinarySearch(found.living, gone.id); !seen {
			if n := found.holding(gone.id); n >= 0 {
				found.marks[n].count++
			}
		}
	}
	n, segments := m.lastChunk(next.directory)
	last := chunk{run: run{base: next.end()}}
	if segments > 0 {
		var ok bool
		if last, ok, err = m.chunk(ctx, next, n); err != nil || !ok || last.version != next.marks[n].written {
			return s, errors.Join(err, errNoMarks)
		}
		next.marks = slices.Clone(next.marks[:n])
	}
	last.marks = slices.Concat(last.marks, found.marks)
	next.marks = append(next.marks, mark{end: last.end()})
	next.segments += len(found.marks)
	return m.write(ctx, next, map[int]chunk{n: last})
}

// errNoMarks says that no marks can be written.
var errNoMarks = errors.New("dynamo: the marks of a list are damaged")

// write puts chunks, which hold numbers of the directory's time, and the directory, if it still is as it was read.
func (m marks) write(ctx context.Context, s survey, chunks map[int]chunk) (survey, error) {
	tx := m.table.begin()
	s.version = max(s.version+1, m.table.now().UnixMilli()) // none that a directory had which was removed
	for n, c := range chunks {
		c.version, c.through = s.version, s.through
		s.marks[n].count, s.marks[n].written = c.sum(), c.version
		tx.put(c.item(m.in.chunk(n)))
		chunks[n] = c
	}
	next := s.item(m.in)
	if s.stored == nil {
		tx.put(next, absent(func(Item) error { return errChanged }))
	} else {
		tx.put(next, unchanged(s.stored))
	}
	if m.of != (Key{}) { // a deletion of what the rows belong to has to see them
		tx.require(m.of, present(errNoMarks))
		tx.step(m.of).update.count(attrChildren, 1)
	}
	if err := tx.commit(withoutAttempt(ctx), contact.Record{}); err != nil {
		return s, err
	}
	for n, c := range chunks {
		m.table.chunks.put(m.in.chunk(n), c)
	}
	s.stored = next
	return s, nil
}

// workIn works removals into the numbers, if they are many or the numbers old. Where it can't, all stays as it is.
func (m marks) workIn(ctx context.Context, s survey) survey {
	now := m.table.now()
	through := now.Add(-settling).UnixMilli()
	old := slices.DeleteFunc(slices.Clone(s.removed), func(r removal) bool { return r.at >= through })
	if len(s.marks) == 0 || len(old) <= m.removals && s.through >= now.Add(-removalsFresh).UnixMilli() {
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, markTime)
	defer cancel()
	next := s
	next.marks = slices.Clone(s.marks)
	chunks := map[int]chunk{}
	slices.Reverse(old)
	for _, gone := range old {
		n := s.holding(gone.id)
		if _, there := chunks[n]; n < 0 || there {
			continue
		}
		if len(chunks) == m.together { // what is left comes with the next deep read
			through = gone.at
			break
		}
		c, ok, err := m.chunk(ctx, s, n)
		if err != nil || !ok || c.version != s.marks[n].written {
			return s
		}
		chunks[n] = c
	}
	worked := slices.DeleteFunc(old, func(r removal) bool { return r.at >= through })
	for n, c := range chunks {
		c.marks = slices.Clone(c.marks)
		for i, count := range c.counts(worked, s.through) {
			c.marks[i].count = max(count, 0)
		}
		chunks[n] = c
	}
	next.through = through
	next, err := m.write(ctx, next, chunks)
	if err != nil {
		return s
	}
	next.removed = slices.DeleteFunc(slices.Clone(s.removed), func(r removal) bool { return r.at < through })
	return next
}
