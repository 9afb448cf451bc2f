package references

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// wantInUse requires the deletion of a target to be refused with its referrers, and to change nothing.
func wantInUse(x *harness.Tenant, target string, referrers ...string) {
	x.T.Helper()
	before := x.Get(target).Want(200)
	p := x.Do("DELETE", target, nil).Problem(422)
	for _, r := range referrers {
		if !slices.ContainsFunc(p.Errors, func(f harness.Fault) bool { return strings.Contains(f.Detail, harness.LastSegment(r)) }) {
			x.T.Errorf("DELETE %s names %+v, want %s", target, p.Errors, r)
		}
	}
	if after := x.Get(target).Want(200); string(after.Body) != string(before.Body) || after.Header.Get("ETag") != before.Header.Get("ETag") {
		x.T.Errorf("a refused deletion made %s of %s", after.Body, before.Body)
	}
}

// A link is a reference that PUT adds and removes: its target, the resource that has it, the contact of that resource, and its name in
// refusals.
type link struct {
	target, at, holder, named string
	bound, free               object
}

var links = map[string]func(x *harness.Tenant) link{
	"organization with an active representative": func(x *harness.Tenant) link {
		person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
		at := x.CreateIdentity(person, firm, "is_active", false)
		return link{firm, at, person, at, object{"is_active": true}, object{"is_active": false}}
	},
	"department": func(x *harness.Tenant) link {
		person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
		at, target := x.CreateIdentity(person, firm), x.Create(firm+"/departments", harness.DepartmentSample)
		return link{target, at, person, at, object{"is_active": false, "departments": []any{harness.DepartmentRef(target)}}, object{"is_active": true}}
	},
	"location": func(x *harness.Tenant) link {
		person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
		at, target := x.CreateIdentity(person, firm), x.Create(firm+"/locations", harness.LocationSample)
		return link{target, at, person, at, object{"is_active": false, "locations": []any{harness.LocationRef(target)}}, object{"is_active": true}}
	},
	"founder": func(x *harness.Tenant) link {
		target, firm := x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("Other")), x.CreateOrganization("ACME")
		return link{target, firm, firm, firm, object{"name": "A", "founders": []any{harness.IdentityRef(target)}}, object{"name": "A"}}
	},
	"leader": func(x *harness.Tenant) link {
		target, firm := x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("Other")), x.CreateOrganization("ACME")
		return link{target, firm, firm, firm, object{"name": "A", "leaders": []any{harness.IdentityRef(target)}}, object{"name": "A"}}
	},
	"leader of a location": func(x *harness.Tenant) link {
		target, firm := x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("Other")), x.CreateOrganization("ACME")
		at := x.Create(firm+"/locations", harness.LocationSample)
		return link{target, at, firm, at, object{"name": "A", "leaders": []any{harness.IdentityRef(target)}}, object{"name": "A"}}
	},
	"identity that manages a customer": func(x *harness.Tenant) link {
		target, holder := x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("Other")), x.CreateIndividual("Max")
		return link{target, holder + "/roles/customer", holder, holder, harness.With(harness.CustomerMinimal, "managed_by", harness.IdentityRef(target)), harness.CustomerMinimal}
	},
	"individual that manages a customer": func(x *harness.Tenant) link {
		target, holder := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
		manager := harness.IdentityRef(x.CreateIdentity(target, x.CreateOrganization("Other")))
		return link{target, holder + "/roles/customer", holder, holder, harness.With(harness.CustomerMinimal, "managed_by", manager), harness.CustomerMinimal}
	},
	"identity that manages a supplier": func(x *harness.Tenant) link {
		target, holder := x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("Other")), x.CreateOrganization("ACME")
		return link{target, holder + "/roles/supplier", holder, holder, harness.With(harness.SupplierMinimal, "managed_by", harness.IdentityRef(target)), harness.SupplierMinimal}
	},
	"individual that manages a supplier": func(x *harness.Tenant) link {
		target, holder := x.CreateIndividual("Erika"), x.CreateIndividual("Max")
		manager := harness.IdentityRef(x.CreateIdentity(target, x.CreateOrganization("Other")))
		return link{target, holder + "/roles/supplier", holder, holder, harness.With(harness.SupplierMinimal, "managed_by", manager), harness.SupplierMinimal}
	},
	"individual that pays": func(x *harness.Tenant) link {
		target, holder := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
		return link{target, holder + "/roles/customer", holder, holder, harness.With(harness.CustomerMinimal, "alternative_payer", object{"id": harness.LastSegment(target)}), harness.CustomerMinimal}
	},
	"organization that pays in a configuration": func(x *harness.Tenant) link {
		target, holder := x.CreateOrganization("ACME"), x.CreateIndividual("Max")
		return link{target, holder + "/roles/customer", holder, holder, harness.With(harness.CustomerMinimal, "delivery_and_invoicing_configurations",
			[]any{object{"alternative_payer": object{"id": harness.LastSegment(target)}}}), harness.CustomerMinimal}
	},
	"address for invoices": func(x *harness.Tenant) link {
		holder := x.CreateIndividual("Erika")
		target := x.Create(holder+"/addresses", harness.AddressSample)
		return link{target, holder + "/roles/customer", "", holder, harness.With(harness.CustomerMinimal, "delivery_and_invoicing_configurations",
			[]any{object{"invoice_address_id": harness.LastSegment(target)}}), harness.CustomerMinimal}
	},
	"address for deliveries": func(x *harness.Tenant) link {
		holder := x.CreateOrganization("ACME")
		target := x.Create(holder+"/addresses", harness.AddressSample)
		return link{target, holder + "/roles/customer", "", holder, harness.With(harness.CustomerMinimal, "delivery_and_invoicing_configurations",
			[]any{object{}, object{"limitations": object{"brand_id": "b"}, "delivery_address_id": harness.LastSegment(target)}}), harness.CustomerMinimal}
	},
}

