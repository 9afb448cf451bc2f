package tests

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// emails gives an owner n emails, all with one address.
func (x *tenant) emails(owner, address string, n int) {
	x.t.Helper()
	for _, a := range together(x.t, n, func(int) (*answer, error) {
		return x.tryAs("POST", owner+"/emails", with(emailSample, "address", address))
	}) {
		a.want(201)
	}
}

func TestAnIdentityGoesWithAllItsChannels(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	path, other := x.identity(person, firm), x.identity(x.individual("Max"), firm)
	x.emails(path, "many@example.com", 120)
	for _, c := range channels {
		x.create(path+"/"+c.segment, c.sample)
	}
	x.emails(other, "many@example.com", 1)
	list := func() int { return len(x.get(path + "/emails").page().Items) }
	// Where it has to stay, so have they.
	x.do("PUT", firm, object{"name": "A", "founders": []any{identityRef(path)}}).want(200)
	x.inUse(path, firm)
	x.do("DELETE", path, nil, "If-Match", `"99"`).problem(412)
	if n := list(); n != 121 {
		t.Fatalf("%d emails after a refused deletion, want 121", n)
	}
	x.do("PUT", firm, object{"name": "A"}).want(200)
	headers := []string{"If-Match", x.get(path).header.Get("ETag"), "Idempotency-Key", "k"}
	gone := x.do("DELETE", path, nil, headers...).want(204)
	same(t, gone, x.do("DELETE", path, nil, headers...))
	for _, c := range channels {
		x.get(path + "/" + c.segment).problem(404)
	}
	x.get(path + "/full").problem(404)
	if got := x.get(person + "/full").object()["professional_identities"]; !reflect.DeepEqual(got, []any{}) {
		t.Errorf("details show %v", got)
	}
	if got := x.found("email", "many@example.com").texts("id"); !reflect.DeepEqual(got, []string{ownerID(other)}) {
		t.Errorf("the look-up finds %q, want the other's alone", got)
	}
	if ids, _ := x.representatives(firm); !reflect.DeepEqual(ids, []string{tail(other)}) {
		t.Errorf("representatives %q, want the other's alone", ids)
	}
	x.create(path[:strings.LastIndexByte(path, '/')], object{"organization_contact": tail(firm), "is_active": true})
	if got := fmt.Sprint(x.get(person + "/emails").page().Items); got != "[]" {
		t.Errorf("the individual has emails %s", got)
	}
}

// many makes n resources of a collection at once and returns their paths, in the order of creation.
func (x *tenant) many(n int, list string, body object) []string {
	x.t.Helper()
	paths := make([]string, n)
	for i, a := range together(x.t, n, func(int) (*answer, error) { return x.tryAs("POST", list, body) }) {
		paths[i] = list + "/" + a.want(201).text("id")
	}
	slices.Sort(paths)
	return paths
}

// refs names paths in the way of ref.
func refs(ref func(string) object, paths []string) []any {
	all := []any{}
	for _, p := range paths {
		all = append(all, ref(p))
	}
	return all
}

func TestAnIndividualGoesWithMoreIdentitiesThanOneTransactionHolds(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string]func(etag string) []string{
		"plain":                   func(string) []string { return nil },
		"with an If-Match":        func(etag string) []string { return []string{"If-Match", etag} },
		"with an Idempotency-Key": func(string) []string { return []string{"Idempotency-Key", "k"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newBulkTenant(t)
			firm, person := x.firm("ACME"), x.create("/individual", object{"name": "Erika", "external_id": "crm-1"})
			departments, location := x.many(4, firm+"/departments", departmentSample), x.create(firm+"/locations", locationSample)
			body := object{"organization_contact": tail(firm), "is_active": true, "departments": refs(departmentRef, departments),
				"locations": []any{locationRef(location)}}
			list := person + "/professional-identities"
			identities := x.many(30, list, body)
			x.do("PUT", person+"/roles/customer", with(customerMinimal, "managed_by", identityRef(identities[7]))).want(200)
			x.do("PUT", firm, object{"name": "A", "leaders": refs(identityRef, identities[:2])}).want(200)
			x.inUse(departments[3])
			x.do("DELETE", person, nil, "If-Match", `"99"`).problem(412)
			last := x.get(list).want(200)
			sent := headers(x.get(person).header.Get("ETag"))
			gone := x.do("DELETE", person, nil, sent...).want(204)
			if len(sent) > 0 && sent[0] == "Idempotency-Key" {
				same(t, gone, x.do("DELETE", person, nil, sent...))
			}
			if got := x.get(list).want(200); string(got.body) != string(last.body) {
				t.Errorf("the deleted individual shows %s, last was %s", got.body, last.body)
			}
			ids, entries := x.representatives(firm)
			for _, id := range ids {
				if entries[id]["is_active"] != false {
					t.Errorf("the deleted individual is %v", entries[id])
				}
			}
			if got := x.members(location); got != 0 || len(ids) != 30 {
				t.Errorf("%v members and %d representatives, want 0 and 30", got, len(ids))
			}
			x.create("/individual", object{"name": "Erika", "external_id": "crm-1"})
			x.do("PUT", x.individual("Max")+"/roles/customer", customerMinimal).want(200)
			for _, path := range append(departments, location, firm, person) {
				x.do("DELETE", path, nil).want(204)
			}
		})
	}
}

