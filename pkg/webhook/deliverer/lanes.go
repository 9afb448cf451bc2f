package deliverer

import (
	"cmp"
	"context"
	"math"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
)

// A lane has events of one contact, which are sent one after the other.
type lane struct {
	webhook.Lane
	queue []event
	busy  bool // the first event is being sent
	// stored is set of a lane whose events wait in items: one of them has failed. appended is set if more were added than queue has.
	stored, appended bool
	due              int64 // under which a stored lane is in the table
	last             int64 // the time of the last change that queue had
}

// An event is a change to be sent.
type event struct {
	changes.Change
	page *page // that it was read with, nil for one that waited in an item
}

// A page is a part of the feed that was read. The place goes on to next when none of its events is left.
type page struct {
	next changes.Token
	left int
}

const (
	pageSize  = 200
	maxQueued = 1000 // events of the feed in memory
	// maxLoaded is how many waiting events of a lane are read at once.
	maxLoaded = 50
)

// advance moves the place over the pages whose events are delivered or wait.
func (r *run) advance() {
	for len(r.pages) > 0 && r.pages[0].left == 0 {
		r.place.Token = r.pages[0].next
		r.pages = r.pages[1:]
	}
}

// reset forgets the events in memory, of which none may be in flight: they are read again.
func (r *run) reset() {
	r.advance()
	r.lanes, r.ready, r.pages, r.queued = map[contact.ID]*lane{}, nil, nil, 0
	r.feed, r.feedEnd, r.dueAt = r.place.Token, false, 0
}

// readPage reads the next page of the feed into lanes.
func (r *run) readPage(ctx context.Context) error {
	read, err := r.Feed.Read(ctx, r.hook.Org, r.epoch, nil, r.feed, pageSize)
	if err != nil {
		return err
	}
	var wanted []changes.Change
	for _, c := range read.Changes {
		if r.hook.Matches(c.Contact.Kind(), c.Type) && c.At > r.place.Done[c.Contact] {
			wanted = append(wanted, c)
		}
	}
	waiting, err := r.waiting(ctx, wanted)
	if err != nil {
		return err
	}
	p := &page{next: read.Next, left: 1} // until all of it is in lanes
	r.pages = append(r.pages, p)
	r.feed, r.feedEnd, r.dirty = read.Next, !read.More, r.dirty || len(read.Changes) > 0
	for _, c := range wanted {
		l := r.lanes[c.Contact]
		switch {
		case l != nil && l.stored || waiting[c.Contact]:
			if l != nil {
				l.appended = true
				if c.At <= l.last { // a replay shows what is before the events that waited
					l.last = 0
				}
			}
			if err := r.putWaiting(ctx, c); err != nil {
				return err
			}
			continue
		case l == nil:
			l = &lane{Lane: webhook.Lane{Contact: c.Contact}}
			r.lanes[c.Contact] = l
			r.ready = append(r.ready, l)
		case c.At <= l.last: // shown twice
			continue
		}
		l.queue, l.last = append(l.queue, event{c, p}), c.At
		p.left++
		r.queued++
	}
	p.left--
	return nil
}

// waiting returns the contacts of changes that have a lane in the table.
func (r *run) waiting(ctx context.Context, all []changes.Change) (map[contact.ID]bool, error) {
	if r.place.Lanes == 0 || len(all) == 0 {
		return nil, nil
	}
	if len(r.writes) > 0 {
		if err := r.write(ctx); err != nil {
			return nil, err
		}
	}
	found := map[contact.ID]bool{}
	var marks []dynamo.Key
	for _, c := range all {
		if _, twice := found[c.Contact]; !twice {
			found[c.Contact] = false
			marks = append(marks, keys.WebhookLane(r.hook.Org, r.hook.ID, c.Contact))
		}
	}
	items, err := r.Table.BatchGet(ctx, marks, "pk, sk")
	for _, item := range items {
		if item != nil {
			found[keys.LastID(item.String("sk"))] = true
		}
	}
	return found, err
}

// putWaiting puts a change behind those that wait in its contact's lane.
func (r *run) putWaiting(ctx context.Context, c changes.Change) error {
	if err := r.reserve(ctx, 1); err != nil {
		return err
	}
	item, err := webhook.WaitingItem(r.hook.Org, r.hook.ID, c)
	if err != nil {
		return err
	}
	r.writes[item.Key()] = item
	r.place.Done[c.Contact] = c.At
	r.dirty = true
	return nil
}

// park puts a lane into the table until it is due. What waits first is written in one transaction with the lane; none of the others is
// lost, because the place goes on after them only when they are written.
func (r *run) park(ctx context.Context, l *lane) error {
	events := l.queue
	if l.stored {
		events = nil
	}
	first := min(len(events), maxWrites-3)
	if err := r.reserve(ctx, first+3); err != nil {
		return err
	}
	if l.stored {
		r.writes[keys.WebhookDue(r.hook.Org, r.hook.ID, l.due, l.Contact)] = nil
	} else {
		mark := keys.WebhookLane(r.hook.Org, r.hook.ID, l.Contact)
		r.writes[mark] = mark.Item()
		r.place.Lanes++
	}
	due, err := dynamo.Encode(keys.WebhookDue(r.hook.Org, r.hook.ID, l.Due, l.Contact), l.Lane)
	if err != nil {
		return err
	}
	r.writes[due.Key()] = due
	for _, e := range events {
		if err := r.putWaiting(ctx, e.Change); err != nil {
			return err
		}
		e.page.left--
		r.queued--
	}
	delete(r.lanes, l.Contact)
	r.dueAt = min(r.dueAt, l.Due)
	return nil
}

