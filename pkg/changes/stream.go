package changes

import (
	"cmp"
	"context"
	"slices"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A stream reads the entries of a partition for one page.
type stream struct {
	*reader
	shard
	partition string
	// forwards is set until the page has read all that is settled.
	forwards bool
	// final is the position up to which it has.
	final position
	// stale is set if entries appeared among those that an earlier page read, and it is not known which.
	stale bool
	// found are the entries that the page has read.
	found map[position]Change
	// units are what the page has consumed, and size is the largest entry that it has read, in bytes.
	units, size int
}

func newStream(r *reader, n int) *stream {
	s := &stream{reader: r, shard: r.token.shards[n], partition: keys.Changes(r.org, n), found: map[position]Change{}}
	s.marks = slices.Clone(s.marks)
	s.final = s.settled
	if s.settled.at < r.now-2*settling.Microseconds() {
		s.forwards, r.token.again = true, false
		s.forgetUnshown()
	}
	return s
}

// isRead reports whether the partition was read back to the settled entries, by this page or earlier ones.
func (s *stream) isRead() bool {
	return !s.forwards && !s.stale && s.began != 0 && !s.settled.before(s.down)
}

// step reads up to n entries.
func (s *stream) step(ctx context.Context, n int) error {
	switch {
	case s.forwards:
		return s.readForwards(ctx, n)
	case !s.isRead():
		return s.readBackwards(ctx, n)
	}
	return s.readAgain(ctx, n)
}

// least returns how many entries a step has to read, 0 if the page needs no more of the partition, as it lacks so many changes.
func (s *stream) least(lacking int) int {
	switch i := s.firstUnread(); {
	case s.stale, lacking <= 0 && (s.forwards || s.isRead()):
		return 0
	case s.forwards:
		return s.firstAfter() + 1
	case !s.isRead():
		return s.lastBefore() + 1
	case i >= 0:
		return s.marks[i].entries + 1
	}
	return 0
}

// firstAfter returns how many entries the first mark has after those that were read forwards.
func (s *stream) firstAfter() int {
	for _, m := range s.marks {
		if s.final.before(m.end) {
			return m.entries
		}
	}
	return 0
}

// lastBefore returns how many entries the last mark has before those that were read backwards.
func (s *stream) lastBefore() (entries int) {
	for _, m := range s.marks {
		if s.began == 0 || !s.down.before(m.end) {
			entries = m.entries
		}
	}
	return entries
}

// readForwards reads what follows of the settled entries.
func (s *stream) readForwards(ctx context.Context, n int) error {
	bound := position{s.now - settling.Microseconds() + 1, 0}
	entries, end, err := s.query(ctx, s.final, bound, n, false)
	if err != nil {
		return err
	}
	to := bound
	if s.forwards = !end; s.forwards {
		to = entries[len(entries)-1].position()
	}
	if begins := s.markAround(to); begins.before(to) && (s.final.before(begins) || end) {
		to = begins
		entries, _ = cut(entries, to)
	}
	s.record(s.final, to, entries)
	s.final = to
	return nil
}

// readBackwards reads the entries before those that were read, back to the settled ones.
func (s *stream) readBackwards(ctx context.Context, n int) error {
	if s.began == 0 {
		s.began, s.down = s.now, position{at: maxTime}
	}
	entries, end, err := s.query(ctx, s.final, s.down, n, true)
	if err != nil {
		return err
	}
	from := s.final
	if !end {
		from = s.backToMark(entries[0].position().previous(), s.down)
		_, entries = cut(entries, from)
	}
	s.record(from, s.down, entries)
	if s.down = from; end {
		s.down = s.settled
	}
	return nil
}

// readAgain reads entries that an earlier page has read, but not shown.
func (s *stream) readAgain(ctx context.Context, n int) error {
	first := s.firstUnread()
	entries, end, err := s.query(ctx, s.markBegins(first), s.marks[len(s.marks)-1].end, n, false)
	if err != nil {
		return err
	}
	read := position{at: maxTime}
	if !end {
		read = entries[len(entries)-1].position()
	}
	var marks []mark
	i := first
	for ; i < len(s.marks) && !read.before(s.marks[i].end); i++ {
		m := s.marks[i]
		var in []Change
		in, entries = cut(entries, m.end)
		switch {
		case m.shown || m.entries == 1: // whatever has appeared since is for the next round
			marks = append(marks, m)
		case len(in) == m.entries:
			marks = append(marks, m.of(in)...)
		default:
			s.stale = true
			s.marks = slices.Concat(s.marks[:first], marks, s.marks[i:])
			return nil
		}
	}
	s.stale = i == first // entries appeared, so that it reads less than a mark
	s.marks = slices.Concat(s.marks[:first], marks, s.marks[i:])
	return nil
}

// query reads up to n entries after a position up to another one, and returns them in order. end reports whether these are all.
func (s *stream) query(ctx context.Context, after, to position, n int, backwards bool) (entries []Change, end bool, err error) {
	if !after.before(to) {
		return nil, true, nil
	}
	q := s.table.Query(s.partition).Between(keys.ChangeSortKey(after.at, after.contact+1), keys.ChangeSortKey(to.at, to.contact))
	if backwards {
		q.Backwards()
	}
	var failed error
	bytes := 0
	err = q.Read(ctx, n, func(i dynamo.Item) {
		c, err := Of(i)
		failed = cmp.Or(failed, err)
		entries = append(entries, c)
		size := c.size(s.org)
		bytes, s.size = bytes+size, max(s.size, size)
		s.found[c.position()] = c
	})
	if backwards {
		slices.Reverse(entries)
	}
	s.units += bytes/readUnit + 1
	return entries, len(entries) < n, cmp.Or(err, failed)
}

// ready returns the changes that the page may show: those before which all others of the partition are shown, or ready too.
func (s *stream) ready() (all []Change) {
	complete := s.isRead() || s.stale
	for _, m := range s.marks {
		c, found := s.found[m.end]
		switch {
		case m.shown:
		case !found || m.entries != 1 || !complete && s.final.before(m.end):
			return all
		default:
			all = append(all, c)
		}
	}
	return all
}

// firstUnread returns the first mark of which the page needs entries that it has not read, -1 for none.
func (s *stream) firstUnread() int {
	return slices.IndexFunc(s.marks, func(m mark) bool {
		_, found := s.found[m.end]
		return !m.shown && (!found || m.entries != 1)
	})
}

// settle ends the page: what is older than settling is settled, if it was read and all of it was shown.
func (s *stream) settle() {
	to := s.final
	if s.isRead() && to.at < s.began-settling.Microseconds() {
		to = position{s.began - settling.Microseconds() + 1, 0}
	}
	s.shard.settle(to)
	if s.stale {
		s.began, s.down = 0, position{}
	}
}
