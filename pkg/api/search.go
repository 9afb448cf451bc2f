package api

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/search"
	"contacts/pkg/store"
)

type (
	// A searchInput is what is searched.
	searchInput struct {
		rest.PositionParams
		Path  rest.Path
		Query string `query:"query" required:"true"`
		Kind  string `query:"kind" enum:"INDIVIDUAL,ORGANIZATION,PLACEHOLDER_CUSTOMER"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	// SearchMatch is a contact that a search finds.
	SearchMatch struct {
		ID      contact.ID     `json:"id"`
		Kind    string         `json:"kind" enum:"INDIVIDUAL,ORGANIZATION,PLACEHOLDER_CUSTOMER"`
		Name    string         `json:"name"`
		Matched []MatchedValue `json:"matched"`
	}
	// MatchedValue is a value by which a contact is found.
	MatchedValue struct {
		Field string `json:"field" enum:"name,email,phone,external_id,customer_id,supplier_id,alternative_payer_id"`
		Value string `json:"value"`
	}
)

func searchContacts(c Config) rest.Handler[searchInput, rest.PageResponse] {
	return func(ctx context.Context, in *searchInput) (*rest.PageResponse, error) {
		query, err := parseQuery("query", in.Query)
		if err != nil {
			return nil, err
		}
		after, err := in.Position(ctx, c.Keys)
		if err != nil {
			return nil, err
		}
		request := store.Search{Query: query, Kind: kindNamed(in.Kind), Region: rest.Caller(ctx).Region, Limit: in.Limit, After: after}
		page, err := c.Store.Search(ctx, in.Path.Org, request)
		if err != nil {
			return nil, err
		}
		rows := make([]contact.Record, len(page.Hits))
		for i, hit := range page.Hits {
			if rows[i], err = showHit(hit); err != nil {
				return nil, err
			}
		}
		return in.Page(ctx, c.Keys, rows, contactsOf(in.Path.Org), in.Limit, page.Next)
	}
}

// parseQuery parses a search query of a parameter in which plus signs are literal. A plus is a plus where the query has an at sign or no letter,
// else it is a blank.
func parseQuery(parameter, text string) (search.Query, error) {
	if !strings.Contains(text, "@") && strings.ContainsFunc(text, unicode.IsLetter) {
		text = strings.ReplaceAll(text, "+", " ")
	}
	query, fault := search.Parse(text)
	if fault != "" {
		return query, &contact.Error{Reason: contact.Malformed, Detail: parameter + " " + fault, Faults: []contact.Fault{{Parameter: parameter, Detail: fault}}}
	}
	return query, nil
}

// kindNamed returns the kind with a name, nil for none.
func kindNamed(name string) *contact.Kind {
	if i := slices.IndexFunc(kinds, func(k contact.Kind) bool { return k.String() == name }); i >= 0 {
		return &kinds[i]
	}
	return nil
}

// showHit returns a hit as a SearchMatch, without a Doc if its contact is unreadable.
func showHit(hit store.Hit) (contact.Record, error) {
	if hit.Unreadable {
		return contact.Record{ID: hit.ID}, nil
	}
	shown := SearchMatch{ID: hit.ID, Kind: hit.ID.Kind().String(), Name: hit.Name}
	for _, m := range hit.Matched {
		shown.Matched = append(shown.Matched, MatchedValue(m))
	}
	doc, err := json.Marshal(shown)
	return contact.Record{ID: hit.ID, Doc: doc}, err
}
