package webhook

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// What the deliverer stores of a webhook follows from the events that wait: each of their contacts has a lane, which is marked, and due once, and
// the place counts the lanes. Contradiction and Mend are for damage.

const (
	// clockDifference is how far ahead of now the time of a place may be.
	clockDifference = time.Hour
	// mendTime is for how long Mend takes the lease.
	mendTime = time.Minute
)

// Contradiction returns what is wrong with the place and the lanes of a webhook, "" for nothing. While a deliverer has the lease it is "": they
// change then.
func (s *Webhooks) Contradiction(ctx context.Context, hook Webhook) (string, error) {
	key, now := keys.WebhookPlace(hook.Org, hook.ID), s.now()
	stored, err := s.table.Get(ctx, key)
	if err != nil {
		return "", err
	}
	found := contradictionOf(stored, now)
	if found == "" && stored.Number(AttrLease) <= now.UnixMilli() {
		lanes, err := s.readLanes(ctx, hook, now)
		if err != nil {
			return "", err
		}
		found = lanes.contradiction(stored.Number(attrLanes))
	}
	if found == "" {
		return "", nil
	}
	if again, err := s.table.Get(ctx, key); err != nil || !reflect.DeepEqual(stored, again) {
		return "", err
	}
	return found, nil
}

// usablePlace returns the place of an item, or says why it can't be used.
func usablePlace(stored dynamo.Item, now time.Time) (p Place, problem string) {
	p, err := PlaceOf(stored)
	if err != nil {
		return p, "its place can't be read"
	}
	latest := max(p.Token.Settled(), slices.Max(append(slices.Collect(maps.Values(p.Done)), 0)))
	if latest > now.Add(clockDifference).UnixMicro() {
		return p, "its place is after changes that are still to be made"
	}
	return p, ""
}

// contradictionOf returns what is wrong with the item of a place, "" for nothing, nor with none.
func contradictionOf(stored dynamo.Item, now time.Time) string {
	if stored == nil {
		return ""
	}
	p, problem := usablePlace(stored, now)
	ahead := now.Add(clockDifference)
	switch {
	case problem != "":
		return problem
	case p.Lease > ahead.UnixMilli():
		return "its lease does not end"
	case p.Next > ahead.Add(maxRetryAfter).UnixMilli():
		return "its next try is in more than a day"
	}
	return ""
}

// lanes are the items of the events that wait for a webhook, by contact.
type lanes struct {
	waiting, marked map[contact.ID]bool
	due             map[contact.ID][]dynamo.Key
	invalid         []dynamo.Key // say when a lane is due, but can't be read, or it never would be
}

func (s *Webhooks) readLanes(ctx context.Context, hook Webhook, now time.Time) (lanes, error) {
	l := lanes{waiting: map[contact.ID]bool{}, marked: map[contact.ID]bool{}, due: map[contact.ID][]dynamo.Key{}}
	latest := now.Add(clockDifference + maxRetryAfter).UnixMilli()
	for _, prefix := range []string{keys.WebhookDuePrefix, keys.WebhookLanePrefix, keys.WebhookWaitingPrefix} {
		err := s.table.Query(keys.WebhookItems(hook.Org, hook.ID)).Prefix(prefix).Read(ctx, 0, func(i dynamo.Item) {
			p := keys.Parse(i.Key())
			switch p.Kind {
			case keys.KindWebhookWaiting:
				l.waiting[p.Owner] = true
			case keys.KindWebhookLane:
				l.marked[p.Owner] = true
			case keys.KindWebhookDue:
				if _, err := dynamo.Decode[Lane](i); err != nil || p.At > latest {
					l.invalid = append(l.invalid, i.Key())
					return
				}
				l.due[p.Owner] = append(l.due[p.Owner], i.Key())
			}
		})
		if err != nil {
			return l, err
		}
	}
	return l, nil
}

