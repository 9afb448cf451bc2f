package deliverer

import (
	"cmp"
	"context"
	"errors"
	"time"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
)

const (
	// leaseTime is for how long a deliverer has a webhook. No delivery begins with less than patience left of it.
	leaseTime = 30 * time.Second
	// renewBefore is how long before its end a lease is renewed.
	renewBefore = 20 * time.Second
)

var (
	// errLeased reports that another deliverer has the lease.
	errLeased = errors.New("deliverer: the webhook is leased")
	// errFenced reports that another deliverer took the lease, or that the webhook was deleted: this one must write no more.
	errFenced = errors.New("deliverer: the lease was lost")
)

// A wokenError reports that another deliverer came meanwhile. It has the new count.
type wokenError struct{ wakes int64 }

func (*wokenError) Error() string { return "deliverer: there may be more to deliver" }

// acquire takes the lease of the webhook, whose place is as it was read, nil if there is none. errLeased if another deliverer has it, which
// then reads the feed again.
func (r *run) acquire(ctx context.Context, place *webhook.Place) error {
	key := keys.WebhookPlace(r.hook.Org, r.hook.ID)
	now := r.Now()
	if place != nil && place.Lease > now.UnixMilli() {
		tx := r.Table.Begin()
		tx.Update(key).Add(webhook.AttrWakes, 1)
		tx.Check(key, dynamo.Exists(errFenced))
		return cmp.Or(r.refusal(tx.Commit(ctx)), errLeased)
	}
	made := place == nil
	if made {
		place = webhook.NewPlace(r.hook, r.epoch)
	}
	r.place = place
	r.place.Fence++
	r.place.Lease = now.Add(leaseTime).UnixMilli()
	r.place.Follow(r.hook, r.epoch)
	item, err := r.place.Item(r.hook.Org, r.hook.ID)
	if err != nil {
		return err
	}
	if !made {
		return r.refusal(r.Table.Put(ctx, item, dynamo.Require(dynamo.AttributeEquals(webhook.AttrFence, dynamo.Number(r.place.Fence-1)), errFenced), r.notWoken()))
	}
	tx := r.Table.Begin()
	tx.Put(item, dynamo.Require(dynamo.AttributeNotExists("pk"), errFenced))
	tx.Check(keys.Webhook(r.hook.Org, r.hook.ID), dynamo.Exists(errFenced))
	return r.refusal(tx.Commit(ctx))
}

// fenced requires that this deliverer is the last one that took the lease.
func (r *run) fenced() dynamo.Condition {
	return dynamo.Require(dynamo.AttributeEquals(webhook.AttrFence, dynamo.Number(r.place.Fence)), errFenced)
}

// notWoken requires that no other deliverer has come since this one last looked.
func (r *run) notWoken() dynamo.Condition {
	same := dynamo.AttributeEquals(webhook.AttrWakes, dynamo.Number(r.place.Wakes))
	if r.place.Wakes == 0 {
		same = dynamo.AttributeNotExists(webhook.AttrWakes)
	}
	return dynamo.RequireFunc(same, func(stored dynamo.Item) error { return &wokenError{stored.Number(webhook.AttrWakes)} })
}

// refusal returns errFenced for a write that was refused with it, whatever else refused it.
func (r *run) refusal(err error) error {
	if errors.Is(err, errFenced) {
		return errFenced
	}
	return err
}

// write writes what has happened since the last time: the tries, the lanes, and the place. After an error the lease must not be used.
func (r *run) write(ctx context.Context) error {
	if len(r.tries) > 0 {
		if err := r.Table.PutAll(ctx, r.tries); err != nil {
			return err
		}
		r.tries = nil
	}
	r.advance()
	r.place.Forget()
	for {
		err := r.put(ctx)
		var woken *wokenError
		if !errors.As(err, &woken) {
			r.written, r.dirty = time.Now(), false
			return err
		}
		r.place.Wakes, r.feedEnd, r.woken = woken.wakes, false, true
		if r.place.Lease == 0 && !over(r.stop) { // it was being released
			r.place.Lease = r.Now().Add(leaseTime).UnixMilli()
		}
	}
}

// put writes the place with the lanes that are left.
func (r *run) put(ctx context.Context) error {
	item, err := r.place.Item(r.hook.Org, r.hook.ID)
	if err != nil {
		return err
	}
	if len(r.writes) == 0 { // a transaction of one item would cost twice as much
		return r.refusal(r.Table.Put(ctx, item, r.fenced(), r.notWoken()))
	}
	tx := r.Table.Begin()
	tx.Put(item, r.fenced(), r.notWoken())
	r.writes.copyTo(tx)
	if err := r.refusal(tx.Commit(ctx)); err != nil {
		return err
	}
	r.writes = writes{}
	return nil
}

// renew extends the lease if it is about to end.
func (r *run) renew(ctx context.Context) error {
	now := r.Now()
	if time.UnixMilli(r.place.Lease).Sub(now) > renewBefore {
		return nil
	}
	r.place.Lease = now.Add(leaseTime).UnixMilli()
	return r.write(ctx)
}

// release gives the lease back. It reports false if another deliverer came meanwhile: then there may be more to deliver, and unless the run is
// about to stop the lease is still held.
func (r *run) release(ctx context.Context) (released bool, err error) {
	if r.woken && !over(r.stop) {
		return false, nil
	}
	r.place.Lease, r.woken = 0, false
	err = r.write(ctx)
	return !r.woken, err
}

// maxWrites is how many changes of lanes one transaction makes at most.
const maxWrites = 90

// writes are items to be put, nil to be deleted.
type writes map[dynamo.Key]dynamo.Item

func (w writes) copyTo(tx *dynamo.Tx) {
	for key, item := range w {
		if item == nil {
			tx.Delete(key)
		} else {
			tx.Put(item)
		}
	}
}

// reserve makes room for n more changes of lanes, which are then written together.
func (r *run) reserve(ctx context.Context, n int) error {
	if len(r.writes)+n <= maxWrites {
		return nil
	}
	return r.write(ctx)
}
