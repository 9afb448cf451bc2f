package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"contacts/pkg/auth"
	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/webhook"
)

const (
	webhooks   = contacts + "/webhooks"
	webhookURL = webhooks + "/{webhook-id}"
)

// Webhooks returns the group of the webhooks. key returns the key of their secrets; checkURL returns what is wrong with an address, or "".
func Webhooks(c Config, key func(context.Context) ([]byte, error), checkURL func(string) string) rest.Group {
	f := webhookGroup{c, key, checkURL}
	g := rest.Group{
		Name: "webhooks",
		Routes: []rest.Route{
			rest.Get("listWebhooks", webhooks, f.list),
			rest.WithRequestBody[WebhookInput](rest.Post("createWebhook", webhooks, f.create)).Complete(f.addSecret),
			rest.Get("getWebhook", webhookURL, f.get),
			rest.WithRequestBody[WebhookInput](rest.Put("replaceWebhook", webhookURL, f.replace)),
			rest.Delete("deleteWebhook", webhookURL, f.remove),
			rest.Post("testWebhook", webhookURL+"/test", f.test).WithStatus(202),
			rest.Post("rotateWebhookSecret", webhookURL+"/secret", f.rotate).WithStatus(200).Complete(f.revealSecret),
			rest.WithRequestBody[Replay](rest.Post("replayWebhook", webhookURL+"/replay", f.replay)).WithStatus(202),
			rest.Get("listWebhookDeliveries", webhookURL+"/deliveries", f.deliveries),
		},
	}
	for i, r := range g.Routes {
		g.Routes[i] = r.WithScope(auth.AdminScope)
	}
	return g
}

type webhookGroup struct {
	Config
	key      func(context.Context) ([]byte, error)
	checkURL func(string) string
}

type (
	// A Webhook is an address that the changes of contacts are sent to.
	Webhook struct {
		ID          contact.ID     `json:"id" readOnly:"true"`
		URL         contact.WebURL `json:"url"`
		Events      []string       `json:"events,omitempty" minItems:"1" maxItems:"100" enum:"individual.created,individual.changed,individual.deleted,individual.merged,individual.erased,individual.*,organization.created,organization.changed,organization.deleted,organization.merged,organization.erased,organization.*,placeholder_customer.created,placeholder_customer.changed,placeholder_customer.deleted,placeholder_customer.merged,placeholder_customer.erased,placeholder_customer.*"`
		Description string         `json:"description,omitempty"`
		Status      string         `json:"status,omitempty" enum:"ACTIVE,FAILING,DISABLED"`

		FailingSince string `json:"failing_since,omitempty" format:"date-time" readOnly:"true"`
		Behind       Behind `json:"behind" readOnly:"true"`
	}
	// Behind is what a webhook has not delivered yet.
	Behind struct {
		Changes rest.Count `json:"changes"`
		Since   string     `json:"since,omitempty" format:"date-time"`
	}
	// A WebhookInput is the body of a request. A client may send back a Webhook or a WebhookWithSecret as it was answered.
	WebhookInput WebhookWithSecret
	// A WebhookWithSecret is the answer to the creation of a webhook.
	WebhookWithSecret struct {
		Webhook
		WebhookSecret
	}
	// A WebhookSecret signs what is sent to a webhook.
	WebhookSecret struct {
		Secret string `json:"secret" readOnly:"true"`
	}
	// A Replay says from when on a webhook sends changes again.
	Replay struct {
		Since string `json:"since" format:"date-time"`
	}
	// A DeliveryRef names what a test sends.
	DeliveryRef struct {
		ID string `json:"id"`
	}
	// A Delivery is a try to send a change to a webhook.
	Delivery struct {
		ID        contact.ID `json:"id"`
		ChangeID  string     `json:"change_id"`
		ContactID contact.ID `json:"contact_id,omitzero"`
		Type      string     `json:"type"`
		At        string     `json:"at" format:"date-time"`
		// Status is that of the answer, 0 for none.
		Status     int    `json:"status,omitzero" minimum:"100" maximum:"599"`
		Reason     string `json:"reason,omitempty"`
		DurationMS int64  `json:"duration_ms" minimum:"0"`
		Try        int    `json:"try" minimum:"1"`
		SetAside   bool   `json:"set_aside"`
	}
	// A deliveriesInput selects a page of deliveries.
	deliveriesInput struct {
		rest.CursorParams
		Path   rest.Path
		Status string `query:"status" pattern:"^([1-5][0-9]{2}|none|delivered|failed)?$" patternDescription:"a status of HTTP, none, delivered or failed"`
	}
)

// milliseconds is RFC 3339 in UTC, with milliseconds.
const milliseconds = "2006-01-02T15:04:05.000Z"

