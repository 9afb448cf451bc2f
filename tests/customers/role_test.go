package customers

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"contacts/tests/harness"
)

// roleOwners are the path segments of the contacts that have roles.
var roleOwners = []string{"individual", "organization"}

// A roleKind is one of the three roles: its path segment, its name in details, the fields of its id and account, the first account of a
// tenant, and its smallest body.
type roleKind struct {
	segment, details, id, account string
	first                         int
	minimal                       object
}

var roleKinds = []roleKind{
	{"roles/customer", "customer_role", "customer_id", "debtor_account_id", 10_000, harness.CustomerMinimal},
	{"roles/alternative-payer", "alternative_payer_role", "alternative_payer_id", "debtor_account_id", 10_000, harness.PayerMinimal},
	{"roles/supplier", "supplier_role", "supplier_id", "creditor_account_id", 70_000, harness.SupplierMinimal},
}

// fullRoles returns samples with every field for a contact, by path segment.
func fullRoles(x *harness.Tenant, contact string) map[string]object {
	x.T.Helper()
	_, _, manager := x.NewManager()
	payer := object{"id": harness.LastSegment(x.RoleOwner("organization"))}
	address := x.Do("POST", contact+"/addresses", harness.AddressSample).Want(201).Text("id")
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
			x := harness.NewTenant(t)
			path := x.RoleOwner(kind)
			whole := fullRoles(x, path)
			for _, r := range roleKinds {
				at, sent := path+"/"+r.segment, whole[r.segment]
				x.Get(at).Problem(404)
				if details := x.Get(path + "/full").Want(200).Object(); details[r.details] != nil {
					t.Errorf("details show a %s that nobody put: %v", r.details, details[r.details])
				}
				before := time.Now().Truncate(time.Second)
				put := x.Do("PUT", at, sent).Want(200)
				want := harness.With(sent, r.account, strconv.Itoa(r.first))
				if r.segment == "roles/customer" {
					added := dateOfCard(put, before)
					want["external_card"] = object{"number": "string", "added": added}
				}
				if got := put.Object(); !reflect.DeepEqual(got, want) {
					t.Fatalf("put\n%v, want\n%v", got, want)
				}
				read := x.Get(at).Want(200)
				if string(read.Body) != string(put.Body) || read.Header.Get("ETag") != put.Header.Get("ETag") || put.Header.Get("ETag") == "" {
					t.Errorf("GET %s with ETag %s, PUT %s with %s", read.Body, read.Header.Get("ETag"), put.Body, put.Header.Get("ETag"))
				}
				if got := x.Get(path + "/full").Object()[r.details]; !reflect.DeepEqual(got, any(want)) {
					t.Errorf("details show %v, want %v", got, want)
				}
				if back := x.Do("PUT", at, read.Body).Want(200); string(back.Body) != string(read.Body) {
					t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
				}
				x.Do("HEAD", at, nil).Want(200)
				// PUT replaces the whole: fields that are left out are cleared, the account stays.
				want = harness.With(r.minimal, r.account, strconv.Itoa(r.first))
				if got := x.Do("PUT", at, r.minimal).Want(200).Object(); !reflect.DeepEqual(got, want) {
					t.Errorf("replaced %v, want %v", got, want)
				}
				if got := x.Get(at).Object(); len(got) != len(r.minimal)+1 {
					t.Errorf("stored %v", got)
				}
			}
		})
	}
}

// dateOfCard requires the date of a card to be between a time and now, and returns it.
func dateOfCard(a *harness.Answer, since time.Time) string {
	a.T.Helper()
	card, _ := a.Object()["external_card"].(object)
	text, _ := card["added"].(string)
	added, err := time.Parse(time.RFC3339, text)
	if err != nil || !strings.HasSuffix(text, "Z") || added.Before(since) || added.After(time.Now()) {
		a.T.Fatalf("external_card %v, want one added between %v and now", card, since)
	}
	return text
}

