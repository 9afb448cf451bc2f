package fsck

import (
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
)

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
