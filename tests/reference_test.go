package tests

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// inUse holds the deletion of a target to be refused, to name what refers to it, and to change nothing.
func (x *tenant) inUse(target string, referrers ...string) {
	x.t.Helper()
	before := x.get(target).want(200)
	p := x.do("DELETE", target, nil).problem(422)
	for _, r := range referrers {
		if !slices.ContainsFunc(p.Errors, func(f fault) bool { return strings.Contains(f.Detail, tail(r)) }) {
			x.t.Errorf("DELETE %s names %+v, want %s", target, p.Errors, r)
		}
	}
	if after := x.get(target).want(200); string(after.body) != string(before.body) || after.header.Get("ETag") != before.header.Get("ETag") {
		x.t.Errorf("a refused deletion made %s of %s", after.body, before.body)
	}
}

// A bond is a reference that can be made and taken back by PUT: what it leads to, which resource has it, the contact that
// the resource belongs to, and how a refusal names it.
type bond struct {
	target, at, holder, named string
	bound, free               object
}

var bonds = map[string]func(x *tenant) bond{
	"organization with an active representative": func(x *tenant) bond {
		person, firm := x.individual("Erika"), x.firm("ACME")
		at := x.identity(person, firm, "is_active", false)
		return bond{firm, at, person, at, object{"is_active": true}, object{"is_active": false}}
	},
	"department": func(x *tenant) bond {
		person, firm := x.individual("Erika"), x.firm("ACME")
		at, target := x.identity(person, firm), x.create(firm+"/departments", departmentSample)
		return bond{target, at, person, at, object{"is_active": false, "departments": []any{departmentRef(target)}}, object{"is_active": true}}
	},
	"location": func(x *tenant) bond {
		person, firm := x.individual("Erika"), x.firm("ACME")
		at, target := x.identity(person, firm), x.create(firm+"/locations", locationSample)
		return bond{target, at, person, at, object{"is_active": false, "locations": []any{locationRef(target)}}, object{"is_active": true}}
	},
	"founder": func(x *tenant) bond {
		target, firm := x.identity(x.individual("Erika"), x.firm("Other")), x.firm("ACME")
		return bond{target, firm, firm, firm, object{"name": "A", "founders": []any{identityRef(target)}}, object{"name": "A"}}
	},
	"leader": func(x *tenant) bond {
		target, firm := x.identity(x.individual("Erika"), x.firm("Other")), x.firm("ACME")
		return bond{target, firm, firm, firm, object{"name": "A", "leaders": []any{identityRef(target)}}, object{"name": "A"}}
	},
	"leader of a location": func(x *tenant) bond {
		target, firm := x.identity(x.individual("Erika"), x.firm("Other")), x.firm("ACME")
		at := x.create(firm+"/locations", locationSample)
		return bond{target, at, firm, at, object{"name": "A", "leaders": []any{identityRef(target)}}, object{"name": "A"}}
	},
	"identity that manages a customer": func(x *tenant) bond {
		target, holder := x.identity(x.individual("Erika"), x.firm("Other")), x.individual("Max")
		return bond{target, holder + "/roles/customer", holder, holder, with(customerMinimal, "managed_by", identityRef(target)), customerMinimal}
	},
	"individual that manages a customer": func(x *tenant) bond {
		target, holder := x.individual("Erika"), x.firm("ACME")
		manager := identityRef(x.identity(target, x.firm("Other")))
		return bond{target, holder + "/roles/customer", holder, holder, with(customerMinimal, "managed_by", manager), customerMinimal}
	},
	"identity that manages a supplier": func(x *tenant) bond {
		target, holder := x.identity(x.individual("Erika"), x.firm("Other")), x.firm("ACME")
		return bond{target, holder + "/roles/supplier", holder, holder, with(supplierMinimal, "managed_by", identityRef(target)), supplierMinimal}
	},
	"individual that manages a supplier": func(x *tenant) bond {
		target, holder := x.individual("Erika"), x.individual("Max")
		manager := identityRef(x.identity(target, x.firm("Other")))
		return bond{target, holder + "/roles/supplier", holder, holder, with(supplierMinimal, "managed_by", manager), supplierMinimal}
	},
	"individual that pays": func(x *tenant) bond {
		target, holder := x.individual("Erika"), x.firm("ACME")
		return bond{target, holder + "/roles/customer", holder, holder, with(customerMinimal, "alternative_payer", object{"id": tail(target)}), customerMinimal}
	},
	"organization that pays in a configuration": func(x *tenant) bond {
		target, holder := x.firm("ACME"), x.individual("Max")
		return bond{target, holder + "/roles/customer", holder, holder, with(customerMinimal, "delivery_and_invoicing_configurations",
			[]any{object{"alternative_payer": object{"id": tail(target)}}}), customerMinimal}
	},
	"address for invoices": func(x *tenant) bond {
		holder := x.individual("Erika")
		target := x.create(holder+"/addresses", addressSample)
		return bond{target, holder + "/roles/customer", "", holder, with(customerMinimal, "delivery_and_invoicing_configurations",
			[]any{object{"invoice_address_id": tail(target)}}), customerMinimal}
	},
	"address for deliveries": func(x *tenant) bond {
		holder := x.firm("ACME")
		target := x.create(holder+"/addresses", addressSample)
		return bond{target, holder + "/roles/customer", "", holder, with(customerMinimal, "delivery_and_invoicing_configurations",
			[]any{object{}, object{"limitations": object{"brand_id": "b"}, "delivery_address_id": tail(target)}}), customerMinimal}
	},
}

