package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

var manyBackups = flag.Int("backups", 2, "how many backups TestWhatIsBackedUpUnderWritesOfAllKindsRestoresSound takes")

// A storm changes an organization in all ways, by many concurrent clients.
type storm struct {
	*platform
	people, firms []string
	list, own     string
	serial        atomic.Int64
	writes        atomic.Int64
}

func newStorm(t *testing.T) *storm {
	s := &storm{platform: newPlatform(t)}
	s.fillOrganization(20, 2)
	for i := range 6 {
		s.people = append(s.people, s.create("/individual", map[string]any{"name": fmt.Sprint("Person ", i)}))
		s.firms = append(s.firms, s.create("/organization", map[string]any{"name": fmt.Sprint("Firm ", i)}))
	}
	s.list = s.create("/customer-lists", map[string]any{"name": "List"})
	_, own := s.request("POST", "/rest/accounts/contacts/option_types", map[string]any{"names": []any{map[string]any{"lang": "en", "name": "Pager"}}})
	s.own = fmt.Sprint(own["id"])
	s.erased()
	return s
}

// erased creates a contact that is erased while another refers to it, and to its identity.
func (s *storm) erased() {
	person, firm := s.create("/individual", map[string]any{"name": "Erased"}), s.firms[0]
	manager := s.create(person+"/professional-identities", map[string]any{"organization_contact": tail(firm), "is_active": true})
	managed := s.create("/individual", map[string]any{"name": "Managed"})
	if status, answer := s.request("PUT", managed+"/roles/customer", map[string]any{"customer_id": "managed", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25",
		"managed_by": map[string]any{"contact_id": tail(person), "professional_identity_id": tail(manager)}}); status >= 300 {
		s.t.Fatal(status, answer)
	}
	s.run("erase %s --org %s", tail(person), s.c.Org)
}

// write makes one change of any kind. Refusals are fine.
func (s *storm) write(r *rand.Rand) {
	do := func(method, path string, body map[string]any) string {
		status, answer, err := s.tryRequest(method, path, body)
		if s.writes.Add(1); err != nil || status >= 500 && status != http.StatusServiceUnavailable {
			s.t.Errorf("%s %s: %d %v %v", method, path, status, answer, err)
		}
		id, _ := answer["id"].(string)
		return path + "/" + id
	}
	one := func(of []string) string { return of[r.IntN(len(of))] }
	person, firm, n := one(s.people), one(s.firms), fmt.Sprint(s.serial.Add(1))
	switch r.IntN(9) {
	case 0: // an external id moves from one contact to another
		do("PUT", person, map[string]any{"name": "P" + n, "external_id": fmt.Sprint("moving-", r.IntN(2))})
		do("PUT", person, map[string]any{"name": "P" + n})
	case 1: // an identity begins and ends
		location := do("POST", firm+"/locations", map[string]any{"name": "L" + n})
		identity := do("POST", person+"/professional-identities", map[string]any{"organization_contact": tail(firm), "is_active": r.IntN(2) == 0,
			"locations": []any{map[string]any{"contact_id": tail(firm), "location_id": tail(location)}}})
		do("POST", identity+"/emails", map[string]any{"type": "WORK_EMAIL", "address": n + "@example.com", "usage_context": "PROFESSIONAL"})
		do("PUT", firm, map[string]any{"name": "F" + n, "founders": []any{map[string]any{"contact_id": tail(person), "professional_identity_id": tail(identity)}}})
		do("PUT", firm, map[string]any{"name": "F" + n})
		do("DELETE", identity, nil)
		do("DELETE", location, nil)
	case 2: // a contact is created, changed and deleted
		short := do("POST", "/individual", map[string]any{"name": "Short", "external_id": "short-" + n})
		do("PUT", short+"/roles/customer", map[string]any{"customer_id": fmt.Sprint("short-", r.IntN(3)), "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"})
		do("POST", short+"/professional-identities", map[string]any{"organization_contact": tail(firm), "is_active": true})
		do("POST", s.list+"/items", map[string]any{"items": []any{map[string]any{"id": tail(short)}}})
		do("POST", short+"/tags", map[string]any{"name": fmt.Sprint("Tag ", r.IntN(5))})
		do("DELETE", short, nil)
	case 3:
		do("PUT", person+"/roles/customer", map[string]any{"customer_id": "c" + tail(person), "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"})
		do("POST", s.list+"/items", map[string]any{"items": []any{map[string]any{"id": tail(person)}}})
		do("DELETE", s.list+"/items/"+tail(person), nil)
	case 4:
		address := do("POST", person+"/addresses", map[string]any{"type": "NOT_QUALIFIED", "full_address": "A" + n, "usage_context": "ORGANIZATION"})
		role := map[string]any{"customer_id": "c" + tail(person), "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}
		role["delivery_and_invoicing_configurations"] = []any{map[string]any{"invoice_address_id": tail(address)}}
		do("PUT", person+"/roles/customer", role)
		delete(role, "delivery_and_invoicing_configurations")
		do("PUT", person+"/roles/customer", role)
		do("DELETE", address, nil)
	case 5: // an option changes its kind
		options := "/rest/accounts/contacts/" + tail(person) + "/options"
		do("POST", options, map[string]any{"typeId": 1, "subTypeId": 1, "value": "0664 1234567"})
		do("POST", options, map[string]any{"typeId": s.own, "subTypeId": 1, "value": n})
		do("DELETE", options, nil)
	case 6:
		list := do("POST", "/customer-lists", map[string]any{"name": "L" + n})
		do("POST", list+"/items", map[string]any{"items": []any{map[string]any{"id": tail(person)}}})
		do("DELETE", list, nil)
	case 7:
		do("POST", person+"/tags", map[string]any{"name": fmt.Sprint("Tag ", n)})
		do("PUT", person+"/roles/supplier", map[string]any{"supplier_id": "s" + tail(person), "is_active": true, "supplier_since": "2025-03-25"})
	case 8:
		till := do("POST", "/placeholder-customers", map[string]any{"customer_id": "t" + n, "name": "Till", "is_active": true, "customer_since": "2025-03-25",
			"requires_formal_invoice": true, "track_revenue": true})
		do("POST", s.list+"/items", map[string]any{"items": []any{map[string]any{"id": tail(till)}}})
		do("DELETE", till, nil)
	}
}

// Backups taken while clients write in all ways can be restored completely, each into an organization of its own, which is
// sound.
func TestWhatIsBackedUpUnderWritesOfAllKindsRestoresSound(t *testing.T) {
	s := newStorm(t)
	for n := range *manyBackups {
		stop := make(chan struct{})
		var clients sync.WaitGroup
		for i := range uint64(4) {
			clients.Go(func() {
				for r := rand.New(rand.NewPCG(uint64(n), i)); ; {
					select {
					case <-stop:
						return
					default:
						s.write(r)
					}
				}
			})
		}
		folder := filepath.Join(t.TempDir(), "backup")
		_, err := s.tries("backup --org %s --out %s", s.c.Org, folder)
		close(stop)
		clients.Wait()
		if err != nil { // changed faster than it can be read: the same command resumes
			t.Logf("backup %d: %v", n, err)
			s.run("backup --org %s --out %s", s.c.Org, folder)
		}
		s.run("restore %s --as copy-%d", folder, n)
		s.run("check --org copy-%d", n)
	}
	t.Logf("%d writes during %d backups", s.writes.Load(), *manyBackups)
	s.run("check --org %s", s.c.Org)
}
