package webhook

import (
	"fmt"
	"strings"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// TestEvent is the name of the event that an owner asks for to test a webhook.
const TestEvent = "webhook.test"

type (
	// An Event is the body of what is sent about a change.
	Event struct {
		Type      string    `json:"type"`
		Timestamp string    `json:"timestamp" format:"date-time"`
		Data      EventData `json:"data"`
	}
	// EventData is the change.
	EventData struct {
		ContactID contact.ID   `json:"contact_id"`
		Kind      string       `json:"kind" enum:"INDIVIDUAL,ORGANIZATION,PLACEHOLDER_CUSTOMER"`
		Parts     []string     `json:"parts"`
		By        *EventCaller `json:"by,omitempty"`
	}
	// An EventCaller is an application, or a user.
	EventCaller struct {
		Kind string `json:"kind" enum:"app,user"`
		ID   string `json:"id"`
	}
	// A Test is the body of what is sent to test a webhook.
	Test struct {
		Type      string   `json:"type"`
		Timestamp string   `json:"timestamp" format:"date-time"`
		Data      TestData `json:"data"`
	}
	// TestData is the webhook.
	TestData struct {
		WebhookID contact.ID `json:"webhook_id"`
	}
)

// microseconds is RFC 3339 in UTC, with microseconds.
const microseconds = "2006-01-02T15:04:05.000000Z"

// EventOf returns the event of a change.
func EventOf(c changes.Change) Event {
	e := Event{Type: EventName(c.Contact.Kind(), c.Type), Timestamp: time.UnixMicro(c.At).UTC().Format(microseconds),
		Data: EventData{ContactID: c.Contact, Kind: c.Contact.Kind().String(), Parts: make([]string, len(c.Parts))}}
	for i, part := range c.Parts {
		e.Data.Parts[i] = string(part)
	}
	if kind, id, ok := strings.Cut(c.By, ":"); ok {
		e.Data.By = &EventCaller{kind, id}
	}
	return e
}

// TestOf returns the event that tests a webhook.
func TestOf(hook contact.ID, now time.Time) Test {
	return Test{Type: TestEvent, Timestamp: now.UTC().Format(microseconds), Data: TestData{hook}}
}

// TestID returns the webhook-id of a test.
func TestID(test contact.ID) string { return fmt.Sprint("test-", test) }

// attrWalked, BOOL, is set of a waiting event that is a contact which the feed showed without a change.
const attrWalked = "walked"

// WaitingItem returns the item of a change that waits in the lane of its contact. It never expires.
func WaitingItem(org string, hook contact.ID, c changes.Change) (dynamo.Item, error) {
	item, err := c.Item(org)
	if err != nil {
		return nil, err
	}
	key := keys.WebhookWaiting(org, hook, c.Contact, c.At)
	item["pk"], item["sk"] = dynamo.String(key.PK), dynamo.String(key.SK)
	delete(item, dynamo.AttrExpires)
	if c.Walked {
		item[attrWalked] = dynamo.True
	}
	return item, nil
}

// WaitingChange returns the change of an item that waits.
func WaitingChange(item dynamo.Item) (changes.Change, error) {
	p := keys.Parse(item.Key())
	key := keys.Change(p.Org, p.Owner, p.At)
	item["pk"], item["sk"] = dynamo.String(key.PK), dynamo.String(key.SK)
	c, err := changes.Of(item)
	c.Walked = item.Bool(attrWalked)
	return c, err
}
