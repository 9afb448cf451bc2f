package deliverer

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
)

// A run delivers to one webhook while it has the lease. All but sending is done in one goroutine.
type run struct {
	*Deliverer
	hook    webhook.Webhook
	epoch   string
	stop    context.Context // no delivery begins after its end
	place   *webhook.Place
	tests   []contact.ID
	secrets map[int][]byte // by generation

	lanes    map[contact.ID]*lane
	ready    []*lane       // have an event to send
	pages    []*page       // in their order
	queued   int           // events of pages in lanes
	feed     changes.Token // after pages
	feedEnd  bool          // nothing follows feed
	dueAt    int64         // when the next stored lane that is not in lanes is due, Unix milliseconds
	inFlight int
	results  chan result

	// What write writes: tries, lanes, and the place if it is dirty.
	tries   []dynamo.Item
	writes  writes
	dirty   bool
	written time.Time
	woken   bool // by another deliverer

	checked time.Time        // when the webhook was read
	changed *webhook.Webhook // the webhook, if it has changed since
	ended   bool             // it was disabled or deleted
}

// A result is that of sending the first event of a lane.
type result struct {
	lane  *lane
	at    time.Time
	probe bool
	outcome
}

const (
	// writeEvery is how often what was delivered is written: a deliverer that is killed sends it again.
	writeEvery = 500 * time.Millisecond
	maxTries   = 50
	checkEvery = time.Second
	tick       = 3 * time.Second
)

// deliver sends what is due, and releases the lease.
func (r *run) deliver(ctx context.Context) error {
	defer func() { // after an error
		for ; r.inFlight > 0; r.inFlight-- {
			<-r.results
		}
	}()
	r.results, r.writes, r.written, r.checked, r.dirty = make(chan result), writes{}, time.Now(), time.Now(), true
	r.ended = r.hook.Disabled
	r.reset()
	for {
		if err := r.step(ctx); err != nil {
			return err
		}
		if r.inFlight > 0 || r.canGoOn() {
			continue
		}
		if released, err := r.release(ctx); released || err != nil || over(r.stop) {
			return err
		}
	}
}

// canGoOn reports whether the next step finds something to do at once.
func (r *run) canGoOn() bool {
	if over(r.stop) || r.ended {
		return len(r.tests) > 0 && !over(r.stop)
	}
	now := r.Now().UnixMilli()
	return r.changed != nil || len(r.tests) > 0 || !(r.place.Probing() && now < r.place.Next) &&
		(len(r.ready) > 0 || !r.feedEnd || r.place.AllDue || r.place.Lanes > 0 && r.dueAt <= now)
}

// next returns when there is something to do again, Unix milliseconds, unless contacts change before.
func (r *run) next() int64 {
	switch {
	case r.ended:
		return math.MaxInt64
	case r.place.Probing():
		return r.place.Next
	case r.place.Lanes > 0:
		return r.dueAt
	}
	return math.MaxInt64
}

// step sends what can be sent, and waits for a result if there is nothing more to send.
func (r *run) step(ctx context.Context) error {
	if err := r.check(ctx); err != nil {
		return err
	}
	if !over(r.stop) {
		if err := r.sendTests(ctx); err != nil {
			return err
		}
	}
	if r.inFlight == 0 && r.changed != nil {
		r.follow()
	}
	more := false
	if !over(r.stop) && !r.ended && r.changed == nil {
		var err error
		if more, err = r.fill(ctx); err != nil {
			return err
		}
		if err := r.dispatch(ctx); err != nil {
			return err
		}
	}
	if err := r.take(ctx, !more); err != nil {
		return err
	}
	if r.inFlight == 0 && r.place.Probing() && len(r.lanes) > 0 {
		r.reset() // what probes next is read when it is time
	}
	if r.dirty && (time.Since(r.written) > writeEvery || len(r.tries) >= maxTries) {
		return r.write(ctx)
	}
	return r.renew(ctx)
}

// follow goes on with the webhook as it is now.
func (r *run) follow() {
	r.hook, r.changed = *r.changed, nil
	r.ended = r.hook.Disabled
	r.place.Follow(r.hook, r.epoch)
	r.dirty = true
	r.reset()
}

