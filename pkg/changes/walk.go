package changes

import (
	"context"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// AttrChanged, N, of a contact's guard item is the time of its latest change, Unix microseconds.
const AttrChanged = "changed"

// maxWalked is the most contacts that a page reads.
const maxWalked = 1000

// beginWalk begins a walk over all contacts that have changed since a time, all contacts for 0. The changes since its begin follow.
func (r *reader) beginWalk(ctx context.Context, since int64) error {
	r.token = Since("", time.UnixMicro(r.now).Add(-settling))
	r.token.walk = &walk{start: r.now, since: since}
	if since > 0 {
		return nil
	}
	// Changes that can be read now are not shown after the walk: it shows their contacts, as they are later.
	limit := r.limit
	r.limit = max(limit, MaxMarks)
	defer func() { r.limit = limit }()
	streams, err := r.readFirst(ctx)
	if err == nil {
		err = r.readOn(ctx, streams)
	}
	for i, s := range streams {
		if s.isRead() {
			for n := range s.marks {
				s.marks[n].shown = true
			}
			s.began, s.down = 0, position{}
			r.token.shards[i] = s.shard
		}
	}
	return err
}

// walk shows the contacts that follow. It ends the walk after the last one.
func (r *reader) walk(ctx context.Context) error {
	w := *r.token.walk
	r.token.walk = &w
	for read := 0; w.kind < int(contact.Part); w.kind, w.after = w.kind+1, 0 {
		kind := contact.Kind(w.kind)
		if r.kind != nil && kind != *r.kind {
			continue
		}
		for {
			n := min(r.limit-len(r.shown), maxWalked-read)
			if n <= 0 {
				return nil
			}
			got, err := r.walkContacts(ctx, kind, &w, n)
			if err != nil {
				return err
			}
			if read += got; got < n {
				break
			}
		}
	}
	r.token.walk = nil
	return nil
}

// walkContacts reads up to n contacts of a list, and returns how many it read.
func (r *reader) walkContacts(ctx context.Context, kind contact.Kind, w *walk, n int) (got int, err error) {
	partition := keys.Contacts(r.org, kind)
	query := r.table.Query(partition).Project("sk", "deleted", "updated")
	if w.after != 0 {
		query.After(keys.Contact(r.org, w.after))
	}
	var contacts []dynamo.Item
	var guards []dynamo.Key
	if err := query.Read(ctx, n, func(i dynamo.Item) {
		contacts = append(contacts, i)
		guards = append(guards, keys.Guard(r.org, keys.LastID(i.String("sk"))))
	}); err != nil {
		return 0, err
	}
	// The time may be that of the change before, if the last one was made just now: the feed shows that one after the walk.
	times, err := r.table.BatchGetEventually(ctx, guards, "pk, sk, "+AttrChanged)
	if err != nil {
		return 0, err
	}
	for i, item := range contacts {
		c := Change{Contact: keys.LastID(item.String("sk")), At: times[i].Number(AttrChanged), Type: Created, Parts: []Part{TheContact}, Walked: true}
		if item.Bool("deleted") {
			c.Type = Deleted
		}
		if c.At == 0 { // only after damage
			c.At = item.Number("updated") * 1000
		}
		if w.after = c.Contact; c.At >= w.since {
			c.At = min(c.At, w.start) // the changes since then follow, with their times
			r.shown = append(r.shown, c)
		}
	}
	return len(contacts), nil
}
