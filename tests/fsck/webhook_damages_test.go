package fsck

import (
	"fmt"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
	"contacts/tests/harness"
)

// webhookDamages are those of webhooks, and of what the deliverer stores.
var webhookDamages = map[string]damage{
	"the deliverer doesn't find a webhook": repaired(func(h fixture) { h.webhook(); h.drop("P#WEBHOOK", h.Org) }, "platform: the deliverer doesn't find"),
	"a webhook can't be read": notRepaired(func(h fixture) {
		h.change(h.pk("W"), h.webhook(), "former", harness.TextAttribute("first"))
	}, "document: it can't be read"),
	"a webhook without an address":    notRepaired(func(h fixture) { h.change(h.pk("W"), h.webhook(), "url", nil) }, "document: its url, v or generation"),
	"what belongs to no webhook":      repaired(func(h fixture) { h.put(h.pk("W#")+harness.Padded("7"), "PLACE", "fence", 1) }, "orphan: its webhook does not exist"),
	"a webhook's place is lost":       repaired(func(h fixture) { w := h.failing(); h.drop(w.items, "PLACE") }, "webhook: its place counts 0 lanes, not 1"),
	"a webhook's place can't be read": repaired(func(h fixture) { w := h.failing(); h.change(w.items, "PLACE", "token", nil) }, "webhook: its place can't be read"),
	"a webhook's place is in the future": repaired(func(h fixture) {
		h.failing(func(p *webhook.Place) { p.Token = changes.Since("", time.Now().Add(48*time.Hour)) })
	}, "webhook: its place is after changes"),
	"a webhook has delivered what is still to come": repaired(func(h fixture) {
		h.failing(func(p *webhook.Place) { p.Done = map[contact.ID]int64{8: time.Now().Add(48 * time.Hour).UnixMicro()} })
	}, "webhook: its place is after changes"),
	"a webhook's lease does not end": repaired(func(h fixture) {
		h.failing(func(p *webhook.Place) { p.Lease = time.Now().Add(48 * time.Hour).UnixMilli() })
	}, "webhook: its lease does not end"),
	"a webhook is never tried again": repaired(func(h fixture) {
		h.failing(func(p *webhook.Place) { p.Next = time.Now().Add(48 * time.Hour).UnixMilli() })
	}, "webhook: its next try is in more than a day"),
	"a webhook's lanes are miscounted": repaired(func(h fixture) { h.failing(func(p *webhook.Place) { p.Lanes = 3 }) }, "webhook: its place counts 3 lanes, not 1"),
	"a webhook's lane is lost":         repaired(func(h fixture) { w := h.failing(); h.drop(w.items, w.lane) }, "webhook: wait in no lane"),
	"a webhook's lane is never due":    repaired(func(h fixture) { w := h.failing(); h.drop(w.items, w.due) }, "webhook: is due at 0 times"),
	"a webhook's lane is due twice": repaired(func(h fixture) {
		w := h.failing()
		h.put(w.items, h.dueIn(w, time.Minute), "at", 1, "tries", 1, "since", 1)
	}, "webhook: is due at 2 times"),
	"a webhook's lane is due in a year": repaired(func(h fixture) {
		w := h.failing()
		h.drop(w.items, w.due)
		h.put(w.items, h.dueIn(w, 365*24*time.Hour), "at", 1, "tries", 1, "since", 1)
	}, "webhook: is due at 0 times"),
	"it can't be read when a webhook's lane is due": repaired(func(h fixture) {
		w := h.failing()
		h.change(w.items, w.due, "tries", harness.TextAttribute("x"))
	}, "webhook: is due at 0 times"),
	"a webhook's lane of nothing is due": repaired(func(h fixture) {
		w := h.failing()
		h.drop(w.items, w.lane)
		h.drop(w.items, w.waiting)
	}, "webhook: is due, but has no lane"),
	"a webhook has a lane of nothing": repaired(func(h fixture) {
		h.put(h.failing().items, "LANE#"+harness.Padded("8"))
	}, "webhook: is due at 0 times"),
	"an event that waits can't be read": repaired(func(h fixture) {
		w := h.failing()
		h.change(w.items, w.waiting, "parts", harness.TextAttribute("x"))
	}, "webhook: it can't be read"),
	"an event without parts waits": repaired(func(h fixture) { w := h.failing(); h.change(w.items, w.waiting, "parts", nil) }, "webhook: it can't be read"),
	"an event waits whose change is no longer in the feed": repaired(func(h fixture) {
		w := h.failing()
		h.drop(w.items, w.waiting)
		h.put(w.items, fmt.Sprintf("WAIT#%016d#%016d", w.of, 1_700_000_000_000_000))
	}, "webhook: it can't be read"),
	"a delivery is kept for ever": repaired(func(h fixture) {
		h.put(h.failing().items, "SENT#"+harness.Padded("11"), "change", "1-2", "type", "individual.changed", "time", 1, "ms", 1, "try", 1)
	}, "webhook: it never expires"),
	"a delivery can't be read": repaired(func(h fixture) {
		h.put(h.failing().items, "SENT#"+harness.Padded("11"), "try", "x", "expires", inHours(24))
	}, "webhook: it can't be read"),
	"a test waits for ever":            repaired(func(h fixture) { h.put(h.failing().items, "PLACE#TEST#"+harness.Padded("11")) }, "webhook: it never expires"),
	"the deliverer makes no such item": notRepaired(func(h fixture) { h.put(h.failing().items, "HELD#8") }, "unknown: no item of the platform has such a key"),
	"another deliverer is at work": repaired(func(h fixture) { // what it has written so far is no finding
		w := h.failing(func(p *webhook.Place) { p.Lease = time.Now().Add(time.Minute).UnixMilli() })
		h.drop(w.items, w.due)
	}),
}

