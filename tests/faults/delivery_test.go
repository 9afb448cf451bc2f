package faults

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/webhook"
	"contacts/pkg/webhook/address"
	"contacts/pkg/webhook/deliverer"
	"contacts/tests/harness"
)

// A receiver keeps the ids of the changes that it took, each once, and refuses those of one contact at first.
type receiver struct {
	*httptest.Server

	mu      sync.Mutex
	refuses string
	took    []string
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, post *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		id := post.Header.Get("Webhook-Id")
		if of, _, _ := strings.Cut(id, "-"); of == r.refuses {
			w.WriteHeader(http.StatusInternalServerError)
		} else if !slices.Contains(r.took, id) {
			r.took = append(r.took, id)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// refuse lets the receiver refuse the changes of a contact.
func (r *receiver) refuse(contact string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuses = contact
}

// A delivery is disturbed at one of its requests to the table, while one contact's events fail, or when they are sent again. The next ones deliver
// everything, in order, and what is stored of the webhook has no contradiction.
func TestEveryFaultOfADeliveryLosesNothing(t *testing.T) {
	t.Parallel()
	for _, fault := range storeFaults {
		if !*allFaults && !inShortForm(fault, true) {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewSandbox(t, harness.NewTenant(t).Admin(), harness.SandboxOptions{})
			faults := 0
			for _, again := range []bool{false, true} {
				for n := 1; disturbedDelivery(s, &fault, n, again); n++ {
					faults++
				}
			}
			t.Logf("%d faults", faults)
		})
	}
}

// disturbedDelivery lets a fault happen to the n-th request of the first delivery, or of that which sends again what failed, and reports whether
// it did.
func disturbedDelivery(s *harness.Sandbox, fault *harness.StoreFault, n int, again bool) (happened bool) {
	s.T.Helper()
	ctx, r := s.T.Context(), newReceiver(s.T)
	now := func() time.Time { return time.Now().Add(time.Duration(s.Ahead.Load())) }
	all := s.Database.Webhooks
	d := &deliverer.Deliverer{Table: s.Database.Table, Webhooks: all, Feed: changes.NewFeed(s.Database.Table, now), Accounts: s.Database.Accounts,
		Key:    func(context.Context) ([]byte, error) { return []byte(harness.WebhookSecret), nil },
		Sender: deliverer.NewSender(address.Rule{Local: true}), Now: now, Log: slog.New(slog.DiscardHandler)}
	made, err := all.Create(ctx, s.Org, idempotency.Write{}, webhook.Input{URL: r.URL}, func(w webhook.Webhook) (contact.Record, error) { return contact.Record{ID: w.ID}, nil })
	if err != nil {
		s.T.Fatal(err)
	}
	first, second := s.Create("/individual", object{"name": "Erika"}), s.Create("/individual", object{"name": "Max"})
	for _, path := range []string{first, second} {
		s.Create(path+"/emails", harness.EmailSample)
	}
	disturbed := func() {
		s.Transport.Inject(fault, n)
		_ = d.Deliver(ctx, ctx, []string{s.Org})
		happened = s.Transport.Inject(nil, 0)
	}
	r.refuse(harness.LastSegment(first))
	if again {
		err = d.Deliver(ctx, ctx, []string{s.Org})
		s.Ahead.Add(int64(time.Minute))
	} else {
		disturbed()
	}
	r.refuse("")
	if again {
		disturbed()
	}
	for range 3 { // the lease of one that was killed ends, and what failed is due
		s.Ahead.Add(int64(time.Minute))
		err = cmp.Or(err, d.Deliver(ctx, ctx, []string{s.Org}))
	}
	if err != nil {
		s.T.Fatal(err)
	}
	told := fmt.Sprintf("after %q at request %d, again %t", fault.Name, n, again)
	for _, path := range []string{first, second} {
		of := slices.DeleteFunc(slices.Clone(r.took), func(id string) bool { return !strings.HasPrefix(id, harness.LastSegment(path)+"-") })
		if len(of) != 2 || !slices.IsSorted(of) {
			s.T.Errorf("%s: %v of %s came", told, of, path)
		}
	}
	hook, err := all.Get(ctx, s.Org, made.ID)
	if err != nil {
		s.T.Fatal(err)
	}
	if found, err := all.Contradiction(ctx, hook); found != "" || err != nil {
		s.T.Errorf("%s: %s, %v", told, found, err)
	}
	if p, err := all.Progress(ctx, s.Org, []webhook.Webhook{hook}); err != nil || p[0].Behind != 0 {
		s.T.Errorf("%s: it is behind by %v, %v", told, p, err)
	}
	if err := all.Delete(ctx, s.Org, made.ID, idempotency.Write{}); err != nil {
		s.T.Fatal(err)
	}
	return happened
}
