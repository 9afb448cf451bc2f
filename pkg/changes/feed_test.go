package changes_test

import (
	"context"
	"fmt"
	"slices"
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
	times   []int64              // of all changes
	// tardy are the changes that appear when more than 100 entries with later times are there: they may be shown after later ones.
	tardy map[string]bool
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
	return &writer{t: t, org: orgs(), now: time.Now(), changed: map[contact.ID]int64{}, tardy: map[string]bool{}}
}

// id returns the nth contact.
func id(n int, kind contact.Kind) contact.ID {
	return contact.ID(n+1)<<13 + contact.ID(n)<<2 | contact.ID(kind)
}

// add makes a change of a contact some time ago, which appears now. The first one makes the contact.
func (w *writer) add(of contact.ID, ago time.Duration) {
	at := max(w.now.Add(-ago).UnixMicro(), w.changed[of]+1)
	c := changes.Change{Contact: of, At: at, Type: changes.Changed, Parts: []changes.Part{changes.Email},
		Origin: changes.Origin{By: "app:shop", Operation: "createIndividualEmail", Request: "JKJaXmPLvHcESHA="}}
	entry, err := c.Item(w.org)
	if err != nil {
		w.t.Fatal(err)
	}
	tx := table().Begin()
	tx.Put(entry, dynamo.NotExists())
	tx.Update(keys.Guard(w.org, of)).Set(changes.AttrChanged, dynamo.Number(at))
	tx.Update(keys.Contact(w.org, of)).Set("doc", dynamo.String(`{"name":"A"}`))
	if err := tx.Commit(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	later := 0
	for _, other := range w.times {
		if other > at {
			later++
		}
	}
	w.tardy[c.ID()], w.times = later > 50, append(w.times, at)
	w.changed[of] = at
	w.put = append(w.put, c.ID())
}

// A reader reads the feed.
type reader struct {
	*writer
	kind  *contact.Kind
	epoch string
	token changes.Token
	shown map[string]bool
	last  map[contact.ID]int64 // the last change of each contact that was shown for the first time
}

func (w *writer) newReader() *reader {
	return &reader{writer: w, epoch: "epoch", shown: map[string]bool{}, last: map[contact.ID]int64{}}
}

// page reads a page, and passes its token on as a client gets it.
func (r *reader) page(limit int) (changes.Page, float64) {
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
		if !r.shown[c.ID()] && !c.Walked {
			if c.At <= r.last[c.Contact] && !r.tardy[c.ID()] {
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

// wantAll requires that every change of the first n was shown, of the reader's kind.
func (r *reader) wantAll(put []string) {
	for _, id := range put {
		var of int64
		if _, err := fmt.Sscan(id, &of); err == nil && r.kind != nil && contact.ID(-of).Kind() != *r.kind {
			continue
		}
		if !r.shown[id] {
			r.t.Fatalf("%s was made and is not shown", id)
		}
	}
}

// Entries appear up to a minute after their times, in any order of contacts, while clients of different habits read.
func TestNoChangeIsEverLeftOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWriter(t)
		w.add(id(0, contact.Individual), 0)
		r := w.newReader()
		r.sync(200) // the walk shows the contact in place of its change
		r.shown[w.put[0]], w.put = true, nil
		for range rapid.IntRange(1, 12).Draw(t, "rounds") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
			case 1:
				limit := rapid.SampledFrom([]int{1, 3, 10, 200}).Draw(t, "limit")
				for range rapid.IntRange(1, 4).Draw(t, "pages") {
					r.page(limit)
				}
			case 2:
				put := slices.Clone(w.put)
				r.sync(rapid.SampledFrom([]int{2, 7, 200}).Draw(t, "limit"))
				r.wantAll(put)
			}
			for range rapid.IntRange(0, 30).Draw(t, "changes") {
				late := time.Duration(rapid.SampledFrom([]int{0, 1, 30_000, 55_000}).Draw(t, "late")) * time.Millisecond
				w.add(id(rapid.IntRange(0, 9).Draw(t, "contact"), contact.Individual), late)
			}
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
	if len(first) != 250+0 && len(first) != 250+50 { // the last of them may be unremembered
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
