package rest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// A fuzzedBody checks the promises for one body.
type fuzzedBody func(t *testing.T, body []byte)

// bodyOf checks a body that is read as a T:
//   - each fault points into the body, or to a missing field of what is there;
//   - an accepted body can be read, is accepted again unchanged, and loses no digit of a number;
//   - its value can be written and read again, and is equal.
func bodyOf[T any]() fuzzedBody {
	op := operationThatTakes[T]()
	return func(t *testing.T, body []byte) {
		clean, faults := checkBody(body, op, false)
		pointAtSomething(t, body, faults)
		if len(faults) > 0 {
			return
		}
		if again, faults := checkBody(clean, op, false); len(faults) > 0 || !bytes.Equal(again, clean) {
			t.Fatalf("%q became %q, and then %q, %v", body, clean, again, faults)
		}
		value, err := Decode[T](&RequestBody{clean})
		if err != nil {
			refused(t, body, err)
			return
		}
		encoded, err := json.Marshal(value, json.Deterministic(true))
		if err != nil {
			t.Fatalf("%q was read as %+v, which can't be written: %v", body, value, err)
		}
		// As GET returns it, PUT accepts it.
		back, faults := checkBody(encoded, op, false)
		if len(faults) > 0 {
			t.Fatalf("%q was read and written as %q, which is not taken: %v", body, encoded, faults)
		}
		if sent, kept := numbers(clean), numbers(back); !isSubsequence(sent, kept) && !slices.Contains(sent, "-0") { // the integer 0
			t.Fatalf("the numbers of %q are %q in %q", body, kept, back)
		}
		same, err := Decode[T](&RequestBody{back})
		if err != nil {
			t.Fatalf("%q was read and written as %q, which can't be read: %v", body, encoded, err)
		}
		if again, err := json.Marshal(same, json.Deterministic(true)); err != nil || !bytes.Equal(again, encoded) {
			t.Fatalf("%q was written as %q, read, and written as %q, %v", body, encoded, again, err)
		}
	}
}

// isSubsequence reports whether all contains the elements of some in their order; defaults may be between them.
func isSubsequence(some, all []string) bool {
	for _, s := range some {
		i := slices.Index(all, s)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}

// refused requires an error to be a refusal with a pointer.
func refused(t *testing.T, body []byte, err error) {
	t.Helper()
	var refusal *contact.Error
	if !errors.As(err, &refusal) || refusal.Reason != contact.Malformed || refusal.Detail == "" || len(refusal.Faults) == 0 {
		t.Fatalf("%q is taken and can't be read: %v", body, err)
	}
	pointAtSomething(t, body, refusal.Faults)
}

// pointAtSomething requires faults to point into the body, as far as it is JSON.
func pointAtSomething(t *testing.T, body []byte, faults []contact.Fault) {
	t.Helper()
	there, whole := pointers(body)
	for _, f := range faults {
		if f.Detail == "" || !utf8.ValidString(f.Pointer) || f.Parameter != "" {
			t.Fatalf("%q: fault %+v", body, f)
		}
		parent := f.Pointer[:max(0, strings.LastIndexByte(f.Pointer, '/'))]
		switch {
		case there[f.Pointer]:
		case f.Detail == "is required" && there[parent]:
		case !whole && there[parent]: // where the JSON ends, the next value can be named
		default:
			t.Fatalf("%q: fault %+v points at nothing", body, f)
		}
	}
}

// pointers returns those of all values of a body, up to a syntax error.
func pointers(body []byte) (there map[string]bool, whole bool) {
	there = map[string]bool{"": true}
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		_, err := d.ReadToken()
		there[string(d.StackPointer())] = true
		if err != nil {
			return there, errors.Is(err, io.EOF)
		}
	}
}

// numbers returns the numbers of a JSON text as they are written.
func numbers(text []byte) (all []string) {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.ReadToken()
		if err != nil {
			slices.Sort(all)
			return all
		}
		if token.Kind() == '0' {
			all = append(all, token.String())
		}
	}
}

