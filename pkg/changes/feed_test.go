package changes_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"pgregory.net/rapid"

	"contacts/pkg/capacity"
	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/local"
)

// table is one for all tests, each of which has an organization of its own.
var table = sync.OnceValue(func() *dynamo.Table {
	engine, err := local.StartEngine(context.Background(), local.EngineOptions{})
	if err != nil {
		panic(err)
	}
	stop = engine.Stop
	opened := dynamo.Open(dynamo.Options{Name: "table", Region: "us-east-1", Endpoint: engine.Endpoint(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	if err := opened.Create(context.Background()); err != nil {
		panic(err)
	}
	return opened
})

var stop = func() {}

func TestMain(m *testing.M) {
	defer func() { stop() }()
	m.Run()
}

// A writer writes contacts and entries of an organization at the time of a clock that is set by hand.
type writer struct {
	t interface {
		Fatal(args ...any)
		Fatalf(format string, args ...any)
	}
	org     string
	now     time.Time
	changed map[contact.ID]int64 // the last change of each contact
	put     []string             // the ids of all changes
}

var orgs = func() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprint("org-", n)
	}
}()

func newWriter(t interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}) *writer {
	return &writer{t: t, org: orgs(), now: time.Now(), changed: map[contact.ID]int64{}}
}

// id returns the nth contact.
func id(n int, kind contact.Kind) contact.ID {
	return contact.ID(n+1)<<13 + contact.ID(n)<<2 | contact.ID(kind)
}

// add makes a change of a contact some time ago, which appears now. The first one makes the contact.
func (w *writer) add(of contact.ID, ago time.Duration) {
	w.addAll([]contact.ID{of}, []time.Duration{ago})
}

// addAll makes changes of contacts, in this order.
func (w *writer) addAll(of []contact.ID, ago []time.Duration) {
	for chunk := range slices.Chunk(of, 30) {
		tx := table().Begin()
		for i, id := range chunk {
			at := max(w.now.Add(-ago[i]).UnixMicro(), w.changed[id]+1)
			c := changes.Change{Contact: id, At: at, Type: changes.Changed, Parts: []changes.Part{changes.Email},
				Origin: changes.Origin{By: "app:shop", Operation: "createIndividualEmail", Request: "JKJaXmPLvHcESHA="}}
			entry, err := c.Item(w.org)
			if err != nil {
				w.t.Fatal(err)
			}
			tx.Put(entry, dynamo.NotExists())
			tx.Update(keys.Guard(w.org, id)).Set(changes.AttrChanged, dynamo.Number(at))
			tx.Update(keys.Contact(w.org, id)).Set("doc", dynamo.String(`{"name":"A"}`))
			w.changed[id] = at
			w.put = append(w.put, c.ID())
		}
		if err := tx.Commit(context.Background()); err != nil {
			w.t.Fatal(err)
		}
		ago = ago[len(chunk):]
	}
}

// A reader reads the feed.
type reader struct {
	*writer
	kind  *contact.Kind
	epoch string
	token changes.Token
	shown map[string]bool
	last  map[contact.ID]int64 // the last change of each contact that was shown for the first time
	// walkBegan is when the last walk over all contacts began, Unix microseconds.
	walkBegan int64
}

func (w *writer) newReader() *reader {
	return &reader{writer: w, epoch: "epoch", shown: map[string]bool{}, last: map[contact.ID]int64{}}
}

// page reads a page, and passes its token on as a client gets it.
func (r *reader) page(limit int) (changes.Page, float64) {
	if old := r.token.Settled(); r.token.Epoch != r.epoch || old > 0 && old < r.now.Add(-changes.Retention).UnixMicro() {
		r.beginWalk()
	}
	ctx, units := capacity.With(context.Background())
	feed := changes.NewFeed(table(), func() time.Time { return r.now })
	page, err := feed.Read(ctx, r.org, r.epoch, r.kind, r.token, limit)
	if err != nil {
		r.t.Fatal(err)
	}
	if len(page.Changes) > limit {
		r.t.Fatalf("a page of %d for a limit of %d", len(page.Changes), limit)
	}
	for _, c := range page.Changes {
		if c.Walked && c.At > r.walkBegan {
			r.t.Fatalf("%s has a time after the begin of the walk: a change would follow with an earlier one", c.ID())
		}
		if !r.shown[c.ID()] && !c.Walked {
			if c.At <= r.last[c.Contact] {
				r.t.Fatalf("%s is shown after a later change of the contact", c.ID())
			}
			r.last[c.Contact] = max(c.At, r.last[c.Contact])
		}
		r.shown[c.ID()] = true
	}
	text, err := page.Next.MarshalBinary()
	if err != nil {
		r.t.Fatal(err)
	}
	if len(text) > 4096 {
		r.t.Fatalf("a token of %d bytes", len(text))
	}
	if err := r.token.UnmarshalBinary(text); err != nil {
		r.t.Fatal(err)
	}
	return page, units.Read
}

