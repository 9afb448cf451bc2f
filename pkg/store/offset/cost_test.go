package offset_test

import (
	"context"
	"testing"
	"time"

	"contacts/pkg/capacity"
	"contacts/pkg/contact"
	"contacts/pkg/store/offset"
)

// A page deep in a list costs hardly more than the first, once a deep read has been there.
func TestADeepPageCostsAtMostAFifthMoreThanTheFirst(t *testing.T) {
	t.Parallel()
	const rows = 5000
	l := newLists(t, startEngine(t), "table", offset.DefaultSizes, nil)
	l.add(rows)
	l.advance(time.Hour)
	reads := map[string]func(context.Context, contact.Query) (contact.Page, error){"contacts": l.all, "living": l.livingPage, "customer list": l.listed}
	cost := func(list string, skip int) (units float64, calls int) {
		ctx, u := capacity.With(context.Background())
		page, err := reads[list](ctx, contact.Query{Limit: 200, Offset: skip})
		l.must(err)
		if len(page.Rows) != 200 {
			t.Errorf("%s: %d rows after %d", list, len(page.Rows), skip)
		}
		return u.Read, u.Calls
	}
	before := map[string]float64{}
	for list := range reads {
		first, _ := cost(list, 0)
		before[list] = first
		for _, skip := range []int{200, 2600, rows - 400} {
			cost(list, skip)
			deep, calls := cost(list, skip)
			if t.Logf("%s: %v units at %d, %v at 0", list, deep, skip, first); deep > 1.2*first || calls > 3 {
				t.Errorf("%s: %v units in %d calls at %d, %v at 0", list, deep, calls, skip, first)
			}
		}
	}
	for i := range 12 { // some rows leave: the offset falls into the middle of a bucket
		l.must(l.deleteContact(l.contacts[i*7]))
		l.must(l.removeEntry(l.entries[i*7]))
	}
	for _, list := range []string{"living", "customer list"} {
		first, _ := cost(list, 0)
		deep, calls := cost(list, rows-400)
		if t.Logf("%s after removals: %v units, %v at 0", list, deep, first); deep > 1.2*first || first > 1.2*before[list] || calls > 3 {
			t.Errorf("%s after removals: %v units in %d calls, %v at 0", list, deep, calls, first)
		}
	}
}
