package dynamo

import (
	"contacts/pkg/contact"
	"context"
	"testing"
	"time"
)

// A page deep in a list costs hardly more than the first, once a deep read has been there.
func TestADeepPageCostsAtMostAFifthMoreThanTheFirst(t *testing.T) {
	t.Parallel()
	const rows = 5000
	s := newShelf(t, newClockwork(t, newEngine(t), "table", usualCuts, nil))
	s.add(rows)
	s.wait(time.Hour)
	lists := map[string]func(context.Context, Query) (contact.Page, error){
		"contacts": func(ctx context.Context, q Query) (contact.Page, error) {
			return PlaceholderCustomers(s.Table).Page(ctx, s.org, q)
		},
		"living": func(ctx context.Context, q Query) (contact.Page, error) {
			q.Living = true
			return PlaceholderCustomers(s.Table).Page(ctx, s.org, q)
		},
		"customer list": func(ctx context.Context, q Query) (contact.Page, error) {
			return ListItemsOf(s.Table).Page(ctx, s.org, s.list, q)
		},
	}
	cost := func(what string, offset int) (float64, int) {
		ctx, u := WithUnits(context.Background())
		page, err := lists[what](ctx, Query{Limit: 200, Offset: offset})
		s.must(err)
		if len(page.Rows) != 200 {
			t.Errorf("%s: %d rows behind %d", what, len(page.Rows), offset)
		}
		return u.Read, u.Calls
	}
	before := map[string]float64{}
	for what := range lists {
		first, _ := cost(what, 0)
		before[what] = first
		for _, offset := range []int{200, 2600, rows - 400} {
			cost(what, offset)
			deep, calls := cost(what, offset)
			if t.Logf("%s: %v units at %d, %v at 0", what, deep, offset, first); deep > 1.2*first || calls > 3 {
				t.Errorf("%s: %v units in %d calls at %d, %v at 0", what, deep, calls, offset, first)
			}
		}
	}
	ctx := context.Background()
	for i := range 12 { // some rows leave: the offset falls into the middle of a segment
		s.must(PlaceholderCustomers(s.Table).Delete(ctx, s.org, s.contacts[i*7], contact.Precondition{}))
		s.must(ListItemsOf(s.Table).Remove(ctx, s.org, s.list, s.entries[i*7], contact.Precondition{}))
	}
	for _, what := range []string{"living", "customer list"} {
		first, _ := cost(what, 0)
		deep, calls := cost(what, rows-400)
		if t.Logf("%s after removals: %v units, %v at 0", what, deep, first); deep > 1.2*first || first > 1.2*before[what] || calls > 3 {
			t.Errorf("%s after removals: %v units in %d calls, %v at 0", what, deep, calls, first)
		}
	}
}
