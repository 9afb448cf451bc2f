package offset_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// countBefore counts the rows before a position of which that is so.
func countBefore(rows []bool, position int) (n int) {
	for _, is := range rows[:position] {
		if is {
			n++
		}
	}
	return n
}

func load(flags []atomic.Bool) []bool {
	all := make([]bool, len(flags))
	for i := range flags {
		all[i] = flags[i].Load()
	}
	return all
}

// While rows are removed, a page begins where so many rows were before it at some moment between its request and its answer; and when
// all is done, indexes and pages are right.
func TestPagesAreRightWhileRowsAreRemoved(t *testing.T) {
	t.Parallel()
	l := newLists(t, startEngine(t), "table", smallSizes, nil)
	l.add(160)
	l.advance(2 * time.Minute)
	positions := map[contact.ID]int{}
	for i, id := range l.contacts {
		positions[id] = i
	}
	begun, done := make([]atomic.Bool, len(positions)), make([]atomic.Bool, len(positions)) // the removal of each row
	reads := []func(context.Context, contact.Query) (contact.Page, error){l.livingPage, l.listed}
	order := rand.Perm(len(positions))
	for range 5 {
		var all sync.WaitGroup
		for range 20 {
			i := order[0]
			order = order[1:]
			all.Go(func() {
				begun[i].Store(true)
				err := errors.Join(l.deleteContact(l.contacts[i]), l.removeEntry(l.contacts[i]))
				if done[i].Store(true); err != nil {
					t.Error(err)
				}
			})
		}
		for range 6 {
			all.Go(func() {
				for range 10 {
					skip, read := rand.IntN(len(positions)), reads[rand.IntN(2)]
					doneBefore := load(done)
					page, err := read(t.Context(), contact.Query{Limit: 1, Offset: skip})
					begunAfter := load(begun)
					if err != nil {
						t.Error(err)
					}
					for _, row := range page.Rows {
						at := positions[row.ID]
						if least, most := at-countBefore(begunAfter, at), at-countBefore(doneBefore, at); skip < least || skip > most {
							t.Errorf("after %d rows there is the one after %d to %d others", skip, least, most)
						}
					}
				}
			})
		}
		all.Wait()
		l.advance(2 * time.Minute)
	}
	for i, id := range slices.Clone(l.contacts) {
		if done[i].Load() {
			l.deleted[id] = true
			l.entries = slices.DeleteFunc(l.entries, func(e contact.ID) bool { return e == id })
		}
	}
	l.requirePages(3)
	l.requireNoFindings()
}

func TestAReadThatCannotWriteTheIndexIsAnsweredAllTheSame(t *testing.T) {
	t.Parallel()
	f := &faultyTransport{}
	f.refuse.Store(true)
	l := newLists(t, startEngine(t), "table", smallSizes, f)
	l.add(50)
	l.advance(2 * time.Minute)
	l.requirePages(5)
	if f.refused.Load() == 0 {
		t.Error("nothing was refused")
	}
	f.refuse.Store(false)
	l.requirePages(5)
	f.refuse.Store(true)
	l.remove(10, 20)
	l.advance(2 * time.Minute)
	f.refused.Store(0)
	l.requirePages(5)
	if f.refused.Load() == 0 {
		t.Error("nothing was refused")
	}
	l.requireNoFindings()
}

// Whoever reads a customer list or takes customers off it meanwhile, nothing is left of one that was deleted.
func TestNothingIsLeftOfADeletedCustomerList(t *testing.T) {
	t.Parallel()
	l := newLists(t, startEngine(t), "table", smallSizes, nil)
	l.add(150)
	l.advance(2 * time.Minute)
	l.must(l.checkPages(50, 5))
	l.remove(0, 10)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if err := l.removeEntry(l.entries[i*4]); err != nil && !contact.IsRefused(err, contact.NotFound) {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := l.listed(t.Context(), contact.Query{Limit: 1, Offset: 100 + i}); err != nil && !contact.IsRefused(err, contact.NotFound) {
				t.Error(err)
			}
		})
	}
	l.must(store.CustomerLists(l.store).Delete(t.Context(), contact.Owner{Org: l.org}, l.list, noWrite))
	all.Wait()
	rows := keys.ListItems(l.org, l.list)
	for _, partition := range []string{rows, keys.OffsetRoot(dynamo.Key{PK: rows}).PK} {
		l.must(l.store.Query(partition).Read(t.Context(), 0, func(i dynamo.Item) { t.Errorf("%v is left", i.Key()) }))
	}
	l.requireNoFindings()
}

