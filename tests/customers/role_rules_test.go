package customers

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// pointers returns the pointers of a problem's faults, sorted, without duplicates.
func pointers(a *harness.Answer, status int) []string {
	a.T.Helper()
	at := map[string]bool{}
	for _, f := range a.Problem(status).Errors {
		at[f.Pointer] = true
	}
	return slices.Sorted(maps.Keys(at))
}

func TestTheIDOfARoleBelongsToOneContact(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	for _, r := range roleKinds {
		first, second := x.RoleOwner("individual"), x.RoleOwner("organization")
		at := func(path string) string { return path + "/" + r.segment }
		taken := func(a *harness.Answer, holder string) {
			t.Helper()
			if p := a.Problem(409); p.ExistingID != harness.LastSegment(holder) || len(p.Errors) != 1 || p.Errors[0].Pointer != "/"+r.id {
				t.Errorf("%s: %s, want existing_id %s and a fault at /%s", a.What, a.Body, harness.LastSegment(holder), r.id)
			}
		}
		// Ids are unique for each role and tenant: customer, alternative payer and supplier may have the same.
		same, next := harness.With(r.minimal, r.id, "ä-1"), harness.With(r.minimal, r.id, "ä-2")
		x.Do("PUT", at(first), same).Want(200)
		other.Do("PUT", at(other.RoleOwner("individual")), same).Want(200)
		taken(x.Do("PUT", at(second), same), first)
		taken(x.Do("PUT", at(second), harness.With(r.minimal, r.id, "a\u0308-1")), first) // the same in another of Unicode's forms
		x.Get(at(second)).Problem(404)
		x.Do("PUT", at(first), same).Want(200)
		// A change frees the earlier id.
		x.Do("PUT", at(first), next).Want(200)
		x.Do("PUT", at(second), same).Want(200)
		taken(x.Do("PUT", at(second), next), first)
		if got := x.Get(at(second)).Text(r.id); got != "ä-1" {
			t.Errorf("a refused PUT left %q", got)
		}
	}
}

func TestACustomerIDIsUniqueAmongCustomersAndPlaceholders(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	customer, placeholder := x.RoleOwner("organization"), x.NewPlaceholder("till")
	taken := func(a *harness.Answer, holder string) {
		t.Helper()
		if p := a.Problem(409); p.ExistingID != harness.LastSegment(holder) {
			t.Errorf("existing_id %q, want %q", p.ExistingID, harness.LastSegment(holder))
		}
	}
	taken(x.Do("PUT", customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "till")), placeholder)
	x.Do("PUT", customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "shop")).Want(200)
	taken(x.Do("POST", "/placeholder-customers", harness.With(harness.PlaceholderMinimal, "customer_id", "shop")), customer)
	taken(x.Do("PUT", placeholder, harness.With(harness.PlaceholderMinimal, "customer_id", "shop")), customer)
	x.Do("DELETE", placeholder, nil).Want(204)
	x.Do("PUT", customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "till")).Want(200)
	x.NewPlaceholder("shop")
	x.Do("DELETE", customer, nil).Want(204)
	x.NewPlaceholder("till")
}

func TestConcurrentCreationsOfARoleDoNotConflictWithThemselves(t *testing.T) {
	t.Parallel()
	for _, r := range roleKinds {
		t.Run(r.segment, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			for n := range 4 {
				at := x.RoleOwner("individual") + "/" + r.segment
				// All send the same id: after the first, the others replace the role.
				for _, a := range harness.Concurrently(t, 5, func(int) (*harness.Answer, error) {
					return x.TryDo("PUT", at, harness.With(r.minimal, r.id, fmt.Sprint(n)))
				}) {
					a.Want(200)
				}
			}
		})
	}
}

func TestOneOfFortyConcurrentCustomersGetsACustomerID(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	paths := make([]string, 40)
	for i := range paths {
		switch i % 4 {
		case 0, 1:
			paths[i] = x.RoleOwner(roleOwners[i%4]) + "/roles/customer"
		case 2:
			paths[i] = x.NewPlaceholder(fmt.Sprint(i))
		}
	}
	answers := harness.Concurrently(t, len(paths), func(i int) (*harness.Answer, error) {
		switch i % 4 {
		case 2:
			return x.TryDo("PUT", paths[i], harness.With(harness.PlaceholderMinimal, "customer_id", "one"))
		case 3:
			return x.TryDo("POST", "/placeholder-customers", harness.With(harness.PlaceholderMinimal, "customer_id", "one"))
		}
		return x.TryDo("PUT", paths[i], harness.With(harness.CustomerMinimal, "customer_id", "one"))
	})
	holders := map[string]bool{}
	won := 0
	for _, a := range answers {
		if a.Status == 200 || a.Status == 201 {
			won++
			continue
		}
		holders[a.Problem(409).ExistingID] = true
	}
	if won != 1 || len(holders) != 1 {
		t.Errorf("%d have it, and the others were answered with %v", won, holders)
	}
}