func TestWhatIsReferredToCannotBeDeleted(t *testing.T) {
	t.Parallel()
	for name, bond := range bonds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			b := bond(x)
			for range 2 { // making a reference again does not count twice
				x.do("PUT", b.at, b.bound).want(200)
			}
			x.inUse(b.target, b.named)
			x.do("DELETE", b.target, nil, "Idempotency-Key", "k").problem(422)
			x.do("PUT", b.at, b.free).want(200)
			x.do("DELETE", b.target, nil).want(204)
			x.do("PUT", b.at, b.bound).problem(422)
			x.do("PUT", b.at, b.free).want(200)
			if b.holder == "" {
				return
			}
			// A deleted contact refers to nothing any more, though it shows its last values.
			c := bond(x)
			if strings.HasSuffix(c.at, "/roles/customer") || strings.HasSuffix(c.at, "/roles/supplier") {
				x.do("DELETE", b.holder, nil).want(204) // the role's id is free then
			}
			last := x.do("PUT", c.at, c.bound).want(200)
			x.do("DELETE", c.holder, nil).want(204)
			x.do("DELETE", c.target, nil).want(204)
			if c.at != c.holder && string(x.get(c.at).want(200).body) != string(last.body) {
				t.Errorf("the deleted contact shows %s, last was %s", x.get(c.at).body, last.body)
			}
		})
	}
}

func TestARefusalNamesAllThatIsInTheWay(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	department := x.create(firm+"/departments", departmentSample)
	at := []any{"departments", []any{departmentRef(department)}}
	first, second := x.identity(person, firm, at...), x.identity(x.individual("Max"), firm, at...)
	passive := x.identity(person, firm, append(at, "is_active", false)...)
	x.inUse(firm, first, second)
	x.inUse(department, first, second, passive)
	x.do("PUT", x.individual("Moritz")+"/roles/customer", with(customerMinimal, "managed_by", identityRef(first))).want(200)
	x.do("PUT", firm, object{"name": "A", "founders": []any{identityRef(first)}, "leaders": []any{identityRef(first)}}).want(200)
	x.do("PUT", firm, object{"name": "A", "leaders": []any{identityRef(first)}}).want(200) // still one of the two
	x.inUse(first, firm)
	for _, identity := range []string{second, passive} {
		x.do("DELETE", identity, nil).want(204)
	}
	x.inUse(department, first)
}

func TestAContactsOwnReferencesAreNotInItsWay(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person, firm := x.individual("Erika"), x.firm("ACME")
	self := identityRef(x.identity(person, firm))
	for _, path := range []string{person, firm} {
		address := tail(x.create(path+"/addresses", addressSample))
		x.do("PUT", path+"/roles/customer", with(customerMinimal, "customer_id", path, "managed_by", self, "alternative_payer", object{"id": tail(path)},
			"delivery_and_invoicing_configurations", []any{object{"invoice_address_id": address, "delivery_address_id": address}})).want(200)
		x.do("PUT", path+"/roles/supplier", with(supplierMinimal, "supplier_id", path, "managed_by", self)).want(200)
	}
	x.do("PUT", firm, object{"name": "A", "founders": []any{self}, "leaders": []any{self}}).want(200)
	x.inUse(person, firm)
	x.do("PUT", firm+"/roles/customer", with(customerMinimal, "customer_id", firm, "alternative_payer", object{"id": tail(firm)})).want(200)
	x.do("PUT", firm+"/roles/supplier", with(supplierMinimal, "supplier_id", firm)).want(200)
	x.do("DELETE", person, nil).want(204)
	x.do("DELETE", firm, nil).want(204)
}

