package tests

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// roleOwners are the segments of the two kinds of contact that have roles.
var roleOwners = []string{"individual", "organization"}

// roleOwner adds a contact of a kind and returns its path below the tenant's.
func (x *tenant) roleOwner(kind string) string {
	x.t.Helper()
	return "/" + kind + "/" + x.do("POST", "/"+kind, object{"name": "Contact"}).want(201).text("id")
}

// lastSegment is the id at a path's end.
func lastSegment(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// newManager adds an individual that represents an organization, and returns its path, that of its professional
// identity, and the reference to it.
func (x *tenant) newManager() (person, identity string, ref object) {
	x.t.Helper()
	person = x.roleOwner("individual")
	identity = person + "/professional-identities/" + x.do("POST", person+"/professional-identities",
		object{"organization_contact": lastSegment(x.roleOwner("organization")), "is_active": true}).want(201).text("id")
	return person, identity, object{"contact_id": lastSegment(person), "professional_identity_id": lastSegment(identity)}
}

// tryAs is a request for other goroutines than the test's own.
func (x *tenant) tryAs(method, path string, body any, headers ...string) (*answer, error) {
	return x.tryAsk(method, x.path(path), body, headers...)
}

// in is the tenant for a subtest: what fails there fails it alone.
func (x *tenant) in(t testing.TB) *tenant {
	y := *x
	y.t = t
	return &y
}

var (
	customerMinimal = object{"customer_id": "c-1", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}
	payerMinimal    = object{"alternative_payer_id": "p-1", "is_active": true, "since": "2025-03-25"}
	supplierMinimal = object{"supplier_id": "s-1", "is_active": true, "supplier_since": "2025-03-25"}
)

// A roleKind is one of the three roles: its segment, its name in details, the fields of its id and its account, the first
// account of a tenant, and the least that it takes.
type roleKind struct {
	segment, details, id, account string
	first                         int
	minimal                       object
}

var roleKinds = []roleKind{
	{"roles/customer", "customer_role", "customer_id", "debtor_account_id", 10_000, customerMinimal},
	{"roles/alternative-payer", "alternative_payer_role", "alternative_payer_id", "debtor_account_id", 10_000, payerMinimal},
	{"roles/supplier", "supplier_role", "supplier_id", "creditor_account_id", 70_000, supplierMinimal},
}

// wholeRoles are samples with every field, by segment, for a contact.
func (x *tenant) wholeRoles(contact string) map[string]object {
	x.t.Helper()
	_, _, manager := x.newManager()
	payer := object{"id": lastSegment(x.roleOwner("organization"))}
	address := x.do("POST", contact+"/addresses", addressSample).want(201).text("id")
	return map[string]object{
		"roles/customer": {"customer_id": "string", "is_active": true, "is_suspended": true, "customer_since": "2025-03-25", "managed_by": manager,
			"external_card": object{"number": "string"},
			"tax_information": object{"eu_vat_number": "string", "tax_registration_number": "stringstr",
				"enabled_tax_exemptions": []any{"UNIVERSAL_POSTAL_SERVICE_DE"}},
			"global_location_number": "string", "alternative_payer": payer, "requires_formal_invoice": true,
			"credit_limit": object{"value": 0.0, "unit": "AUD"},
			"delivery_and_invoicing_configurations": []any{
				object{"limitations": object{"brand_id": "string"}, "alternative_payer": payer, "invoice_address_id": address, "delivery_address_id": address},
				object{"invoice_address_id": address}}},
		"roles/alternative-payer": {"alternative_payer_id": "string", "is_active": true, "since": "2025-03-25"},
		"roles/supplier": {"supplier_id": "string", "is_active": true, "supplier_since": "2025-03-25", "managed_by": manager, "my_customer_id": "string",
			"tax_information":        object{"@type": "VendorTaxInformation", "eu_vat_number": "string", "tax_registration_number": "stringstr"},
			"global_location_number": "string"},
	}
}

func TestEveryFieldOfARoleIsKept(t *testing.T) {
	t.Parallel()
	for _, kind := range roleOwners {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			path := x.roleOwner(kind)
			whole := x.wholeRoles(path)
			for _, r := range roleKinds {
				at, sent := path+"/"+r.segment, whole[r.segment]
				x.get(at).problem(404)
				if details := x.get(path + "/full").want(200).object(); details[r.details] != nil {
					t.Errorf("details show a %s that nobody put: %v", r.details, details[r.details])
				}
				before := time.Now().Truncate(time.Second)
				put := x.do("PUT", at, sent).want(200)
				want := with(sent, r.account, strconv.Itoa(r.first))
				if r.segment == "roles/customer" {
					added := dateOfCard(put, before)
					want["external_card"] = object{"number": "string", "added": added}
				}
				if got := put.object(); !reflect.DeepEqual(got, want) {
					t.Fatalf("put\n%v, want\n%v", got, want)
				}
				read := x.get(at).want(200)
				if string(read.body) != string(put.body) || read.header.Get("ETag") != put.header.Get("ETag") || put.header.Get("ETag") == "" {
					t.Errorf("GET %s with ETag %s, PUT %s with %s", read.body, read.header.Get("ETag"), put.body, put.header.Get("ETag"))
				}
				if got := x.get(path + "/full").object()[r.details]; !reflect.DeepEqual(got, any(want)) {
					t.Errorf("details show %v, want %v", got, want)
				}
				if back := x.do("PUT", at, read.body).want(200); string(back.body) != string(read.body) {
					t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
				}
				x.do("HEAD", at, nil).want(200)
				// PUT replaces the whole: what is left out is cleared, the account stays.
				want = with(r.minimal, r.account, strconv.Itoa(r.first))
				if got := x.do("PUT", at, r.minimal).want(200).object(); !reflect.DeepEqual(got, want) {
					t.Errorf("replaced %v, want %v", got, want)
				}
				if got := x.get(at).object(); len(got) != len(r.minimal)+1 {
					t.Errorf("stored %v", got)
				}
			}
		})
	}
}

