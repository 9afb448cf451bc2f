package api

import (
	"context"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

// Lookup is the group that finds contacts of all kinds.
func Lookup(c rest.Config) rest.Group {
	return rest.Group{
		Name: "lookup", Description: "Contacts of all kinds by what is known of them.",
		Routes: []rest.Route{
			rest.Shows[rest.List[ContactMatch]](rest.Get("lookupContacts", contacts+"/contact",
				"Find contacts by one of email, phone, external id and tag; deleted ones are not found", lookup(c))).Refuses(400),
		},
	}
}

// A lookupIn says what is known of a contact.
type lookupIn struct {
	rest.Window
	Path       rest.Path
	Email      string `query:"email" maxLength:"254" doc:"An email address, in any case." example:"user@example.com"`
	Phone      string `query:"phone" maxLength:"1024" doc:"A number, in any spelling that the organization's region knows." example:"+49 221 5550123"`
	ExternalID string `query:"external_id" maxLength:"256" doc:"The external_id of contacts of any kind."`
	Tag        string `query:"tag" maxLength:"256" doc:"A tag's name, in any case."`
}

// ContactMatch is a contact that was found.
type ContactMatch struct {
	ID   contact.ID `json:"id"`
	Kind string     `json:"kind" enum:"INDIVIDUAL,ORGANIZATION,PLACEHOLDER_CUSTOMER"`
	Name string     `json:"name"`
}

func lookup(c rest.Config) rest.Handler[lookupIn, rest.PageView] {
	return func(ctx context.Context, in *lookupIn) (*rest.PageView, error) {
		find, err := in.find(c.Table, rest.Caller(ctx).Region)
		if err != nil {
			return nil, err
		}
		return rest.Page(ctx, c.Keys, &in.Path, &in.Window, func(ctx context.Context, org string, q dynamo.Query) (dynamo.Page, error) {
			page, err := find(ctx, org, q)
			for i := range page.Rows {
				page.Rows[i].Doc = match(page.Rows[i])
			}
			return page, err
		})
	}
}

// find is the look-up by the one parameter that is given.
func (in *lookupIn) find(t *dynamo.Table, region string) (rest.Pager, error) {
	var pagers []rest.Pager
	by := func(find string) {
		pagers = append(pagers, func(ctx context.Context, org string, q dynamo.Query) (dynamo.Page, error) {
			return t.Find(ctx, org, find, q)
		})
	}
	if in.Email != "" {
		by(dynamo.FindEmail(contact.NormalizeText(in.Email)))
	}
	if in.Tag != "" {
		by(dynamo.FindTag(contact.NormalizeText(in.Tag)))
	}
	if in.Phone != "" {
		find, _ := dynamo.FindPhone(in.Phone, region) // a number without an E.164 form finds nothing
		by(find)
	}
	if in.ExternalID != "" {
		pagers = append(pagers, func(ctx context.Context, org string, q dynamo.Query) (dynamo.Page, error) {
			return t.FindExternal(ctx, org, contact.NormalizeText(in.ExternalID), q)
		})
	}
	if len(pagers) != 1 {
		return nil, &contact.Error{Reason: contact.Malformed, Detail: "ask by exactly one of email, phone, external_id and tag",
			Faults: []contact.Fault{{Parameter: "email", Detail: "exactly one of email, phone, external_id and tag must be given"}}}
	}
	return pagers[0], nil
}

// match shows a contact as one that was found; nil if it can't be read.
func match(r dynamo.Record) []byte {
	var named struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(r.Doc, &named); err != nil {
		return nil
	}
	doc, err := json.Marshal(ContactMatch{r.ID, r.ID.Kind().String(), named.Name})
	if err != nil {
		return nil
	}
	return doc
}