// contradiction returns the first contradiction of lanes that a place counts, "" for none.
func (l lanes) contradiction(counted int64) string {
	for _, of := range slices.Sorted(maps.Keys(l.waiting)) {
		if !l.marked[of] {
			return fmt.Sprintf("events of contact %d wait in no lane", of)
		}
	}
	for _, of := range slices.Sorted(maps.Keys(l.marked)) {
		if len(l.due[of]) != 1 {
			return fmt.Sprintf("the lane of contact %d is due at %d times, not at one", of, len(l.due[of]))
		}
	}
	for _, of := range slices.Sorted(maps.Keys(l.due)) {
		if !l.marked[of] {
			return fmt.Sprintf("contact %d is due, but has no lane", of)
		}
	}
	switch {
	case len(l.invalid) > 0:
		return "it can't be read when a lane is due"
	case counted != int64(len(l.marked)):
		return fmt.Sprintf("its place counts %d lanes, not %d", counted, len(l.marked))
	}
	return ""
}

// Mend lets the place and the lanes of a webhook follow from the events that wait, and all of them be tried at once. A place that can't be used
// begins anew, where the webhook did: nothing is lost, but its receiver gets again what it had. A deliverer that is at work loses the lease.
// dynamo.ErrConflict if another one takes it.
func (s *Webhooks) Mend(ctx context.Context, hook Webhook, epoch string) error {
	key, now := keys.WebhookPlace(hook.Org, hook.ID), s.now()
	stored, err := s.table.Get(ctx, key)
	if err != nil {
		return err
	}
	place := NewPlace(hook, epoch)
	if stored != nil {
		if read, problem := usablePlace(stored, now); problem == "" {
			place = &read
			place.Next = 0
		}
	}
	place.Fence, place.Lease, place.AllDue = stored.Number(AttrFence)+1, now.Add(mendTime).UnixMilli(), true
	same := dynamo.SameAttribute(AttrFence, stored)
	if stored == nil {
		same = dynamo.NotExists()
	}
	if err := s.mendPlace(ctx, hook, place, same); err != nil {
		return err
	}
	mine := dynamo.Require(dynamo.AttributeEquals(AttrFence, dynamo.Number(place.Fence)), dynamo.ErrConflict)
	lanes, err := s.readLanes(ctx, hook, now)
	if err != nil {
		return err
	}
	edits, err := lanes.edits(hook, now)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(edits, dynamo.MaxTransactionItems-1) {
		tx := s.table.Begin()
		tx.Check(key, mine)
		for _, edit := range some {
			edit(tx)
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
	}
	place.Lanes, place.Lease = len(lanes.waiting), 0
	return s.mendPlace(ctx, hook, place, mine)
}

// mendPlace puts the place of a webhook that is still there.
func (s *Webhooks) mendPlace(ctx context.Context, hook Webhook, place *Place, condition dynamo.Condition) error {
	item, err := place.Item(hook.Org, hook.ID)
	if err != nil {
		return err
	}
	tx := s.table.Begin()
	tx.Put(item, condition)
	tx.Check(keys.Webhook(hook.Org, hook.ID), dynamo.Exists(dynamo.ErrConflict))
	return tx.Commit(ctx)
}

// edits returns what is to be written so that each contact whose events wait, and no other, has a lane that is due once.
func (l lanes) edits(hook Webhook, now time.Time) (all []func(*dynamo.Tx), err error) {
	remove := func(key dynamo.Key) { all = append(all, func(tx *dynamo.Tx) { tx.Delete(key) }) }
	put := func(item dynamo.Item) { all = append(all, func(tx *dynamo.Tx) { tx.Put(item) }) }
	for of := range l.waiting {
		if !l.marked[of] {
			put(keys.WebhookLane(hook.Org, hook.ID, of).Item())
		}
		if len(l.due[of]) == 0 {
			due, err := dynamo.Encode(keys.WebhookDue(hook.Org, hook.ID, now.UnixMilli(), of), Lane{})
			if err != nil {
				return nil, err
			}
			put(due)
		}
	}
	for of := range l.marked {
		if !l.waiting[of] {
			remove(keys.WebhookLane(hook.Org, hook.ID, of))
		}
	}
	for of, due := range l.due {
		if l.waiting[of] {
			due = due[1:]
		}
		for _, key := range due {
			remove(key)
		}
	}
	for _, key := range l.invalid {
		remove(key)
	}
	return all, nil
}