// input returns what the body of a request decides, or Malformed.
func (f webhookGroup) input(body *rest.RequestBody) (webhook.Input, error) {
	in, err := rest.Decode[WebhookInput](body)
	if err != nil {
		return webhook.Input{}, err
	}
	if detail := f.checkURL(string(in.URL)); detail != "" {
		return webhook.Input{}, contact.RefuseAt(contact.Malformed, "/url", "%s", detail)
	}
	var events []string
	for _, e := range in.Events {
		if !slices.Contains(events, e) {
			events = append(events, e)
		}
	}
	return webhook.Input{URL: string(in.URL), Events: events, Description: in.Description, Status: webhook.Status(in.Status)}, nil
}

// showWebhook returns the record of a webhook that has come as far as p. That of one whose place is damaged is shown as a problem.
func showWebhook(w webhook.Webhook, p webhook.Progress) (contact.Record, error) {
	if p.Damaged {
		return contact.Record{ID: w.ID}, nil
	}
	shown := Webhook{ID: w.ID, URL: contact.WebURL(w.URL), Events: w.Events, Description: w.Description, Status: string(webhook.Active),
		Behind: Behind{Changes: rest.Count(p.Behind)}}
	if p.Oldest != 0 {
		shown.Behind.Since = changes.ShowTime(p.Oldest)
	}
	switch {
	case w.Disabled:
		shown.Status = string(webhook.Disabled)
	case p.FailingSince != 0:
		shown.Status, shown.FailingSince = string(webhook.Failing), time.UnixMilli(p.FailingSince).UTC().Format(milliseconds)
	}
	doc, err := json.Marshal(shown)
	return contact.Record{ID: w.ID, Version: w.Version, Doc: doc, Derived: true}, err
}

// shower returns the Show that reads how far a webhook has come.
func (f webhookGroup) shower(ctx context.Context, org string) webhook.Show {
	return func(w webhook.Webhook) (contact.Record, error) {
		progress, err := f.Webhooks.Progress(ctx, org, []webhook.Webhook{w})
		if err == nil && progress[0].Damaged {
			err = webhook.ErrDamaged
		}
		if err != nil {
			return contact.Record{}, err
		}
		return showWebhook(w, progress[0])
	}
}

