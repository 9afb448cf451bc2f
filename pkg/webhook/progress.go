package webhook

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// MaxBehind is up to how many changes Progress counts.
const MaxBehind = 10_000

// Progress is how far a webhook has delivered.
type Progress struct {
	// FailingSince is since when its receiver fails, Unix milliseconds; 0 if it does not.
	FailingSince int64
	// Behind is how many changes it has to deliver, MaxBehind+1 for more than MaxBehind. Oldest is the time of the first, Unix microseconds,
	// 0 for none.
	Behind int
	Oldest int64
	// Damaged is set if its place can't be read. Nothing else is known then.
	Damaged bool
}

// count adds a change that is not delivered.
func (p *Progress) count(at int64) {
	p.Behind = min(p.Behind+1, MaxBehind+1)
	if p.Oldest == 0 || at < p.Oldest {
		p.Oldest = at
	}
}

// Progress returns how far webhooks of an organization have delivered, in their order.
func (s *Webhooks) Progress(ctx context.Context, org string, all []Webhook) ([]Progress, error) {
	progress, counts := make([]Progress, len(all)), make([]*count, len(all))
	err := dynamo.EachParallel(ctx, len(all), func(ctx context.Context, i int) error {
		hook, p := all[i], &progress[i]
		place, _, err := s.ReadPlace(ctx, org, hook.ID)
		if p.Damaged = errors.Is(err, ErrDamaged); p.Damaged {
			return nil
		}
		if err != nil {
			return err
		}
		if place == nil {
			place = NewPlace(hook, "")
		}
		if place.Lanes > 0 {
			err = s.countWaiting(ctx, hook, p)
		}
		if place.Failing() && place.Activation == hook.Activation && !hook.Disabled {
			p.FailingSince = place.FailedSince
		}
		place.Follow(hook, place.Token.Epoch) // a replay that the deliverer has not begun moves the place
		counts[i] = &count{Progress: p, hook: hook, from: place.Token.Settled(), done: place.Done}
		return err
	})
	if err != nil {
		return progress, err
	}
	return progress, s.countChanges(ctx, org, slices.DeleteFunc(counts, func(c *count) bool { return c == nil }))
}

// A count counts the changes that a webhook has to deliver.
type count struct {
	*Progress
	hook Webhook
	from int64 // Unix microseconds
	done map[contact.ID]int64
	read int // how many changes were compared with the webhook
}

// add adds a change unless it is delivered, or is not for the webhook.
func (c *count) add(change changes.Change) {
	if change.At <= c.from {
		return
	}
	c.read++
	if change.At > c.done[change.Contact] && c.hook.Matches(change.Contact.Kind(), change.Type) {
		c.count(change.At)
	}
}

// ended reports whether the count is above MaxBehind, or took as many reads as it may: one of a webhook that wants few changes may be too low then.
func (c *count) ended() bool { return c.Behind > MaxBehind || c.read > keys.ChangeShards*MaxBehind }

// countChanges reads the changes once for all webhooks of an organization, for each from its place on until its count has ended.
func (s *Webhooks) countChanges(ctx context.Context, org string, all []*count) error {
	const some = MaxBehind/keys.ChangeShards + 1 // of each partition: then there are more than MaxBehind
	feed := changes.NewFeed(s.table, s.now)
	var last [keys.ChangeShards]changes.Change
	var ended [keys.ChangeShards]bool
	for len(all) > 0 && slices.Contains(ended[:], false) {
		first := slices.MinFunc(all, func(a, b *count) int { return cmp.Compare(a.from, b.from) }).from
		var read [keys.ChangeShards][]changes.Change
		if err := dynamo.EachParallel(ctx, len(read), func(ctx context.Context, i int) (err error) {
			if ended[i] {
				return nil
			}
			if last[i].At <= first { // nobody counts what is between
				last[i] = changes.Change{At: first}
			}
			read[i], err = feed.Entries(ctx, org, i, last[i], some)
			return err
		}); err != nil {
			return err
		}
		for i, page := range read {
			for _, change := range page {
				for _, c := range all {
					c.add(change)
				}
				last[i] = change
			}
			ended[i] = len(page) < some
		}
		all = slices.DeleteFunc(all, (*count).ended)
	}
	return nil
}

// countWaiting adds the events that wait in lanes.
func (s *Webhooks) countWaiting(ctx context.Context, hook Webhook, p *Progress) error {
	query := s.table.Query(keys.WebhookItems(hook.Org, hook.ID)).Prefix(keys.WebhookWaitingPrefix).Project("pk", "sk")
	return query.Read(ctx, MaxBehind+1, func(i dynamo.Item) { p.count(keys.Parse(i.Key()).At) })
}