// A change can be on its way for as long as a request has. An index that is made and brought up to date meanwhile is right when it
// arrives.
func TestAChangeThatArrivesLateIsCounted(t *testing.T) {
	t.Parallel()
	f := &faultyTransport{}
	l := newLists(t, startEngine(t), "table", smallSizes, f)
	l.add(30)
	l.advance(2 * time.Minute)
	var late contact.Record
	f.holdUp("Latecomer", func() {
		var err error
		late, err = store.PlaceholderCustomers(l.store).Create(t.Context(), contact.Owner{Org: l.org}, noWrite,
			&contact.PlaceholderCustomer{CustomerID: "till", Name: "Latecomer", CustomerSince: "2005-07-02"})
		if err != nil {
			t.Error(err)
		}
	}, func() {
		l.add(30)
		l.advance(29 * time.Second)
		l.requirePages(3)
	})
	l.contacts = slices.Insert(l.contacts, 30, late.ID)
	l.requirePages(3)
	l.advance(2 * time.Minute)
	l.requirePages(3)
	f.holdUp(keys.Digits(l.contacts[40]), func() {
		if err := l.deleteContact(l.contacts[40]); err != nil {
			t.Error(err)
		}
	}, func() {
		l.remove(0, 10)
		l.advance(29 * time.Second)
		l.requirePages(3)
		l.remove(10, 10)
		l.requirePages(3)
	})
	l.deleted[l.contacts[40]] = true
	l.requirePages(3)
	l.advance(2 * time.Minute)
	l.requirePages(3)
	l.requireNoFindings()
}

// Between the reads of root and node others may have merged tombstones: an offset leads to the same position. What was read before
// can't be written.
func TestAnIndexThatWasMergedLeadsToTheSamePositions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	l := newLists(t, startEngine(t), "table", smallSizes, nil)
	l.add(60)
	l.advance(2 * time.Minute)
	l.must(l.checkPages(50, 1))
	l.remove(0, 8)
	l.advance(2 * time.Minute)
	index := l.store.Offsets().Of(keys.Contacts(l.org, contact.Placeholder), dynamo.Key{}, true)
	before, err := index.Snapshot(ctx)
	l.must(err)
	after := index.Merge(ctx, before)
	if after.Version == before.Version || after.Watermark <= before.Watermark {
		t.Fatal("nothing was merged")
	}
	for skip := range int(after.Sum()) {
		want, err := index.Position(ctx, after, skip)
		l.must(err)
		if got, err := index.Position(ctx, before, skip); err != nil || got != want {
			t.Errorf("%d: %v, want %v, %v", skip, got, want, err)
		}
	}
	if err := index.Rewrite(ctx, before); !errors.Is(err, dynamo.ErrConflict) {
		t.Errorf("what was read before is written: %v", err)
	}
	l.requireNoFindings()
}

func TestADeepReadWhoseTimeRunsOutLeavesWhatItIndexed(t *testing.T) {
	t.Parallel()
	f := &faultyTransport{}
	l := newLists(t, startEngine(t), "table", smallSizes, f)
	l.add(100)
	l.advance(2 * time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	written := 0
	f.written = func() {
		if written++; written == 5 {
			stop()
		}
	}
	q := contact.Query{Limit: 1, Offset: 90}
	if _, err := l.all(ctx, q); !errors.As(err, new(*dynamo.UnavailableError)) {
		t.Fatalf("it is answered: %v", err)
	}
	if _, err := l.all(t.Context(), q); err != nil || written > 9 {
		t.Errorf("the index was written %d times for 8 nodes, %v", written, err)
	}
	l.requireNoFindings()
}

func TestManyFirstDeepReadsAtOnceLeaveAWholeIndex(t *testing.T) {
	t.Parallel()
	l := newLists(t, startEngine(t), "table", smallSizes, nil)
	l.add(100)
	l.remove(0, 10)
	l.advance(2 * time.Minute)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := l.checkPages(rand.IntN(100), 5); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	l.requirePages(5)
	l.requireNoFindings()
}