func TestATargetOfAReferenceCannotBeDeleted(t *testing.T) {
	t.Parallel()
	for name, newLink := range links {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			b := newLink(x)
			for range 2 { // making a reference again does not count twice
				x.Do("PUT", b.at, b.bound).Want(200)
			}
			wantInUse(x, b.target, b.named)
			x.Do("DELETE", b.target, nil, "Idempotency-Key", "k").Problem(422)
			x.Do("PUT", b.at, b.free).Want(200)
			x.Do("DELETE", b.target, nil).Want(204)
			x.Do("PUT", b.at, b.bound).Problem(422)
			x.Do("PUT", b.at, b.free).Want(200)
			if b.holder == "" {
				return
			}
			// A deleted contact refers to nothing, although it shows its last values.
			c := newLink(x)
			if strings.HasSuffix(c.at, "/roles/customer") || strings.HasSuffix(c.at, "/roles/supplier") {
				x.Do("DELETE", b.holder, nil).Want(204) // the role's id is free then
			}
			last := x.Do("PUT", c.at, c.bound).Want(200)
			x.Do("DELETE", c.holder, nil).Want(204)
			x.Do("DELETE", c.target, nil).Want(204)
			if c.at != c.holder && string(x.Get(c.at).Want(200).Body) != string(last.Body) {
				t.Errorf("the deleted contact shows %s, last was %s", x.Get(c.at).Body, last.Body)
			}
		})
	}
}

func TestARefusedDeletionNamesAllReferrers(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	department := x.Create(firm+"/departments", harness.DepartmentSample)
	at := []any{"departments", []any{harness.DepartmentRef(department)}}
	first, second := x.CreateIdentity(person, firm, at...), x.CreateIdentity(x.CreateIndividual("Max"), firm, at...)
	passive := x.CreateIdentity(person, firm, append(at, "is_active", false)...)
	wantInUse(x, firm, first, second)
	wantInUse(x, department, first, second, passive)
	x.Do("PUT", x.CreateIndividual("Moritz")+"/roles/customer", harness.With(harness.CustomerMinimal, "managed_by", harness.IdentityRef(first))).Want(200)
	x.Do("PUT", firm, object{"name": "A", "founders": []any{harness.IdentityRef(first)}, "leaders": []any{harness.IdentityRef(first)}}).Want(200)
	x.Do("PUT", firm, object{"name": "A", "leaders": []any{harness.IdentityRef(first)}}).Want(200) // still one of the two
	wantInUse(x, first, firm)
	for _, identity := range []string{second, passive} {
		x.Do("DELETE", identity, nil).Want(204)
	}
	wantInUse(x, department, first)
}

func TestAContactsOwnReferencesDoNotRestrictItsDeletion(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
	self := harness.IdentityRef(x.CreateIdentity(person, firm))
	for _, path := range []string{person, firm} {
		address := harness.LastSegment(x.Create(path+"/addresses", harness.AddressSample))
		x.Do("PUT", path+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", path, "managed_by", self, "alternative_payer", object{"id": harness.LastSegment(path)},
			"delivery_and_invoicing_configurations", []any{object{"invoice_address_id": address, "delivery_address_id": address}})).Want(200)
		x.Do("PUT", path+"/roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", path, "managed_by", self)).Want(200)
	}
	x.Do("PUT", firm, object{"name": "A", "founders": []any{self}, "leaders": []any{self}}).Want(200)
	wantInUse(x, person, firm)
	x.Do("PUT", firm+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", firm, "alternative_payer", object{"id": harness.LastSegment(firm)})).Want(200)
	x.Do("PUT", firm+"/roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", firm)).Want(200)
	x.Do("DELETE", person, nil).Want(204)
	x.Do("DELETE", firm, nil).Want(204)
}

