package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"contacts/pkg/auth"
	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/rest"
)

// Changes returns the group of the feed of changes, and of the histories of contacts.
func Changes(c Config) rest.Group {
	f := changeFeed{c}
	return rest.Group{
		Name: "changes",
		Routes: []rest.Route{
			rest.Get("listChanges", contacts+"/changes", f.list),
			f.historyRoute("Individual", individual, contact.Individual),
			f.historyRoute("Organization", organization, contact.Organization),
			f.historyRoute("PlaceholderCustomer", placeholder, contact.Placeholder),
		},
	}
}

type changeFeed struct{ Config }

type (
	// A changesInput says where to go on.
	changesInput struct {
		Path  rest.Path
		Since string `query:"since" maxLength:"6144" pattern:"^[A-Za-z0-9_-]+$"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
		Kind  string `query:"kind" enum:"INDIVIDUAL,ORGANIZATION,PLACEHOLDER_CUSTOMER"`
	}
	// A ChangePage is a part of the feed.
	ChangePage struct {
		Items    []Change           `json:"items"`
		Next     string             `json:"next"`
		More     bool               `json:"more"`
		Problems []rest.ListProblem `json:"problems"`
	}
	// A Change is what one request did to one contact.
	Change struct {
		ID        string     `json:"id"`
		ContactID contact.ID `json:"contact_id"`
		Kind      string     `json:"kind" enum:"INDIVIDUAL,ORGANIZATION,PLACEHOLDER_CUSTOMER"`
		Type      string     `json:"type" enum:"created,changed,deleted,merged,erased"`
		Parts     []string   `json:"parts" enum:"contact,address,email,phone,web_address,professional_identity,personal_relationship,department,location,membership,representative,customer,alternative_payer,supplier,tag,image,option,external_id"`
		ChangedAt string     `json:"changed_at" format:"date-time"`
		By        *ChangedBy `json:"by,omitempty"`
		Operation string     `json:"operation,omitempty"`
		RequestID string     `json:"request_id,omitempty"`
	}
	// ChangedBy is an application or a user.
	ChangedBy struct {
		Kind string `json:"kind" enum:"app,user"`
		ID   string `json:"id"`
		Name string `json:"name,omitempty"`
	}
)

// kinds are the kinds of contact.
var kinds = []contact.Kind{contact.Individual, contact.Organization, contact.Placeholder}

func (f changeFeed) list(ctx context.Context, in *changesInput) (*rest.Response, error) {
	scope := "changes of " + in.Path.Org + ", kind " + in.Kind
	token, err := f.open(ctx, scope, in.Since)
	if err != nil {
		return nil, err
	}
	org, err := f.Accounts.Organization(ctx, in.Path.Org)
	if err != nil {
		return nil, err
	}
	page, err := changes.NewFeed(f.Store.Table, f.Now).Read(ctx, org.ID, org.Epoch, kindNamed(in.Kind), token, in.Limit)
	if err != nil {
		return nil, err
	}
	answer := ChangePage{Items: make([]Change, len(page.Changes)), More: page.More, Problems: []rest.ListProblem{}}
	for i, c := range page.Changes {
		answer.Items[i] = showChange(c)
	}
	if err := f.nameCallers(ctx, answer.Items); err != nil {
		return nil, err
	}
	position, err := page.Next.MarshalBinary()
	if err == nil {
		answer.Next, err = f.Keys.SealToken(ctx, scope, position)
	}
	if err != nil {
		return nil, unavailableKeys(err)
	}
	return rest.JSON(answer)
}

// open returns the token of a request, the zero one for none.
func (f changeFeed) open(ctx context.Context, scope, since string) (token changes.Token, err error) {
	if since == "" {
		return token, nil
	}
	position, err := f.Keys.OpenToken(ctx, scope, since)
	if err == nil {
		err = token.UnmarshalBinary(position)
	} else if !errors.Is(err, auth.ErrInvalidCursor) {
		return token, unavailableKeys(err)
	}
	if err != nil {
		return token, &contact.Error{Reason: contact.Malformed, Detail: "the token is not one of these changes",
			Faults: []contact.Fault{{Parameter: "since", Detail: "must be the next of an earlier answer, for the same organization and kind"}}}
	}
	return token, nil
}

func unavailableKeys(err error) error {
	return &contact.Error{Reason: contact.Unavailable, Detail: "the keys of tokens can't be read; try again", Cause: err}
}

func showChange(c changes.Change) Change {
	shown := Change{ID: c.ID(), ContactID: c.Contact, Kind: c.Contact.Kind().String(), Type: string(c.Type), Parts: make([]string, len(c.Parts)),
		ChangedAt: changes.ShowTime(c.At), Operation: c.Operation, RequestID: c.Request}
	for i, part := range c.Parts {
		shown.Parts[i] = string(part)
	}
	if kind, id, ok := strings.Cut(c.By, ":"); ok {
		shown.By = &ChangedBy{Kind: kind, ID: id}
	}
	return shown
}

// nameCallers sets the names of applications and users that are still there.
func (f changeFeed) nameCallers(ctx context.Context, all []Change) error {
	var callers []string
	for _, c := range all {
		if c.By != nil && !slices.Contains(callers, c.By.caller()) {
			callers = append(callers, c.By.caller())
		}
	}
	names, err := f.Accounts.CallerNames(ctx, callers)
	for _, c := range all {
		if c.By != nil {
			c.By.Name = names[c.By.caller()]
		}
	}
	return err
}

func (b ChangedBy) caller() string { return b.Kind + ":" + b.ID }
