// Package deliverer sends the changes of contacts to webhooks.
//
// A webhook is a client of the feed whose token is stored. One deliverer at a time has the lease of a webhook's place. It reads the feed, sends
// the events of up to maxLanes contacts at once, those of one contact in order, and writes the place: what was delivered and what waits. An
// event that failed waits in an item with the contact's later ones, so that the place can go on.
package deliverer

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/accounts"
	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/webhook"
)

// A Deliverer delivers the changes of organizations to their webhooks. It is safe for concurrent use, in any number of processes.
type Deliverer struct {
	Table    *dynamo.Table
	Webhooks *webhook.Webhooks
	Feed     *changes.Feed
	Accounts *accounts.Accounts
	// Key returns the platform's key, from which the secrets of webhooks are derived.
	Key    func(context.Context) ([]byte, error)
	Sender *Sender
	Now    func() time.Time
	Log    *slog.Logger
	// Linger is how long a run waits for the next try of an event, 0 for not at all.
	Linger time.Duration
}

const (
	// maxWebhooks is how many webhooks one call delivers to at once.
	maxWebhooks = 64
	// maxLanes is to how many contacts' events a webhook is sent at once.
	maxLanes = 16
)

// Deliver delivers to the webhooks of organizations, nil for all, what is due. It begins no delivery after stop is done, and returns when those
// that began have ended. What it did not come to is delivered by the next call.
func (d *Deliverer) Deliver(ctx, stop context.Context, orgs []string) error {
	if orgs == nil {
		var err error
		if orgs, err = d.Webhooks.Organizations(ctx); err != nil {
			return err
		}
	}
	if len(orgs) > 0 { // no organization may always be the last one
		first := int(d.Now().UnixMilli() % int64(len(orgs)))
		orgs = slices.Concat(orgs[first:], orgs[:first])
	}
	defer d.Sender.CloseIdle()
	group := new(errgroup.Group)
	group.SetLimit(maxWebhooks)
	var failed error
	for _, org := range orgs {
		if over(stop) {
			break
		}
		if err := d.deliverTo(ctx, stop, org, group); err != nil {
			d.Log.Error("webhooks of an organization can't be read", "org", org, "cause", err)
			failed = errors.Join(failed, err)
		}
	}
	return errors.Join(failed, group.Wait())
}

// deliverTo lets group deliver to the webhooks of an organization.
func (d *Deliverer) deliverTo(ctx, stop context.Context, org string, group *errgroup.Group) error {
	all, damaged, err := d.Webhooks.List(ctx, org)
	if err != nil || len(all)+len(damaged) == 0 {
		return err
	}
	for _, id := range damaged {
		d.Log.Error("a webhook can't be read", "org", org, "webhook", id)
	}
	tenant, err := d.Accounts.Organization(ctx, org)
	if err != nil {
		if errors.As(err, new(*contact.Error)) { // it is being restored, or was deleted
			err = nil
		}
		return err
	}
	for _, hook := range all {
		group.Go(func() error {
			err := d.run(ctx, stop, hook, tenant.Epoch)
			if err != nil {
				d.Log.Error("webhook", "org", org, "webhook", hook.ID, "cause", err)
			}
			return err
		})
	}
	return nil
}

// run delivers what is due of one webhook, if no other deliverer does.
func (d *Deliverer) run(ctx, stop context.Context, hook webhook.Webhook, epoch string) error {
	for !over(stop) {
		r := &run{Deliverer: d, hook: hook, epoch: epoch, stop: stop}
		err := r.begin(ctx)
		for errors.As(err, new(*wokenError)) { // another deliverer came between reading and taking the lease
			err = r.begin(ctx)
		}
		if err == nil && r.place != nil {
			err = r.deliver(ctx)
		}
		if errors.Is(err, errLeased) || errors.Is(err, errFenced) {
			return nil // another deliverer goes on, or the webhook was deleted
		}
		if err != nil || r.place == nil || r.hook.Disabled {
			return err
		}
		hook = r.hook
		if next := time.UnixMilli(r.next()).Sub(d.Now()); next > d.Linger || !sleep(stop, next) {
			break
		}
	}
	return nil
}

func over(stop context.Context) bool { return stop.Err() != nil }

// sleep waits, and reports false if stop ends first.
func sleep(stop context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop.Done():
		return false
	}
}

// begin takes the lease of the webhook if there is anything to do; place is nil if not.
func (r *run) begin(ctx context.Context) error {
	r.place = nil
	place, tests, err := r.Webhooks.ReadPlace(ctx, r.hook.Org, r.hook.ID)
	due := len(tests) > 0
	if err == nil && !due {
		due, err = r.isDue(ctx, r.hook, r.epoch, place)
	}
	if err != nil || !due {
		return err
	}
	r.tests = tests
	return r.acquire(ctx, place)
}

// isDue reports whether there is anything to do for a webhook. It takes no lease, so that an idle webhook costs reads only.
func (d *Deliverer) isDue(ctx context.Context, hook webhook.Webhook, epoch string, place *webhook.Place) (bool, error) {
	now := d.Now()
	switch {
	case hook.Disabled:
		return false, nil
	case place == nil, place.Activation != hook.Activation, place.Replays != hook.Replays, place.AllDue:
		return true, nil
	case place.Probing() && now.UnixMilli() < place.Next:
		return false, nil
	case place.Lanes > 0:
		if next, err := d.nextDue(ctx, hook); err != nil || next <= now.UnixMilli() {
			return err == nil, err
		}
	}
	if now.Sub(time.UnixMicro(place.Token.Settled())) > settleAfter {
		return true, nil
	}
	page, err := d.Feed.Read(ctx, hook.Org, epoch, nil, place.Token, 1)
	return err == nil && (len(page.Changes) > 0 || page.More), err
}

// settleAfter is how often the place of a webhook without changes is written: the feed would walk over all contacts for a token that is too old.
const settleAfter = 24 * time.Hour