// sync reads until there is no more, and returns all that it was shown.
func (r *reader) sync(limit int) (all []changes.Change) {
	for range 1000 {
		page, _ := r.page(limit)
		all = append(all, page.Changes...)
		if !page.More {
			return all
		}
	}
	r.t.Fatal("the feed does not come to an end")
	return nil
}

// beginWalk expects that the feed shows all contacts again, in place of their changes until now.
func (r *reader) beginWalk() {
	r.walkBegan = r.now.UnixMicro()
	for _, id := range r.put {
		r.shown[id] = true
	}
	r.put = nil
	for of := range r.changed {
		walked := changes.Change{Contact: of, Walked: true}.ID()
		r.shown[walked] = false
		r.put = append(r.put, walked)
	}
}

// wantAll requires that every change of the first n was shown, of the reader's kind.
func (r *reader) wantAll(put []string) {
	for _, id := range put {
		var of int64
		if _, err := fmt.Sscan(strings.TrimPrefix(id, "w-"), &of); err == nil && r.kind != nil && contact.ID(of).Kind() != *r.kind {
			continue
		}
		if !r.shown[id] {
			r.t.Fatalf("%s was made and is not shown", id)
		}
	}
}

// Entries appear up to a minute after their times, in any order of contacts, few or more than a page reads, while clients of different habits
// read.
func TestNoChangeIsEverLeftOutAndThoseOfAContactComeInTheirOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWriter(t)
		w.add(id(0, contact.Individual), 0)
		r := w.newReader()
		r.sync(200)
		if rapid.Bool().Draw(t, "of one kind") {
			kind := rapid.SampledFrom([]contact.Kind{contact.Individual, contact.Organization}).Draw(t, "kind")
			r.kind = &kind
		}
		limits := rapid.SampledFrom([]int{1, 3, 10, 50, 200})
		most := rapid.SampledFrom([]int{3, 30, 300}).Draw(t, "most")
		between := false // whether the last page had more after it
		for range rapid.IntRange(1, 10).Draw(t, "rounds") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 5:
				r.epoch += "+"
			case 0:
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
			case 1:
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes")) * time.Minute)
			case 2, 3:
				limit := limits.Draw(t, "limit")
				for range rapid.IntRange(1, 4).Draw(t, "pages") {
					page, _ := r.page(limit)
					between = page.More
				}
			case 4:
				limit := limits.Draw(t, "limit")
				if r.sync(limit); between { // what appeared late while several pages read a minute
					r.sync(limit)
				}
				r.wantAll(w.put)
				between = false
			}
			n, spread := rapid.IntRange(0, most).Draw(t, "changes"), rapid.SampledFrom([]int{0, 100, 59_000}).Draw(t, "spread")
			random := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
			of, ago := make([]contact.ID, n), make([]time.Duration, n)
			for i := range n {
				w.now = w.now.Add(time.Duration(random.IntN(3)) * time.Millisecond)
				of[i] = id(random.IntN(10), contact.Kind(random.IntN(2)))
				ago[i] = time.Duration(random.IntN(spread+1)) * time.Millisecond
			}
			w.addAll(of, ago)
		}
		w.now = w.now.Add(2 * time.Minute)
		r.sync(50)
		r.wantAll(w.put)
		w.now = w.now.Add(2 * time.Minute)
		if again := r.sync(50); len(again) > 0 {
			t.Fatalf("%d changes are shown again after all was settled", len(again))
		}
	})
}

// What was shown, or was there before a contact was shown without a change, comes again only if something appears late beside it.
func TestNothingComesAgainUnlessSomethingAppearsLate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWriter(t)
		write := func(n int) {
			of, ago := make([]contact.ID, n), make([]time.Duration, n)
			for i := range n {
				of[i], ago[i] = id(i*7%10, contact.Individual), time.Duration(n-i)*time.Millisecond
			}
			w.now = w.now.Add(time.Duration(n+1) * time.Millisecond)
			w.addAll(of, ago)
		}
		write(rapid.IntRange(1, 60).Draw(t, "before"))
		r := w.newReader()
		shown := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(t, "pages") {
			page, _ := r.page(rapid.SampledFrom([]int{1, 10, 50}).Draw(t, "limit"))
			for _, c := range page.Changes {
				if shown[c.ID()] || !c.Walked && c.At <= r.walkBegan {
					t.Fatalf("%s is shown again", c.ID())
				}
				shown[c.ID()] = true
			}
			if rapid.Bool().Draw(t, "later") {
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 150).Draw(t, "seconds")) * time.Second)
			}
			write(rapid.IntRange(0, 40).Draw(t, "changes"))
		}
	})
}

