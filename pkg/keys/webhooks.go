package keys

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Webhooks is the partition of a tenant's webhooks, in the order of their creation.
func Webhooks(org string) string { return Tenant(org) + "#W" }

// Webhook is a webhook.
func Webhook(org string, id contact.ID) dynamo.Key { return key(Webhooks(org), Digits(id)) }

// WebhookItems is the partition of what belongs to one webhook: the deliverer's place and what it delivered.
func WebhookItems(org string, id contact.ID) string { return Webhooks(org) + "#" + Digits(id) }

// WebhookOrganizations is the partition of the organizations that have, or had, webhooks.
func WebhookOrganizations() string { return "P#WEBHOOK" }

// WebhookOrganization marks an organization as one of these. It counts the webhooks that were ever created.
func WebhookOrganization(org string) dynamo.Key { return key(WebhookOrganizations(), org) }