func TestACardIsDatedWhenItsNumberChanges(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	at := x.RoleOwner("individual") + "/roles/customer"
	card := func(number string) object {
		return harness.With(harness.CustomerMinimal, "external_card", object{"number": number, "added": "2017-07-07T13:00:00Z"})
	}
	first := dateOfCard(x.Do("PUT", at, card("1")).Want(200), time.Time{})
	for range 2 {
		if again := dateOfCard(x.Do("PUT", at, harness.With(card("1"), "is_active", false)).Want(200), time.Time{}); again != first {
			t.Errorf("the same number was added %s, before %s", again, first)
		}
	}
	// Another number, the earlier one again, none, and one again.
	for _, body := range []object{card("2"), card("1"), harness.CustomerMinimal, card("1")} {
		before := time.Now().Truncate(time.Second)
		put := x.Do("PUT", at, body).Want(200)
		if body["external_card"] != nil {
			dateOfCard(put, before)
		} else if put.Object()["external_card"] != nil {
			t.Errorf("a card is left: %s", put.Body)
		}
	}
}

func TestARoleIsShownInItsNormalizedForm(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	at := x.RoleOwner("organization")
	for _, c := range []struct {
		segment string
		body    object
		want    object // nil: as sent
	}{
		{"roles/customer", harness.With(harness.CustomerMinimal, "is_active", false, "requires_formal_invoice", false), nil},
		{"roles/customer", harness.With(harness.CustomerMinimal, "tax_information", object{"enabled_tax_exemptions": []any{"REVERSE_CHARGE_EU", "UNIVERSAL_POSTAL_SERVICE_DE", "REVERSE_CHARGE_EU"}}),
			harness.With(harness.CustomerMinimal, "tax_information", object{"enabled_tax_exemptions": []any{"REVERSE_CHARGE_EU", "UNIVERSAL_POSTAL_SERVICE_DE"}})},
		{"roles/customer", harness.With(harness.CustomerMinimal, "global_location_number", strings.Repeat("9", 256), "customer_id", strings.Repeat("ä", 1024)), nil},
		{"roles/alternative-payer", harness.With(harness.PayerMinimal, "is_active", false, "since", "2024-02-29"), nil},
		{"roles/supplier", harness.With(harness.SupplierMinimal, "is_active", false, "tax_information", object{"eu_vat_number": "DE1"}),
			harness.With(harness.SupplierMinimal, "is_active", false, "tax_information", object{"@type": "VendorTaxInformation", "eu_vat_number": "DE1"})},
		{"roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", strings.Repeat("ä", 256), "global_location_number", "4"), nil},
	} {
		got := x.Do("PUT", at+"/"+c.segment, c.body).Want(200).Object()
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
		x.Do("PUT", at+"/roles/customer", harness.With(harness.CustomerMinimal, "tax_information", object{"enabled_tax_exemptions": []any{exemption}})).Want(200)
	}
}

func TestAllFaultsOfARoleAreNamedTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.RoleOwner("individual")
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
		"ids beyond 2^53": {"roles/customer", harness.With(harness.CustomerMinimal, "alternative_payer", object{"id": "9999999999999999"}, "managed_by",
			object{"contact_id": "9007199254740992", "professional_identity_id": "8123"}), []string{"/alternative_payer/id", "/managed_by/contact_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.ForSubtest(t)
			x.Do("PUT", path+"/"+c.segment, c.body).Faults(400, c.faults...)
			x.Get(path + "/" + c.segment).Problem(404)
		})
	}
}

