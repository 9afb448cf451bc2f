package api

import (
	"context"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/search"
	"contacts/pkg/store"
)

// A personsInput selects a page of contacts that match all filters.
type personsInput struct {
	rest.KnownParams
	Path            rest.Path
	Page            int      `query:"page" minimum:"1" default:"1"`
	ItemsPerPage    int      `query:"itemsPerPage" minimum:"1" maximum:"250" default:"50"`
	With            []string `query:"with,explode"`
	ContactEmail    string   `query:"contactEmail"`
	Email           string   `query:"email"`
	ExternalID      string   `query:"externalId"`
	Number          string   `query:"number"`
	Name            string   `query:"name"`
	NameOrID        string   `query:"nameOrId"`
	FullText        string   `query:"fullText"`
	CreatedAtAfter  string   `query:"createdAtAfter"`
	CreatedAtBefore string   `query:"createdAtBefore"`
	UpdatedAtAfter  string   `query:"updatedAtAfter"`
	UpdatedAtBefore string   `query:"updatedAtBefore"`
}

func (p persons) list(ctx context.Context, in *personsInput) (*rest.Response, error) {
	asked, err := parseWith(in.With, "options")
	if err != nil {
		return nil, err
	}
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	owner := contact.Owner{Org: in.Path.Org, Region: rest.Caller(ctx).Region}
	const mostPages = 1 << 40 // beyond the end of every list
	offset := (min(in.Page, mostPages) - 1) * in.ItemsPerPage
	found, total, err := p.store.List(ctx, owner, filter, offset, in.ItemsPerPage)
	if err == nil && total == 0 && filter.ID != 0 { // the number may be a name
		filter.ID, filter.Matches = 0, and(filter.Matches, hasName(in.NameOrID))
		found, total, err = p.store.List(ctx, owner, filter, offset, in.ItemsPerPage)
	}
	if err != nil {
		return nil, err
	}
	page := struct {
		Page           int              `json:"page"`
		TotalsCount    int              `json:"totalsCount"`
		IsLastPage     bool             `json:"isLastPage"`
		LastPageNumber int              `json:"lastPageNumber"`
		FirstOnPage    int              `json:"firstOnPage"`
		LastOnPage     int              `json:"lastOnPage"`
		ItemsPerPage   int              `json:"itemsPerPage"`
		Entries        []jsontext.Value `json:"entries"`
	}{Page: in.Page, TotalsCount: total, ItemsPerPage: in.ItemsPerPage, LastPageNumber: max(1, (total+in.ItemsPerPage-1)/in.ItemsPerPage),
		Entries: []jsontext.Value{}}
	page.IsLastPage = in.Page >= page.LastPageNumber
	if len(found) > 0 {
		page.FirstOnPage, page.LastOnPage = offset+1, offset+len(found)
	}
	for _, f := range found {
		entry, err := showPerson(f, asked["options"])
		if err != nil {
			return nil, err
		}
		page.Entries = append(page.Entries, entry)
	}
	return rest.JSON(page)
}

// filter returns the filter of the parameters.
func (in *personsInput) filter() (f store.PersonFilter, err error) {
	for _, email := range []string{in.ContactEmail, in.Email} {
		if email != "" {
			f.Emails = append(f.Emails, contact.NormalizeText(email))
		}
	}
	f.ExternalID, f.CustomerNumber = contact.NormalizeText(in.ExternalID), contact.NormalizeText(in.Number)
	if id, err := contact.ParseID(strings.TrimSpace(in.NameOrID)); err == nil {
		f.ID = id
	} else if in.NameOrID != "" {
		f.Matches = hasName(in.NameOrID)
	}
	if in.FullText != "" {
		query, err := parseQuery("fullText", in.FullText)
		if err != nil {
			return f, err
		}
		f.FullText = &query
	}
	if in.Name != "" {
		f.Matches = and(f.Matches, hasName(in.Name))
	}
	var updatedFrom, updatedTo int64
	for _, bound := range []struct {
		parameter, value string
		last             bool
		into             *int64
	}{
		{"createdAtAfter", in.CreatedAtAfter, false, &f.CreatedFrom}, {"createdAtBefore", in.CreatedAtBefore, true, &f.CreatedTo},
		{"updatedAtAfter", in.UpdatedAtAfter, false, &updatedFrom}, {"updatedAtBefore", in.UpdatedAtBefore, true, &updatedTo},
	} {
		if bound.value == "" {
			continue
		}
		if *bound.into, err = parseTime(bound.parameter, bound.value, bound.last); err != nil {
			return f, err
		}
	}
	if updatedFrom != 0 || updatedTo != 0 {
		f.Matches = and(f.Matches, func(p store.Person) bool {
			return p.Updated >= updatedFrom && (updatedTo == 0 || p.Updated <= updatedTo)
		})
	}
	return f, nil
}

// hasName returns a predicate for contacts with this name, in any spelling.
func hasName(name string) func(store.Person) bool {
	whole := search.Whole(name)
	return func(p store.Person) bool { return whole.Same(search.Whole(p.Value.Name)) }
}

func and(a, b func(store.Person) bool) func(store.Person) bool {
	if a == nil {
		return b
	}
	return func(p store.Person) bool { return a(p) && b(p) }
}

// parseTime returns a day in UTC, or a date-time (RFC 3339), in Unix milliseconds: its first or last. Without a fraction, a
// date-time is the whole second, because responses show seconds.
func parseTime(parameter, value string, last bool) (int64, error) {
	span := time.Second - time.Millisecond
	at, err := time.Parse(time.RFC3339Nano, strings.Replace(value, " ", "+", 1)) // an unencoded plus
	if err == nil && at.Nanosecond() != 0 {
		span = 0
	}
	for _, layout := range []string{time.DateOnly, "01/02/2006"} {
		if err != nil {
			at, err = time.Parse(layout, value)
			span = 24*time.Hour - time.Millisecond
		}
	}
	switch {
	case err != nil:
		return 0, &contact.Error{Reason: contact.Malformed, Detail: parameter + " is no date",
			Faults: []contact.Fault{{Parameter: parameter, Detail: "must be a date, as in 2025-03-25, or a date-time, as in 2025-03-25T12:00:00Z"}}}
	case last:
		at = at.Add(span)
	}
	return max(1, at.UnixMilli()), nil // 0 means no bound
}
