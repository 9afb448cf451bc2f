package deliverer

import (
	"context"
	"slices"
	"time"

	"contacts/pkg/keys"
)

// An Event is one of the table's stream, or of a schedule, which has no records.
type Event struct {
	Records []struct {
		Change struct {
			Keys struct {
				PK struct{ S string } `json:"pk"`
				SK struct{ S string } `json:"sk"`
			}
		} `json:"dynamodb"`
	}
}

const (
	// ending is how long before its deadline a call begins no more deliveries: the last one may take patience, and is written then.
	ending = patience + 5*time.Second
	// longestCall is for how long a call of a stream begins deliveries. The stream waits for it; the schedule goes on.
	longestCall = 20 * time.Second
)

// Handle is the Lambda function. The stream only wakes: what is delivered follows from the feed. An event of a stream delivers to the webhooks of its
// organizations, any other one to all.
func (d *Deliverer) Handle(ctx context.Context, e Event) error {
	var orgs []string
	for _, r := range e.Records {
		if org := keys.ParseStrings(r.Change.Keys.PK.S, r.Change.Keys.SK.S).Org; org != "" && !slices.Contains(orgs, org) {
			orgs = append(orgs, org)
		}
	}
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	if deadline, limited := ctx.Deadline(); limited {
		stop, cancel = context.WithDeadline(ctx, deadline.Add(-ending))
		defer cancel()
	}
	if len(e.Records) > 0 {
		if len(orgs) == 0 {
			return nil
		}
		stop, cancel = context.WithTimeout(stop, longestCall)
		defer cancel()
	}
	return d.Deliver(ctx, stop, orgs)
}