// dateOfCard holds the card of an answer to have been dated since a time, and returns the date.
func dateOfCard(a *answer, since time.Time) string {
	a.t.Helper()
	card, _ := a.object()["external_card"].(object)
	text, _ := card["added"].(string)
	added, err := time.Parse(time.RFC3339, text)
	if err != nil || !strings.HasSuffix(text, "Z") || added.Before(since) || added.After(time.Now()) {
		a.t.Fatalf("external_card %v, want one added between %v and now", card, since)
	}
	return text
}

func TestACardIsAddedWhenItsNumberChanges(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	at := x.roleOwner("individual") + "/roles/customer"
	card := func(number string) object {
		return with(customerMinimal, "external_card", object{"number": number, "added": "2017-07-07T13:00:00Z"})
	}
	first := dateOfCard(x.do("PUT", at, card("1")).want(200), time.Time{})
	for range 2 {
		if again := dateOfCard(x.do("PUT", at, with(card("1"), "is_active", false)).want(200), time.Time{}); again != first {
			t.Errorf("the same number was added %s, before %s", again, first)
		}
	}
	// Another number, the former one again, none, and one again.
	for _, body := range []object{card("2"), card("1"), customerMinimal, card("1")} {
		before := time.Now().Truncate(time.Second)
		put := x.do("PUT", at, body).want(200)
		if body["external_card"] != nil {
			dateOfCard(put, before)
		} else if put.object()["external_card"] != nil {
			t.Errorf("a card is left: %s", put.body)
		}
	}
}