func (f webhookGroup) list(ctx context.Context, in *collectionInput) (*rest.Response, error) {
	all, damaged, err := f.Webhooks.List(ctx, in.Path.Org)
	if err != nil {
		return nil, err
	}
	progress, err := f.Webhooks.Progress(ctx, in.Path.Org, all)
	if err != nil {
		return nil, err
	}
	rows := make([]contact.Record, 0, len(all)+len(damaged))
	for i, w := range all {
		row, err := showWebhook(w, progress[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	for _, id := range damaged {
		rows = append(rows, contact.Record{ID: id})
	}
	return rest.All(ctx, &in.Path, rows, nil)
}

func (f webhookGroup) get(ctx context.Context, in *itemInput) (*rest.ResourceResponse, error) {
	w, err := f.Webhooks.Get(ctx, in.Path.Org, in.Path.Last())
	if err != nil {
		return nil, err
	}
	return rest.Show(f.shower(ctx, in.Path.Org)(w))
}

func (f webhookGroup) create(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
	input, err := f.input(&in.RequestBody)
	if err != nil {
		return nil, err
	}
	if _, err := f.secretKey(ctx); err != nil { // the answer needs it
		return nil, err
	}
	return rest.Create(ctx, &in.Path, func(w idempotency.Write) (contact.Record, error) {
		return f.Webhooks.Create(ctx, in.Path.Org, w, input, func(made webhook.Webhook) (contact.Record, error) { return showWebhook(made, webhook.Progress{}) })
	})
}

func (f webhookGroup) replace(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
	input, err := f.input(&in.RequestBody)
	if err != nil {
		return nil, err
	}
	return rest.Replace(ctx, in.Precondition, func(w idempotency.Write) (contact.Record, error) {
		return f.Webhooks.Replace(ctx, in.Path.Org, in.Path.Last(), w, input, f.shower(ctx, in.Path.Org))
	})
}

func (f webhookGroup) remove(ctx context.Context, in *deleteInput) (*struct{}, error) {
	return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error {
		return f.Webhooks.Delete(ctx, in.Path.Org, in.Path.Last(), w)
	})
}

func (f webhookGroup) replay(ctx context.Context, in *createInput) (*rest.ResourceResponse, error) {
	body, err := rest.Decode[Replay](&in.RequestBody)
	if err != nil {
		return nil, err
	}
	since, err := time.Parse(time.RFC3339Nano, body.Since)
	if err != nil {
		return nil, contact.RefuseAt(contact.Malformed, "/since", "must be a date-time of RFC 3339")
	}
	if since.After(f.Now()) {
		return nil, contact.RefuseAt(contact.Malformed, "/since", "must not be in the future")
	}
	return rest.Accept(ctx, func(w idempotency.Write) (contact.Record, error) {
		return f.Webhooks.Replay(ctx, in.Path.Org, in.Path.Last(), w, since, f.shower(ctx, in.Path.Org))
	})
}

// test responds with the id that the test is sent under.
func (f webhookGroup) test(ctx context.Context, in *itemInput) (*rest.Response, error) {
	return rest.AcceptJSON(ctx, func(w idempotency.Write) ([]byte, error) {
		return f.Webhooks.RequestTest(ctx, in.Path.Org, in.Path.Last(), w, func(id string) ([]byte, error) { return json.Marshal(DeliveryRef{id}) })
	})
}

// A secretRef names a secret in a stored answer.
type secretRef struct {
	Webhook    contact.ID `json:"webhook"`
	Generation int        `json:"generation"`
}

// rotate responds with the name of the new secret, which revealSecret replaces.
func (f webhookGroup) rotate(ctx context.Context, in *itemInput) (*rest.Response, error) {
	if _, err := f.secretKey(ctx); err != nil { // the answer needs it
		return nil, err
	}
	return rest.Change(ctx, contact.Precondition{}, func(w idempotency.Write) ([]byte, error) {
		r, err := f.Webhooks.Rotate(ctx, in.Path.Org, in.Path.Last(), w, func(hook webhook.Webhook) (contact.Record, error) {
			doc, err := json.Marshal(secretRef{hook.ID, hook.Generation})
			return contact.Record{ID: hook.ID, Version: hook.Version, Doc: doc}, err
		})
		return r.Doc, err
	})
}

// revealSecret returns the secret that an answer names.
func (f webhookGroup) revealSecret(ctx context.Context, body []byte) ([]byte, error) {
	var ref secretRef
	if err := json.Unmarshal(body, &ref); err != nil {
		return nil, err
	}
	secret, err := f.secret(ctx, ref.Webhook, ref.Generation)
	if err != nil {
		return nil, err
	}
	return json.Marshal(WebhookSecret{secret.Reveal()})
}

// addSecret adds the first secret to the answer to the creation of a webhook.
func (f webhookGroup) addSecret(ctx context.Context, body []byte) ([]byte, error) {
	var made struct {
		ID contact.ID `json:"id"`
	}
	if err := json.Unmarshal(body, &made); err != nil {
		return nil, err
	}
	secret, err := f.secret(ctx, made.ID, 1)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `%s,"secret":%q}`, body[:len(body)-1], secret.Reveal()), nil // base64 needs no escapes
}

func (f webhookGroup) secret(ctx context.Context, id contact.ID, generation int) (webhook.Secret, error) {
	key, err := f.secretKey(ctx)
	if err != nil {
		return webhook.Secret{}, err
	}
	return webhook.DeriveSecret(key, rest.Caller(ctx).Organization, id, generation)
}

func (f webhookGroup) secretKey(ctx context.Context) ([]byte, error) {
	key, err := f.key(ctx)
	if err != nil {
		err = &contact.Error{Reason: contact.Unavailable, Detail: "the key of the secrets can't be read; try again", Cause: err}
	}
	return key, err
}

func (f webhookGroup) deliveries(ctx context.Context, in *deliveriesInput) (*rest.PageResponse, error) {
	hook, err := f.Webhooks.Get(ctx, in.Path.Org, in.Path.Last())
	if err != nil {
		return nil, err
	}
	var filter webhook.DeliveryFilter
	switch code, err := strconv.Atoi(in.Status); {
	case in.Status == "none":
		filter.Status = new(0)
	case err == nil:
		filter.Status = &code
	default:
		filter.Outcome = in.Status
	}
	return rest.PageByCursor(ctx, f.Keys, &in.Path, &in.CursorParams, in.Path.Item, func(ctx context.Context, _ string, q contact.Query) (page contact.Page, err error) {
		all, more, err := f.Webhooks.Deliveries(ctx, hook, q.After, q.Limit, filter)
		for _, d := range all {
			if d.Change == "" { // it can't be read
				page.Rows = append(page.Rows, contact.Record{ID: d.ID})
				continue
			}
			doc, err := json.Marshal(Delivery{ID: d.ID, ChangeID: d.Change, ContactID: d.Contact, Type: d.Type, At: time.UnixMilli(d.At).UTC().Format(milliseconds), Status: d.Status,
				Reason: d.Reason, DurationMS: d.Duration, Try: d.Try, SetAside: d.SetAside})
			if err != nil {
				return page, err
			}
			page.Rows = append(page.Rows, contact.Record{ID: d.ID, Doc: doc})
		}
		page.More = more
		return page, err
	})
}
