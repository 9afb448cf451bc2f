package api

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// Lookup returns the group that finds contacts of all kinds.
func Lookup(c Config) rest.Group {
	return rest.Group{
		Name: "lookup",
		Routes: []rest.Route{
			rest.Get("lookupContacts", contacts+"/lookup", lookup(c)).LiteralPlus(),
			rest.Get("searchContacts", contacts+"/search", searchContacts(c)).LiteralPlus(),
		},
	}
}

// A lookupInput has what is known of a contact.
type lookupInput struct {
	rest.PageParams
	Path       rest.Path
	Email      string `query:"email"`
	Phone      string `query:"phone"`
	ExternalID string `query:"external_id"`
	Tag        string `query:"tag"`
}

// ContactMatch is a contact that was found.
type ContactMatch struct {
	ID   contact.ID `json:"id"`
	Kind string     `json:"kind" enum:"INDIVIDUAL,ORGANIZATION,PLACEHOLDER_CUSTOMER"`
	Name string     `json:"name"`
}

func lookup(c Config) rest.Handler[lookupInput, rest.PageResponse] {
	return func(ctx context.Context, in *lookupInput) (*rest.PageResponse, error) {
		find, err := in.find(c.Store, rest.Caller(ctx).Region)
		if err != nil {
			return nil, err
		}
		return rest.Page(ctx, c.Keys, &in.Path, &in.PageParams, contactsOf(in.Path.Org), func(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
			page, err := find(ctx, org, q)
			for i := range page.Rows {
				page.Rows[i].Doc = match(page.Rows[i])
			}
			return page, err
		})
	}
}

// find returns the reader for the one parameter that is given. A number without an E.164 form finds nothing.
func (in *lookupInput) find(s *store.Store, region string) (rest.PageReader, error) {
	by := func(kind contact.LookupKind) func(string) rest.PageReader {
		return func(value string) rest.PageReader {
			return func(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
				return s.Lookup(ctx, org, contact.Lookup{By: kind, Value: value}, region, q)
			}
		}
	}
	byExternalID := func(id string) rest.PageReader {
		return func(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
			return s.LookupExternalID(ctx, org, id, q)
		}
	}
	var found rest.PageReader
	given := 0
	for _, p := range []struct {
		name, value string
		most        int
		reader      func(string) rest.PageReader
	}{
		{"email", in.Email, 254, by(contact.ByEmail)}, {"phone", in.Phone, 1024, by(contact.ByPhone)},
		{"external_id", in.ExternalID, 256, byExternalID}, {"tag", in.Tag, 256, by(contact.ByTag)},
	} {
		if p.value == "" {
			continue
		}
		text, err := rest.TextParam(p.name, p.value, p.most)
		if err != nil {
			return nil, err
		}
		given++
		found = p.reader(text)
	}
	if given != 1 {
		return nil, &contact.Error{Reason: contact.Malformed, Detail: "ask by exactly one of email, phone, external_id and tag",
			Faults: []contact.Fault{{Parameter: "email", Detail: "exactly one of email, phone, external_id and tag must be given"}}}
	}
	return found, nil
}

// contactsOf returns the Locator of an organization's contacts of all kinds.
func contactsOf(org string) rest.Locator {
	return func(id contact.ID) string {
		lists := map[contact.Kind]string{contact.Individual: individuals, contact.Organization: organizations, contact.Placeholder: placeholders}
		return strings.Replace(lists[id.Kind()], "{org-id}", org, 1) + "/" + id.String()
	}
}

// match returns a contact as a ContactMatch, nil if it is unreadable.
func match(r contact.Record) []byte {
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