func TestWhatARoleTakesIsShownAsItIsKept(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	at := x.roleOwner("organization")
	for _, c := range []struct {
		segment string
		body    object
		want    object // nil: as sent
	}{
		{"roles/customer", with(customerMinimal, "is_active", false, "requires_formal_invoice", false), nil},
		{"roles/customer", with(customerMinimal, "tax_information", object{"enabled_tax_exemptions": []any{"REVERSE_CHARGE_EU", "UNIVERSAL_POSTAL_SERVICE_DE", "REVERSE_CHARGE_EU"}}),
			with(customerMinimal, "tax_information", object{"enabled_tax_exemptions": []any{"REVERSE_CHARGE_EU", "UNIVERSAL_POSTAL_SERVICE_DE"}})},
		{"roles/customer", with(customerMinimal, "global_location_number", strings.Repeat("9", 256), "customer_id", strings.Repeat("ä", 1024)), nil},
		{"roles/alternative-payer", with(payerMinimal, "is_active", false, "since", "2024-02-29"), nil},
		{"roles/supplier", with(supplierMinimal, "is_active", false, "tax_information", object{"eu_vat_number": "DE1"}),
			with(supplierMinimal, "is_active", false, "tax_information", object{"@type": "VendorTaxInformation", "eu_vat_number": "DE1"})},
		{"roles/supplier", with(supplierMinimal, "supplier_id", strings.Repeat("ä", 256), "global_location_number", "4"), nil},
	} {
		got := x.do("PUT", at+"/"+c.segment, c.body).want(200).object()
		delete(got, "debtor_account_id")
		delete(got, "creditor_account_id")
		if c.want == nil {
			c.want = c.body
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %v, want %v", c.segment, got, c.want)
		}
	}
	for _, exemption := range strings.Fields("UNIVERSAL_POSTAL_SERVICE_DE INTRA_COMMUNITY_TRADE_EU THIRD_PARTY_COUNTRY_DELIVERY_EU REVERSE_CHARGE_EU") {
		x.do("PUT", at+"/roles/customer", with(customerMinimal, "tax_information", object{"enabled_tax_exemptions": []any{exemption}})).want(200)
	}
}

func TestAllThatIsWrongWithARoleIsToldAtOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.roleOwner("individual")
	for name, c := range map[string]struct {
		segment string
		body    object
		faults  []string
	}{
		"a customer without anything": {"roles/customer", object{}, []string{"/customer_id", "/is_active", "/is_suspended", "/customer_since"}},
		"a payer without anything":    {"roles/alternative-payer", object{}, []string{"/alternative_payer_id", "/is_active", "/since"}},
		"a supplier without anything": {"roles/supplier", object{}, []string{"/supplier_id", "/is_active", "/supplier_since"}},
		"a customer": {"roles/customer", object{
			"customer_id": " ", "is_active": "true", "is_suspended": 1, "customer_since": "2025-02-30", "managed_by": object{}, "external_card": object{},
			"tax_information":        object{"eu_vat_number": 5, "tax_registration_number": "12345678", "enabled_tax_exemptions": []any{"REVERSE_CHARGE_EU", "NONE"}},
			"global_location_number": "", "alternative_payer": object{"id": "abc"}, "requires_formal_invoice": "no",
			"credit_limit": object{"value": "12", "unit": "eur"},
			"delivery_and_invoicing_configurations": []any{
				object{"limitations": object{"brand_id": 5, "region": "x"}, "alternative_payer": object{"id": 5},
					"invoice_address_id": "0", "delivery_address_id": 7}, 5}, "nick": 1},
			[]string{"/customer_id", "/is_active", "/is_suspended", "/customer_since", "/managed_by/contact_id", "/managed_by/professional_identity_id",
				"/external_card/number", "/tax_information/eu_vat_number", "/tax_information/tax_registration_number", "/tax_information/enabled_tax_exemptions/1",
				"/global_location_number", "/alternative_payer/id", "/requires_formal_invoice", "/credit_limit/value", "/credit_limit/unit",
				"/delivery_and_invoicing_configurations/0/limitations/brand_id", "/delivery_and_invoicing_configurations/0/limitations/region",
				"/delivery_and_invoicing_configurations/0/alternative_payer/id", "/delivery_and_invoicing_configurations/0/invoice_address_id",
				"/delivery_and_invoicing_configurations/0/delivery_address_id", "/delivery_and_invoicing_configurations/1", "/nick"}},
		"a payer": {"roles/alternative-payer", object{"alternative_payer_id": strings.Repeat("a", 1025), "is_active": 1, "since": "today", "customer_id": "c"},
			[]string{"/alternative_payer_id", "/is_active", "/since", "/customer_id"}},
		"a supplier": {"roles/supplier", object{"supplier_id": strings.Repeat("a", 257), "is_active": []any{}, "supplier_since": "", "my_customer_id": 5, "managed_by": "8123",
			"tax_information":        object{"@type": "CustomerTaxInformation", "tax_registration_number": 5, "enabled_tax_exemptions": []any{}},
			"global_location_number": strings.Repeat("9", 257)},
			[]string{"/supplier_id", "/is_active", "/supplier_since", "/my_customer_id", "/managed_by", "/tax_information/@type",
				"/tax_information/tax_registration_number", "/tax_information/enabled_tax_exemptions", "/global_location_number"}},
		"ids beyond 2^53": {"roles/customer", with(customerMinimal, "alternative_payer", object{"id": "9999999999999999"}, "managed_by",
			object{"contact_id": "9007199254740992", "professional_identity_id": "8123"}), []string{"/alternative_payer/id", "/managed_by/contact_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.in(t)
			x.do("PUT", path+"/"+c.segment, c.body).faults(400, c.faults...)
			x.get(path + "/" + c.segment).problem(404)
		})
	}
}

