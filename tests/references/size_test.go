package references

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// addEmails adds n emails with the same address.
func addEmails(x *harness.Tenant, owner, address string, n int) {
	x.T.Helper()
	for _, a := range harness.Concurrently(x.T, n, func(int) (*harness.Answer, error) {
		return x.TryDo("POST", owner+"/emails", harness.With(harness.EmailSample, "address", address))
	}) {
		a.Want(201)
	}
}

func TestAnIdentityIsDeletedWithAllItsChannels(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	path, other := x.CreateIdentity(person, firm), x.CreateIdentity(x.CreateIndividual("Max"), firm)
	addEmails(x, path, "many@example.com", 120)
	for _, c := range harness.Channels {
		x.Create(path+"/"+c.Segment, c.Sample)
	}
	addEmails(x, other, "many@example.com", 1)
	list := func() int { return len(x.Get(path + "/emails").Page().Items) }
	// If it cannot be deleted, its emails stay.
	x.Do("PUT", firm, object{"name": "A", "founders": []any{harness.IdentityRef(path)}}).Want(200)
	wantInUse(x, path, firm)
	x.Do("DELETE", path, nil, "If-Match", `"99"`).Problem(412)
	if n := list(); n != 121 {
		t.Fatalf("%d emails after a refused deletion, want 121", n)
	}
	x.Do("PUT", firm, object{"name": "A"}).Want(200)
	headers := []string{"If-Match", x.Get(path).Header.Get("ETag"), "Idempotency-Key", "k"}
	gone := x.Do("DELETE", path, nil, headers...).Want(204)
	harness.SameAnswer(t, gone, x.Do("DELETE", path, nil, headers...))
	for _, c := range harness.Channels {
		x.Get(path + "/" + c.Segment).Problem(404)
	}
	x.Get(path + "/full").Problem(404)
	if got := x.Get(person + "/full").Object()["professional_identities"]; !reflect.DeepEqual(got, []any{}) {
		t.Errorf("details show %v", got)
	}
	if got := x.Lookup("email", "many@example.com").Texts("id"); !reflect.DeepEqual(got, []string{harness.OwnerID(other)}) {
		t.Errorf("the look-up finds %q, want the other's alone", got)
	}
	if ids, _ := x.Representatives(firm); !reflect.DeepEqual(ids, []string{harness.LastSegment(other)}) {
		t.Errorf("representatives %q, want the other's alone", ids)
	}
	x.Create(path[:strings.LastIndexByte(path, '/')], object{"organization_contact": harness.LastSegment(firm), "is_active": true})
	if got := fmt.Sprint(x.Get(person + "/emails").Page().Items); got != "[]" {
		t.Errorf("the individual has emails %s", got)
	}
}

func TestAnIndividualIsDeletedWithMoreIdentitiesThanFitIntoOneTransaction(t *testing.T) {
	t.Parallel()
	for name, headers := range harness.DeletionHeaders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := harness.NewBulkTenant(t)
			firm, person := x.CreateOrganization("ACME"), x.Create("/individual", object{"name": "Erika", "external_id": "crm-1"})
			departments, location := x.CreateMany(4, firm+"/departments", harness.DepartmentSample), x.Create(firm+"/locations", harness.LocationSample)
			body := object{"organization_contact": harness.LastSegment(firm), "is_active": true, "departments": harness.ReferencesTo(harness.DepartmentRef, departments),
				"locations": []any{harness.LocationRef(location)}}
			list := person + "/professional-identities"
			identities := x.CreateMany(30, list, body)
			x.Do("PUT", person+"/roles/customer", harness.With(harness.CustomerMinimal, "managed_by", harness.IdentityRef(identities[7]))).Want(200)
			x.Do("PUT", firm, object{"name": "A", "leaders": harness.ReferencesTo(harness.IdentityRef, identities[:2])}).Want(200)
			wantInUse(x, departments[3])
			x.Do("DELETE", person, nil, "If-Match", `"99"`).Problem(412)
			last := x.Get(list).Want(200)
			sent := headers(x.Get(person).Header.Get("ETag"))
			gone := x.Do("DELETE", person, nil, sent...).Want(204)
			if len(sent) > 0 && sent[0] == "Idempotency-Key" {
				harness.SameAnswer(t, gone, x.Do("DELETE", person, nil, sent...))
			}
			if got := x.Get(list).Want(200); string(got.Body) != string(last.Body) {
				t.Errorf("the deleted individual shows %s, last was %s", got.Body, last.Body)
			}
			ids, entries := x.Representatives(firm)
			for _, id := range ids {
				if entries[id]["is_active"] != false {
					t.Errorf("the deleted individual is %v", entries[id])
				}
			}
			if got := x.MemberCount(location); got != 0 || len(ids) != 30 {
				t.Errorf("%v members and %d representatives, want 0 and 30", got, len(ids))
			}
			x.Create("/individual", object{"name": "Erika", "external_id": "crm-1"})
			x.Do("PUT", x.CreateIndividual("Max")+"/roles/customer", harness.CustomerMinimal).Want(200)
			for _, path := range append(departments, location, firm, person) {
				x.Do("DELETE", path, nil).Want(204)
			}
		})
	}
}