func TestADeletedContactFreesItsUniqueValues(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"individual", "organization"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			claim := func() (path string, answers []*harness.Answer) {
				path = x.Create("/"+kind, object{"name": "A"})
				return path, []*harness.Answer{x.Do("PUT", path, object{"name": "A", "external_id": "crm-1"}), x.Do("PUT", path+"/roles/customer", harness.CustomerMinimal),
					x.Do("PUT", path+"/roles/alternative-payer", harness.PayerMinimal), x.Do("PUT", path+"/roles/supplier", harness.SupplierMinimal)}
			}
			path, made := claim()
			for _, a := range made {
				a.Want(200)
			}
			_, refused := claim()
			for _, a := range refused {
				if p := a.Problem(409); p.ExistingID != harness.LastSegment(path) {
					t.Errorf("%s: existing_id %q, want %q", a.What, p.ExistingID, harness.LastSegment(path))
				}
			}
			x.Do("DELETE", path, nil).Want(204)
			_, made = claim()
			for _, a := range made {
				a.Want(200)
			}
			x.Do("DELETE", path, nil).Want(204) // again: it frees nothing of the other's
			_, refused = claim()
			for _, a := range refused {
				a.Problem(409)
			}
		})
	}
}

func TestADeletedIndividualRepresentsNobody(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	location, department := x.Create(firm+"/locations", harness.LocationSample), x.Create(firm+"/departments", harness.DepartmentSample)
	places := []any{"locations", []any{harness.LocationRef(location)}, "departments", []any{harness.DepartmentRef(department)}}
	active, passive := x.CreateIdentity(person, firm, places...), x.CreateIdentity(person, firm, append(places, "is_active", false)...)
	other := x.CreateIdentity(x.CreateIndividual("Max"), firm, places...)
	_, before := x.Representatives(firm)
	x.Do("DELETE", person, nil).Want(204)
	ids, after := x.Representatives(firm)
	if !reflect.DeepEqual(ids, []string{harness.LastSegment(active), harness.LastSegment(passive), harness.LastSegment(other)}) {
		t.Errorf("representatives %q, want all three", ids)
	}
	ended := after[harness.LastSegment(active)]
	if ended["is_active"] != false || ended["deactivation_date"] == nil || ended["activation_date"] != before[harness.LastSegment(active)]["activation_date"] {
		t.Errorf("the deleted individual is %v, was %v", ended, before[harness.LastSegment(active)])
	}
	for _, id := range []string{harness.LastSegment(passive), harness.LastSegment(other)} {
		if !reflect.DeepEqual(after[id], before[id]) {
			t.Errorf("another identity is %v, was %v", after[id], before[id])
		}
	}
	if got := x.MemberCount(location); got != 1 {
		t.Errorf("%v members, want 1", got)
	}
	wantInUse(x, firm, other)
	wantInUse(x, department, other)
	x.Do("DELETE", other, nil).Want(204)
	for _, path := range []string{department, location, firm} {
		x.Do("DELETE", path, nil).Want(204)
	}
}

func TestADeletedOrganizationTakesNoNewRepresentative(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	location, department := x.Create(firm+"/locations", harness.LocationSample), x.Create(firm+"/departments", harness.DepartmentSample)
	held := x.CreateIdentity(person, firm, "is_active", false, "departments", []any{harness.DepartmentRef(department)})
	x.Do("DELETE", firm, nil).Want(204)
	// Earlier references stay, and can be removed.
	x.Do("PUT", held, object{"is_active": false, "job_title": "Boss", "departments": []any{harness.DepartmentRef(department)}}).Want(200)
	x.Do("PUT", held, object{"is_active": true}).Faults(422, "/organization_contact")
	for _, a := range []*harness.Answer{
		x.Do("PUT", held, object{"is_active": false, "locations": []any{harness.LocationRef(location)}}),
		x.Do("POST", person+"/professional-identities", object{"organization_contact": harness.LastSegment(firm), "is_active": false}),
		x.Do("POST", x.CreateOrganization("B")+"/memberships", harness.With(harness.MembershipSample, "organization_contact", harness.LastSegment(firm))),
		x.Do("PUT", x.CreateIndividual("Max")+"/roles/customer", harness.With(harness.CustomerMinimal, "alternative_payer", object{"id": harness.LastSegment(firm)})),
	} {
		if a.Status != 422 {
			t.Errorf("%s = %d %s: a new reference to a deleted organization", a.What, a.Status, a.Body)
		}
	}
	if ids, _ := x.Representatives(firm); !reflect.DeepEqual(ids, []string{harness.LastSegment(held)}) {
		t.Errorf("representatives %q", ids)
	}
	x.Do("PUT", held, object{"is_active": false}).Want(200)
	x.Do("DELETE", held, nil).Want(204)
	if ids, _ := x.Representatives(firm); ids != nil {
		t.Errorf("representatives %q after the identity's deletion", ids)
	}
}