func TestAnOrganizationGoesWithMoreLeadersThanOneTransactionHolds(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	leaders := x.many(2, person+"/professional-identities", object{"organization_contact": tail(x.firm("Other")), "is_active": true})
	locations := x.many(50, firm+"/locations", object{"name": "A", "leaders": refs(identityRef, leaders)})
	x.inUse(leaders[0])
	x.do("DELETE", firm, nil).want(204)
	x.do("DELETE", locations[0], nil).problem(422)
	for _, path := range leaders {
		x.do("DELETE", path, nil).want(204)
	}
}

// A resource that refers to much is put together by several changes, each of which is accepted or refused by itself. What
// was accepted can be taken back.
func TestWhateverRefersToMuchCanLetGoOfIt(t *testing.T) {
	t.Parallel()
	const most = 80
	// grow changes a resource until it refers to all of them, or as far as it can be.
	grow := func(x *tenant, at string, body func(n int) object) {
		for n := 20; n <= most; n += 20 {
			if a := x.do("PUT", at, body(n)); a.status >= 400 && a.status < 500 {
				return
			}
		}
	}
	identity := func(x *tenant) (person, at string, targets []string) {
		person, firm := x.individual("Erika"), x.firm("ACME")
		at, targets = x.identity(person, firm), x.many(most, firm+"/departments", departmentSample)
		grow(x, at, func(n int) object { return object{"is_active": true, "departments": refs(departmentRef, targets[:n])} })
		return person, at, targets
	}
	for name, letGo := range map[string]func(x *tenant) (a *answer, targets []string){
		"PUT of an identity": func(x *tenant) (*answer, []string) {
			_, at, targets := identity(x)
			return x.do("PUT", at, object{"is_active": true}), targets
		},
		"DELETE of an identity": func(x *tenant) (*answer, []string) {
			_, at, targets := identity(x)
			return x.do("DELETE", at, nil), targets
		},
		"DELETE of an individual": func(x *tenant) (*answer, []string) {
			person, _, targets := identity(x)
			return x.do("DELETE", person, nil), targets
		},
		"DELETE of an organization": func(x *tenant) (*answer, []string) {
			firm := x.firm("ACME")
			targets := x.many(most, x.individual("Erika")+"/professional-identities", object{"organization_contact": tail(x.firm("Other")), "is_active": false})
			grow(x, firm, func(n int) object { return object{"name": "A", "founders": refs(identityRef, targets[:n])} })
			return x.do("DELETE", firm, nil), targets
		},
		"DELETE of a customer and supplier": func(x *tenant) (*answer, []string) {
			person := x.individual("Erika")
			manager := x.identity(x.individual("Max"), x.firm("ACME"))
			targets := x.many(43, person+"/addresses", addressSample) // with the manager as many as can be
			configurations := []any{}
			for i, path := range targets {
				configurations = append(configurations, object{"invoice_address_id": tail(path), "limitations": object{"brand_id": fmt.Sprint(i)}})
			}
			x.do("PUT", person, object{"name": "Erika", "external_id": "crm-1"}).want(200)
			x.do("PUT", person+"/roles/supplier", with(supplierMinimal, "managed_by", identityRef(manager))).want(200)
			x.do("PUT", person+"/roles/customer", with(customerMinimal, "delivery_and_invoicing_configurations", configurations)).want(200)
			return x.do("DELETE", person, nil), []string{manager, "/individual/" + ownerID(manager)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newBulkTenant(t)
			a, targets := letGo(x)
			if a.status >= 300 {
				t.Errorf("%s = %d %s", a.what, a.status, a.body)
			}
			for _, path := range targets {
				if a := x.do("DELETE", path, nil); a.status != 204 {
					t.Fatalf("%s = %d %s", a.what, a.status, a.body)
				}
			}
		})
	}
}
