package tests

import (
	"contacts/pkg/idempotency"
	contactstore "contacts/pkg/store"

	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"contacts/pkg/contact"
)

// repaired repairs what a check of table and bucket finds, on a clock by which what is under way has broken off.
func (s studio) repaired() {
	s.t.Helper()
	for range 10 {
		found := s.findings(5 * time.Minute)
		if len(found) == 0 {
			return
		}
		repair(s.t, found)
	}
	for _, f := range s.findings(5 * time.Minute) {
		s.t.Errorf("it leaves %s: %s: %s", f.Kind, f.Key, f.Detail)
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
			done = do(run, s, &wire{at: n, do: func(carry func() (*http.Response, error)) (*http.Response, error) {
				if n%2 == 0 { // it arrives, and nobody waits for its answer
					if response, err := carry(); err == nil {
						_ = response.Body.Close()
					}
				}
				stop()
				return nil, errCut
			}}) == nil
			s.repaired()
			then(s)
		})
	}
}

// An erasure that broke off is finished by a repair, as by its repeat.
func TestARepairFinishesAnErasureThatWasKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	eachThird(t, func(ctx context.Context, s subject, w http.RoundTripper) error { return s.erase(ctx, w) }, func(s subject) {
		if s.get(s.owner).want(200).object()["deleted"] == true { // else it had not begun
			s.isErased()
		}
	})
}

// A deletion that broke off is finished by a repair, as by its repeat: what the contact and its parts held is free.
func TestARepairFinishesADeletionThatWasKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	eachThird(t, func(ctx context.Context, s subject, w http.RoundTripper) error {
		s.do("PUT", s.customer+"/roles/customer", with(customerMinimal, "customer_id", "k")).want(200)
		table, _ := s.works(w, 0)
		id, err := contact.ParseID(tail(s.owner))
		if err != nil {
			s.t.Fatal(err)
		}
		return contactstore.Individuals(table.Store).Delete(ctx, s.org, id, idempotency.Write{})
	}, func(s subject) {
		if s.get(s.owner).want(200).object()["deleted"] != true {
			return // it had not begun
		}
		s.leads("email", "geheim0@example.com")
		s.leads("tag", "VIP")
		s.create("/individual", object{"name": "Max", "external_id": "crm-geheim"})
		s.do("DELETE", s.firm, nil).want(204)
		s.do("DELETE", s.owner, nil).want(204)
		s.isSound()
	})
}
