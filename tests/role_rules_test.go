package tests

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// pointers are where the faults of a problem are, each once, sorted.
func (a *answer) pointers(status int) []string {
	a.t.Helper()
	at := map[string]bool{}
	for _, f := range a.problem(status).Errors {
		at[f.Pointer] = true
	}
	return slices.Sorted(maps.Keys(at))
}

// newPlaceholder adds a placeholder customer and returns its path.
func (x *tenant) newPlaceholder(customerID string) string {
	x.t.Helper()
	return "/placeholder-customers/" + x.do("POST", "/placeholder-customers", with(placeholderMinimal, "customer_id", customerID)).want(201).text("id")
}

func TestTheIDOfARoleBelongsToOneContact(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	for _, r := range roleKinds {
		first, second := x.roleOwner("individual"), x.roleOwner("organization")
		at := func(path string) string { return path + "/" + r.segment }
		taken := func(a *answer, holder string) {
			t.Helper()
			if p := a.problem(409); p.ExistingID != lastSegment(holder) || len(p.Errors) != 1 || p.Errors[0].Pointer != "/"+r.id {
				t.Errorf("%s: %s, want existing_id %s and a fault at /%s", a.what, a.body, lastSegment(holder), r.id)
			}
		}
		// One text may be the id of a customer, of an alternative payer and of a supplier; and in each tenant again.
		same, next := with(r.minimal, r.id, "ä-1"), with(r.minimal, r.id, "ä-2")
		x.do("PUT", at(first), same).want(200)
		other.do("PUT", at(other.roleOwner("individual")), same).want(200)
		taken(x.do("PUT", at(second), same), first)
		taken(x.do("PUT", at(second), with(r.minimal, r.id, "a\u0308-1")), first) // the same in another of Unicode's forms
		x.get(at(second)).problem(404)
		x.do("PUT", at(first), same).want(200)
		// A change frees what was before.
		x.do("PUT", at(first), next).want(200)
		x.do("PUT", at(second), same).want(200)
		taken(x.do("PUT", at(second), next), first)
		if got := x.get(at(second)).text(r.id); got != "ä-1" {
			t.Errorf("a refused PUT left %q", got)
		}
	}
}

func TestACustomerIDIsUniqueAmongCustomersAndPlaceholders(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	customer, placeholder := x.roleOwner("organization"), x.newPlaceholder("till")
	taken := func(a *answer, holder string) {
		t.Helper()
		if p := a.problem(409); p.ExistingID != lastSegment(holder) {
			t.Errorf("existing_id %q, want %q", p.ExistingID, lastSegment(holder))
		}
	}
	taken(x.do("PUT", customer+"/roles/customer", with(customerMinimal, "customer_id", "till")), placeholder)
	x.do("PUT", customer+"/roles/customer", with(customerMinimal, "customer_id", "shop")).want(200)
	taken(x.do("POST", "/placeholder-customers", with(placeholderMinimal, "customer_id", "shop")), customer)
	taken(x.do("PUT", placeholder, with(placeholderMinimal, "customer_id", "shop")), customer)
	x.do("DELETE", placeholder, nil).want(204)
	x.do("PUT", customer+"/roles/customer", with(customerMinimal, "customer_id", "till")).want(200)
	x.newPlaceholder("shop")
	x.do("DELETE", customer, nil).want(204)
	x.newPlaceholder("till")
}

func TestOneRoleMadeTwiceAtOnceIsNotInItsOwnWay(t *testing.T) {
	t.Parallel()
	for _, r := range roleKinds {
		t.Run(r.segment, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			for n := range 4 {
				at := x.roleOwner("individual") + "/" + r.segment
				// All send the same: whichever is first, the others replace it.
				for _, a := range together(t, 5, func(int) (*answer, error) { return x.tryAs("PUT", at, with(r.minimal, r.id, fmt.Sprint(n))) }) {
					a.want(200)
				}
			}
		})
	}
}

