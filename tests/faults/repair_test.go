package faults

import (
	"contacts/pkg/idempotency"
	contactstore "contacts/pkg/store"

	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/tests/harness"
)

// repair repairs what a check of table and bucket finds, with a clock by which unfinished work counts as broken off.
func repair(s harness.ImageSandbox) {
	s.T.Helper()
	for range 10 {
		found := s.Findings(5 * time.Minute)
		if len(found) == 0 {
			return
		}
		harness.Repair(s.T, found)
	}
	for _, f := range s.Findings(5 * time.Minute) {
		s.T.Errorf("it leaves %s: %s: %s", f.Kind, f.Key, f.Detail)
	}
}

// killEveryThirdRequest runs a test on new subjects, each killed at every third request of what it does, until there are no more requests.
func killEveryThirdRequest(t *testing.T, do func(ctx context.Context, s subject, w http.RoundTripper) error, then func(s subject)) {
	t.Helper()
	for n, done := 2, false; !done; n += 3 {
		t.Run(fmt.Sprint("killed at request ", n), func(t *testing.T) {
			s := newSubject(t)
			run, stop := context.WithCancel(t.Context())
			defer stop()
			done = do(run, s, &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
				if n%2 == 0 { // it arrives, and nobody waits for its answer
					if response, err := carry(); err == nil {
						_ = response.Body.Close()
					}
				}
				stop()
				return nil, harness.ErrCut
			}}) == nil
			repair(s.ImageSandbox)
			then(s)
		})
	}
}

// A repair finishes an erasure that broke off, as its repetition does.
func TestARepairFinishesAnErasureThatWasKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	killEveryThirdRequest(t, func(ctx context.Context, s subject, w http.RoundTripper) error { return s.erase(ctx, w) }, func(s subject) {
		if s.Get(s.Owner).Want(200).Object()["deleted"] == true { // else it had not begun
			s.wantErased()
		}
	})
}

// A repair finishes a deletion that broke off, as its repetition does: unique values and references are freed.
func TestARepairFinishesADeletionThatWasKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	killEveryThirdRequest(t, func(ctx context.Context, s subject, w http.RoundTripper) error {
		s.Do("PUT", s.customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "k")).Want(200)
		table, _ := s.Clients(w, 0)
		id, err := contact.ParseID(harness.LastSegment(s.Owner))
		if err != nil {
			s.T.Fatal(err)
		}
		return contactstore.Individuals(table.Store).Delete(ctx, contact.Owner{Org: s.Org}, id, idempotency.Write{})
	}, func(s subject) {
		if s.Get(s.Owner).Want(200).Object()["deleted"] != true {
			return // it had not begun
		}
		s.FindsOnly("email", "geheim0@example.com")
		s.FindsOnly("tag", "VIP")
		s.Create("/individual", object{"name": "Max", "external_id": "crm-geheim"})
		s.Do("DELETE", s.firm, nil).Want(204)
		s.Do("DELETE", s.Owner, nil).Want(204)
		s.IsSound()
	})
}
