package dynamo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"contacts/pkg/contact"
)

// A book tells of each row, by its place, how far its removal is: begun, and done.
type book struct{ begun, done []atomic.Bool }

// gone counts the rows before a place of which that is so.
func gone(of []bool, place int) (n int) {
	for _, is := range of[:place] {
		if is {
			n++
		}
	}
	return n
}

func seen(of []atomic.Bool) []bool {
	all := make([]bool, len(of))
	for i := range of {
		all[i] = of[i].Load()
	}
	return all
}

// While rows are removed, a page begins where so many rows were before it at some moment between its request and its answer; and when
// all is done, marks and pages are right.
func TestPagesAreRightWhileRowsAreRemoved(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newShelf(t, newClockwork(t, newEngine(t), "table", smallCuts, nil))
	s.add(160)
	s.wait(2 * time.Minute)
	places := map[contact.ID]int{}
	for i, id := range s.contacts {
		places[id] = i
	}
	b := book{make([]atomic.Bool, len(places)), make([]atomic.Bool, len(places))}
	lists := []func(Query) (contact.Page, error){
		func(q Query) (contact.Page, error) {
			q.Living = true
			return PlaceholderCustomers(s.Table).Page(ctx, s.org, q)
		},
		func(q Query) (contact.Page, error) {
			page, err := ListItemsOf(s.Table).Page(ctx, s.org, s.list, q)
			for i := range page.Rows {
				ref, _ := decode[contact.ContactRef](Item{attrDoc: str(string(page.Rows[i].Doc))})
				page.Rows[i].ID = ref.ID
			}
			return page, err
		},
	}
	order := rand.Perm(len(places))
	for range 5 {
		var all sync.WaitGroup
		for range 20 {
			i := order[0]
			order = order[1:]
			all.Go(func() {
				b.begun[i].Store(true)
				err := errors.Join(PlaceholderCustomers(s.Table).Delete(ctx, s.org, s.contacts[i], contact.Precondition{}),
					ListItemsOf(s.Table).Remove(ctx, s.org, s.list, s.contacts[i], contact.Precondition{}))
				if b.done[i].Store(true); err != nil {
					t.Error(err)
				}
			})
		}
		for range 6 {
			all.Go(func() {
				for range 10 {
					offset, page := rand.IntN(len(places)), lists[rand.IntN(2)]
					done := seen(b.done)
					read, err := page(Query{Limit: 1, Offset: offset})
					begun := seen(b.begun)
					if err != nil {
						t.Error(err)
					}
					for _, row := range read.Rows {
						place := places[row.ID]
						if least, most := place-gone(begun, place), place-gone(done, place); offset < least || offset > most {
							t.Errorf("behind %d there is the row behind %d to %d others", offset, least, most)
						}
					}
				}
			})
		}
		all.Wait()
		s.wait(2 * time.Minute)
	}
	for i, id := range slices.Clone(s.contacts) {
		if b.done[i].Load() {
			s.deleted[id] = true
			s.entries = slices.DeleteFunc(s.entries, func(e contact.ID) bool { return e == id })
		}
	}
	for offset := range len(places) + 1 {
		s.holds(offset, 3)
	}
	s.isSound()
}

// A fence refuses what would write marks, and counts it; or tells of it. It can hold up what is about an id.
type fence struct {
	closed  atomic.Bool
	refused atomic.Int64
	passed  func()                 // nil: nobody is told
	about   atomic.Pointer[string] // of the requests that are held up
	held    chan struct{}          // they come here, and then
	release chan struct{}          // wait for this
}

// holdUp holds up the writes of what do begins about an id, while meanwhile runs.
func (f *fence) holdUp(id contact.ID, do, meanwhile func()) {
	text := digits(id)
	f.held, f.release = make(chan struct{}, 1), make(chan struct{})
	f.about.Store(&text)
	var done sync.WaitGroup
	done.Go(do)
	<-f.held
	f.about.Store(nil)
	meanwhile()
	close(f.release)
	done.Wait()
}

func (f *fence) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	writes := strings.HasSuffix(r.Header.Get("X-Amz-Target"), "TransactWriteItems")
	if about := f.about.Load(); about != nil && writes && bytes.Contains(body, []byte(*about)) {
		f.held <- struct{}{}
		<-f.release
	}
	marks := writes && bytes.Contains(body, []byte(`"`+attrThrough+`"`))
	if !f.closed.Load() || !marks {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if marks && f.passed != nil {
			f.passed()
		}
		return answer, err
	}
	f.refused.Add(1)
	answer := `{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"not allowed"}`
	return &http.Response{StatusCode: 400, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

func TestAReadThatCannotLeaveMarksIsAnsweredAllTheSame(t *testing.T) {
	t.Parallel()
	f := &fence{}
	f.closed.Store(true)
	s := newShelf(t, newClockwork(t, newEngine(t), "table", smallCuts, f))
	s.add(50)
	s.wait(2 * time.Minute)
	all := func() {
		for offset := range 52 {
			s.holds(offset, 5)
		}
	}
	all()
	if f.refused.Load() == 0 {
		t.Error("nothing was refused")
	}
	f.closed.Store(false)
	all()
	f.closed.Store(true)
	s.remove(10, 20)
	s.wait(2 * time.Minute)
	f.refused.Store(0)
	all()
	if f.refused.Load() == 0 {
		t.Error("nothing was refused")
	}
	s.isSound()
}

// Whoever reads a customer list or takes customers off it meanwhile, nothing is left of one that was deleted.
func TestNothingIsLeftOfADeletedCustomerList(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newShelf(t, newClockwork(t, newEngine(t), "table", smallCuts, nil))
	s.add(150)
	s.wait(2 * time.Minute)
	s.holds(50, 5)
	s.remove(0, 10)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if err := ListItemsOf(s.Table).Remove(ctx, s.org, s.list, s.entries[i*4], contact.Precondition{}); err != nil && !contact.IsRefused(err, contact.NotFound) {
				t.Error(err)
			}
		})
		all.Go(func() {
			_, err := ListItemsOf(s.Table).Page(ctx, s.org, s.list, Query{Limit: 1, Offset: 100 + i})
			if err != nil && !contact.IsRefused(err, contact.NotFound) {
				t.Error(err)
			}
		})
	}
	s.must(CustomerLists(s.Table).Delete(ctx, Owner{Org: s.org}, s.list, contact.Precondition{}))
	all.Wait()
	for _, partition := range []Key{{PK: itemsOf(s.org, s.list)}, {PK: entryKey(s.org, s.list, 0).directory().PK}} {
		s.must(s.prefixed(partition.PK).read(ctx, "", 0, func(i Item) { t.Errorf("%v is left", i.key()) }))
	}
	s.isSound()
}