// Of more unsettled changes than a token remembers one by one, none is lost, and few come again.
func TestABurstIsShownOnceAndWhatAppearsInItLateToo(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	w.add(id(0, contact.Individual), 0)
	r := w.newReader()
	r.sync(200)
	w.put = nil
	for n := range 700 {
		w.now = w.now.Add(10 * time.Millisecond)
		w.add(id(n%40+1, contact.Individual), 0)
	}
	if first := r.sync(200); len(first) != 700 {
		t.Errorf("%d changes are shown of 700", len(first))
	}
	if again := r.sync(200); len(again) != 0 {
		t.Errorf("%d changes come again", len(again))
	}
	w.add(id(50, contact.Individual), 3*time.Second)
	if late := r.sync(200); len(late) == 0 || len(late) > 20 {
		t.Errorf("%d changes are shown for one that appeared late", len(late))
	}
	r.wantAll(w.put)
}

func TestAPageOfChangesCostsAtMost16Units(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	w.add(id(0, contact.Individual), 0)
	r := w.newReader()
	r.sync(200)
	for n := range 1000 {
		w.add(id(n%300+1, contact.Individual), 0)
		w.now = w.now.Add(time.Millisecond)
	}
	for range 8 {
		if page, units := r.page(200); units > 15 { // and one for the organization
			t.Errorf("a page of %d changes costs %v units", len(page.Changes), units)
		}
		w.now = w.now.Add(time.Second)
	}
	w.now = w.now.Add(2 * time.Minute)
	for range 5 {
		if page, units := r.page(200); units > 15 {
			t.Errorf("a later page of %d changes costs %v units", len(page.Changes), units)
		}
	}
}

func TestATokenOfAnyAgeLeadsToTheSameState(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	for n := range 250 {
		w.add(id(n, contact.Kind(n%3)), 0)
	}
	r := w.newReader()
	first := r.sync(100)
	if len(first) != 250 {
		t.Errorf("the first sync shows %d entries of 250 contacts", len(first))
	}
	for n := range 250 {
		if !r.shown["w-"+id(n, contact.Kind(n%3)).String()] {
			t.Errorf("contact %d is left out", n)
		}
	}
	w.now = w.now.Add(2 * time.Minute)
	r.sync(100)
	for _, c := range []struct {
		name  string
		later func(r *reader)
		want  int
	}{
		{"in three months", func(r *reader) { r.now = r.now.Add(changes.Retention + time.Hour) }, 1},
		{"after a restore", func(r *reader) { r.epoch = "another" }, 250},
	} {
		old, w := *r, *w
		old.writer, old.shown, old.last = &w, map[string]bool{}, map[contact.ID]int64{}
		w.now = w.now.Add(time.Hour)
		w.add(id(7, contact.Organization), 0) // n%3 == 1
		c.later(&old)
		if again := old.sync(100); len(again) != c.want || !old.shown["w-"+id(7, contact.Organization).String()] {
			t.Errorf("%s: %d entries are shown, want %d with the contact that changed", c.name, len(again), c.want)
		}
		if more := old.sync(100); len(more) != 0 {
			t.Errorf("%s: %d entries come again", c.name, len(more))
		}
		w.add(id(8, contact.Placeholder), 0)
		if more := old.sync(100); len(more) != 1 {
			t.Errorf("%s: %d entries follow after one change", c.name, len(more))
		}
	}
}

func TestAWalkCostsAtMost1Point2UnitsAContact(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	for n := range 300 {
		w.add(id(n, contact.Organization), 0)
	}
	w.now = w.now.Add(time.Hour)
	if page, units := w.newReader().page(200); len(page.Changes) != 200 || units > 1.2*200 {
		t.Errorf("%d contacts cost %v units", len(page.Changes), units)
	}
}

func TestAFeedOfOneKindHasAllOfIt(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	kind := contact.Organization
	for n := range 90 {
		w.add(id(n, contact.Kind(n%3)), 0)
	}
	r := w.newReader()
	r.kind = &kind
	if first := r.sync(7); len(first) != 30 {
		t.Errorf("the first sync shows %d of 30 organizations", len(first))
	}
	for n := range 600 {
		w.add(id(n%3, contact.Kind(n%3)), 0)
		w.now = w.now.Add(time.Millisecond)
	}
	if later := r.sync(20); len(later) != 200 {
		t.Errorf("%d of 200 changes are shown", len(later))
	}
}

func TestATokenIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		var token changes.Token
		if token.UnmarshalBinary(text) == nil { // nothing but an error for what is none
			if _, err := token.MarshalBinary(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A client of small pages that was away reads what was settled since, and more unsettled changes than a page may read.
func TestSmallPagesReachTheEndOfWhatIsUnsettled(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	write := func(n int) {
		for i := range n {
			w.add(id(i%10, contact.Kind(i%2)), 0)
			w.now = w.now.Add(time.Millisecond)
		}
	}
	write(1)
	r := w.newReader()
	r.sync(200)
	write(9)
	w.now = w.now.Add(15 * time.Minute)
	write(134)
	for range 4 {
		r.page(1)
	}
	write(300)
	r.sync(1)
	r.wantAll(w.put)
}