func TestOfFortyThatClaimOneCustomerIDOneGetsIt(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	paths := make([]string, 40)
	for i := range paths {
		switch i % 4 {
		case 0, 1:
			paths[i] = x.roleOwner(roleOwners[i%4]) + "/roles/customer"
		case 2:
			paths[i] = x.newPlaceholder(fmt.Sprint(i))
		}
	}
	answers := together(t, len(paths), func(i int) (*answer, error) {
		switch i % 4 {
		case 2:
			return x.tryAs("PUT", paths[i], with(placeholderMinimal, "customer_id", "one"))
		case 3:
			return x.tryAs("POST", "/placeholder-customers", with(placeholderMinimal, "customer_id", "one"))
		}
		return x.tryAs("PUT", paths[i], with(customerMinimal, "customer_id", "one"))
	})
	holders := map[string]bool{}
	won := 0
	for _, a := range answers {
		if a.status == 200 || a.status == 201 {
			won++
			continue
		}
		holders[a.problem(409).ExistingID] = true
	}
	if won != 1 || len(holders) != 1 {
		t.Errorf("%d have it, and the others were told of %v", won, holders)
	}
}

func TestWhatARoleRefersToHasToExist(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	path := x.roleOwner("individual")
	address := x.do("POST", path+"/addresses", addressSample).want(201).text("id")
	email := x.do("POST", path+"/emails", emailSample).want(201).text("id")
	person, _, manager := x.newManager()
	foreign := x.do("POST", person+"/addresses", addressSample).want(201).text("id")
	gone, _, formerManager := x.newManager()
	x.do("DELETE", gone, nil).want(204)
	_, _, strange := other.newManager()
	ref := func(id string) object { return object{"id": id} }

	for name, payer := range map[string]string{
		"never made": "8124", "an organization never made": "8125", "deleted": lastSegment(gone), "a placeholder customer": lastSegment(x.newPlaceholder("1")),
		"an email": email, "of another tenant": strange["contact_id"].(string), "the largest id": "9007199254740991",
	} {
		if got := x.do("PUT", path+"/roles/customer", with(customerMinimal, "alternative_payer", ref(payer))).pointers(422); !slices.Equal(got, []string{"/alternative_payer"}) {
			t.Errorf("payer %s: faults at %q", name, got)
		}
	}
	for name, managed := range map[string]object{
		"never made":              {"contact_id": "8124", "professional_identity_id": "8127"},
		"of nobody":               {"contact_id": manager["contact_id"], "professional_identity_id": "8127"},
		"of another person":       {"contact_id": lastSegment(path), "professional_identity_id": manager["professional_identity_id"]},
		"of a deleted person":     formerManager,
		"of another tenant":       strange,
		"an organization contact": {"contact_id": lastSegment(x.roleOwner("organization")), "professional_identity_id": manager["professional_identity_id"]},
	} {
		for _, r := range []roleKind{roleKinds[0], roleKinds[2]} {
			if got := x.do("PUT", path+"/"+r.segment, with(r.minimal, "managed_by", managed)).pointers(422); !slices.Equal(got, []string{"/managed_by"}) {
				t.Errorf("%s managed by one %s: faults at %q", r.segment, name, got)
			}
		}
	}
	const configurations = "delivery_and_invoicing_configurations"
	at := "/" + configurations
	if got, want := x.do("PUT", path+"/roles/customer", with(customerMinimal, "managed_by", formerManager, "alternative_payer", ref("8124"), configurations, []any{
		object{"limitations": object{"brand_id": "a"}, "alternative_payer": ref("8125"), "invoice_address_id": foreign, "delivery_address_id": "8127"},
		object{"limitations": object{"brand_id": "b"}, "alternative_payer": ref(lastSegment(person)), "invoice_address_id": address, "delivery_address_id": email},
	})).pointers(422), []string{"/alternative_payer", at + "/0/alternative_payer", at + "/0/delivery_address_id", at + "/0/invoice_address_id",
		at + "/1/delivery_address_id", "/managed_by"}; !slices.Equal(got, want) {
		t.Errorf("faults at %q, want %q", got, want)
	}
	for _, r := range roleKinds {
		x.get(path + "/" + r.segment).problem(404)
	}
}

