package dynamo

import (
	"context"
	"fmt"
	"slices"

	"contacts/pkg/contact"
)

// The rules of marks: they say of a list's rows what the rows say themselves. All repairs are the same: marks that are not there
// are made anew.

// seesOfMarks are what marks must agree with.
func seesOfMarks(i Item, p place) (keys []Key) {
	if p.list != 0 {
		keys = append(keys, listKey(p.org, p.list))
	}
	switch p.kind {
	case placeChunk:
		keys = append(keys, p.marked.directory())
		if p.chunk > 0 {
			keys = append(keys, p.marked.chunk(p.chunk-1))
		}
	case placeGone:
		keys = append(keys, Key{p.marked.PK, digits(i.id())})
	}
	return keys
}

// marks are those of the list that the item is of.
func (j *judgement) marks() marks {
	m := marks{table: j.check.table, cuts: j.check.table.cuts, in: j.place.marked}
	if j.place.list != 0 {
		m.of = listKey(j.place.org, j.place.list)
	}
	return m
}

// isMarked holds that the list is there.
func (j *judgement) isMarked() bool {
	if j.place.list == 0 {
		return true
	}
	list := listKey(j.place.org, j.place.list)
	if j.at(list) != nil {
		j.seen(list)
		return true
	}
	j.remove(FoundOrphan, fmt.Sprintf("there is no customer list %s", j.place.list))
	return false
}

// wrong tells of marks that are not those of the rows.
func (j *judgement) wrong(format string, args ...any) {
	m := j.marks()
	directory := j.item
	if j.place.kind != placeDirectory {
		directory = j.at(m.in.directory())
	}
	j.fixable(FoundMarks, fmt.Sprintf(format, args...), "remove the marks of its list: they are made anew", func(ctx context.Context) error {
		return m.remove(ctx, directory)
	})
}

// remove removes all marks, the directory last, if it still is as it was read.
func (m marks) remove(ctx context.Context, directory Item) error {
	var keys []Key
	if err := m.table.prefixed(m.in.directory().PK).read(ctx, m.in.directory().SK, 0, func(i Item) { keys = append(keys, i.key()) }); err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(k Key) bool { return k == m.in.directory() })
	for last := false; !last; {
		n := min(len(keys), m.together)
		last = n == len(keys)
		tx := m.table.begin()
		switch {
		case directory == nil:
			tx.require(m.in.directory(), absent(func(Item) error { return errChanged }))
		case directory[attrVersion] == nil:
			tx.require(m.in.directory(), present(errChanged))
		default:
			tx.require(m.in.directory(), unchanged(directory))
		}
		for _, key := range keys[:n] {
			tx.remove(key)
		}
		if keys = keys[n:]; last && directory != nil {
			tx.remove(m.in.directory())
		}
		if err := tx.commit(ctx, contact.Record{}); err != nil {
			return err
		}
	}
	return nil
}

func (j *judgement) ofDirectory() {
	if !j.isMarked() {
		return
	}
	d, ok := j.marks().directory(j.item)
	if !ok {
		j.wrong("it can't be read")
		return
	}
	for n, m := range d.marks {
		c, ok := readChunk(j.at(j.place.marked.chunk(n)))
		if !ok || c.version != m.written || c.base != d.start(n) || c.end() != m.end || c.sum() != m.count {
			j.wrong("chunk %d is not there, or not as the directory has it", n)
			return
		}
	}
	if n := len(d.marks) - 1; n >= 0 {
		if c, _ := readChunk(j.at(j.place.marked.chunk(n))); len(c.marks) != d.segments-n*j.check.table.cuts.segments {
			j.wrong("it counts %d segments, and the last chunk has %d", d.segments, len(c.marks))
		}
	}
}

// ofChunk holds a chunk to the rows. One that the directory doesn't have, for it was begun anew, tells the places of contacts all the
// same, and nothing of a customer list.
func (j *judgement) ofChunk() {
	if !j.isMarked() {
		return
	}
	m := j.marks()
	c, ok := readChunk(j.item)
	d, _ := m.directory(j.at(m.in.directory()))
	known := j.place.chunk < len(d.marks)
	switch {
	case !ok:
		j.wrong("it can't be read")
		return
	case !known && m.of != Key{}:
		return
	case j.place.chunk == 0 && c.base != 0:
		j.wrong("it is the first, and begins behind %s", c.base)
		return
	case j.place.chunk > 0:
		if before, ok := readChunk(j.at(m.in.chunk(j.place.chunk - 1))); !ok || before.end() != c.base || len(before.marks) != m.segments {
			j.wrong("it doesn't begin where the chunk before it ends")
			return
		}
	}
	rows, living, err := m.rowsOf(j.ctx, c)
	j.note(err)
	for n, count := range rows {
		if err == nil && m.of == (Key{}) && count != m.rows {
			j.wrong("%d rows lie between %s and %s, where %d make a segment", count, c.start(n), c.marks[n].end, m.rows)
			return
		}
	}
	if s, err := m.survey(j.ctx); err != nil || !known || s.version != d.version || c.version != d.marks[j.place.chunk].written {
		j.note(err) // else it is being written
	} else {
		j.counts(c, living, s)
	}
}

// rowsOf are how many rows each segment has, and which of them count where deleted ones don't.
func (m marks) rowsOf(ctx context.Context, c chunk) (rows []int, living []contact.ID, err error) {
	rows = make([]int, len(c.marks))
	r := m.reader("sk, deleted")
	r.input.ExpressionAttributeValues[":end"] = str(digits(c.end()))
	err = r.read(ctx, behind(digits(c.base)), 0, func(i Item) {
		if n := c.holding(i.id()); n >= 0 {
			rows[n]++
		}
		if !i.is(attrDeleted) {
			living = append(living, i.id())
		}
	})
	return rows, living, err
}

// counts holds a chunk's numbers to what counts now, and what was removed since: its rows were read before.
func (j *judgement) counts(c chunk, living []contact.ID, s survey) {
	want := make([]int64, len(c.marks))
	count := func(id contact.ID) {
		if n := c.holding(id); n >= 0 {
			want[n]++
		}
	}
	for _, id := range living {
		count(id)
	}
	for _, gone := range s.removed {
		if _, there := slices.BinarySearch(living, gone.id); !there && gone.at >= c.through {
			count(gone.id)
		}
	}
	for n, m := range c.marks {
		if m.count != want[n] {
			j.wrong("it counts %d rows behind %s, and there are %d", m.count, c.start(n), want[n])
			return
		}
	}
}

func (j *judgement) ofGone() {
	if j.past() || !j.isMarked() {
		return
	}
	if j.item[attrExpires] == nil {
		j.find(FoundMarks, "it never expires", "let it expire", func(tx *transaction) {
			tx.step(j.item.key()).update.set(attrExpires, num(j.check.table.now().Add(removalsKept).Unix()))
		})
	}
	row := j.at(Key{j.place.marked.PK, digits(j.item.id())})
	if row != nil && (j.place.list != 0 || !j.isDeleted(row)) {
		j.find(FoundMarks, "what it says was removed is there", "remove it", func(tx *transaction) {
			j.asRead(tx, row.key(), row)
			tx.remove(j.item.key())
		})
	}
}
