package tests

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var (
	placeholderMinimal = object{"customer_id": "string", "name": "string", "is_active": true, "customer_since": "2025-03-25",
		"requires_formal_invoice": true, "track_revenue": true}
	placeholderSample = with(placeholderMinimal, "external_id", "string")
)

func TestEveryFieldOfAPlaceholderCustomerIsKept(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	const list = "/placeholder-customers"
	made := x.do("POST", list, placeholderSample).want(201)
	id := made.text("id")
	if got, want := made.object(), with(placeholderSample, "id", id, "deleted", false); !reflect.DeepEqual(got, want) {
		t.Errorf("created %v, want %v", got, want)
	}
	path := list + "/" + id
	if got := made.header.Get("Location"); got != x.path(path) {
		t.Errorf("Location %q", got)
	}
	read := x.get(path).want(200)
	if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") {
		t.Errorf("GET %s, POST %s", read.body, made.body)
	}
	back := x.do("PUT", path, read.body, "If-Match", read.header.Get("ETag")).want(200)
	if string(back.body) != string(read.body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
	}
	x.do("PUT", path, placeholderMinimal, "If-Match", read.header.Get("ETag")).problem(412)
	x.do("DELETE", path, nil, "If-Match", read.header.Get("ETag")).problem(412)
	x.get(path, "If-None-Match", back.header.Get("ETag")).want(304)
	// PUT replaces the whole, and what is false is shown.
	none := object{"customer_id": "2", "name": "Till", "is_active": false, "customer_since": "2024-02-29", "requires_formal_invoice": false, "track_revenue": false}
	if got, want := x.do("PUT", path, none).want(200).object(), with(none, "id", id, "deleted", false); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}
	second := x.do("POST", list, with(placeholderSample, "customer_id", "3")).want(201).text("id")
	if got := x.get(list).page().texts("id"); !slices.Equal(got, []string{id, second}) {
		t.Errorf("list %q, want %q then %q", got, id, second)
	}
	first := x.get(list + "?limit=1")
	if got := append(first.page().texts("id"), x.get(x.next(first)).page().texts("id")...); !slices.Equal(got, []string{id, second}) {
		t.Errorf("pages %q, want %q then %q", got, id, second)
	}
	x.do("PATCH", path, none).problem(405)
	x.do("DELETE", list, nil).problem(405)
}

func TestAllThatIsWrongWithAPlaceholderCustomerIsToldAtOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.newPlaceholder("1")
	for name, c := range map[string]struct {
		body   object
		faults []string
	}{
		"nothing": {object{}, []string{"/customer_id", "/name", "/is_active", "/customer_since", "/requires_formal_invoice", "/track_revenue"}},
		"types": {object{"external_id": 5, "customer_id": 5, "name": true, "is_active": "yes", "customer_since": 2025,
			"requires_formal_invoice": 0, "track_revenue": []any{}, "x": 1},
			[]string{"/external_id", "/customer_id", "/name", "/is_active", "/customer_since", "/requires_formal_invoice", "/track_revenue", "/x"}},
		"too long": {with(placeholderMinimal, "external_id", strings.Repeat("a", 257), "customer_id", strings.Repeat("a", 1025), "name", strings.Repeat("a", 1025)),
			[]string{"/external_id", "/customer_id", "/name"}},
		"blank":       {with(placeholderMinimal, "customer_id", " ", "name", "\t"), []string{"/customer_id", "/name"}},
		"empty":       {with(placeholderMinimal, "external_id", ""), []string{"/external_id"}},
		"no date":     {with(placeholderMinimal, "customer_since", "2025-02-29"), []string{"/customer_since"}},
		"a date-time": {with(placeholderMinimal, "customer_since", "2025-03-25T00:00:00Z"), []string{"/customer_since"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.in(t)
			x.do("POST", "/placeholder-customers", c.body).faults(400, c.faults...)
			x.do("PUT", path, c.body).faults(400, c.faults...)
		})
	}
	if n := len(x.get("/placeholder-customers").page().Items); n != 1 {
		t.Errorf("%d placeholder customers, want 1: a refused request wrote", n)
	}
	x.do("PUT", path, with(placeholderMinimal, "external_id", strings.Repeat("ä", 256), "customer_id", strings.Repeat("ä", 1024))).want(200)
}