// A change can be on its way for as long as a request has. Marks that are made and brought up to date meanwhile are right when it
// arrives.
func TestAChangeThatIsLateIsCounted(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	f := &fence{}
	s := newShelf(t, newClockwork(t, newEngine(t), "table", smallCuts, f))
	all := func() {
		t.Helper()
		for offset := range len(s.contacts) + 1 {
			s.holds(offset, 3)
		}
	}
	s.add(30)
	s.wait(2 * time.Minute)
	late := PlaceholderCustomers(s.Table).InOrder(1)[0]
	id := late.reserved.next
	f.holdUp(id, func() {
		if _, err := late.Create(ctx, s.org, contact.PlaceholderCustomer{CustomerID: "till", Name: "Late", CustomerSince: "2005-07-02"}); err != nil {
			t.Error(err)
		}
	}, func() {
		s.add(30)
		s.wait(29 * time.Second)
		all()
	})
	s.contacts = slices.Insert(s.contacts, 30, id)
	all()
	s.wait(2 * time.Minute)
	all()
	f.holdUp(s.contacts[40], func() {
		if err := PlaceholderCustomers(s.Table).Delete(ctx, s.org, s.contacts[40], contact.Precondition{}); err != nil {
			t.Error(err)
		}
	}, func() {
		s.remove(0, 10)
		s.wait(29 * time.Second)
		all()
		s.remove(10, 10)
		all()
	})
	s.deleted[s.contacts[40]] = true
	all()
	s.wait(2 * time.Minute)
	all()
	s.isSound()
}

// Between the directory and a chunk others may have moved the marks on: the place is the same. What was read before can't be written.
func TestMarksThatMoveOnLeadToTheSamePlace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newShelf(t, newClockwork(t, newEngine(t), "table", smallCuts, nil))
	s.add(60)
	s.wait(2 * time.Minute)
	s.holds(50, 1)
	s.remove(0, 8)
	s.wait(2 * time.Minute)
	m := s.marksOf(Key{PK: listOf(s.org, contact.Placeholder)}, Query{Living: true})
	before, err := m.survey(ctx)
	s.must(err)
	after := m.workIn(ctx, before)
	if after.version == before.version || after.through <= before.through {
		t.Fatal("nothing was worked in")
	}
	for offset := range int(after.sum()) {
		want, err := m.find(ctx, after, offset)
		s.must(err)
		if got, err := m.find(ctx, before, offset); err != nil || got != want {
			t.Errorf("%d: %v, want %v, %v", offset, got, want, err)
		}
	}
	if _, err := m.write(ctx, before, nil); !errors.Is(err, errChanged) {
		t.Errorf("what was read before is written: %v", err)
	}
	s.isSound()
}

func TestADeepReadWhoseTimeRunsOutLeavesWhatItMarked(t *testing.T) {
	t.Parallel()
	f := &fence{}
	s := newShelf(t, newClockwork(t, newEngine(t), "table", smallCuts, f))
	s.add(100)
	s.wait(2 * time.Minute)
	ctx, stop := context.WithCancel(context.Background())
	marked := 0
	f.passed = func() {
		if marked++; marked == 5 {
			stop()
		}
	}
	if _, err := PlaceholderCustomers(s.Table).Page(ctx, s.org, Query{Limit: 1, Offset: 90}); !contact.IsRefused(err, contact.Unavailable) {
		t.Fatalf("it is answered: %v", err)
	}
	if _, err := PlaceholderCustomers(s.Table).Page(context.Background(), s.org, Query{Limit: 1, Offset: 90}); err != nil || marked > 9 {
		t.Errorf("%d chunks were marked where there are 8, %v", marked, err)
	}
	s.isSound()
}

func TestManyFirstDeepReadsAtOnceLeaveWholeMarks(t *testing.T) {
	t.Parallel()
	s := newShelf(t, newClockwork(t, newEngine(t), "table", smallCuts, nil))
	s.add(100)
	s.remove(0, 10)
	s.wait(2 * time.Minute)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { s.holds(rand.IntN(100), 5) })
	}
	all.Wait()
	for offset := range 101 {
		s.holds(offset, 5)
	}
	s.isSound()
}