// loadDue reads lanes that are due.
func (r *run) loadDue(ctx context.Context) error {
	now := r.Now().UnixMilli()
	if len(r.writes) > 0 {
		if err := r.write(ctx); err != nil {
			return err
		}
	}
	r.dueAt = math.MaxInt64
	limit := maxLanes + len(r.lanes)
	var due []webhook.Lane
	err := dynamo.ReadEach(ctx, r.dueLanes(), limit, dynamo.ReadItem, func(i dynamo.Item) bool {
		l, err := laneOf(i)
		switch {
		case err != nil:
			r.Log.Error("a webhook's lane can't be read", "org", r.hook.Org, "webhook", r.hook.ID, "cause", err)
		case l.Due > now:
			r.dueAt = l.Due
			return false
		case r.lanes[l.Contact] == nil:
			due = append(due, l)
		}
		return len(due) < maxLanes
	})
	if len(due) == maxLanes { // others may be due, too
		r.dueAt = now
	}
	for _, l := range due {
		if err != nil {
			return err
		}
		loaded := &lane{Lane: l, stored: true, due: l.Due}
		err = r.refill(ctx, loaded)
	}
	return err
}

func (r *run) dueLanes() *dynamo.Query {
	return r.Table.Query(keys.WebhookItems(r.hook.Org, r.hook.ID)).Prefix(keys.WebhookDuePrefix)
}

func laneOf(i dynamo.Item) (webhook.Lane, error) {
	l, err := dynamo.Decode[webhook.Lane](i)
	p := keys.Parse(i.Key())
	l.Contact, l.Due = p.Owner, p.At
	return l, err
}

// refill reads the next events of a stored lane. The lane ends if there are none.
func (r *run) refill(ctx context.Context, l *lane) error {
	if l.appended && len(r.writes) > 0 {
		if err := r.write(ctx); err != nil {
			return err
		}
	}
	l.appended = false
	query := r.Table.Query(keys.WebhookItems(r.hook.Org, r.hook.ID)).Prefix(keys.WebhookWaitingOf(l.Contact))
	if l.last != 0 {
		query.After(keys.WebhookWaiting(r.hook.Org, r.hook.ID, l.Contact, l.last))
	}
	var failed error
	err := query.Read(ctx, maxLoaded, func(i dynamo.Item) {
		c, err := webhook.WaitingChange(i)
		if failed = cmp.Or(failed, err); failed != nil {
			return
		}
		l.queue, l.last = append(l.queue, event{Change: c}), c.At
	})
	switch {
	case err != nil:
		return err
	case len(l.queue) > 0:
		if l.At != l.queue[0].At { // what the lane says is about an earlier event
			l.Lane = webhook.Lane{Contact: l.Contact, Due: l.Due}
		}
		r.lanes[l.Contact] = l
		r.ready = append(r.ready, l)
		return nil
	case failed != nil: // those of other contacts go on
		r.Log.Error("an event that waits for a webhook can't be read", "org", r.hook.Org, "webhook", r.hook.ID, "contact", l.Contact, "cause", failed)
		l.Due = r.Now().Add(webhook.LongestWait).UnixMilli()
		r.dirty = true
		return r.park(ctx, l)
	}
	if err := r.reserve(ctx, 2); err != nil {
		return err
	}
	r.writes[keys.WebhookLane(r.hook.Org, r.hook.ID, l.Contact)] = nil
	r.writes[keys.WebhookDue(r.hook.Org, r.hook.ID, l.due, l.Contact)] = nil
	r.place.Lanes--
	r.dirty = true
	delete(r.lanes, l.Contact)
	return nil
}

// makeAllDue makes every lane due now.
func (r *run) makeAllDue(ctx context.Context) error {
	now := r.Now().UnixMilli()
	var later []dynamo.Item
	if err := r.dueLanes().Read(ctx, 0, func(i dynamo.Item) {
		if keys.Parse(i.Key()).At > now {
			later = append(later, i)
		}
	}); err != nil {
		return err
	}
	for _, item := range later {
		if err := r.reserve(ctx, 2); err != nil {
			return err
		}
		r.writes[item.Key()] = nil
		item["sk"] = dynamo.String(keys.WebhookDue(r.hook.Org, r.hook.ID, now, keys.LastID(item.String("sk"))).SK)
		r.writes[item.Key()] = item
	}
	r.place.AllDue, r.dirty, r.dueAt = false, true, 0
	return nil
}

// nextDue returns when the next lane of a webhook is due, Unix milliseconds.
func (d *Deliverer) nextDue(ctx context.Context, hook webhook.Webhook) (int64, error) {
	next := int64(math.MaxInt64)
	err := d.Table.Query(keys.WebhookItems(hook.Org, hook.ID)).Prefix(keys.WebhookDuePrefix).Project("pk", "sk").Read(ctx, 1, func(i dynamo.Item) {
		next = keys.Parse(i.Key()).At
	})
	return next, err
}