func TestAnExternalIDIsUniqueAmongPlaceholderCustomers(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	body := func(customer, external string) object {
		return with(placeholderMinimal, "customer_id", customer, "external_id", external)
	}
	x.do("POST", "/individual", object{"name": "A", "external_id": "crm-1"}).want(201)
	first := "/placeholder-customers/" + x.do("POST", "/placeholder-customers", body("1", "crm-1")).want(201).text("id")
	second := x.newPlaceholder("2")
	for _, a := range []*answer{x.do("POST", "/placeholder-customers", body("3", "crm-1")), x.do("PUT", second, body("2", "crm-1"))} {
		if p := a.problem(409); p.ExistingID != lastSegment(first) || len(p.Errors) != 1 || p.Errors[0].Pointer != "/external_id" {
			t.Errorf("%s, want existing_id %s and a fault at /external_id", a.body, lastSegment(first))
		}
	}
	// The customer id of a refused request is not taken.
	x.do("PUT", second, body("3", "crm-2")).want(200)
	x.do("DELETE", first, nil).want(204)
	x.do("PUT", second, body("1", "crm-1")).want(200)
}

func TestADeletedPlaceholderCustomerStays(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	path := x.newPlaceholder("1")
	id := lastSegment(path)
	living := lastSegment(x.newPlaceholder("2"))
	other.get(path).problem(404)
	other.do("DELETE", path, nil).problem(404)
	for range 2 {
		x.do("DELETE", path, nil).want(204)
		if got, want := x.get(path).want(200).object(), with(placeholderMinimal, "customer_id", "1", "id", id, "deleted", true); !reflect.DeepEqual(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	}
	x.do("PUT", path, with(placeholderMinimal, "customer_id", "1")).problem(422)
	if got := x.get("/placeholder-customers").page().texts("id"); !slices.Equal(got, []string{id, living}) {
		t.Errorf("list %q", got)
	}
	if got := x.get("/placeholder-customers?deleted=false").page().texts("id"); !slices.Equal(got, []string{living}) {
		t.Errorf("living %q", got)
	}
}

func TestAnIDOfAnotherKindIsNoPlaceholderCustomer(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	placeholder := lastSegment(x.newPlaceholder("1"))
	for _, id := range []string{lastSegment(x.roleOwner("individual")), lastSegment(x.roleOwner("organization")),
		"8126", "0", "01", "abc", "-1", "9007199254740992", "%20"} {
		x.get("/placeholder-customers/" + id).problem(404)
		x.do("PUT", "/placeholder-customers/"+id, placeholderMinimal).problem(404)
		x.do("DELETE", "/placeholder-customers/"+id, nil).problem(404)
	}
	for _, kind := range roleOwners { // it is no contact that could have a role either
		x.get("/" + kind + "/" + placeholder).problem(404)
		x.do("PUT", "/"+kind+"/"+placeholder+"/roles/customer", customerMinimal).problem(404)
	}
}

func TestPlaceholderCustomersMadeAtOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, key := range []string{"", "k"} {
		headers := []string{}
		want := map[int]int{201: 1, 409: 19}
		if key != "" { // with one key they are one request
			headers, want = []string{"Idempotency-Key", key}, map[int]int{201: 20}
		}
		answers := together(t, 20, func(int) (*answer, error) {
			return x.tryAs("POST", "/placeholder-customers", with(placeholderSample, "customer_id", "1"+key, "external_id", "1"+key), headers...)
		})
		if got := statuses(answers); !maps.Equal(got, want) {
			t.Errorf("key %q: statuses %v, want %v", key, got, want)
		}
	}
	if n := len(x.get("/placeholder-customers").page().Items); n != 2 {
		t.Errorf("%d placeholder customers, want 2", n)
	}
}

func TestOnePlaceholderCustomerChangedTwiceAtOnceIsNotInItsOwnWay(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for n := range 4 {
		path := x.newPlaceholder(fmt.Sprint(n))
		for _, a := range together(t, 5, func(int) (*answer, error) {
			return x.tryAs("PUT", path, with(placeholderSample, "customer_id", fmt.Sprint("new-", n), "external_id", fmt.Sprint("new-", n)))
		}) {
			a.want(200)
		}
	}
}
