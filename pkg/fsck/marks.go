package fsck

import (
	"context"
	"fmt"
	"slices"

	"contacts/pkg/contact"
)

// The rules of marks: they say of a list's rows what the rows say themselves. All repairs are the same: marks that are not there
// are made anew.

// seesOfMarks are what marks must agree with.
func seesOfMarks(i dynamo.Item, p place) (keys []dynamo.Key) {
	if p.list != 0 {
		keys = append(keys, keys.CustomerList(p.org, p.list))
	}
	switch p.kind {
	case keys.KindOffsetNode:
		keys = append(keys, p.marked.directory())
		if p.chunk > 0 {
			keys = append(keys, p.marked.chunk(p.chunk-1))
		}
	case keys.KindTombstone:
		keys = append(keys, dynamo.Key{p.marked.PK, keys.Digits(i.id())})
	}
	return keys
}

// marks are those of the list that the item is of.
func (j *judgement) marks() marks {
	m := marks{table: j.check.table, cuts: j.check.table.cuts, in: j.key.Indexed}
	if j.key.List != 0 {
		m.of = keys.CustomerList(j.key.Org, j.key.List)
	}
	return m
}

// isMarked holds that the list is there.
func (j *judgement) isMarked() bool {
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

// wrong tells of marks that are not those of the rows.
func (j *judgement) wrong(format string, args ...any) {
	m := j.marks()
	directory := j.item
	if j.key.Kind != keys.KindOffsetRoot {
		directory = j.at(m.in.directory())
	}
	j.fixable(FoundMarks, fmt.Sprintf(format, args...), "remove the marks of its list: they are made anew", func(ctx context.Context) error {
		return m.remove(ctx, directory)
	})
}

// remove removes all marks, the directory last, if it still is as it was read.
func (m marks) remove(ctx context.Context, directory dynamo.Item) error {
	var keys []dynamo.Key
	if err := m.table.Query(m.in.directory().PK).Prefix(m.in.directory().SK).Read(ctx, 0, func(i dynamo.Item) { keys = append(keys, i.Key()) }); err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(k dynamo.Key) bool { return k == m.in.directory() })
	for last := false; !last; {
		n := min(len(keys), m.together)
		last = n == len(keys)
		tx := m.table.begin()
		switch {
		case directory == nil:
			tx.Check(m.in.directory(), dynamo.NotExists())
		case directory[dynamo.AttrVersion] == nil:
			tx.Check(m.in.directory(), dynamo.Exists(dynamo.ErrConflict))
		default:
			tx.Check(m.in.directory(), dynamo.Unchanged(directory))
		}
		for _, key := range keys[:n] {
			tx.Delete(key)
		}
		if keys = keys[n:]; last && directory != nil {
			tx.Delete(m.in.directory())
		}
		if err := tx.commit(ctx, Record{}); err != nil {
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
		c, ok := readChunk(j.at(j.key.Indexed.chunk(n)))
		if !ok || c.version != m.written || c.base != d.start(n) || c.end() != m.end || c.sum() != m.count {
			j.wrong("chunk %d is not there, or not as the directory has it", n)
			return
		}
	}
	if n := len(d.marks) - 1; n >= 0 {
		if c, _ := readChunk(j.at(j.key.Indexed.chunk(n))); len(c.marks) != d.segments-n*j.check.table.cuts.segments {
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
	known := j.key.Node < len(d.marks)
	switch {
	case !ok:
		j.wrong("it can't be read")
		return
	case !known && m.of != dynamo.Key{}:
		return
	case j.key.Node == 0 && c.base != 0:
		j.wrong("it is the first, and begins behind %s", c.base)
		return
	case j.key.Node > 0:
		if before, ok := readChunk(j.at(m.in.chunk(j.key.Node - 1))); !ok || before.end() != c.base || len(before.marks) != m.segments {
			j.wrong("it doesn't begin where the chunk before it ends")
			return
		}
	}
	rows, living, err := m.rowsOf(j.ctx, c)
	j.note(err)
	for n, count := range rows {
		if err == nil && m.of == (dynamo.Key{}) && count != m.rows {
			j.wrong("%d rows lie between %s and %s, where %d make a segment", count, c.start(n), c.marks[n].end, m.rows)
			return
		}
	}
	if s, err := m.survey(j.ctx); err != nil || !known || s.version != d.version || c.version != d.marks[j.key.Node].written {
		j.note(err) // else it is being written
	} else {
		j.counts(c, living, s)
	}
}

// rowsOf are how many rows each segment has, and which of them count where deleted ones don't.
func (m marks) rowsOf(ctx context.Context, c chunk) (rows []int, living []contact.ID, err error) {
	rows = make([]int, len(c.marks))
	r := m.reader("sk, deleted")
	r.input.ExpressionAttributeValues[":end"] = dynamo.String(keys.Digits(c.end()))
	err = r.read(ctx, keys.After(c.base), 0, func(i dynamo.Item) {
		if n := c.holding(i.id()); n >= 0 {
			rows[n]++
		}
		if !i.Bool(attrDeleted) {
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
	if j.item[dynamo.AttrExpires] == nil {
		j.find(FoundMarks, "it never expires", "let it expire", func(tx *transaction) {
			tx.Update(j.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(j.check.table.now().Add(removalsKept).Unix()))
		})
	}
	row := j.at(dynamo.Key{j.key.Indexed.PK, keys.Digits(j.item.id())})
	if row != nil && (j.key.List != 0 || !j.isDeleted(row)) {
		j.find(FoundMarks, "what it says was removed is there", "remove it", func(tx *transaction) {
			j.asRead(tx, row.Key(), row)
			tx.Delete(j.item.Key())
		})
	}
}
