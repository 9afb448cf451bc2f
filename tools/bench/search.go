package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/keys"
	"contacts/pkg/search"
	"contacts/pkg/store"
)

const (
	common = "mustermann" // a word of each name
	whole  = 1000         // how many contacts have all of their items
)

// measureSearch measures pages of searches in tenants with growing numbers of contacts.
func (s *stage) measureSearch(ctx context.Context, r *report) error {
	g := &grown{sizes: []int{1000, 100_000, million}}
	if err := s.grow(ctx, g, s.probesOfSearch); err != nil {
		return err
	}
	r.search = g
	return nil
}

// probesOfSearch returns pages of 20 of searches in a tenant with a number of contacts.
func (s *stage) probesOfSearch(ctx context.Context, contacts int) ([]probe, error) {
	const name = "searched"
	c, err := s.searchedCrowd(ctx, contacts, name)
	if err != nil {
		return nil, err
	}
	var probes []probe
	add := func(name, query string) {
		probes = append(probes, probe{name, lookups, 100, func(int) []byte { return s.searchEvent(c, query, 20, "") }})
	}
	progress("reading to the last of %d contacts", contacts)
	last, err := s.lastPage(ctx, c, common)
	if err != nil {
		return nil, err
	}
	add("the most common word, first page", common)
	probes = append(probes, probe{"the most common word, last page", lookups, 100, func(int) []byte { return last }})
	add("the common word and a rare one", fmt.Sprintf("%s %d", common, whole/2))
	add("a rare word", fmt.Sprint(whole/2))
	add("an external id", externalID(whole/2))
	add("the beginning of all external ids", externalID(0)[:4])
	add("an email address", name+"-0@example.com")
	return probes, nil
}

// searchedCrowd returns a tenant with a number of contacts, the last of which has an email address with a name. Beyond the first of them they have
// the entries of their common word alone, which are all that a page of that word reads.
func (s *stage) searchedCrowd(ctx context.Context, contacts int, name string) (*crowd, error) {
	progress("adding the names of %d contacts", contacts)
	c := &crowd{org: fmt.Sprintf("searched-%d", contacts), contacts: contacts}
	if err := s.fillWithCopies(ctx, c.org, whole); err != nil {
		return nil, err
	}
	last, err := s.subjectOf(ctx, c, name, 1, "")
	if err != nil {
		return nil, err
	}
	const hour = contact.ID(time.Hour/time.Millisecond) << 13
	if err := s.multiply(ctx, last.id-hour, contacts-whole, func(id contact.ID, n int) []item {
		read := search.NewName(fullName(whole + n))
		return []item{with(keys.Word(c.org, common, false, read.Folded(), id).Item(), item{store.AttrName: text(fullName(whole + n))})}
	}); err != nil {
		return nil, err
	}
	c.token, err = s.authorize(ctx, c.org)
	return c, err
}

// searchEvent returns the event of a page of a search.
func (s *stage) searchEvent(c *crowd, query string, limit int, cursor string) []byte {
	asked := fmt.Sprintf("query=%s&limit=%d", url.PathEscape(query), limit)
	if cursor != "" {
		asked += "&cursor=" + cursor
	}
	return s.eventOf(c, "GET", "/search", asked, nil)
}

// lastPage returns the event of the last full page of 20 of a search. It reads all pages, at first those of 100.
func (s *stage) lastPage(ctx context.Context, c *crowd, query string) ([]byte, error) {
	f, err := s.startMetered(ctx, lookups)
	if err != nil {
		return nil, err
	}
	defer f.stop()
	before, cursor := "", ""
	for _, limit := range []int{100, 20} {
		for {
			a, _, err := f.ask(ctx, s.searchEvent(c, query, limit, cursor))
			if err == nil {
				err = a.succeeded()
			}
			if err != nil {
				return nil, err
			}
			var page struct {
				Items []json.RawMessage
				Next  string
			}
			if err := json.Unmarshal(a.body, &page); err != nil {
				return nil, err
			}
			if len(page.Items) < limit {
				break
			}
			before, cursor = cursor, page.Next
		}
		cursor = before
	}
	return s.searchEvent(c, query, 20, before), nil
}

// searchTables returns the table of searches.
func (r *report) searchTables() string {
	if r.search == nil {
		return ""
	}
	var t table
	t.line("Pages of 20 of a search, in tenants of more and more contacts with a common word in their names: median in ms, then read and write units. Beyond 1,000, contacts have the " +
		"entries of that word alone.\n")
	r.search.write(&t)
	return t.String()
}
