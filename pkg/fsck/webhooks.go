package fsck

import (
	"context"
	"maps"

	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
)

// checkWebhook checks that a webhook can be read, and that the deliverer finds its organization.
func (c *itemCheck) checkWebhook() {
	w, err := webhook.Of(c.item)
	switch {
	case err != nil:
		c.reportManual(FoundDocument, "it can't be read", "delete it and create the webhook again")
		return
	case w.URL == "" || w.Version < 1 || w.Generation < 1:
		c.reportManual(FoundDocument, "its url, v or generation is missing", "delete it and create the webhook again")
	}
	if mark := keys.WebhookOrganization(c.key.Org); c.get(mark) == nil {
		c.report(FoundPlatform, "the deliverer doesn't find its organization", "mark the organization as one with webhooks", func(tx *dynamo.Tx) {
			tx.Put(webhook.MarkItem(c.key.Org), dynamo.NotExists())
		})
	}
	c.checkWaiting(w)
}

// checkWaiting checks the place of a webhook, and what waits for it.
func (c *itemCheck) checkWaiting(w webhook.Webhook) {
	if c.collecting {
		return
	}
	all := webhook.New(c.check.store.Table, c.check.now, nil)
	found, err := all.Contradiction(c.ctx, w)
	if c.keepError(err); found == "" {
		return
	}
	epoch := c.get(keys.Organization(c.key.Org)).String("epoch")
	c.reportFix(FoundWebhook, found, "let its place and its lanes follow from the events that wait; a place that can't be used begins where the webhook did",
		func(ctx context.Context) error { return all.Mend(ctx, w, epoch) })
}

// checkWebhookItem checks that what belongs to a webhook has one, because its deletion may have been interrupted, and can be read.
func (c *itemCheck) checkWebhookItem() {
	expires := c.key.Kind == keys.KindWebhookDelivery || c.key.Kind == keys.KindWebhookTest
	switch {
	case expires && !c.item.IsNumber(dynamo.AttrExpires):
		c.reportRemoval(FoundWebhook, "it never expires")
	case expires: // whether its webhook is there or not
	case c.get(keys.Webhook(c.key.Org, c.key.Webhook)) == nil:
		c.reportRemoval(FoundOrphan, "its webhook does not exist")
		return
	}
	switch c.key.Kind {
	case keys.KindWebhookDelivery:
		if _, err := webhook.DeliveryOf(c.item); err != nil {
			c.reportRemoval(FoundWebhook, "it can't be read")
		}
	case keys.KindWebhookWaiting:
		c.checkWaitingEvent()
	}
}

// checkWaitingEvent checks that an event that waits can be read. Its key has what a receiver needs.
func (c *itemCheck) checkWaitingEvent() {
	change := changes.Change{Contact: c.key.Owner, At: c.key.At, Type: changes.Created, Parts: []changes.Part{changes.TheContact}, Walked: true}
	if entry := c.get(keys.Change(c.key.Org, c.key.Owner, c.key.At)); entry != nil {
		if read, err := changes.Of(entry); err == nil {
			change = read
		}
	}
	if read, err := webhook.WaitingChange(maps.Clone(c.item)); err == nil && len(read.Parts) > 0 {
		return
	}
	c.report(FoundWebhook, "it can't be read", "write it as its change in the feed, or as a contact that is shown without a change", func(tx *dynamo.Tx) {
		item, err := webhook.WaitingItem(c.key.Org, c.key.Webhook, change)
		c.keepError(err)
		tx.Put(item)
	})
}