func TestACreditLimitIsKeptToTheDigit(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.roleOwner("individual")
	at := path + "/roles/customer"
	body := func(limit string) string {
		return `{"customer_id":"c-1","is_active":true,"is_suspended":false,"customer_since":"2025-03-25","credit_limit":` + limit + `}`
	}
	for _, value := range []string{"2500.750", "0", "-0", "0.00", "-0.10", "1e2", "1E+2", "2.50e-3", "9007199254740993",
		"100000000000000000000000000000", "0.123456789012345678901234567890", "123456789012345678901234567890.12"} {
		put := x.do("PUT", at, body(`{"unit":"EUR","value":`+value+`}`)).want(200)
		for _, a := range []*answer{put, x.get(at).want(200), x.get(path + "/full").want(200), x.do("PUT", at, put.body).want(200)} {
			if want := `"credit_limit":{"value":` + value + `,"unit":"EUR"}`; !strings.Contains(string(a.body), want) {
				t.Errorf("%s answers %s, want %s", a.what, a.body, want)
			}
		}
	}
	for limit, faults := range map[string][]string{
		`{"value":1}`: {"/credit_limit/unit"}, `{"unit":"EUR"}`: {"/credit_limit/value"}, `{}`: {"/credit_limit/unit", "/credit_limit/value"}, `5`: {"/credit_limit"},
		`{"value":"12","unit":"EUR"}`: {"/credit_limit/value"}, `{"value":true,"unit":"EUR"}`: {"/credit_limit/value"},
		`{"value":null,"unit":"EUR"}`: {"/credit_limit/value"}, `{"value":[1],"unit":"EUR"}`: {"/credit_limit/value"},
		`{"value":1` + strings.Repeat("0", 64) + `,"unit":"EUR"}`: {"/credit_limit/value"},
		`{"value":1e999,"unit":"EUR"}`:                            {"/credit_limit/value"},
		`{"value":-1e999}`:                                        {"/credit_limit/value", "/credit_limit/unit"},
		`{"value":1,"unit":"EUR","currency":"EUR"}`:               {"/credit_limit/currency"},
	} {
		x.do("PUT", at, body(limit)).faults(400, faults...)
	}
	for _, number := range []string{"01", "+1", ".5", "1.", "0x1", "NaN", "1,5", "1e"} { // no numbers of JSON
		x.do("PUT", at, body(`{"unit":"EUR","value":`+number+`}`)).problem(400)
	}
	for unit, status := range map[string]int{
		"USD": 200, "JPY": 200, "BHD": 200, "CLF": 200, "XAU": 200, "XXX": 200, "SLE": 200, "ZWG": 200,
		"eur": 400, "": 400, "EURO": 400, "XYZ": 400, "978": 400, "DEM": 400, " EUR": 400, "€": 400,
	} {
		x.do("PUT", at, body(fmt.Sprintf(`{"value":1,"unit":%q}`, unit))).want(status)
	}
}

