package rest

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/contact"
)

// operationThatTakes returns a route's operation with a T as its body.
func operationThatTakes[T any]() *huma.Operation {
	registry := NewRegistry()
	op := WithRequestBody[T](Post("test", "/test", Handler[struct{}, struct{}](nil))).operation(registry)
	return &op
}

func FuzzCheckBody(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `null`, `[]`, `{"type":"OFFICE","full_address":"a","usage_context":"PERSONAL"}`, `{"usages":["SHIPPING",{},[1],null,2.5,true]}`,
		`{"type":{"a":[1]},"id":null,"x":[{"y":1}]}`, `{"a":1,"a":2}`, `{"full_address":"\ud800"}`, `{"full_address":1e999}`, "{\"city\":\"\xff\"}",
		`{"full_address":"a\u0308 "} x`, `{"usages":[`, `{"usages":{"a":[{}]},"city":[[]]}`, `{"id":{"a":{"b":[]}},"type":[]}`,
	} {
		f.Add([]byte(s))
	}
	op := operationThatTakes[contact.Address]()
	f.Fuzz(func(t *testing.T, body []byte) {
		clean, faults := checkBody(body, op, false)
		for _, fault := range faults {
			if fault.Detail == "" || !utf8.ValidString(fault.Pointer) || fault.Pointer != "" && fault.Pointer[0] != '/' {
				t.Fatalf("%q: fault %+v", body, fault)
			}
		}
		if len(faults) > 0 {
			return
		}
		if !json.Valid(body) || !json.Valid(clean) {
			t.Fatalf("%q is taken, as %q", body, clean)
		}
		a, err := Decode[contact.Address](&RequestBody{clean})
		if err != nil {
			t.Fatalf("%q is taken as %q and can't be read: %v", body, clean, err)
		}
		if strings.TrimSpace(a.FullAddress) == "" || a.Type == "" || a.UsageContext == "" || a.ID != 0 || contact.CheckText(a.FullAddress) != "" ||
			utf8.RuneCountInString(a.FullAddress) > contact.MaxText {
			t.Fatalf("%q is taken as %+v", body, a)
		}
		// Accepted values are accepted again, unchanged.
		if again, faults := checkBody(clean, op, false); len(faults) > 0 || string(again) != string(clean) {
			t.Fatalf("%q became %q, and then %q, %v", body, clean, again, faults)
		}
	})
}

func TestAFaultBesideOthersHidesNone(t *testing.T) {
	t.Parallel()
	_, faults := checkBody([]byte(`{"type":{"a":[1]},"usages":["X",[],{"a":1},"CALL","SHIPPING"],"nick":{"a":{}},"city":[1],"full_address":null}`), operationThatTakes[contact.Address](), false)
	want := []string{"/type", "/usages/0", "/usages/1", "/usages/2", "/usages/3", "/nick", "/city", "/full_address", "/usage_context"}
	var got []string
	for _, f := range faults {
		got = append(got, f.Pointer)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("faults at %q, want %q", got, want)
	}
}

func TestAnIDBeyondTheRangeIsAFaultWithItsPointer(t *testing.T) {
	t.Parallel()
	clean, faults := checkBody([]byte(`{"type":"SPOUSE","individual_contact":"9999999999999999"}`), operationThatTakes[contact.PersonalRelationship](), false)
	if len(faults) == 0 {
		_, err := Decode[contact.PersonalRelationship](&RequestBody{clean})
		p := problemOf(err)
		faults = p.Errors
		if p.Status != 400 {
			t.Errorf("status %d", p.Status)
		}
	}
	if len(faults) != 1 || faults[0].Pointer != "/individual_contact" {
		t.Errorf("faults %+v", faults)
	}
}
