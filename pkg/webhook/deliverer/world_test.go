package deliverer

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"contacts/pkg/accounts"
	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/local"
	"contacts/pkg/webhook"
	"contacts/pkg/webhook/address"
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

var orgs atomic.Int64

// failer is what a test and a rapid test have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// A world is an organization with a deliverer, whose clock moves only when the test moves it, and a receiver.
type world struct {
	failer
	ctx   context.Context
	org   string
	clock atomic.Int64 // Unix microseconds
	*Deliverer

	mu       sync.Mutex
	answer   func(post) (status int, retryAfter string) // nil: 200
	then     func()                                     // is called before the answer is sent; may be nil
	received []post
	changed  map[contact.ID]int64
	made     []string // the ids of all changes
	url      string
}

// A post is what the receiver got.
type post struct {
	id      string
	at      time.Time
	status  int // that it answered
	headers http.Header
	body    []byte
}

var platformKey = []byte("0123456789abcdef0123456789abcdef")

func newWorld(t failer, cleanup func(func())) *world {
	t.Helper()
	w := &world{failer: t, ctx: context.Background(), org: fmt.Sprint("org-", orgs.Add(1)), changed: map[contact.ID]int64{}}
	w.clock.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	ids := contact.NewSequence(w.now)
	known := accounts.New(table(), w.now)
	if err := known.AddOrganization(w.ctx, accounts.Organization{ID: w.org, Region: "DE"}); err != nil {
		t.Fatal(err)
	}
	w.Deliverer = &Deliverer{Table: table(), Webhooks: webhook.New(table(), w.now, ids), Feed: changes.NewFeed(table(), w.now), Accounts: known,
		Key: func(context.Context) ([]byte, error) { return platformKey, nil }, Sender: NewSender(address.Rule{Local: true}), Now: w.now,
		Log: slog.New(slog.DiscardHandler)}
	server := httptest.NewServer(http.HandlerFunc(w.receive))
	cleanup(server.Close)
	w.url = server.URL
	return w
}

func testWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, t.Cleanup)
}

func (w *world) now() time.Time { return time.UnixMicro(w.clock.Load()) }

func (w *world) sleep(d time.Duration) { w.clock.Add(d.Microseconds()) }

// receive is the receiver.
func (w *world) receive(out http.ResponseWriter, r *http.Request) {
	p := post{id: r.Header.Get("Webhook-Id"), at: w.now(), status: 200, headers: r.Header}
	p.body, _ = io.ReadAll(r.Body)
	w.mu.Lock()
	answer := w.answer
	w.mu.Unlock()
	if answer != nil {
		var retryAfter string
		if p.status, retryAfter = answer(p); retryAfter != "" {
			out.Header().Set("Retry-After", retryAfter)
		}
	}
	w.mu.Lock()
	w.received = append(w.received, p)
	then := w.then
	w.mu.Unlock()
	if then != nil {
		then()
	}
	out.WriteHeader(p.status)
}

// answers sets how the receiver answers.
func (w *world) answers(answer func(post) (status int, retryAfter string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

func always(status int) func(post) (int, string) {
	return func(post) (int, string) { return status, "" }
}

// hook makes a webhook.
func (w *world) hook(in webhook.Input) webhook.Webhook {
	w.Helper()
	if in.URL == "" {
		in.URL = w.url
	}
	record, err := w.Webhooks.Create(w.ctx, w.org, idempotency.Write{}, in, show)
	if err != nil {
		w.Fatal(err)
	}
	w.sleep(time.Millisecond)
	return w.read(record.ID)
}

func show(h webhook.Webhook) (contact.Record, error) { return contact.Record{ID: h.ID}, nil }

func (w *world) read(id contact.ID) webhook.Webhook {
	w.Helper()
	hook, err := w.Webhooks.Get(w.ctx, w.org, id)
	if err != nil {
		w.Fatal(err)
	}
	return hook
}

func (w *world) place(hook webhook.Webhook) *webhook.Place {
	w.Helper()
	place, _, err := w.Webhooks.ReadPlace(w.ctx, w.org, hook.ID)
	if err != nil {
		w.Fatal(err)
	}
	return place
}

// id returns the nth individual.
func id(n int) contact.ID { return contact.ID(n+1)<<13 + contact.ID(n)<<2 }

// change makes changes of contacts now, each in a transaction, and returns their ids.
func (w *world) change(of ...contact.ID) (made []string) {
	w.Helper()
	for _, of := range of {
		at := max(w.now().UnixMicro(), w.changed[of]+1)
		c := changes.Change{Contact: of, At: at, Type: changes.Changed, Parts: []changes.Part{changes.Email},
			Origin: changes.Origin{By: "app:shop", Operation: "createIndividualEmail", Request: "JKJaXmPLvHcESHA="}}
		if w.changed[of] == 0 {
			c.Type, c.Parts = changes.Created, []changes.Part{changes.TheContact}
		}
		entry, err := c.Item(w.org)
		if err != nil {
			w.Fatal(err)
		}
		tx := table().Begin()
		tx.Put(entry, dynamo.NotExists())
		tx.Update(keys.Guard(w.org, of)).Set(changes.AttrChanged, dynamo.Number(at))
		tx.Update(keys.Contact(w.org, of)).Set("doc", dynamo.String(`{"name":"A"}`))
		if err := tx.Commit(w.ctx); err != nil {
			w.Fatal(err)
		}
		w.changed[of] = at
		made = append(made, c.ID())
	}
	w.made = append(w.made, made...)
	return made
}

// deliver delivers what is due now.
func (w *world) deliver() {
	w.Helper()
	if err := w.Deliver(w.ctx, w.ctx, []string{w.org}); err != nil {
		w.Fatal(err)
	}
}

// wait lets time pass, with a delivery in each interval.
func (w *world) wait(d, every time.Duration) {
	w.Helper()
	for ; d > 0; d -= every {
		w.sleep(every)
		w.deliver()
	}
}

// posts returns what was received since the last call.
func (w *world) posts() []post {
	w.mu.Lock()
	defer w.mu.Unlock()
	received := w.received
	w.received = nil
	return received
}

func idsOf(all []post) (ids []string) {
	for _, p := range all {
		ids = append(ids, p.id)
	}
	return ids
}

// accepted returns the ids of the posts that the receiver accepted, each once, in the order of the first time.
func accepted(all []post) (ids []string) {
	for _, p := range all {
		if p.status < 300 && !slices.Contains(ids, p.id) {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// expectInOrder requires that the receiver accepted every change, those of each contact in their order.
func (w *world) expectInOrder(all []post, want []string) {
	w.Helper()
	got := accepted(all)
	for _, of := range contactsOf(want) {
		if g, x := ofContact(got, of), ofContact(want, of); !slices.Equal(g, x) {
			w.Errorf("of contact %s %v came, want %v", of, g, x)
		}
	}
	if len(got) != len(want) {
		w.Errorf("%d changes came, want %d", len(got), len(want))
	}
}

func contactOf(change string) string {
	of, _, _ := strings.Cut(change, "-")
	return of
}

func contactsOf(all []string) (contacts []string) {
	for _, change := range all {
		if of := contactOf(change); !slices.Contains(contacts, of) {
			contacts = append(contacts, of)
		}
	}
	return contacts
}

func ofContact(all []string, of string) (some []string) {
	for _, change := range all {
		if contactOf(change) == of {
			some = append(some, change)
		}
	}
	return some
}