func TestAContactHasOneDebtorAndOneCreditorAccount(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	given := map[string]bool{}
	last := map[string]int{"debtor_account_id": 9_999, "creditor_account_id": 69_999}
	put := func(x *tenant, path string, r roleKind, n int) string {
		return x.do("PUT", path+"/"+r.segment, with(r.minimal, r.id, fmt.Sprint(n), r.account, "4")).want(200).text(r.account)
	}
	for n := range 6 {
		path := x.roleOwner(roleOwners[n%2])
		order := slices.Clone(roleKinds)
		if n >= 3 {
			slices.Reverse(order)
		}
		mine := map[string]string{}
		for _, r := range order {
			number := put(x, path, r, n)
			if earlier, ok := mine[r.account]; ok {
				if number != earlier {
					t.Errorf("%s has %s %s and %s", path, r.account, earlier, number)
				}
				continue
			}
			mine[r.account] = number
			value, err := strconv.Atoi(number)
			if err != nil || value <= last[r.account] || given[number] || n == 0 && value != r.first {
				t.Errorf("%s of contact %d is %s, after %d", r.account, n, number, last[r.account])
			}
			given[number], last[r.account] = true, value
		}
		// Neither a refusal nor a deletion gives a number back.
		for _, r := range roleKinds {
			x.do("PUT", x.roleOwner("individual")+"/"+r.segment, with(r.minimal, r.id, fmt.Sprint(n))).problem(409)
		}
		x.do("DELETE", path, nil).want(204)
	}
	path := other.roleOwner("organization")
	for _, r := range roleKinds {
		if number := put(other, path, r, 0); number != strconv.Itoa(r.first) {
			t.Errorf("another tenant's first %s is %s, want %d", r.account, number, r.first)
		}
	}
}

func TestRolesMadeAtOnceHaveDifferentAccounts(t *testing.T) {
	t.Parallel()
	for _, r := range []roleKind{roleKinds[0], roleKinds[2]} {
		t.Run(r.segment, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			paths := make([]string, 30)
			for i := range paths {
				paths[i] = x.roleOwner(roleOwners[i%2])
			}
			numbers := map[string]bool{}
			for i, a := range together(t, 30, func(i int) (*answer, error) {
				return x.tryAs("PUT", paths[i]+"/"+r.segment, with(r.minimal, r.id, fmt.Sprint(i)))
			}) {
				number := a.want(200).text(r.account)
				if value, err := strconv.Atoi(number); err != nil || value < r.first || numbers[number] {
					t.Errorf("contact %d has %q: no number from %d upward, or another's", i, number, r.first)
				}
				numbers[number] = true
				if stored := x.get(paths[i] + "/" + r.segment).text(r.account); stored != number {
					t.Errorf("stored %s, answered %s", stored, number)
				}
			}
		})
	}
}

func TestTwoRolesMadeAtOnceShareOneAccount(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	paths := make([]string, 8)
	for i := range paths {
		paths[i] = x.roleOwner(roleOwners[i%2])
	}
	// Each contact is made a customer and an alternative payer, all at the same time.
	answers := together(t, 2*len(paths), func(i int) (*answer, error) {
		r, n := roleKinds[i%2], i/2
		return x.tryAs("PUT", paths[n]+"/"+r.segment, with(r.minimal, r.id, fmt.Sprint(n)))
	})
	given := map[string]bool{}
	for n, path := range paths {
		numbers := map[string]bool{}
		for _, a := range answers[2*n : 2*n+2] {
			numbers[a.want(200).text("debtor_account_id")] = true
		}
		for _, r := range roleKinds[:2] {
			numbers[x.get(path+"/"+r.segment).text("debtor_account_id")] = true
		}
		if len(numbers) != 1 {
			t.Errorf("contact %d has the accounts %v", n, numbers)
		}
		maps.Copy(given, numbers)
	}
	if len(given) != len(paths) {
		t.Errorf("%d contacts have %d accounts", len(paths), len(given))
	}
}