func TestACreditLimitIsKeptToTheDigit(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.RoleOwner("individual")
	at := path + "/roles/customer"
	body := func(limit string) string {
		return `{"customer_id":"c-1","is_active":true,"is_suspended":false,"customer_since":"2025-03-25","credit_limit":` + limit + `}`
	}
	for _, value := range []string{"2500.750", "0", "-0", "0.00", "-0.10", "1e2", "1E+2", "2.50e-3", "9007199254740993",
		"100000000000000000000000000000", "0.123456789012345678901234567890", "123456789012345678901234567890.12"} {
		put := x.Do("PUT", at, body(`{"unit":"EUR","value":`+value+`}`)).Want(200)
		for _, a := range []*harness.Answer{put, x.Get(at).Want(200), x.Get(path + "/full").Want(200), x.Do("PUT", at, put.Body).Want(200)} {
			if want := `"credit_limit":{"value":` + value + `,"unit":"EUR"}`; !strings.Contains(string(a.Body), want) {
				t.Errorf("%s answers %s, want %s", a.What, a.Body, want)
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
		x.Do("PUT", at, body(limit)).Faults(400, faults...)
	}
	for _, number := range []string{"01", "+1", ".5", "1.", "0x1", "NaN", "1,5", "1e"} { // no numbers of JSON
		x.Do("PUT", at, body(`{"unit":"EUR","value":`+number+`}`)).Problem(400)
	}
	for unit, status := range map[string]int{
		"USD": 200, "JPY": 200, "BHD": 200, "CLF": 200, "XAU": 200, "XXX": 200, "SLE": 200, "ZWG": 200,
		"eur": 400, "": 400, "EURO": 400, "XYZ": 400, "978": 400, "DEM": 400, " EUR": 400, "€": 400,
	} {
		x.Do("PUT", at, body(fmt.Sprintf(`{"value":1,"unit":%q}`, unit))).Want(status)
	}
}

func TestAContactHasOneDebtorAndOneCreditorAccount(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	given := map[string]bool{}
	last := map[string]int{"debtor_account_id": 9_999, "creditor_account_id": 69_999}
	put := func(x *harness.Tenant, path string, r roleKind, n int) string {
		return x.Do("PUT", path+"/"+r.segment, harness.With(r.minimal, r.id, fmt.Sprint(n), r.account, "4")).Want(200).Text(r.account)
	}
	for n := range 6 {
		path := x.RoleOwner(roleOwners[n%2])
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
		// Numbers are not reused after a refusal or a deletion.
		for _, r := range roleKinds {
			x.Do("PUT", x.RoleOwner("individual")+"/"+r.segment, harness.With(r.minimal, r.id, fmt.Sprint(n))).Problem(409)
		}
		x.Do("DELETE", path, nil).Want(204)
	}
	path := other.RoleOwner("organization")
	for _, r := range roleKinds {
		if number := put(other, path, r, 0); number != strconv.Itoa(r.first) {
			t.Errorf("another tenant's first %s is %s, want %d", r.account, number, r.first)
		}
	}
}

func TestConcurrentlyCreatedRolesHaveDifferentAccounts(t *testing.T) {
	t.Parallel()
	for _, r := range []roleKind{roleKinds[0], roleKinds[2]} {
		t.Run(r.segment, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			paths := make([]string, 30)
			for i := range paths {
				paths[i] = x.RoleOwner(roleOwners[i%2])
			}
			numbers := map[string]bool{}
			for i, a := range harness.Concurrently(t, 30, func(i int) (*harness.Answer, error) {
				return x.TryDo("PUT", paths[i]+"/"+r.segment, harness.With(r.minimal, r.id, fmt.Sprint(i)))
			}) {
				number := a.Want(200).Text(r.account)
				if value, err := strconv.Atoi(number); err != nil || value < r.first || numbers[number] {
					t.Errorf("contact %d has %q: no number from %d upward, or another's", i, number, r.first)
				}
				numbers[number] = true
				if stored := x.Get(paths[i] + "/" + r.segment).Text(r.account); stored != number {
					t.Errorf("stored %s, answered %s", stored, number)
				}
			}
		})
	}
}

func TestTwoConcurrentRolesShareOneAccount(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	paths := make([]string, 8)
	for i := range paths {
		paths[i] = x.RoleOwner(roleOwners[i%2])
	}
	// Each contact becomes a customer and an alternative payer, all concurrently.
	answers := harness.Concurrently(t, 2*len(paths), func(i int) (*harness.Answer, error) {
		r, n := roleKinds[i%2], i/2
		return x.TryDo("PUT", paths[n]+"/"+r.segment, harness.With(r.minimal, r.id, fmt.Sprint(n)))
	})
	given := map[string]bool{}
	for n, path := range paths {
		numbers := map[string]bool{}
		for _, a := range answers[2*n : 2*n+2] {
			numbers[a.Want(200).Text("debtor_account_id")] = true
		}
		for _, r := range roleKinds[:2] {
			numbers[x.Get(path+"/"+r.segment).Text("debtor_account_id")] = true
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
