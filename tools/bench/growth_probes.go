package main

import (
	"context"
	"fmt"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/store"
)

// The functions that are measured in addition to individuals.
const (
	lookups        = "lookup"
	tags           = "tags"
	roles          = "roles"
	mappings       = "idmappings"
	contactOptions = "options"
)

// A subject is a contact of a crowd for probes.
type subject struct {
	stage *stage
	crowd *crowd
	id    contact.ID
}

// subjectOf adds a contact to a crowd with a number of emails, each with a description.
func (s *stage) subjectOf(ctx context.Context, c *crowd, name string, emails int, description string) (*subject, error) {
	made, err := store.Individuals(s.database.Store).Create(ctx, contact.Owner{Org: c.org}, idempotency.Write{}, &contact.IndividualContact{Name: fullName(0), ExternalID: contact.ExternalID(name)})
	if err != nil {
		return nil, err
	}
	owner := contact.Owner{Org: c.org, Contact: made.ID, Region: "DE"}
	return &subject{s, c, made.ID}, dynamo.EachParallel(ctx, emails, func(ctx context.Context, i int) error {
		_, err := store.Emails(s.database.Store).Create(ctx, owner, idempotency.Write{}, &contact.Email{Type: "NOT_QUALIFIED", UsageContext: "PERSONAL",
			Address: contact.EmailAddress(fmt.Sprintf("%s-%d@example.com", name, i)), Description: description})
		return err
	})
}

// to returns a constant request below the tenant's path.
func (s *subject) to(method, path, query string, body any) func(int) []byte {
	event := s.stage.eventOf(s.crowd, method, path, query, body)
	return func(int) []byte { return event }
}

// each returns a request that differs each time.
func (s *subject) each(method, path string, body func(n int) any) func(int) []byte {
	return func(n int) []byte { return s.stage.eventOf(s.crowd, method, path, "", body(n)) }
}

func (s *subject) path(below string) string { return "/individual/" + s.id.String() + below }

// rest returns a request of the plentymarkets dialect for the contact's options.
func (s *subject) rest(method string, body func(n int) any) func(int) []byte {
	return func(n int) []byte {
		r := request{method: method, path: "/rest/accounts/contacts/" + s.id.String() + "/options", authorization: "Bearer " + s.crowd.token}
		if body != nil {
			r.body = string(marshal(body(n)))
		}
		return s.stage.sample.event(r)
	}
}

type fields = map[string]any

func anEmail(n int) any {
	return fields{"type": "NOT_QUALIFIED", "address": fmt.Sprintf("added-%d@example.com", n), "usage_context": "PERSONAL"}
}

func anOption(n int) any {
	return fields{"typeId": 5, "subTypeId": n + 1, "value": fmt.Sprint("id ", n)}
}