func TestTheReferencesOfARoleMustExist(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	path := x.RoleOwner("individual")
	address := x.Do("POST", path+"/addresses", harness.AddressSample).Want(201).Text("id")
	email := x.Do("POST", path+"/emails", harness.EmailSample).Want(201).Text("id")
	person, _, manager := x.NewManager()
	foreign := x.Do("POST", person+"/addresses", harness.AddressSample).Want(201).Text("id")
	gone, _, formerManager := x.NewManager()
	x.Do("DELETE", gone, nil).Want(204)
	_, _, strange := other.NewManager()
	ref := func(id string) object { return object{"id": id} }

	for name, payer := range map[string]string{
		"never made": "8124", "an organization never made": "8125", "deleted": harness.LastSegment(gone), "a placeholder customer": harness.LastSegment(x.NewPlaceholder("1")),
		"an email": email, "of another tenant": strange["contact_id"].(string), "the largest id": "9007199254740991",
	} {
		if got := pointers(x.Do("PUT", path+"/roles/customer", harness.With(harness.CustomerMinimal, "alternative_payer", ref(payer))), 422); !slices.Equal(got, []string{"/alternative_payer"}) {
			t.Errorf("payer %s: faults at %q", name, got)
		}
	}
	for name, managed := range map[string]object{
		"never made":              {"contact_id": "8124", "professional_identity_id": "8127"},
		"of nobody":               {"contact_id": manager["contact_id"], "professional_identity_id": "8127"},
		"of another person":       {"contact_id": harness.LastSegment(path), "professional_identity_id": manager["professional_identity_id"]},
		"of a deleted person":     formerManager,
		"of another tenant":       strange,
		"an organization contact": {"contact_id": harness.LastSegment(x.RoleOwner("organization")), "professional_identity_id": manager["professional_identity_id"]},
	} {
		for _, r := range []roleKind{roleKinds[0], roleKinds[2]} {
			if got := pointers(x.Do("PUT", path+"/"+r.segment, harness.With(r.minimal, "managed_by", managed)), 422); !slices.Equal(got, []string{"/managed_by"}) {
				t.Errorf("%s managed by one %s: faults at %q", r.segment, name, got)
			}
		}
	}
	const configurations = "delivery_and_invoicing_configurations"
	at := "/" + configurations
	if got, want := pointers(x.Do("PUT", path+"/roles/customer", harness.With(harness.CustomerMinimal, "managed_by", formerManager, "alternative_payer", ref("8124"), configurations, []any{
		object{"limitations": object{"brand_id": "a"}, "alternative_payer": ref("8125"), "invoice_address_id": foreign, "delivery_address_id": "8127"},
		object{"limitations": object{"brand_id": "b"}, "alternative_payer": ref(harness.LastSegment(person)), "invoice_address_id": address, "delivery_address_id": email},
	})), 422), []string{"/alternative_payer", at + "/0/alternative_payer", at + "/0/delivery_address_id", at + "/0/invoice_address_id",
		at + "/1/delivery_address_id", "/managed_by"}; !slices.Equal(got, want) {
		t.Errorf("faults at %q, want %q", got, want)
	}
	for _, r := range roleKinds {
		x.Get(path + "/" + r.segment).Problem(404)
	}
}

func TestTwoConfigurationsDifferInTheirLimitations(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	at := x.RoleOwner("organization") + "/roles/customer"
	brand := func(id string) object { return object{"limitations": object{"brand_id": id}} }
	put := func(configurations ...any) *harness.Answer {
		return x.Do("PUT", at, harness.With(harness.CustomerMinimal, "delivery_and_invoicing_configurations", append([]any{}, configurations...)))
	}
	fault := func(i int) string { return fmt.Sprintf("/delivery_and_invoicing_configurations/%d/limitations", i) }
	put(object{}, brand("a"), brand("b"), brand("A")).Want(200)
	put(object{}, brand(" ")).Faults(422, fault(1)) // blanks are no brand
	put(object{}, object{}).Faults(422, fault(1))
	put(object{"limitations": object{}}, brand("a"), object{}).Faults(422, fault(2))
	put(brand("a"), object{"limitations": object{"brand_id": ""}}, object{}).Faults(422, fault(2))
	put(brand("a"), brand("b"), brand("a"), object{}, brand("b"), brand("a"), object{}).Faults(422, fault(2), fault(4), fault(5), fault(6))
	put(brand("\u00e4"), brand("a\u0308")).Faults(422, fault(1))
	if n := len(x.Get(at).Object()["delivery_and_invoicing_configurations"].([]any)); n != 4 {
		t.Errorf("%d configurations are left of 4: a refused PUT wrote", n)
	}
	put().Want(200)
}

