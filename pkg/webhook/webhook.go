// Package webhook has the webhooks of organizations: addresses that the changes of contacts are sent to.
//
// The item of a webhook has what its owner decided. What moves while it delivers is in other items, which package deliverer writes.
package webhook

import (
	"fmt"
	"slices"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Max is the most webhooks of an organization.
const Max = 20

// A Webhook is an address that the changes of an organization's contacts are sent to.
type Webhook struct {
	Org     string     `dynamodbav:"-"`
	ID      contact.ID `dynamodbav:"-"`
	Version int64      `dynamodbav:"v"`

	URL         string   `dynamodbav:"url"`
	Events      []string `dynamodbav:"events,omitempty"` // names of EventNames; nil for all
	Description string   `dynamodbav:"description,omitempty"`

	// Disabled is set while nothing is sent. The webhook keeps its place.
	Disabled bool `dynamodbav:"disabled,omitempty"`
	// Activation counts the requests that set the webhook ACTIVE. Failures before the last one no longer count.
	Activation int64 `dynamodbav:"activation"`
	// Since is where the webhook starts, Unix microseconds: at its creation, or where a replay begins.
	Since int64 `dynamodbav:"since"`
	// Replays counts the replays. One that the deliverer has not seen yet moves the place back to Since.
	Replays int64 `dynamodbav:"replays,omitempty"`

	// Generation is that of the secret, from 1.
	Generation int `dynamodbav:"generation"`
	// Former are the generations before that may still sign, the oldest first.
	Former []Former `dynamodbav:"former,omitempty"`

	Created int64 `dynamodbav:"created"` // Unix milliseconds
	Updated int64 `dynamodbav:"updated"` // Unix milliseconds
}

// A Former is a generation of the secret that still signs for a time.
type Former struct {
	Generation int   `dynamodbav:"generation"`
	Until      int64 `dynamodbav:"until"` // Unix milliseconds
}

// Of returns the webhook of an item.
func Of(item dynamo.Item) (Webhook, error) {
	p := keys.Parse(item.Key())
	if p.Kind != keys.KindWebhook {
		return Webhook{}, fmt.Errorf("webhook: %v is not the key of a webhook", item.Key())
	}
	w, err := dynamo.Decode[Webhook](item)
	w.Org, w.ID = p.Org, p.Webhook
	return w, err
}

// item returns the item of a webhook.
func (w Webhook) item() (dynamo.Item, error) { return dynamo.Encode(keys.Webhook(w.Org, w.ID), w) }

// Generations returns the generations of the secret that sign at a time, the newest first.
func (w Webhook) Generations(now time.Time) []int {
	all := []int{w.Generation}
	for _, f := range slices.Backward(w.Former) {
		if now.UnixMilli() < f.Until {
			all = append(all, f.Generation)
		}
	}
	return all
}

// kinds are the kinds of contact as the names of events begin.
var kinds = map[contact.Kind]string{
	contact.Individual: "individual", contact.Organization: "organization", contact.Placeholder: "placeholder_customer",
}

// EventName returns the name of a change, "individual.created".
func EventName(kind contact.Kind, change changes.Type) string {
	return kinds[kind] + "." + string(change)
}

// EventNames returns what a webhook may select: the name of each event, and each kind of contact with a star for all events of it.
func EventNames() (names []string) {
	for kind := range contact.Part {
		for _, change := range changes.AllTypes {
			names = append(names, EventName(kind, change))
		}
		names = append(names, allOf(kind))
	}
	return names
}

func allOf(kind contact.Kind) string { return kinds[kind] + ".*" }

// Matches reports whether a webhook wants the changes of a type of a kind of contact.
func (w Webhook) Matches(kind contact.Kind, change changes.Type) bool {
	return w.Events == nil || slices.Contains(w.Events, EventName(kind, change)) || slices.Contains(w.Events, allOf(kind))
}