func TestTwoConfigurationsDifferInTheirLimitations(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	at := x.roleOwner("organization") + "/roles/customer"
	brand := func(id string) object { return object{"limitations": object{"brand_id": id}} }
	put := func(configurations ...any) *answer {
		return x.do("PUT", at, with(customerMinimal, "delivery_and_invoicing_configurations", append([]any{}, configurations...)))
	}
	fault := func(i int) string { return fmt.Sprintf("/delivery_and_invoicing_configurations/%d/limitations", i) }
	put(object{}, brand("a"), brand("b"), brand("A")).want(200)
	put(object{}, brand(" ")).faults(422, fault(1)) // blanks are no brand
	put(object{}, object{}).faults(422, fault(1))
	put(object{"limitations": object{}}, brand("a"), object{}).faults(422, fault(2))
	put(brand("a"), object{"limitations": object{"brand_id": ""}}, object{}).faults(422, fault(2))
	put(brand("a"), brand("b"), brand("a"), object{}, brand("b"), brand("a"), object{}).faults(422, fault(2), fault(4), fault(5), fault(6))
	put(brand("\u00e4"), brand("a\u0308")).faults(422, fault(1))
	if n := len(x.get(at).object()["delivery_and_invoicing_configurations"].([]any)); n != 4 {
		t.Errorf("%d configurations are left of 4: a refused PUT wrote", n)
	}
	put().want(200)
}

func TestAllRulesThatARoleBreaksAreToldAtOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	at := x.roleOwner("individual") + "/roles/customer"
	x.do("PUT", at, with(customerMinimal, "alternative_payer", object{"id": "8124"}, "delivery_and_invoicing_configurations", []any{object{}, object{}})).
		faults(422, "/alternative_payer", "/delivery_and_invoicing_configurations/1/limitations")
}

func TestARoleOfFaultsAloneIsStillAProblem(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	// Well-formed, and small; but its faults named one by one would pass what an answer can carry.
	x.do("PUT", x.roleOwner("individual")+"/roles/customer", `{"customer_id":"c-1","is_active":true,"is_suspended":false,"customer_since":"2025-03-25",
		"delivery_and_invoicing_configurations":[`+strings.TrimSuffix(strings.Repeat("{},", 60_000), ",")+`]}`).problem(422)
}

func TestAPayerOfManyMentionsIsHeldUntilTheLastIsGone(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	customer, payer, never := x.roleOwner("individual"), x.roleOwner("organization"), x.roleOwner("individual")
	ref := object{"id": lastSegment(payer)}
	one, other := object{"alternative_payer": ref}, object{"limitations": object{"brand_id": "a"}, "alternative_payer": ref}
	configurations := func(list ...any) []any {
		return []any{"delivery_and_invoicing_configurations", append([]any{}, list...)}
	}
	for _, changes := range [][]any{append(configurations(one, other), "alternative_payer", ref), configurations(one, other), configurations(other)} {
		x.do("PUT", customer+"/roles/customer", with(customerMinimal, changes...)).want(200)
		if p := x.do("DELETE", payer, nil).problem(422); !strings.Contains(p.Detail, lastSegment(customer)) {
			t.Errorf("refused by %q, which does not name contact %s", p.Detail, lastSegment(customer))
		}
	}
	// A refused PUT neither lets go nor holds.
	x.do("PUT", customer+"/roles/customer", with(customerMinimal, "alternative_payer", object{"id": lastSegment(never)}, "managed_by",
		object{"contact_id": "8124", "professional_identity_id": "8127"})).problem(422)
	x.do("DELETE", never, nil).want(204)
	x.do("DELETE", payer, nil).problem(422)
	x.do("PUT", customer+"/roles/customer", customerMinimal).want(200)
	x.do("DELETE", payer, nil).want(204)
}

func TestARoleIsChangedInTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.roleOwner("individual")
	for _, r := range roleKinds {
		at := path + "/" + r.segment
		for _, match := range []string{`"0"`, `"1"`, "*"} { // there is nothing that could match
			x.do("PUT", at, r.minimal, "If-Match", match).problem(412)
		}
		x.get(at).problem(404)
		first := x.do("PUT", at, r.minimal).want(200).header.Get("ETag")
		second := x.do("PUT", at, with(r.minimal, "is_active", false), "If-Match", first).want(200).header.Get("ETag")
		x.do("PUT", at, r.minimal, "If-Match", first).problem(412)
		answers := together(t, 10, func(int) (*answer, error) { return x.tryAs("PUT", at, r.minimal, "If-Match", second) })
		if got := statuses(answers); !maps.Equal(got, map[int]int{200: 1, 412: 9}) {
			t.Errorf("%s: statuses %v, want one 200 and 9 times 412", r.segment, got)
		}
		x.get(at, "If-None-Match", x.get(at).header.Get("ETag")).want(304)
		allow := x.do("DELETE", at, nil)
		if allow.problem(405); !strings.Contains(allow.header.Get("Allow"), "PUT") {
			t.Errorf("Allow %q", allow.header.Get("Allow"))
		}
	}
	x.do("DELETE", path, nil).want(204)
	for _, r := range roleKinds {
		x.do("PUT", path+"/"+r.segment, r.minimal).problem(422)
		if x.get(path+"/"+r.segment).want(200).text(r.id) != r.minimal[r.id] {
			t.Errorf("a deleted contact shows another %s", r.segment)
		}
	}
}

func TestARoleOfNoContactIsNotFound(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.roleOwner("individual")
	for _, r := range roleKinds {
		x.do("PUT", path+"/"+r.segment, r.minimal).want(200)
		for _, missing := range []string{"/individual/8124/", "/organization/8125/", "/individual/abc/", "/organization/" + lastSegment(path) + "/"} {
			x.get(missing + r.segment).problem(404)
			x.do("PUT", missing+r.segment, with(r.minimal, r.id, "2")).problem(404)
			// A precondition counts only where the request would succeed without it (RFC 9110, section 13.2.1).
			x.do("PUT", missing+r.segment, with(r.minimal, r.id, "2"), "If-Match", `"1"`).problem(404)
		}
	}
}

func TestOneKeyMakesOneRole(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	at := x.roleOwner("individual") + "/roles/customer"
	answers := together(t, 8, func(int) (*answer, error) { return x.tryAs("PUT", at, customerMinimal, "Idempotency-Key", "k") })
	for _, a := range answers {
		if a.want(200); string(a.body) != string(answers[0].body) || a.header.Get("ETag") != `"1"` {
			t.Errorf("%s with ETag %s, another %s", a.body, a.header.Get("ETag"), answers[0].body)
		}
	}
	x.do("PUT", at, with(customerMinimal, "is_active", false), "Idempotency-Key", "k").problem(422)
}

func TestDeliveryAndInvoicingIsResolvedForABrand(t *testing.T) {
	t.Parallel()
	for _, kind := range roleOwners {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			path := x.roleOwner(kind)
			at := path + "/roles/customer/delivery-and-invoicing"
			x.get(at).problem(404)
			put := func(configurations ...any) {
				x.do("PUT", path+"/roles/customer", with(customerMinimal, "alternative_payer", object{"id": lastSegment(path)},
					"delivery_and_invoicing_configurations", append([]any{}, configurations...))).want(200)
			}
			resolves := func(brand string, want object) {
				t.Helper()
				query := ""
				if brand != "" {
					query = "?brand_id=" + url.QueryEscape(brand)
				}
				if got := x.get(at + query).want(200).object(); !reflect.DeepEqual(got, want) {
					t.Errorf("brand %q: %v, want %v", brand, got, want)
				}
			}
			address := func(usages ...any) string {
				return x.do("POST", path+"/addresses", with(addressSample, "usages", append([]any{}, usages...))).want(201).text("id")
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

			payer := object{"id": lastSegment(x.roleOwner("organization"))}
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
				x.get(at+query).faults(400, "?brand_id")
			}
			x.get("/" + kind + "/8124/roles/customer/delivery-and-invoicing").problem(404)
			x.do("DELETE", path, nil).want(204)
			resolves("ä & b", object{"configuration": odd, "invoice_address_id": shipping, "delivery_address_id": everything})
		})
	}
}