// probesOfCrowd returns the main operations in a tenant with a number of contacts.
func (s *stage) probesOfCrowd(ctx context.Context, contacts int) ([]probe, error) {
	c, err := s.crowdOf(ctx, contacts)
	if err != nil {
		return nil, err
	}
	const name = "measured"
	m, err := s.subjectOf(ctx, c, name, 1, "")
	if err != nil {
		return nil, err
	}
	person := func(kind string) func(int) any {
		return func(n int) any {
			return fields{"name": fullName(n), "external_id": fmt.Sprintf("%s-%d", kind, n), "date_of_birth": dateOfBirth, "anniversary": anniversary}
		}
	}
	return []probe{
		{getContact, individuals, 40, m.to("GET", m.path(""), "", nil)},
		{"details", individuals, 40, m.to("GET", m.path("/full"), "", nil)},
		{"replace contact", individuals, 25, m.each("PUT", m.path(""), func(n int) any { return fields{"name": fullName(n), "external_id": name} })},
		{createContact, individuals, 25, m.each("POST", "/individual", person("made"))},
		{"replace by external id", individuals, 25, m.to("PUT", "/individual", "external_id="+name, fields{"name": fullName(0)})},
		{"batch of 100, all new", individuals, 5, m.each("POST", "/individual/batch", func(n int) any {
			var items []any
			for i := range 100 {
				items = append(items, person(fmt.Sprint("batch-", n))(i))
			}
			return fields{"items": items}
		})},
		{"add email", individuals, 25, m.each("POST", m.path("/emails"), anEmail)},
		{"list of 200 at 0", individuals, 20, m.to("GET", "/individual", "limit=200", nil)},
		{"list of 200 at the end", individuals, 20, m.to("GET", "/individual", fmt.Sprintf("limit=200&offset=%d", contacts-200), nil)},
		{"lookup by email", lookups, 25, m.to("GET", "/lookup", "email="+name+"-0@example.com", nil)},
		{"lookup by external id", lookups, 25, m.to("GET", "/lookup", "external_id="+name, nil)},
		{"add tag", tags, 25, m.each("POST", m.path("/tags"), func(n int) any { return fields{"name": fmt.Sprint("tag ", n)} })},
		{"lookup by tag", lookups, 25, m.to("GET", "/lookup", "tag=tag%200", nil)},
		{"put customer role", roles, 25, m.each("PUT", m.path("/roles/customer"), func(n int) any {
			return fields{"customer_id": "customer", "is_active": true, "is_suspended": n%2 == 0, "customer_since": "2025-03-25"}
		})},
		{"list options", contactOptions, 25, m.rest("GET", nil)},
		{"add option", contactOptions, 10, m.rest("POST", anOption)},
		{"mapping of an external id", mappings, 25, m.to("GET", "/individual-id-mapping/external/"+name, "", nil)},
		{"all mappings", mappings, 10, m.to("GET", "/individual-id-mapping", "", nil)},
		{"change one mapping", mappings, 10, m.each("PATCH", "/individual-id-mapping", func(n int) any {
			return fields{"items": []any{fields{"internal": m.id.String(), "external": fmt.Sprintf("mapped-%d", n)}}}
		})},
	}, nil
}

// probesOfParts returns the operations on the parts of a contact with a number of them.
func (s *stage) probesOfParts(ctx context.Context, parts int) ([]probe, error) {
	c, err := s.crowdOf(ctx, 1000)
	if err != nil {
		return nil, err
	}
	progress("adding a contact with %d parts", parts)
	m, err := s.subjectOf(ctx, c, fmt.Sprintf("parts-%d", parts), parts, "")
	if err != nil {
		return nil, err
	}
	full, err := s.subjectOf(ctx, c, fmt.Sprintf("full-parts-%d", parts), parts, strings.Repeat("x", 850))
	if err != nil {
		return nil, err
	}
	emails, err := store.Emails(s.database.Store).List(ctx, contact.Owner{Org: c.org, Contact: m.id})
	if err != nil {
		return nil, err
	}
	email := m.path("/emails/" + emails[0].ID.String())
	return []probe{
		{getContact, individuals, 40, m.to("GET", m.path(""), "", nil)},
		{"details", individuals, 20, m.to("GET", m.path("/full"), "", nil)},
		{"details, each part of 1 KB", individuals, 20, full.to("GET", full.path("/full"), "", nil)},
		{"list of emails", individuals, 20, m.to("GET", m.path("/emails"), "", nil)},
		{"list of emails of 1 KB", individuals, 20, full.to("GET", full.path("/emails"), "", nil)},
		{"get email", individuals, 25, m.to("GET", email, "", nil)},
		{"replace email", individuals, 25, m.each("PUT", email, anEmail)},
		{"add email", individuals, 25, m.each("POST", m.path("/emails"), anEmail)},
		{"replace contact", individuals, 25, m.each("PUT", m.path(""), func(n int) any { return fields{"name": fullName(n)} })},
		{"add tag", tags, 25, m.each("POST", m.path("/tags"), func(n int) any { return fields{"name": fmt.Sprint("tag ", n)} })},
		{"list options", contactOptions, 20, m.rest("GET", nil)},
		{"add option", contactOptions, 10, m.rest("POST", anOption)},
		{"delete contact", individuals, 1, m.to("DELETE", m.path(""), "", nil)},
	}, nil
}