func TestAnOrganizationIsDeletedWithMoreLeadersThanFitIntoOneTransaction(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	leaders := x.CreateMany(2, person+"/professional-identities", object{"organization_contact": harness.LastSegment(x.CreateOrganization("Other")), "is_active": true})
	locations := x.CreateMany(50, firm+"/locations", object{"name": "A", "leaders": harness.ReferencesTo(harness.IdentityRef, leaders)})
	wantInUse(x, leaders[0])
	x.Do("DELETE", firm, nil).Want(204)
	x.Do("DELETE", locations[0], nil).Problem(422)
	for _, path := range leaders {
		x.Do("DELETE", path, nil).Want(204)
	}
}

// A resource with many references is built by several changes, each accepted or refused by itself. All references that were accepted can be
// removed.
func TestManyReferencesCanBeRemoved(t *testing.T) {
	t.Parallel()
	const most = 80
	// grow changes a resource until it refers to all of them, or is refused.
	grow := func(x *harness.Tenant, at string, body func(n int) object) {
		for n := 20; n <= most; n += 20 {
			if a := x.Do("PUT", at, body(n)); a.Status >= 400 && a.Status < 500 {
				return
			}
		}
	}
	identity := func(x *harness.Tenant) (person, at string, targets []string) {
		person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
		at, targets = x.CreateIdentity(person, firm), x.CreateMany(most, firm+"/departments", harness.DepartmentSample)
		grow(x, at, func(n int) object {
			return object{"is_active": true, "departments": harness.ReferencesTo(harness.DepartmentRef, targets[:n])}
		})
		return person, at, targets
	}
	for name, letGo := range map[string]func(x *harness.Tenant) (a *harness.Answer, targets []string){
		"PUT of an identity": func(x *harness.Tenant) (*harness.Answer, []string) {
			_, at, targets := identity(x)
			return x.Do("PUT", at, object{"is_active": true}), targets
		},
		"DELETE of an identity": func(x *harness.Tenant) (*harness.Answer, []string) {
			_, at, targets := identity(x)
			return x.Do("DELETE", at, nil), targets
		},
		"DELETE of an individual": func(x *harness.Tenant) (*harness.Answer, []string) {
			person, _, targets := identity(x)
			return x.Do("DELETE", person, nil), targets
		},
		"DELETE of an organization": func(x *harness.Tenant) (*harness.Answer, []string) {
			firm := x.CreateOrganization("ACME")
			targets := x.CreateMany(most, x.CreateIndividual("Erika")+"/professional-identities", object{"organization_contact": harness.LastSegment(x.CreateOrganization("Other")), "is_active": false})
			grow(x, firm, func(n int) object {
				return object{"name": "A", "founders": harness.ReferencesTo(harness.IdentityRef, targets[:n])}
			})
			return x.Do("DELETE", firm, nil), targets
		},
		"DELETE of a customer and supplier": func(x *harness.Tenant) (*harness.Answer, []string) {
			person := x.CreateIndividual("Erika")
			manager := x.CreateIdentity(x.CreateIndividual("Max"), x.CreateOrganization("ACME"))
			targets := x.CreateMany(43, person+"/addresses", harness.AddressSample) // with the manager as many as can be
			configurations := []any{}
			for i, path := range targets {
				configurations = append(configurations, object{"invoice_address_id": harness.LastSegment(path), "limitations": object{"brand_id": fmt.Sprint(i)}})
			}
			x.Do("PUT", person, object{"name": "Erika", "external_id": "crm-1"}).Want(200)
			x.Do("PUT", person+"/roles/supplier", harness.With(harness.SupplierMinimal, "managed_by", harness.IdentityRef(manager))).Want(200)
			x.Do("PUT", person+"/roles/customer", harness.With(harness.CustomerMinimal, "delivery_and_invoicing_configurations", configurations)).Want(200)
			return x.Do("DELETE", person, nil), []string{manager, "/individual/" + harness.OwnerID(manager)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := harness.NewBulkTenant(t)
			a, targets := letGo(x)
			if a.Status >= 300 {
				t.Errorf("%s = %d %s", a.What, a.Status, a.Body)
			}
			for _, path := range targets {
				if a := x.Do("DELETE", path, nil); a.Status != 204 {
					t.Fatalf("%s = %d %s", a.What, a.Status, a.Body)
				}
			}
		})
	}
}
