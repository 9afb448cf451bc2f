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
// Each partition of changes is in the order of the entries' times, but an entry appears up to settling after its time: entries may still
// appear before those that were shown. What is settled is read forwards, once. The rest, a minute, is read backwards, from the end to the
// settled position: an entry is stored only after all earlier ones of its contact, so whoever has read an entry, and then all positions
// before it, has read all of them. Only then are the entries shown, the earliest first. So the changes of a contact come in their order,
// however late they appear, and none is left out.
//
// What is shown of the unsettled entries is remembered by marks. A page whose limit of units does not suffice leaves the rest of the way
// back to the next one, and may have no changes. Once all partitions are read, there is no more, unless that took several pages: then
// the next one reads their ends again.
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
	// More is false once every change is shown that was answered before the page was read. If there were more changes in the last minute than
	// a page can read, one of them that appears while several pages read the others may follow after that.
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

// Entries returns the changes in one of an organization's partitions that are in the table now and follow a change of it, at most limit, in the
// order of their times. Of that change only time and contact count; without a contact it is after all of its time.
func (f *Feed) Entries(ctx context.Context, org string, shard int, after Change, limit int) (all []Change, err error) {
	partition, from := keys.Changes(org, shard), keys.ChangeSortKey(after.At, after.Contact)
	if after.Contact == 0 {
		from = keys.ChangeSortKey(after.At+1, 0)
	}
	var failed error
	err = f.table.Query(partition).After(dynamo.Key{PK: partition, SK: from}).Read(ctx, limit, func(i dynamo.Item) {
		c, err := Of(i)
		if failed = cmp.Or(failed, err); err == nil {
			all = append(all, c)
		}
	})
	return all, cmp.Or(err, failed)
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
}

// read shows the changes that follow, and reports whether there may be more.
func (r *reader) read(ctx context.Context) (more bool, err error) {
	streams, err := r.readFirst(ctx)
	if err != nil {
		return false, err
	}
	if r.token.again {
		r.token.again = false
		if !slices.ContainsFunc(streams, (*stream).hasUnshown) {
			r.endRound(streams)
			return false, nil
		}
	}
	if err := r.readOn(ctx, streams); err != nil {
		return false, err
	}
	r.show(streams)
	complete, atOnce := true, true
	for i, s := range streams {
		complete = complete && s.isRead() && !s.hasUnshown()
		s.settle()
		atOnce = atOnce && s.began == r.now
		r.token.shards[i] = s.shard
	}
	if !complete {
		return true, nil
	}
	r.endRound(streams)
	r.token.again = !atOnce
	return r.token.again, nil
}

// readFirst reads the first entries of all partitions: their shares of a page.
func (r *reader) readFirst(ctx context.Context) ([]*stream, error) {
	streams := make([]*stream, len(r.token.shards))
	for i := range streams {
		streams[i] = newStream(r, i)
	}
	n := max(minFirst, r.limit/len(streams)+2)
	return streams, dynamo.EachParallel(ctx, len(streams), func(ctx context.Context, i int) error {
		s := streams[i]
		if s.forwards {
			if err := s.step(ctx, max(n, s.firstAfter()+1)); err != nil || s.forwards {
				return err
			}
		}
		if s.isRead() {
			return nil
		}
		return s.step(ctx, max(n, s.lastBefore()+1))
	})
}

// readOn reads what the page may read beyond that.
func (r *reader) readOn(ctx context.Context, streams []*stream) error {
	for _, s := range streams {
		for {
			least, n := s.least(r.lacking(streams)), r.affordable(streams)
			if least == 0 || least > n && r.hasRead(streams) {
				break
			}
			if err := s.step(ctx, max(n, least)); err != nil {
				return err
			}
		}
	}
	return nil
}

// minFirst is the least number of entries of a partition that a page reads first.
const minFirst = 48

const (
	// maxSkipped is how many entries of other kinds, or shown before, a page reads beyond its limit.
	maxSkipped = 140
	// entryBytes is the size of an entry with names of usual lengths. A page of 200 then costs at most 16 units.
	entryBytes = 160
	// readUnit is how many bytes a unit of a query reads.
	readUnit = 4096
)

// affordable returns how many more entries the page may read.
func (r *reader) affordable(streams []*stream) int {
	bytes, size := (r.limit+maxSkipped)*entryBytes, entryBytes
	for _, s := range streams {
		bytes -= s.units * readUnit
		size = max(size, s.size)
	}
	return max(0, bytes/readUnit*readUnit/size)
}

// hasRead reports whether the page has read anything.
func (r *reader) hasRead(streams []*stream) bool {
	return slices.ContainsFunc(streams, func(s *stream) bool { return s.units > 0 })
}

// lacking returns how many more changes the page has room for.
func (r *reader) lacking(streams []*stream) int {
	n := r.limit - len(r.shown)
	for _, s := range streams {
		for _, c := range s.ready() {
			if r.wants(c) {
				n--
			}
		}
	}
	return n
}

// endRound lets the next page begin to read all partitions anew.
func (r *reader) endRound(streams []*stream) {
	for i, s := range streams {
		s.began, s.down = 0, position{}
		r.token.shards[i] = s.shard
	}
}

// show shows the earliest of the changes that were read, and remembers them.
func (r *reader) show(streams []*stream) {
	type found struct {
		Change
		in *stream
	}
	var all []found
	for _, s := range streams {
		for _, c := range s.ready() {
			all = append(all, found{c, s})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Contact, b.Contact)) })
	for _, c := range all {
		if r.wants(c.Change) {
			if len(r.shown) == r.limit {
				return
			}
			r.shown = append(r.shown, c.Change)
		}
		c.in.markShown(c.position())
	}
}

// wants reports whether a change is of the kind of contact that the page shows.
func (r *reader) wants(c Change) bool { return r.kind == nil || c.Contact.Kind() == *r.kind }
