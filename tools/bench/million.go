package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/store"
)

// A depth is the cost of a page at an offset.
type depth struct {
	offset int
	of     string  // the list, after "offset=N"
	units  float64 // read units
	calls  int     // of the store
	took   float64 // ms
}

const (
	million  = 1_000_000
	lastPage = 999_800
)

// measureMillion takes pages of a list of 1,000,000 contacts, and of a customer list of as many, at several depths. Each depth is
// read once before it is measured: a deep read extends the offset index for later ones.
func (s *stage) measureMillion(ctx context.Context, r *report) error {
	c, err := s.crowdOf(ctx, million)
	if err != nil {
		return err
	}
	progress("adding a customer list of %d", million)
	list, err := s.fillList(ctx, c.org, million)
	if err != nil {
		return err
	}
	progress("reading pages")
	for _, pages := range []struct{ group, path, query, of string }{
		{individuals, "/individual", "", ""},
		{individuals, "/individual", "&deleted=false", "&deleted=false"},
		{"customerlists", "/customer-lists/" + list.String() + "/items", "", " of a customer list"},
	} {
		for _, offset := range []int{0, 10_000, lastPage} {
			event := s.eventOf(c, "GET", pages.path, fmt.Sprintf("limit=200&offset=%d%s", offset, pages.query), nil)
			d, err := s.readPage(ctx, pages.group, event)
			if err != nil {
				return fmt.Errorf("%s, offset %d: %w", pages.path, offset, err)
			}
			d.offset, d.of = offset, pages.of
			r.deep = append(r.deep, d)
		}
	}
	return nil
}

// readPage measures a page that was read before.
func (s *stage) readPage(ctx context.Context, group string, event []byte) (d depth, err error) {
	f, err := s.startMetered(ctx, group)
	if err != nil {
		return d, err
	}
	defer f.stop()
	for range 2 {
		a, used, err := f.ask(ctx, event)
		if err == nil {
			err = a.succeeded()
		}
		if err != nil {
			return d, fmt.Errorf("%w %s", err, used.Cause)
		}
		d.units, d.calls, d.took = used.Read, used.Calls, milliseconds(a.took)
	}
	return d, nil
}

// fillList creates a customer list with one customer through the platform, and the other entries as copies.
func (s *stage) fillList(ctx context.Context, org string, entries int) (contact.ID, error) {
	customer, err := store.PlaceholderCustomers(s.database.Store).Create(ctx, contact.Owner{Org: org}, idempotency.Write{}, &contact.PlaceholderCustomer{CustomerID: "till", Name: fullName(0), CustomerSince: anniversary})
	if err != nil {
		return 0, err
	}
	list, err := store.CustomerLists(s.database.Store).Create(ctx, contact.Owner{Org: org}, idempotency.Write{}, &contact.CustomerList{Name: fullName(0)})
	if err != nil {
		return 0, err
	}
	added := store.ListItemsOf(s.database.Store)
	if refused, err := added.Add(ctx, org, list.ID, []contact.ID{customer.ID}); err != nil || len(refused) > 0 {
		return 0, errors.Join(err, refused[0])
	}
	page, err := added.Page(ctx, org, list.ID, contact.Query{Limit: 1})
	if err != nil {
		return 0, err
	}
	entry := page.Rows[0]
	model, err := s.stored(ctx, "T#"+org+"#L#"+digits(list.ID), digits(entry.ID))
	if err != nil {
		return 0, err
	}
	return list.ID, s.multiply(ctx, entry.ID, entries-1, func(id contact.ID, _ int) []item {
		return []item{with(model, item{"sk": text(digits(id)), "doc": text(strings.Replace(string(entry.Doc), customer.ID.String(), id.String(), 1))})}
	})
}
