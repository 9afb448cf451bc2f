package webhook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Place is how far a webhook has delivered, with the lease of the deliverer that moves it.
type Place struct {
	// Token is before the first change that is neither delivered nor waits in a lane.
	Token changes.Token `dynamodbav:"-"`
	// Done are the times of the last changes of contacts after Token that are delivered or wait in a lane, Unix microseconds.
	Done map[contact.ID]int64 `dynamodbav:"-"`
	// Lanes is the number of lanes.
	Lanes int `dynamodbav:"lanes,omitempty"`
	Receiver
	// Activation and Replays are those of the webhook that the place has followed.
	Activation int64 `dynamodbav:"activation"`
	Replays    int64 `dynamodbav:"replays,omitempty"`
	// AllDue is set until all lanes are made due, as a replay or an activation demands.
	AllDue bool `dynamodbav:"all_due,omitempty"`

	// Fence grows with each deliverer that takes the lease. Only the one that took it last writes.
	Fence int64 `dynamodbav:"fence"`
	// Lease is until when no other deliverer takes it, Unix milliseconds.
	Lease int64 `dynamodbav:"lease,omitempty"`
	// Wakes counts the deliverers that came while the lease was held: the one that holds it reads the feed again before it releases it.
	Wakes int64 `dynamodbav:"wakes,omitempty"`
}

// The attributes of a place that conditions name.
const (
	AttrFence = "fence"
	AttrLease = "lease"
	AttrWakes = "wakes"

	attrLanes = "lanes"
	attrToken = "token"
	attrDone  = "done"
)

// Item returns the item of the place of a webhook.
func (p *Place) Item(org string, id contact.ID) (dynamo.Item, error) {
	item, err := dynamo.Encode(keys.WebhookPlace(org, id), p)
	if err != nil {
		return nil, err
	}
	token, err := p.Token.MarshalBinary()
	item[attrToken] = dynamo.Binary(token)
	if len(p.Done) > 0 {
		item[attrDone] = dynamo.Binary(encodeDone(p.Done))
	}
	return item, err
}

// PlaceOf returns the place of an item.
func PlaceOf(item dynamo.Item) (Place, error) {
	p, err := dynamo.Decode[Place](item)
	if err != nil {
		return p, err
	}
	if err := p.Token.UnmarshalBinary(item.Bytes(attrToken)); err != nil {
		return p, err
	}
	p.Done, err = decodeDone(item.Bytes(attrDone))
	return p, err
}

// NewPlace returns the place of a webhook that has not delivered yet. A replay may have been demanded before: it skips nothing.
func NewPlace(hook Webhook, epoch string) *Place {
	since := hook.Since
	if hook.Replays > 0 {
		since = min(since, time.UnixMilli(hook.Created).UnixMicro())
	}
	return &Place{Token: changes.Since(epoch, time.UnixMicro(since)), Done: map[contact.ID]int64{}, Activation: hook.Activation, Replays: hook.Replays}
}

// Follow applies what the owner has demanded since the place was written, and reports whether there was anything: a replay, which moves it back
// to the webhook's Since but never forward, or an activation, after which the receiver is tried at once.
func (p *Place) Follow(hook Webhook, epoch string) (changed bool) {
	if p.Replays != hook.Replays {
		settled := p.Token.Settled()
		p.Token = changes.Token{} // shows every contact: while contacts are walked over, no time is settled
		if settled > 0 {
			p.Token = changes.Since(epoch, time.UnixMicro(min(hook.Since, settled)))
		}
		p.Replays, p.Done, p.AllDue = hook.Replays, map[contact.ID]int64{}, true
		changed = true
	}
	if p.Activation != hook.Activation {
		p.Activation, p.Receiver, p.AllDue = hook.Activation, Receiver{Succeeded: p.Succeeded}, true
		changed = true
	}
	return changed
}

// maxDone is the most contacts that a place remembers, some 70 KB. Changes of others that were delivered within the last minute may be
// delivered again.
const maxDone = 5000

// Forget drops from Done what the feed never shows again after Token, and the oldest beyond its limit.
func (p *Place) Forget() {
	settled := p.Token.Settled()
	maps.DeleteFunc(p.Done, func(_ contact.ID, at int64) bool { return at <= settled })
	if len(p.Done) <= maxDone {
		return
	}
	times := slices.Sorted(maps.Values(p.Done))
	oldest := times[len(times)-maxDone]
	maps.DeleteFunc(p.Done, func(_ contact.ID, at int64) bool { return at < oldest })
}

func encodeDone(done map[contact.ID]int64) (b []byte) {
	last := int64(0)
	byTime := func(a, b contact.ID) int { return cmp.Or(cmp.Compare(done[a], done[b]), cmp.Compare(a, b)) }
	for _, id := range slices.SortedFunc(maps.Keys(done), byTime) {
		b = binary.AppendVarint(b, done[id]-last)
		b = binary.AppendVarint(b, int64(id))
		last = done[id]
	}
	return b
}

var errDone = errors.New("webhook: what a place has delivered can't be read")

func decodeDone(b []byte) (map[contact.ID]int64, error) {
	done := map[contact.ID]int64{}
	last := int64(0)
	for r := bytes.NewReader(b); r.Len() > 0; {
		difference, err := binary.ReadVarint(r)
		id, err2 := binary.ReadVarint(r)
		if err != nil || err2 != nil {
			return nil, errDone
		}
		last += difference
		done[contact.ID(id)] = last
	}
	return done, nil
}

// ErrDamaged reports that a place can't be read, until it is mended.
var ErrDamaged = errors.New("webhook: the place can't be read")

// ReadPlace reads the place of a webhook, nil if it has none yet, and the tests that it was asked for. ErrDamaged.
func (s *Webhooks) ReadPlace(ctx context.Context, org string, id contact.ID) (place *Place, tests []contact.ID, err error) {
	key := keys.WebhookPlace(org, id)
	var failed error
	err = s.table.Query(key.PK).Prefix(key.SK).Read(ctx, 0, func(i dynamo.Item) {
		if i.Key() != key {
			tests = append(tests, keys.LastID(i.String("sk")))
			return
		}
		p, err := PlaceOf(i)
		if place = &p; err != nil {
			failed = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	})
	return place, tests, errors.Join(err, failed)
}