func TestAllRulesThatARoleViolatesAreNamedTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	at := x.RoleOwner("individual") + "/roles/customer"
	x.Do("PUT", at, harness.With(harness.CustomerMinimal, "alternative_payer", object{"id": "8124"}, "delivery_and_invoicing_configurations", []any{object{}, object{}})).
		Faults(422, "/alternative_payer", "/delivery_and_invoicing_configurations/1/limitations")
}

func TestARoleOfFaultsAloneIsStillAProblem(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	// A small body whose faults would exceed the largest answer.
	x.Do("PUT", x.RoleOwner("individual")+"/roles/customer", `{"customer_id":"c-1","is_active":true,"is_suspended":false,"customer_since":"2025-03-25",
		"delivery_and_invoicing_configurations":[`+strings.TrimSuffix(strings.Repeat("{},", 60_000), ",")+`]}`).Problem(422)
}

func TestAPayerCannotBeDeletedBeforeItsLastReference(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	customer, payer, never := x.RoleOwner("individual"), x.RoleOwner("organization"), x.RoleOwner("individual")
	ref := object{"id": harness.LastSegment(payer)}
	one, other := object{"alternative_payer": ref}, object{"limitations": object{"brand_id": "a"}, "alternative_payer": ref}
	configurations := func(list ...any) []any {
		return []any{"delivery_and_invoicing_configurations", append([]any{}, list...)}
	}
	for _, changes := range [][]any{append(configurations(one, other), "alternative_payer", ref), configurations(one, other), configurations(other)} {
		x.Do("PUT", customer+"/roles/customer", harness.With(harness.CustomerMinimal, changes...)).Want(200)
		if p := x.Do("DELETE", payer, nil).Problem(422); !strings.Contains(p.Detail, harness.LastSegment(customer)) {
			t.Errorf("refused by %q, which does not name contact %s", p.Detail, harness.LastSegment(customer))
		}
	}
	// A refused PUT changes no references.
	x.Do("PUT", customer+"/roles/customer", harness.With(harness.CustomerMinimal, "alternative_payer", object{"id": harness.LastSegment(never)}, "managed_by",
		object{"contact_id": "8124", "professional_identity_id": "8127"})).Problem(422)
	x.Do("DELETE", never, nil).Want(204)
	x.Do("DELETE", payer, nil).Problem(422)
	x.Do("PUT", customer+"/roles/customer", harness.CustomerMinimal).Want(200)
	x.Do("DELETE", payer, nil).Want(204)
}

func TestIfMatchRestrictsAChangeOfARole(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.RoleOwner("individual")
	for _, r := range roleKinds {
		at := path + "/" + r.segment
		for _, match := range []string{`"0"`, `"1"`, "*"} { // there is nothing that could match
			x.Do("PUT", at, r.minimal, "If-Match", match).Problem(412)
		}
		x.Get(at).Problem(404)
		first := x.Do("PUT", at, r.minimal).Want(200).Header.Get("ETag")
		second := x.Do("PUT", at, harness.With(r.minimal, "is_active", false), "If-Match", first).Want(200).Header.Get("ETag")
		x.Do("PUT", at, r.minimal, "If-Match", first).Problem(412)
		answers := harness.Concurrently(t, 10, func(int) (*harness.Answer, error) { return x.TryDo("PUT", at, r.minimal, "If-Match", second) })
		if got := harness.CountStatuses(answers); !maps.Equal(got, map[int]int{200: 1, 412: 9}) {
			t.Errorf("%s: statuses %v, want one 200 and 9 times 412", r.segment, got)
		}
		x.Get(at, "If-None-Match", x.Get(at).Header.Get("ETag")).Want(304)
		allow := x.Do("DELETE", at, nil)
		if allow.Problem(405); !strings.Contains(allow.Header.Get("Allow"), "PUT") {
			t.Errorf("Allow %q", allow.Header.Get("Allow"))
		}
	}
	x.Do("DELETE", path, nil).Want(204)
	for _, r := range roleKinds {
		x.Do("PUT", path+"/"+r.segment, r.minimal).Problem(422)
		if x.Get(path+"/"+r.segment).Want(200).Text(r.id) != r.minimal[r.id] {
			t.Errorf("a deleted contact shows another %s", r.segment)
		}
	}
}