// check reads the webhook again from time to time, and if another deliverer came, with the tests that it was asked for.
func (r *run) check(ctx context.Context) error {
	if !r.woken && time.Since(r.checked) < checkEvery {
		return nil
	}
	r.checked = time.Now()
	item, err := r.Table.Get(ctx, keys.Webhook(r.hook.Org, r.hook.ID))
	if err != nil {
		return err
	}
	if item == nil {
		return errFenced
	}
	hook, err := webhook.Of(item)
	if err != nil {
		return err
	}
	if hook.Version != r.hook.Version {
		r.changed = &hook
		r.ended = false
	}
	if r.woken {
		r.woken = false
		_, r.tests, err = r.Webhooks.ReadPlace(ctx, r.hook.Org, r.hook.ID)
	}
	return err
}

// fill reads events into lanes. It reports whether there may be more that can be sent now.
func (r *run) fill(ctx context.Context) (more bool, err error) {
	now := r.Now().UnixMilli()
	if r.place.Probing() && (now < r.place.Next || r.inFlight > 0) {
		return false, nil
	}
	if r.place.AllDue {
		if err := r.makeAllDue(ctx); err != nil {
			return false, err
		}
	}
	if len(r.ready) < maxLanes && r.place.Lanes > 0 && r.dueAt <= now {
		if err := r.loadDue(ctx); err != nil {
			return false, err
		}
	}
	if len(r.ready) < maxLanes && !r.feedEnd && r.queued < maxQueued {
		if err := r.readPage(ctx); err != nil {
			return false, err
		}
	}
	return len(r.ready) < maxLanes && !r.feedEnd && r.queued < maxQueued, nil
}

