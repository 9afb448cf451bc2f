package faults

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/tests/harness"
)

// repaired repairs what a check of table and bucket finds, on a clock by which what is under way has broken off.
func repaired(s harness.ImageSandbox) {
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

// eachThird runs a test on subjects of their own, each killed at another request of what it does, until that takes fewer.
func eachThird(t *testing.T, do func(ctx context.Context, s subject, w http.RoundTripper) error, then func(s subject)) {
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
			repaired(s.ImageSandbox)
			then(s)
		})
	}
}

// An erasure that broke off is finished by a repair, as by its repeat.
func TestARepairFinishesAnErasureThatWasKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	eachThird(t, func(ctx context.Context, s subject, w http.RoundTripper) error { return s.erase(ctx, w) }, func(s subject) {
		if s.Get(s.Owner).Want(200).Object()["deleted"] == true { // else it had not begun
			s.isErased()
		}
	})
}

// A deletion that broke off is finished by a repair, as by its repeat: what the contact and its parts held is free.
func TestARepairFinishesADeletionThatWasKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	eachThird(t, func(ctx context.Context, s subject, w http.RoundTripper) error {
		s.Do("PUT", s.customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "k")).Want(200)
		table, _ := s.Open(w, 0)
		id, err := contact.ParseID(harness.Tail(s.Owner))
		if err != nil {
			s.T.Fatal(err)
		}
		return dynamo.Individuals(table).Delete(ctx, s.Org, id, contact.Precondition{})
	}, func(s subject) {
		if s.Get(s.Owner).Want(200).Object()["deleted"] != true {
			return // it had not begun
		}
		s.Leads("email", "geheim0@example.com")
		s.Leads("tag", "VIP")
		s.Create("/individual", object{"name": "Max", "external_id": "crm-geheim"})
		s.Do("DELETE", s.firm, nil).Want(204)
		s.Do("DELETE", s.Owner, nil).Want(204)
		s.IsSound()
	})
}
