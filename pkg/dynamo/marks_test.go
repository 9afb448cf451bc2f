package dynamo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"pgregory.net/rapid"

	"contacts/pkg/contact"
	"contacts/pkg/local"
)

// A clockwork is a table whose clock is set by hand.
type clockwork struct {
	*Table
	ahead atomic.Int64 // of the time of its making, in ns
}

func (c *clockwork) wait(d time.Duration) { c.ahead.Add(int64(d)) }

// newEngine starts an engine for a test and returns its address.
func newEngine(t testing.TB) string {
	t.Helper()
	engine, err := local.StartEngine(context.Background(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	return engine.Endpoint()
}

// newClockwork makes a table, whose lists are cut so.
func newClockwork(t teller, engine, name string, how cuts, wire http.RoundTripper) *clockwork {
	t.Helper()
	c := &clockwork{}
	begun := time.Now()
	c.Table = Open(Options{Name: name, Region: "us-east-1", Endpoint: engine, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: &http.Client{Transport: wire},
		Now:        func() time.Time { return begun.Add(time.Duration(c.ahead.Load())) }})
	c.cuts = how
	if err := c.Create(context.Background()); err != nil {
		t.Fatal(err)
	}
	return c
}

var smallCuts = cuts{rows: 3, segments: 4, near: 2, removals: 4, together: 2}

// idsOf are those of a page's rows.
func idsOf(p contact.Page) []contact.ID {
	ids := []contact.ID{}
	for _, r := range p.Rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// A shelf is a list of contacts and a customer list, and a plain model of both.
type shelf struct {
	teller
	*clockwork
	org      string
	contacts []contact.ID
	deleted  map[contact.ID]bool
	list     contact.ID
	entries  []contact.ID // placeholder customers, in the order of being added
}

// A teller is a test, or a drawn case of one.
type teller interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func newShelf(t teller, c *clockwork) *shelf {
	s := &shelf{teller: t, clockwork: c, org: "acme", deleted: map[contact.ID]bool{}}
	list, err := CustomerLists(c.Table).Create(context.Background(), Owner{Org: s.org}, &contact.CustomerList{Name: "Best"})
	s.must(err)
	s.list = list.ID
	return s
}

func (s *shelf) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shelf) living() []contact.ID {
	return slices.DeleteFunc(slices.Clone(s.contacts), func(id contact.ID) bool { return s.deleted[id] })
}

// add makes so many contacts at once, and puts each on the list.
func (s *shelf) add(n int) {
	var items []Item
	for range n {
		value := contact.PlaceholderCustomer{Name: "Erika Mustermann", CustomerSince: "2005-07-02"}
		value.SetID(s.ids.Next(contact.Placeholder))
		place := s.ids.Next(contact.Part)
		doc, err := encode(value)
		s.must(err)
		ref, err := encode(contact.ContactRef{ID: value.ID})
		s.must(err)
		member := memberKey(s.org, s.list, value.ID).entry()
		member[attrPosition] = num(int64(place))
		items = append(items, newItem(contactKey(s.org, value.ID), doc, s.now()), guardKey(s.org, value.ID).entry(), newItem(entryKey(s.org, s.list, place), ref, s.now()), member)
		s.contacts, s.entries = append(s.contacts, value.ID), append(s.entries, value.ID)
	}
	s.must((&Restore{Tenant: s.Tenant(s.org)}).Write(context.Background(), items))
	tx := s.begin()
	tx.step(listKey(s.org, s.list)).update.count(attrChildren, 1) // a deletion of the list looks for its entries
	s.must(tx.commit(context.Background(), contact.Record{}))
}

// remove deletes a run of contacts, and takes one off the list.
func (s *shelf) remove(from, n int) {
	ctx := context.Background()
	for _, id := range s.contacts[min(from, len(s.contacts)):min(from+n, len(s.contacts))] {
		s.must(PlaceholderCustomers(s.Table).Delete(ctx, s.org, id, contact.Precondition{}))
		s.deleted[id] = true
	}
	for i := from; n > 0 && i < len(s.entries); n-- {
		s.must(ListItemsOf(s.Table).Remove(ctx, s.org, s.list, s.entries[i], contact.Precondition{}))
		s.entries = slices.Delete(s.entries, i, i+1)
	}
}

// expire removes what has expired, as the store does some time.
func (s *shelf) expire() {
	ctx := context.Background()
	for _, row := range []Key{contactKey(s.org, contact.ID(contact.Placeholder)), entryKey(s.org, s.list, 0)} {
		s.must(s.prefixed(row.directory().PK).read(ctx, "", 0, func(i Item) {
			if expires := i.number(attrExpires); expires != 0 && expires < s.now().Unix() {
				tx := s.begin()
				tx.remove(i.key())
				s.must(tx.commit(ctx, contact.Record{}))
			}
		}))
	}
}

// holds compares a page of each kind with the model.
func (s *shelf) holds(offset, limit int) {
	s.Helper()
	ctx := context.Background()
	want := func(ids []contact.ID, page contact.Page, what string) {
		s.Helper()
		end := min(offset+limit, len(ids))
		if rows := ids[min(offset, end):end]; !slices.Equal(idsOf(page), rows) || page.More != (end < len(ids) && offset < len(ids)) {
			s.Fatalf("%s, %d behind %d: %v, more: %v; want %v of %d", what, limit, offset, idsOf(page), page.More, rows, len(ids))
		}
	}
	for _, living := range []bool{false, true} {
		page, err := PlaceholderCustomers(s.Table).Page(ctx, s.org, Query{Limit: limit, Offset: offset, Living: living})
		s.must(err)
		if living {
			want(s.living(), page, "living")
		} else {
			want(s.contacts, page, "all")
		}
	}
	page, err := ListItemsOf(s.Table).Page(ctx, s.org, s.list, Query{Limit: limit, Offset: offset})
	s.must(err)
	for i := range page.Rows {
		ref, err := decode[contact.ContactRef](Item{attrDoc: str(string(page.Rows[i].Doc))})
		s.must(err)
		page.Rows[i].ID = ref.ID
	}
	want(s.entries, page, "customer list")
}

// isSound holds that a check finds nothing.
func (s *shelf) isSound() {
	s.Helper()
	check := NewCheck(s.Table, s.org, func(f Finding) { s.Errorf("%s: %s: %s", f.Kind, f.Key, f.Detail) })
	s.must(check.Run(context.Background()))
}

// However contacts come and go and whatever was read before, a page behind an offset is what going through the list would find there.
func TestPagesBehindAnyOffsetAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	engine, n := newEngine(t), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		s := newShelf(r, newClockwork(r, engine, fmt.Sprint("table-", n), smallCuts, nil))
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) { s.teller = r; s.add(rapid.IntRange(1, 20).Draw(r, "n")) },
			"wait": func(r *rapid.T) {
				s.teller = r
				s.wait(rapid.SampledFrom([]time.Duration{time.Second, 2 * time.Minute, 2 * time.Minute, 8 * 24 * time.Hour, 35 * 24 * time.Hour}).Draw(r, "time"))
				s.expire()
			},
			"remove": func(r *rapid.T) {
				s.teller = r
				s.remove(rapid.IntRange(0, 60).Draw(r, "from"), rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, 6), rapid.IntRange(5, 28)).Draw(r, "n"))
			},
			"read": func(r *rapid.T) {
				s.teller = r
				for range 3 {
					s.holds(rapid.IntRange(0, len(s.contacts)+3).Draw(r, "offset"), rapid.IntRange(1, 10).Draw(r, "limit"))
				}
			},
			"check": func(r *rapid.T) { s.teller = r; s.isSound() },
		})
	})
}