func TestADeletedContactLetsGoOfItsUniqueValues(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"individual", "organization"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			claim := func() (path string, answers []*answer) {
				path = x.create("/"+kind, object{"name": "A"})
				return path, []*answer{x.do("PUT", path, object{"name": "A", "external_id": "crm-1"}), x.do("PUT", path+"/roles/customer", customerMinimal),
					x.do("PUT", path+"/roles/alternative-payer", payerMinimal), x.do("PUT", path+"/roles/supplier", supplierMinimal)}
			}
			path, made := claim()
			for _, a := range made {
				a.want(200)
			}
			_, refused := claim()
			for _, a := range refused {
				if p := a.problem(409); p.ExistingID != tail(path) {
					t.Errorf("%s: existing_id %q, want %q", a.what, p.ExistingID, tail(path))
				}
			}
			x.do("DELETE", path, nil).want(204)
			_, made = claim()
			for _, a := range made {
				a.want(200)
			}
			x.do("DELETE", path, nil).want(204) // again: it frees nothing of the other's
			_, refused = claim()
			for _, a := range refused {
				a.problem(409)
			}
		})
	}
}

func TestADeletedIndividualRepresentsNobody(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	location, department := x.create(firm+"/locations", locationSample), x.create(firm+"/departments", departmentSample)
	places := []any{"locations", []any{locationRef(location)}, "departments", []any{departmentRef(department)}}
	active, passive := x.identity(person, firm, places...), x.identity(person, firm, append(places, "is_active", false)...)
	other := x.identity(x.individual("Max"), firm, places...)
	_, before := x.representatives(firm)
	x.do("DELETE", person, nil).want(204)
	ids, after := x.representatives(firm)
	if !reflect.DeepEqual(ids, []string{tail(active), tail(passive), tail(other)}) {
		t.Errorf("representatives %q, want all three", ids)
	}
	ended := after[tail(active)]
	if ended["is_active"] != false || ended["deactivation_date"] == nil || ended["activation_date"] != before[tail(active)]["activation_date"] {
		t.Errorf("the deleted individual is %v, was %v", ended, before[tail(active)])
	}
	for _, id := range []string{tail(passive), tail(other)} {
		if !reflect.DeepEqual(after[id], before[id]) {
			t.Errorf("another identity is %v, was %v", after[id], before[id])
		}
	}
	if got := x.members(location); got != 1 {
		t.Errorf("%v members, want 1", got)
	}
	x.inUse(firm, other)
	x.inUse(department, other)
	x.do("DELETE", other, nil).want(204)
	for _, path := range []string{department, location, firm} {
		x.do("DELETE", path, nil).want(204)
	}
}

func TestADeletedOrganizationTakesNoNewRepresentative(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	location, department := x.create(firm+"/locations", locationSample), x.create(firm+"/departments", departmentSample)
	held := x.identity(person, firm, "is_active", false, "departments", []any{departmentRef(department)})
	x.do("DELETE", firm, nil).want(204)
	// What was there before stays, and can be let go.
	x.do("PUT", held, object{"is_active": false, "job_title": "Boss", "departments": []any{departmentRef(department)}}).want(200)
	x.do("PUT", held, object{"is_active": true}).faults(422, "/organization_contact")
	for _, a := range []*answer{
		x.do("PUT", held, object{"is_active": false, "locations": []any{locationRef(location)}}),
		x.do("POST", person+"/professional-identities", object{"organization_contact": tail(firm), "is_active": false}),
		x.do("POST", x.firm("B")+"/memberships", with(membershipSample, "organization_contact", tail(firm))),
		x.do("PUT", x.individual("Max")+"/roles/customer", with(customerMinimal, "alternative_payer", object{"id": tail(firm)})),
	} {
		if a.status != 422 {
			t.Errorf("%s = %d %s: a new reference to a deleted organization", a.what, a.status, a.body)
		}
	}
	if ids, _ := x.representatives(firm); !reflect.DeepEqual(ids, []string{tail(held)}) {
		t.Errorf("representatives %q", ids)
	}
	x.do("PUT", held, object{"is_active": false}).want(200)
	x.do("DELETE", held, nil).want(204)
	if ids, _ := x.representatives(firm); ids != nil {
		t.Errorf("representatives %q after the identity's deletion", ids)
	}
}
