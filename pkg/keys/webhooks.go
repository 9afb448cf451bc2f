package keys

import (
	"fmt"
	"strconv"
	"strings"

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

// WebhookPlace is how far a webhook has delivered. The tests that it was asked for follow it.
func WebhookPlace(org string, id contact.ID) dynamo.Key { return key(WebhookItems(org, id), "PLACE") }

// WebhookTest is a test that a webhook was asked for.
func WebhookTest(org string, id, test contact.ID) dynamo.Key {
	return key(WebhookItems(org, id), WebhookTestPrefix+Digits(test))
}

// WebhookTestPrefix begins the sort keys of tests.
const WebhookTestPrefix = "PLACE#TEST#"

// WebhookLane marks that events of a contact wait because one of them failed.
func WebhookLane(org string, id, of contact.ID) dynamo.Key {
	return key(WebhookItems(org, id), WebhookLanePrefix+Digits(of))
}

// WebhookLanePrefix begins the sort keys of lanes.
const WebhookLanePrefix = "LANE#"

// WebhookDue is the same lane in the order of the times of the next tries, Unix milliseconds.
func WebhookDue(org string, id contact.ID, at int64, of contact.ID) dynamo.Key {
	return key(WebhookItems(org, id), fmt.Sprintf("%s%0*d#%s", WebhookDuePrefix, TombstoneDigits, at, Digits(of)))
}

// WebhookDuePrefix begins the sort keys of lanes by their next try.
const WebhookDuePrefix = "DUE#"

// WebhookWaiting is an event that waits in the lane of its contact, by the time of its change in Unix microseconds.
func WebhookWaiting(org string, id, of contact.ID, at int64) dynamo.Key {
	return key(WebhookItems(org, id), fmt.Sprintf("%s%0*d", WebhookWaitingOf(of), ChangeDigits, at))
}

// WebhookWaitingPrefix begins the sort keys of events that wait.
const WebhookWaitingPrefix = "WAIT#"

// WebhookWaitingOf begins the sort keys of the events in the lane of a contact, in their order.
func WebhookWaitingOf(of contact.ID) string { return WebhookWaitingPrefix + Digits(of) + "#" }

// WebhookDelivery is a try of a delivery.
func WebhookDelivery(org string, id, delivery contact.ID) dynamo.Key {
	return key(WebhookItems(org, id), WebhookDeliveryPrefix+Digits(delivery))
}

// WebhookDeliveryPrefix begins the sort keys of deliveries, in their order.
const WebhookDeliveryPrefix = "SENT#"

// parseWebhookItem parses a sort key in the partition of what belongs to a webhook.
func (p *Parsed) parseWebhookItem(sk string) {
	id := LastID(sk)
	at := func(text string, digits int) bool {
		number, rest, _ := strings.Cut(text, "#")
		p.At, _ = strconv.ParseInt(number, 10, 64)
		_, isID := parseID(rest)
		return isNumber(number, digits) && (rest == "" || isID)
	}
	due, isDue := strings.CutPrefix(sk, WebhookDuePrefix)
	of, when, _ := strings.Cut(strings.TrimPrefix(sk, WebhookWaitingPrefix), "#")
	switch of, isOf := parseID(of); {
	case sk == WebhookPlace(p.Org, p.Webhook).SK:
		p.Kind = KindWebhookPlace
	case sk == WebhookTestPrefix+Digits(id) && id != 0:
		p.Kind = KindWebhookTest
	case sk == WebhookDeliveryPrefix+Digits(id) && id != 0:
		p.Kind = KindWebhookDelivery
	case sk == WebhookLane(p.Org, p.Webhook, id).SK && id != 0:
		p.Kind, p.Owner = KindWebhookLane, id
	case isDue && id != 0 && at(due, TombstoneDigits):
		p.Kind, p.Owner = KindWebhookDue, id
	case isOf && at(when, ChangeDigits) && sk == WebhookWaiting(p.Org, p.Webhook, of, p.At).SK:
		p.Kind, p.Owner = KindWebhookWaiting, of
	}
}