// webhook adds a webhook, and returns its sort key.
func (h fixture) webhook() string {
	h.T.Helper()
	made, err := h.Database.Webhooks.Create(h.T.Context(), h.Org, idempotency.Write{}, webhook.Input{URL: "https://receiver.example/"},
		func(w webhook.Webhook) (contact.Record, error) { return contact.Record{ID: w.ID}, nil })
	if err != nil {
		h.T.Fatal(err)
	}
	return harness.Padded(made.ID.String())
}

// A failingWebhook is one for which an event of a contact waits.
type failingWebhook struct {
	items              string // the partition of what the deliverer stores
	of                 contact.ID
	lane, due, waiting string // sort keys
}

// failing adds a webhook whose receiver has refused an event of the person, with a place that is edited.
func (h fixture) failing(edit ...func(*webhook.Place)) failingWebhook {
	h.T.Helper()
	id := keys.LastID(h.webhook())
	of, err := contact.ParseID(harness.LastSegment(h.person))
	if err != nil {
		h.T.Fatal(err)
	}
	hook, err := h.Database.Webhooks.Get(h.T.Context(), h.Org, id)
	if err != nil {
		h.T.Fatal(err)
	}
	var change changes.Change
	for shard := range keys.ChangeShards {
		all, err := changes.NewFeed(h.Database.Store.Table, time.Now).Entries(h.T.Context(), h.Org, shard, changes.Change{}, 0)
		if err != nil {
			h.T.Fatal(err)
		}
		for _, c := range all {
			if c.Contact == of {
				change = c
			}
		}
	}
	place := webhook.NewPlace(hook, "")
	place.Fence, place.Lanes = 1, 1
	for _, e := range edit {
		e(place)
	}
	next := time.Now().Add(time.Hour).UnixMilli()
	lane, due := keys.WebhookLane(h.Org, id, of), keys.WebhookDue(h.Org, id, next, of)
	put := func(item dynamo.Item, err error) {
		h.T.Helper()
		if err == nil {
			err = h.Database.Store.Put(h.T.Context(), item)
		}
		if err != nil {
			h.T.Fatal(err)
		}
	}
	put(place.Item(h.Org, id))
	put(lane.Item(), nil)
	put(dynamo.Encode(due, webhook.Lane{At: change.At, Tries: 1, Since: time.Now().UnixMilli()}))
	put(webhook.WaitingItem(h.Org, id, change))
	return failingWebhook{lane.PK, of, lane.SK, due.SK, keys.WebhookWaiting(h.Org, id, of, change.At).SK}
}

// dueIn returns the sort key of a lane that is due some time from now.
func (h fixture) dueIn(w failingWebhook, d time.Duration) string {
	return keys.WebhookDue(h.Org, 1, time.Now().Add(d).UnixMilli(), w.of).SK
}