// Bodies with nested objects, references, numbers, and alternatives. (Addresses have their own target.)
var fuzzedBodies = []fuzzedBody{
	bodyOf[contact.IndividualContact](), bodyOf[contact.OrganizationContact](), bodyOf[contact.CustomerRole](), bodyOf[contact.SupplierRole](),
	bodyOf[contact.ProfessionalIdentityUpdate](), bodyOf[contact.Membership](), bodyOf[contact.Email](), bodyOf[contact.ContactsConfiguration](),
	bodyOf[contact.OptionType](), bodyOf[struct {
		Items []contact.IDMapping `json:"items"`
	}](), func(t *testing.T, body []byte) {
		clean, faults := checkBody(body, many, false)
		pointAtSomething(t, body, faults)
		if len(faults) > 0 {
			return
		}
		several, err := Decode[OneOrMany[contact.OptionType]](&RequestBody{clean})
		if err != nil {
			refused(t, body, err)
			return
		}
		there, _ := pointers(body)
		for i := range several.Items {
			if !there[several.Pointer(i)] {
				t.Fatalf("%q: item %d is said to be at %q", body, i, several.Pointer(i))
			}
		}
		if one := bytes.TrimSpace(body)[0] == '{'; one != several.One || len(several.Items) == 0 {
			t.Fatalf("%q has %d items, one is %v", body, len(several.Items), several.One)
		}
	},
}

var many = operationThatTakes[OneOrMany[contact.OptionType]]()

func FuzzEveryBody(f *testing.F) {
	for i, bodies := range [][]string{
		{`{"name":"Erika","external_id":"crm-1","date_of_birth":"1990-02-28","anniversary":"2024-02-29","deleted":{"a":1},"id":[]}`,
			`{"name":" \u0000","date_of_birth":"2023-02-29"}`},
		{`{"name":"ACME","founders":[{"contact_id":"8123","professional_identity_id":"9007199254740991"}],"leaders":[{"contact_id":"9007199254740992"}]}`, `{"representatives":5,"name":"\ud83d\ude00"}`},
		{`{"customer_id":"c","is_active":true,"is_suspended":false,"customer_since":"2025-03-25","credit_limit":{"value":-0.10e+002,"unit":"EUR"},"external_card":{"number":"1","added":7}}`,
			`{"credit_limit":{"value":0.00000000000000000000000000000000000000000000000000000000000000,"unit":"X"},"delivery_and_invoicing_configurations":[{},{"limitations":{"brand_id":""}}]}`,
			`{"customer_id":"c","is_active":1,"credit_limit":{"value":1e999,"unit":null},"alternative_payer":{"id":8123},"tax_information":{"enabled_tax_exemptions":["EXPORT","EXPORT"]}}`},
		{`{"supplier_id":"s","is_active":true,"supplier_since":"2025-03-25","tax_information":{"@type":"VendorTaxInformation","eu_vat_number":"DE1"},"managed_by":{"contact_id":"1","professional_identity_id":"3"}}`},
		{`{"is_active":true,"departments":[{"contact_id":"2","department_id":"3"}],"locations":[]}`,
			`{"is_active":true,"organization_contact":"0","departments":[[]]}`},
		{`{"type":"CLUB","name":"a"}`, `{"type":"CLUB","organization_contact":"8125"}`,
			`{"type":"CLUB","organization_contact":"8125","name":"a"}`},
		{`{"type":"WORK_EMAIL","address":"user@example.com","usage_context":"PERSONAL"}`,
			`{"type":"WORK_EMAIL","address":"\"a b\"@[IPv6:::1]","usage_context":"PERSONAL"}`},
		{`{"use_external_contact_management":true,"custom_workflow_config":{"provider_id":""},"api_access_configuration":{"timeout_in_millis":2000,"max_retries":0}}`,
			`{"api_access_configuration":{"timeout_in_millis":2147483647,"max_retries":1.0,"retry_interval_in_millis":1e2}}`},
		{`{"names":[{"lang":"de","name":"Fax"}],"position":3,"nonErasable":true}`,
			`{"names":[{"lang":"de","name":"a"},{"lang":"de","name":"b"}],"position":-0}`, `{"names":[]}`},
		{`{"items":[{"internal":"8124","external":"crm-1"},{"internal":8124,"external":""},5]}`, `{"items":{"~/":[]},"a~b/c":{"items":1}}`},
		{`[{"names":[{"lang":"de","name":"Fax"}]},{"names":[{"lang":"de","name":"a"}],"position":1e0}]`,
			`{"names":[{"lang":"de","name":"Fax"}]}`, `[]`, `[[]]`, `[{"names":[{"lang":1}]}] x`},
	} {
		for _, body := range bodies {
			f.Add(uint8(i), []byte(body))
		}
	}
	f.Add(uint8(0), []byte(`{"name":"a","name":"b"}`))
	f.Add(uint8(0), []byte(`{"x":{"y":{"z":`))
	f.Add(uint8(2), []byte(strings.Repeat(`{"external_card":`, 40)+"1"+strings.Repeat("}", 40)))
	f.Add(uint8(9), []byte(`{"items":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`}`))
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) { fuzzedBodies[int(kind)%len(fuzzedBodies)](t, body) })
}
