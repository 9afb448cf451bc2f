package webhook

import (
	"context"
	"slices"

	"contacts/pkg/changes"
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
}

// count adds a change that is not delivered.
func (p *Progress) count(at int64) {
	p.Behind = min(p.Behind+1, MaxBehind+1)
	if p.Oldest == 0 || at < p.Oldest {
		p.Oldest = at
	}
}

// Progress returns how far webhooks of an organization have delivered, in their order. It reads the changes once for all.
func (s *Webhooks) Progress(ctx context.Context, org string, all []Webhook) ([]Progress, error) {
	progress, places := make([]Progress, len(all)), make([]*Place, len(all))
	err := dynamo.EachParallel(ctx, len(all), func(ctx context.Context, i int) error {
		place, _, err := s.ReadPlace(ctx, org, all[i].ID)
		if err != nil {
			return err
		}
		if place == nil {
			place = NewPlace(all[i], "")
		}
		if places[i] = place; place.Lanes > 0 {
			err = s.countWaiting(ctx, all[i], &progress[i])
		}
		if place.Failing() && place.Activation == all[i].Activation && !all[i].Disabled {
			progress[i].FailingSince = place.FailedSince
		}
		return err
	})
	if err != nil || len(all) == 0 {
		return progress, err
	}
	// A replay that the deliverer has not begun moves the place.
	from := make([]int64, len(all))
	for i, p := range places {
		p.Follow(all[i], p.Token.Epoch)
		from[i] = p.Token.Settled()
	}
	err = changes.NewFeed(s.table, s.now).Entries(ctx, org, slices.Min(from), MaxBehind+1, func(c changes.Change) {
		for i, hook := range all {
			if c.At > from[i] && c.At > places[i].Done[c.Contact] && hook.Matches(c.Contact.Kind(), c.Type) {
				progress[i].count(c.At)
			}
		}
	})
	return progress, err
}

// countWaiting adds the events that wait in lanes.
func (s *Webhooks) countWaiting(ctx context.Context, hook Webhook, p *Progress) error {
	query := s.table.Query(keys.WebhookItems(hook.Org, hook.ID)).Prefix(keys.WebhookWaitingPrefix).Project("pk", "sk")
	return query.Read(ctx, MaxBehind+1, func(i dynamo.Item) { p.count(keys.Parse(i.Key()).At) })
}
