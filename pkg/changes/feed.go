package changes

import (
	"cmp"
	"context"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Feed reads the changes of organizations.
//
// Each partition of changes is read in the order of the entries' times. An entry appears up to settling after its time, so entries may still
// appear among those that were shown. A token therefore goes back to the position before which all is settled, and counts the entries after
// it that were shown: where there are more now, they are shown again. A page checks the latest of them before it goes on, so that the
// changes of a contact come in their order. When there are more than it checks, the feed checks the others before it says that there is no
// more.
type Feed struct {
	table *dynamo.Table
	now   func() time.Time
}

// NewFeed returns the feed of a table.
func NewFeed(table *dynamo.Table, now func() time.Time) *Feed { return &Feed{table, now} }

// settling is how long after its time an entry may appear: the longest request, 29 s, and the difference of two clocks.
const settling = time.Minute

// A Page is a part of a feed.
type Page struct {
	Changes []Change
	// Next is where the next page begins, now or whenever it is read.
	Next Token
	// More is false once every change is shown that was answered before the page was read.
	More bool
}

// Read returns the next changes after a token, at most limit, of contacts of one kind or of all for nil. Those of one contact are in the
// order of their times. epoch is the organization's. Without a token, and after one that is older than Retention or of another epoch, it
// first shows every contact, or those that have changed since the token.
func (f *Feed) Read(ctx context.Context, org, epoch string, kind *contact.Kind, t Token, limit int) (Page, error) {
	r := &reader{table: f.table, org: org, kind: kind, now: f.now().UnixMicro(), token: t, limit: limit}
	switch {
	case t.Epoch != epoch:
		if err := r.beginWalk(ctx, 0); err != nil {
			return Page{}, err
		}
	case t.walk == nil && t.settled() < r.now-Retention.Microseconds():
		if err := r.beginWalk(ctx, t.settled()); err != nil {
			return Page{}, err
		}
	}
	r.token.Epoch = epoch
	more := true
	if r.token.walk != nil {
		if err := r.walk(ctx); err != nil {
			return Page{}, err
		}
	}
	if r.token.walk == nil && len(r.shown) < limit {
		var err error
		if more, err = r.read(ctx); err != nil {
			return Page{}, err
		}
	}
	r.token.compact()
	return Page{r.shown, r.token, more}, nil
}

// Entries calls each with the changes of an organization after a time, Unix microseconds, that are in the table now: those of each partition in
// the order of their times, at most limit of each.
func (f *Feed) Entries(ctx context.Context, org string, after int64, limit int, each func(Change)) error {
	for shard := range keys.ChangeShards {
		partition := keys.Changes(org, shard)
		var failed error
		err := f.table.Query(partition).After(dynamo.Key{PK: partition, SK: keys.ChangeSortKey(after+1, 0)}).Read(ctx, limit, func(i dynamo.Item) {
			c, err := Of(i)
			if failed = cmp.Or(failed, err); err == nil {
				each(c)
			}
		})
		if err := cmp.Or(err, failed); err != nil {
			return err
		}
	}
	return nil
}

// settled returns the time up to which all partitions are settled.
func (t *Token) settled() int64 {
	least := t.shards[0].settled.at
	for _, s := range t.shards {
		least = min(least, s.settled.at)
	}
	return least
}

// A reader reads one page.
type reader struct {
	table *dynamo.Table
	org   string
	kind  *contact.Kind
	now   int64 // Unix microseconds, before anything is read
	token Token
	limit int
	shown []Change
	left  int // how many more entries may be read
}

// maxSkipped is how many entries of other kinds, or shown before, a page reads beyond its limit. A page of 200 then costs at most 16 units.
const maxSkipped = 100

// read shows the entries that follow, and reports whether there may be more.
func (r *reader) read(ctx context.Context) (more bool, err error) {
	r.left = r.limit + maxSkipped
	latest := r.token.latest()
	streams := make([]*stream, len(r.token.shards))
	for i := range streams {
		if r.token.phase != checking {
			r.token.shards[i].goBack(latest)
		}
		streams[i] = newStream(r, i, latest)
	}
	if err := dynamo.EachParallel(ctx, len(streams), func(ctx context.Context, i int) error { return streams[i].begin(ctx) }); err != nil {
		return false, err
	}
	for _, s := range streams {
		r.left -= s.counted
	}
	for len(r.shown) < r.limit {
		next, err := r.next(ctx, streams)
		if err != nil {
			return false, err
		}
		if next == nil {
			break
		}
		r.shown = append(r.shown, next.show())
	}
	complete, whole, outdated := true, true, false
	for i, s := range streams {
		whole = whole && s.fromSettled
		complete = s.complete() && complete
		r.token.shards[i] = s.after()
		outdated = outdated || r.token.shards[i].settled.at < r.now-2*settling.Microseconds()
	}
	switch {
	case complete && r.token.phase == checking:
		r.token.phase = checked
	case complete && (whole || r.token.phase == checked):
		r.token.phase = reading
		return false, nil
	case r.token.phase == reading && !whole && (complete || outdated):
		r.token.phase = checking
		for i := range r.token.shards {
			r.token.shards[i].read = r.token.shards[i].settled
		}
	}
	return true, nil
}

// next returns the stream with the earliest change to show, nil if there is none, or if too much was read for this page.
func (r *reader) next(ctx context.Context, streams []*stream) (next *stream, err error) {
	for _, s := range streams {
		found, err := s.find(ctx, streams)
		if err != nil || !found && !s.complete() {
			return nil, err
		}
		if found && (next == nil || s.found[0].At < next.found[0].At) {
			next = s
		}
	}
	return next, nil
}

// latest returns the time after which at most maxSkipped entries were shown: a page that goes on compares those first.
func (t *Token) latest() int64 {
	var marks []mark
	for _, s := range t.shards {
		marks = append(marks, s.marks...)
	}
	slices.SortFunc(marks, func(a, b mark) int { return cmp.Compare(b.end.at, a.end.at) })
	entries := 0
	for _, m := range marks {
		if entries += m.entries; entries > maxSkipped {
			return m.end.at
		}
	}
	return 0
}

// goBack lets a page begin at the last mark until a time.
func (s *shard) goBack(at int64) {
	s.read = s.settled
	for _, m := range s.marks {
		if m.end.at <= at {
			s.read = m.end
		}
	}
}

// A stream reads the entries of a partition in order.
type stream struct {
	*reader
	shard int
	from  position // where the page begins
	// fromSettled is set if that is the settled position.
	fromSettled bool
	counted     int // the entries in the first buffer that count for the page
	state       shard
	ahead       []mark // those to compare; state has those before
	later       []mark // those that a page of a token that is checking leaves
	buffer      []Change
	end         bool     // the partition has no more than buffer
	found       []Change // to be shown next
}

func newStream(r *reader, n int, latest int64) *stream {
	s := &stream{reader: r, shard: n, state: r.token.shards[n]}
	s.from, s.fromSettled = s.state.read, s.state.read == s.state.settled
	all := s.state.marks
	s.state.marks = nil
	for _, m := range all {
		switch {
		case !s.state.read.before(m.end):
			s.state.marks = append(s.state.marks, m)
		case r.token.phase == checking && m.end.at > latest:
			s.later = append(s.later, m)
		default:
			s.ahead = append(s.ahead, m)
		}
	}
	return s
}

// begin reads what the page probably needs: the entries up to the last mark, and a share of the others. While the token is checking, a page
// has a share of the former alone.
func (s *stream) begin(ctx context.Context) error {
	known := 0
	for _, m := range s.ahead {
		known += m.entries
	}
	n := known + (s.limit-len(s.shown))/keys.ChangeShards + 1
	if s.token.phase == checking {
		n = min(known, s.left/keys.ChangeShards)
		known = 0
	}
	if n == 0 {
		return nil
	}
	err := s.fill(ctx, n)
	s.counted = max(0, len(s.buffer)-known)
	return err
}

// fill reads n more entries into the buffer, or all.
func (s *stream) fill(ctx context.Context, n int) error {
	after := s.state.read
	if len(s.buffer) > 0 {
		after = s.buffer[len(s.buffer)-1].position()
	}
	partition, before := keys.Changes(s.org, s.shard), len(s.buffer)
	var failed error
	err := s.table.Query(partition).After(dynamo.Key{PK: partition, SK: keys.ChangeSortKey(after.at, after.contact)}).Read(ctx, n, func(i dynamo.Item) {
		c, err := Of(i)
		failed = cmp.Or(failed, err)
		s.buffer = append(s.buffer, c)
	})
	s.end = len(s.buffer)-before < n
	return cmp.Or(err, failed)
}

func (c Change) position() position { return position{c.At, c.Contact} }

// find reports whether the stream has a change to show; if not, it is complete, or the page has read enough.
func (s *stream) find(ctx context.Context, all []*stream) (bool, error) {
	for {
		for len(s.found) > 0 && !s.wanted(s.found[0].Contact) {
			s.show()
		}
		if len(s.found) > 0 {
			return true, nil
		}
		checked := len(s.ahead) == 0
		if checked && s.token.phase == checking {
			return false, nil
		}
		for !s.end && (len(s.buffer) == 0 || !checked && s.buffer[len(s.buffer)-1].position().before(s.ahead[0].end)) {
			counts := checked || s.token.phase == checking
			if counts && s.left <= 0 && s.state.read != s.from {
				return false, nil
			}
			before := len(s.buffer)
			if err := s.fill(ctx, s.share(all)); err != nil {
				return false, err
			}
			if counts {
				s.left -= len(s.buffer) - before
			}
		}
		switch {
		case !checked:
			s.compare()
		case len(s.buffer) == 0:
			return false, nil
		default:
			s.found, s.buffer = s.buffer[:1], s.buffer[1:]
		}
	}
}

// share returns how many more entries to read of the stream: its share of what the page lacks.
func (s *stream) share(all []*stream) int {
	unread := 0
	for _, other := range all {
		if !other.end {
			unread++
		}
	}
	return max(margin, min(s.limit-len(s.shown), s.left)/unread)
}

// margin is the least number of entries that one call reads, some 4 KB.
const margin = 30

// compare finds the entries up to the next mark, unless there are as many as were shown.
func (s *stream) compare() {
	m := s.ahead[0]
	s.ahead = s.ahead[1:]
	n := 0
	for n < len(s.buffer) && !m.end.before(s.buffer[n].position()) {
		n++
	}
	if n == m.entries {
		s.state.marks = append(s.state.marks, m)
		s.state.read = m.end
	} else {
		s.found = s.buffer[:n]
	}
	s.buffer = s.buffer[n:]
}

func (r *reader) wanted(id contact.ID) bool { return r.kind == nil || id.Kind() == *r.kind }

// show returns the change that was found, and counts it.
func (s *stream) show() Change {
	c := s.found[0]
	s.found = s.found[1:]
	s.state.read = c.position()
	s.state.marks = append(s.state.marks, mark{c.position(), 1})
	return c
}

// atEnd reports whether all entries were shown.
func (s *stream) atEnd() bool {
	return s.end && len(s.buffer) == 0 && len(s.found) == 0 && len(s.ahead) == 0 && len(s.later) == 0
}

// complete reports whether the page has all that it wants of the stream.
func (s *stream) complete() bool {
	return s.atEnd() || s.token.phase == checking && len(s.found) == 0 && len(s.ahead) == 0
}

// after returns how far the partition is read: what is older than settling is settled, if everything before it is.
func (s *stream) after() shard {
	next := s.state
	next.marks = slices.Concat(next.marks, s.ahead, s.later)
	if !s.fromSettled {
		return next
	}
	settled := position{s.now - settling.Microseconds() + 1, 0}
	if !s.atEnd() && next.read.before(settled) {
		settled = next.read
	}
	if !next.settled.before(settled) {
		return next
	}
	for len(next.marks) > 0 {
		m := next.marks[0]
		if settled.before(m.end) { // some of its entries may be settled, but it counts all of them
			settled = next.settled
			break
		}
		next.settled, next.marks = m.end, next.marks[1:]
	}
	next.settled = settled
	if next.read.before(settled) {
		next.read = settled
	}
	return next
}