func TestARoleOfNoContactIsNotFound(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.RoleOwner("individual")
	for _, r := range roleKinds {
		x.Do("PUT", path+"/"+r.segment, r.minimal).Want(200)
		for _, missing := range []string{"/individual/8124/", "/organization/8125/", "/individual/abc/", "/organization/" + harness.LastSegment(path) + "/"} {
			x.Get(missing + r.segment).Problem(404)
			x.Do("PUT", missing+r.segment, harness.With(r.minimal, r.id, "2")).Problem(404)
			// A precondition counts only where the request would succeed without it (RFC 9110, section 13.2.1).
			x.Do("PUT", missing+r.segment, harness.With(r.minimal, r.id, "2"), "If-Match", `"1"`).Problem(404)
		}
	}
}

func TestOneKeyMakesOneRole(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	at := x.RoleOwner("individual") + "/roles/customer"
	answers := harness.Concurrently(t, 8, func(int) (*harness.Answer, error) {
		return x.TryDo("PUT", at, harness.CustomerMinimal, "Idempotency-Key", "k")
	})
	for _, a := range answers {
		if a.Want(200); string(a.Body) != string(answers[0].Body) || a.Header.Get("ETag") != `"1"` {
			t.Errorf("%s with ETag %s, another %s", a.Body, a.Header.Get("ETag"), answers[0].Body)
		}
	}
	x.Do("PUT", at, harness.With(harness.CustomerMinimal, "is_active", false), "Idempotency-Key", "k").Problem(422)
}

func TestDeliveryAndInvoicingIsResolvedForABrand(t *testing.T) {
	t.Parallel()
	for _, kind := range roleOwners {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			path := x.RoleOwner(kind)
			at := path + "/roles/customer/delivery-and-invoicing"
			x.Get(at).Problem(404)
			put := func(configurations ...any) {
				x.Do("PUT", path+"/roles/customer", harness.With(harness.CustomerMinimal, "alternative_payer", object{"id": harness.LastSegment(path)},
					"delivery_and_invoicing_configurations", append([]any{}, configurations...))).Want(200)
			}
			resolves := func(brand string, want object) {
				t.Helper()
				query := ""
				if brand != "" {
					query = "?brand_id=" + url.QueryEscape(brand)
				}
				if got := x.Get(at + query).Want(200).Object(); !reflect.DeepEqual(got, want) {
					t.Errorf("brand %q: %v, want %v", brand, got, want)
				}
			}
			address := func(usages ...any) string {
				return x.Do("POST", path+"/addresses", harness.With(harness.AddressSample, "usages", append([]any{}, usages...))).Want(201).Text("id")
			}
			put()
			resolves("", object{}) // no payer: the role's own is not that of a configuration
			address()
			address("CORRESPONDENCE")
			resolves("a", object{})
			everything := address("EVERYTHING")
			address("EVERYTHING", "CORRESPONDENCE")
			resolves("a", object{"invoice_address_id": everything, "delivery_address_id": everything})
			invoices, shipping := address("CORRESPONDENCE", "INVOICES"), address("SHIPPING")
			address("SHIPPING", "INVOICES")
			resolves("a", object{"invoice_address_id": invoices, "delivery_address_id": shipping})

			payer := object{"id": harness.LastSegment(x.RoleOwner("organization"))}
			wide, brandless, odd := object{"alternative_payer": payer}, object{"limitations": object{"brand_id": "a"}, "invoice_address_id": everything},
				object{"limitations": object{"brand_id": "ä & b"}, "invoice_address_id": shipping, "delivery_address_id": everything}
			put(odd, brandless, wide)
			resolves("", object{"configuration": wide, "invoice_address_id": invoices, "delivery_address_id": shipping, "alternative_payer": payer})
			resolves("c", object{"configuration": wide, "invoice_address_id": invoices, "delivery_address_id": shipping, "alternative_payer": payer})
			resolves("a", object{"configuration": brandless, "invoice_address_id": everything, "delivery_address_id": shipping})
			for _, spelling := range []string{"ä & b", "a\u0308 & b"} {
				resolves(spelling, object{"configuration": odd, "invoice_address_id": shipping, "delivery_address_id": everything})
			}
			put(odd)
			resolves("a", object{"invoice_address_id": invoices, "delivery_address_id": shipping})

			for _, query := range []string{"?brand_id=", "?brand_id=a&brand_id=a", "?brand_id=%00", "?brand_id=" + strings.Repeat("a", 1025)} {
				x.Get(at+query).Faults(400, "?brand_id")
			}
			x.Get("/" + kind + "/8124/roles/customer/delivery-and-invoicing").Problem(404)
			x.Do("DELETE", path, nil).Want(204)
			resolves("ä & b", object{"configuration": odd, "invoice_address_id": shipping, "delivery_address_id": everything})
		})
	}
}
