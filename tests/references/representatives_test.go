package references

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"contacts/tests/harness"
)

func TestAnIdentityCostsNoMoreAmongTenThousandRepresentatives(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 30, 1500, 9999} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			x := harness.NewBulkTenant(t)
			firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
			x.AddRepresentatives(firm, n)
			cheap := func(a *harness.Answer) {
				t.Helper()
				if units := a.Log().WriteUnits; units == 0 || units > 24 {
					t.Errorf("%s takes %v write units", a.What, units)
				}
			}
			body := object{"organization_contact": harness.LastSegment(firm), "is_active": true}
			made := x.Do("POST", person+"/professional-identities", body).Want(201)
			cheap(made)
			identity := person + "/professional-identities/" + made.Text("id")
			tag := x.Get(firm).Want(200).Header.Get("ETag")
			for _, active := range []bool{false, true} {
				cheap(x.Do("PUT", identity, harness.With(body, "is_active", active)).Want(200))
				ids, entries := x.Representatives(firm)
				if len(ids) != n+1 || ids[n] != harness.LastSegment(identity) || entries[harness.LastSegment(identity)]["is_active"] != active {
					t.Errorf("%d representatives, the last %v", len(ids), entries[harness.LastSegment(identity)])
				}
				changed := x.Get(firm).Header.Get("ETag")
				if changed == tag {
					t.Errorf("the firm's ETag stays %s where its representatives change", tag)
				}
				tag = changed
			}
			if n == 9999 {
				x.Do("POST", person+"/professional-identities", body).Faults(422, "/organization_contact")
			}
			for _, path := range []string{firm + "/full", "/organization"} {
				if a := x.Get(path).Want(200); len(a.Body) < 180*n {
					t.Errorf("%s shows %d bytes for %d representatives", path, len(a.Body), n+1)
				}
			}
			changed := x.Do("PUT", firm, object{"name": "ACME AG"}, "Idempotency-Key", "k").Want(200)
			if got := changed.Object()["representatives"].([]any); len(got) != n+1 {
				t.Errorf("the answer to a change shows %d representatives, want %d", len(got), n+1)
			}
			cheap(x.Do("DELETE", identity, nil).Want(204))
			if ids, _ := x.Representatives(firm); len(ids) != n {
				t.Errorf("%d representatives are left, want %d", len(ids), n)
			}
			x.Do("DELETE", firm, nil).Want(204)
			if ids, _ := x.Representatives(firm); len(ids) != n {
				t.Errorf("a deleted firm shows %d representatives, want %d", len(ids), n)
			}
		})
	}
}

// Concurrent identities take the last places on the organization's item, and further ones are stored apart: none is lost, and all are shown in
// the order of creation.
func TestConcurrentlyAddedIdentitiesAreAllShown(t *testing.T) {
	t.Parallel()
	s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{})
	firm := s.CreateOrganization("ACME")
	people := make([]string, 60)
	for i := range people {
		people[i] = s.CreateIndividual(fmt.Sprint(i))
	}
	paths := make([]string, len(people))
	var all sync.WaitGroup
	for i, person := range people {
		all.Go(func() { paths[i] = s.CreateIdentity(person, firm) })
	}
	all.Wait()
	ids, _ := s.Representatives(firm)
	if len(ids) != 60 || !slices.IsSortedFunc(ids, func(a, b string) int { return harness.IDNumber(t, a) - harness.IDNumber(t, b) }) {
		t.Errorf("%d representatives %q", len(ids), ids)
	}
	s.IsSound()
	for i, path := range paths {
		all.Go(func() {
			if i%2 == 0 {
				s.Do("DELETE", path, nil).Want(204)
			} else {
				s.Do("DELETE", people[i], nil).Want(204)
			}
		})
	}
	all.Wait()
	ids, entries := s.Representatives(firm)
	if len(ids) != 30 {
		t.Errorf("%d representatives, want the 30 of deleted individuals", len(ids))
	}
	for id, entry := range entries {
		if entry["is_active"] != false {
			t.Errorf("%s is active: %v", id, entry)
		}
	}
	s.IsSound()
}

// While two identities take turns at being active, a reader never sees both or none.
func TestAReaderSeesAConsistentListOfRepresentatives(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	x.AddRepresentatives(firm, 300)
	first, second := x.CreateIdentity(person, firm), x.CreateIdentity(person, firm, "is_active", false)
	body := object{"organization_contact": harness.LastSegment(firm)}
	var done atomic.Bool
	var writer sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	writer.Go(func() {
		defer done.Store(true)
		for i := 0; i < 30 && ctx.Err() == nil; i++ { // one more, then one less
			one, other := first, second
			if i%2 == 1 {
				one, other = second, first
			}
			for path, active := range map[string]bool{one: true, other: true} {
				if a := x.Do("PUT", path, harness.With(body, "is_active", active)); a.Status != http.StatusOK {
					t.Errorf("%s = %d", a.What, a.Status)
				}
			}
			if a := x.Do("PUT", one, harness.With(body, "is_active", false)); a.Status != http.StatusOK {
				t.Errorf("%s = %d", a.What, a.Status)
			}
		}
	})
	for !done.Load() {
		a := x.Get(firm)
		if a.Status == http.StatusServiceUnavailable {
			continue
		}
		active := 0
		for _, r := range a.Want(200).Object()["representatives"].([]any) {
			id := r.(object)["professional_identity"].(object)["professional_identity_id"]
			if (id == harness.LastSegment(first) || id == harness.LastSegment(second)) && r.(object)["is_active"] == true {
				active++
			}
		}
		if active == 0 {
			t.Error("no one is active, and at each moment one was")
		}
	}
	writer.Wait()
}