// dispatch sends the first events of lanes that are ready: one if the receiver is probed.
func (r *run) dispatch(ctx context.Context) error {
	most := maxLanes
	if r.place.Probing() {
		if r.Now().UnixMilli() < r.place.Next {
			return nil
		}
		most = 1
		r.preferUntried()
	}
	for r.inFlight < most && len(r.ready) > 0 {
		l := r.ready[0]
		r.ready = r.ready[1:]
		if time.UnixMilli(r.place.Lease).Sub(r.Now()) < patience+time.Second {
			if err := r.renew(ctx); err != nil {
				return err
			}
		}
		if err := r.start(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// preferUntried moves the lane that probes to the beginning: an event that was never tried, else the one that was tried least. If the receiver
// refuses some events alone, another one finds that out.
func (r *run) preferUntried() {
	best := 0
	for i, l := range r.ready {
		if l.Aside == r.ready[best].Aside && l.Tries < r.ready[best].Tries || !l.Aside && r.ready[best].Aside {
			best = i
		}
	}
	if len(r.ready) > 0 {
		r.ready[0], r.ready[best] = r.ready[best], r.ready[0]
	}
}

// start sends the first event of a lane.
func (r *run) start(ctx context.Context, l *lane) error {
	c := l.queue[0].Change
	body, err := json.Marshal(webhook.EventOf(c))
	if err != nil {
		return err
	}
	m := message{c.ID(), body}
	signers, err := r.signers(ctx)
	if err != nil {
		return err
	}
	l.busy = true
	r.inFlight++
	at, url, probe := r.Now(), r.hook.URL, r.place.Probing()
	go func() { r.results <- result{l, at, probe, r.Sender.send(ctx, url, m.header(at, signers), m.body, at)} }()
	return nil
}

// signers returns the keys that sign now.
func (r *run) signers(ctx context.Context) (all [][]byte, err error) {
	for _, generation := range r.hook.Generations(r.Now()) {
		if r.secrets[generation] == nil {
			key, err := r.Key(ctx)
			if err != nil {
				return nil, err
			}
			secret, err := webhook.DeriveSecret(key, r.hook.Org, r.hook.ID, generation)
			if err != nil {
				return nil, err
			}
			if r.secrets == nil {
				r.secrets = map[int][]byte{}
			}
			r.secrets[generation] = secret.Key()
		}
		all = append(all, r.secrets[generation])
	}
	return all, nil
}

// take takes the results that are there; with patience it waits for one, but not longer than the lease lasts.
func (r *run) take(ctx context.Context, patient bool) error {
	timer := time.NewTimer(tick)
	defer timer.Stop()
	for r.inFlight > 0 {
		if !patient {
			select {
			case done := <-r.results:
				if err := r.settle(ctx, done); err != nil {
					return err
				}
				continue
			default:
				return nil
			}
		}
		select {
		case done := <-r.results:
			patient = false
			if err := r.settle(ctx, done); err != nil {
				return err
			}
		case <-timer.C:
			return nil
		}
	}
	return nil
}

// settle records the result of sending the first event of a lane.
func (r *run) settle(ctx context.Context, done result) error {
	r.inFlight--
	r.dirty = true
	l, c := done.lane, done.lane.queue[0].Change
	l.busy = false
	now := r.Now()
	try := webhook.Delivery{Change: c.ID(), Contact: c.Contact, Type: webhook.EventName(c.Contact.Kind(), c.Type), Try: l.Tries + 1, SetAside: l.Aside}
	if done.reason == "" {
		if err := r.record(try, done); err != nil {
			return err
		}
		return r.delivered(ctx, l, now)
	}
	if l.Failure(c.At, &r.place.Receiver, done.retryAfter, now) {
		r.place.Failure(l.Contact, l.Tries, done.probe, done.retryAfter, now)
	}
	try.SetAside = l.Aside
	if err := r.record(try, done); err != nil {
		return err
	}
	if err := r.park(ctx, l); err != nil {
		return err
	}
	if done.gone() || r.place.Hopeless(now) {
		r.ended = true
		r.Log.Warn("webhook disabled", "org", r.hook.Org, "webhook", r.hook.ID, "gone", done.gone(), "failing_since", time.UnixMilli(r.place.FailedSince).UTC())
		return r.Webhooks.Disable(ctx, r.hook)
	}
	return nil
}

// delivered takes the first event, which was delivered, from a lane.
func (r *run) delivered(ctx context.Context, l *lane, now time.Time) error {
	r.place.Success(now)
	e := l.queue[0]
	l.queue = l.queue[1:]
	l.Lane = webhook.Lane{Contact: l.Contact, Due: l.Due}
	if e.page != nil {
		e.page.left--
		r.queued--
		r.place.Done[l.Contact] = e.At
	} else {
		if err := r.reserve(ctx, 1); err != nil {
			return err
		}
		r.writes[keys.WebhookWaiting(r.hook.Org, r.hook.ID, l.Contact, e.At)] = nil
	}
	switch {
	case len(l.queue) > 0:
		r.ready = append(r.ready, l)
	case l.stored:
		return r.refill(ctx, l)
	default:
		delete(r.lanes, l.Contact)
	}
	return nil
}

// record keeps a try for the list of deliveries.
func (r *run) record(try webhook.Delivery, done result) error {
	try.ID, try.At = r.Webhooks.NextDelivery(), done.at.UnixMilli()
	try.Status, try.Reason, try.Duration = done.status, done.reason, done.duration.Milliseconds()
	item, err := try.Item(r.hook.Org, r.hook.ID)
	r.tries = append(r.tries, item)
	return err
}

// sendTests sends the tests that the webhook was asked for, each once.
func (r *run) sendTests(ctx context.Context) error {
	for len(r.tests) > 0 && !over(r.stop) {
		test := r.tests[0]
		r.tests = r.tests[1:]
		at := r.Now()
		body, err := json.Marshal(webhook.TestOf(r.hook.ID, at))
		if err != nil {
			return err
		}
		m := message{webhook.TestID(test), body}
		signers, err := r.signers(ctx)
		if err != nil {
			return err
		}
		done := result{at: at, outcome: r.Sender.send(ctx, r.hook.URL, m.header(at, signers), m.body, at)}
		if err := r.record(webhook.Delivery{Change: m.id, Type: webhook.TestEvent, Try: 1}, done); err != nil {
			return err
		}
		r.writes[keys.WebhookTest(r.hook.Org, r.hook.ID, test)] = nil
		r.place.Lease = r.Now().Add(leaseTime).UnixMilli()
		if err := r.write(ctx); err != nil {
			return err
		}
	}
	return nil
}
