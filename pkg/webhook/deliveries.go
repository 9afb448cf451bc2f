package webhook

import (
	"context"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// deliveriesKept is how long the tries of deliveries are kept.
const deliveriesKept = 30 * 24 * time.Hour

const (
	attrReason = "reason"
	attrStatus = "status"
)

// A Delivery is a try to send an event.
type Delivery struct {
	ID contact.ID `dynamodbav:"-"`
	// Change is the id of the change, or of a test: the webhook-id.
	Change  string     `dynamodbav:"change"`
	Contact contact.ID `dynamodbav:"contact,omitempty"` // 0 for a test
	Type    string     `dynamodbav:"type"`
	At      int64      `dynamodbav:"time"`             // when it was sent, Unix milliseconds
	Status  int        `dynamodbav:"status,omitempty"` // of the answer, 0 for none
	// Reason is why it failed, "" if it did not.
	Reason   string `dynamodbav:"reason,omitempty"`
	Duration int64  `dynamodbav:"ms"` // milliseconds
	Try      int    `dynamodbav:"try"`
	SetAside bool   `dynamodbav:"aside,omitempty"`
	Expires  int64  `dynamodbav:"expires"` // Unix seconds
}

// Item returns the item of a delivery.
func (d Delivery) Item(org string, hook contact.ID) (dynamo.Item, error) {
	d.Expires = time.UnixMilli(d.At).Add(deliveriesKept).Unix()
	return dynamo.Encode(keys.WebhookDelivery(org, hook, d.ID), d)
}

// DeliveryOf returns the delivery of an item.
func DeliveryOf(item dynamo.Item) (Delivery, error) {
	d, err := dynamo.Decode[Delivery](item)
	d.ID = keys.LastID(item.String("sk"))
	return d, err
}

// NextDelivery returns the id of another delivery, greater than those before.
func (s *Webhooks) NextDelivery() contact.ID { return s.ids.Next(contact.Part) }

// A DeliveryFilter selects deliveries. Its zero value selects all.
type DeliveryFilter struct {
	// Outcome is "delivered", "failed", or "" for both.
	Outcome string
	// Status is that of the answer, 0 for no answer; nil for any.
	Status *int
}

func (f DeliveryFilter) matches(now time.Time) dynamo.Expr {
	all := []dynamo.Expr{dynamo.GreaterThan(dynamo.AttrExpires, now.Unix())}
	switch f.Outcome {
	case "delivered":
		all = append(all, dynamo.AttributeNotExists(attrReason))
	case "failed":
		all = append(all, dynamo.AttributeExists(attrReason))
	}
	switch {
	case f.Status == nil:
	case *f.Status == 0:
		all = append(all, dynamo.AttributeNotExists(attrStatus))
	default:
		all = append(all, dynamo.AttributeEquals(attrStatus, dynamo.Number(int64(*f.Status))))
	}
	return dynamo.And(all...)
}

// Deliveries returns the tries of a webhook's deliveries in the last 30 days before another one, at most limit, the newest first; before 0 those
// of all. One that can't be read has its ID alone. more reports whether there are others.
func (s *Webhooks) Deliveries(ctx context.Context, hook Webhook, before contact.ID, limit int, f DeliveryFilter) (all []Delivery, more bool, err error) {
	query := s.table.Query(keys.WebhookItems(hook.Org, hook.ID)).Prefix(keys.WebhookDeliveryPrefix).Backwards()
	if before != 0 {
		query.After(keys.WebhookDelivery(hook.Org, hook.ID, before))
	}
	err = query.Filter(f.matches(s.now())).Read(ctx, limit+1, func(i dynamo.Item) {
		d, err := DeliveryOf(i)
		if err != nil {
			d = Delivery{ID: d.ID}
		}
		all = append(all, d)
	})
	more = len(all) > limit
	return all[:min(limit, len(all))], more, err
}

// RequestTest lets the deliverer send a test, also while the webhook is disabled, and returns the answer to the request, which names the test's
// webhook-id. NotFound if there is no webhook.
func (s *Webhooks) RequestTest(ctx context.Context, org string, id contact.ID, w idempotency.Write, answer func(test string) ([]byte, error)) ([]byte, error) {
	test := s.ids.Next(contact.Part)
	doc, err := answer(TestID(test))
	if err != nil {
		return nil, err
	}
	item := keys.WebhookTest(org, id, test).Item()
	item[dynamo.AttrExpires] = dynamo.Number(s.now().Add(testsKept).Unix())
	tx := s.table.Begin()
	tx.Put(item)
	tx.Check(keys.Webhook(org, id), dynamo.Exists(errNotFound))
	return doc, idempotency.Refusal(w.Commit(ctx, tx, contact.Record{ID: test, Doc: doc}))
}

// testsKept is how long a test waits to be sent.
const testsKept = 24 * time.Hour

// Clear deletes what belongs to a webhook that was deleted, and doesn't expire. A repeat goes on where an earlier one ended.
func (s *Webhooks) Clear(ctx context.Context, org string, id contact.ID) error {
	for {
		var some []dynamo.Key
		waits := dynamo.AttributeNotExists(dynamo.AttrExpires)
		err := s.table.Query(keys.WebhookItems(org, id)).Project("pk", "sk").Filter(waits).Read(ctx, dynamo.MaxTransactionItems, func(i dynamo.Item) { some = append(some, i.Key()) })
		if err != nil || len(some) == 0 {
			return err
		}
		tx := s.table.Begin()
		for _, key := range some {
			tx.Delete(key)
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
	}
}
