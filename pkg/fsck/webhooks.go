package fsck

import (
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
}

// checkWebhookItem checks that what belongs to a webhook has one: its deletion may have been interrupted.
func (c *itemCheck) checkWebhookItem() {
	switch {
	case c.item.IsNumber(dynamo.AttrExpires): // whether its webhook is there or not
	case c.get(keys.Webhook(c.key.Org, c.key.Webhook)) == nil:
		c.reportRemoval(FoundOrphan, "its webhook does not exist")
	case c.key.Kind == keys.KindWebhookPlace:
		if _, err := webhook.PlaceOf(c.item); err != nil {
			c.reportManual(FoundDocument, "it can't be read", "delete it and replay the webhook since its last delivery")
		}
	case c.key.Kind == keys.KindWebhookWaiting:
		if c.get(keys.WebhookLane(c.key.Org, c.key.Webhook, c.key.Owner)) == nil {
			c.reportManual(FoundOrphan, "it waits in a lane that does not exist", "delete it and replay the webhook since this change")
		}
	}
}
