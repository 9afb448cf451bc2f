package customers

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

var (
	placeholderSample = harness.With(harness.PlaceholderMinimal, "external_id", "string")
)

func TestEveryFieldOfAPlaceholderCustomerIsKept(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	const list = "/placeholder-customers"
	made := x.Do("POST", list, placeholderSample).Want(201)
	id := made.Text("id")
	if got, want := made.Object(), harness.With(placeholderSample, "id", id, "deleted", false); !reflect.DeepEqual(got, want) {
		t.Errorf("created %v, want %v", got, want)
	}
	path := list + "/" + id
	if got := made.Header.Get("Location"); got != x.Path(path) {
		t.Errorf("Location %q", got)
	}
	read := x.Get(path).Want(200)
	if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") {
		t.Errorf("GET %s, POST %s", read.Body, made.Body)
	}
	back := x.Do("PUT", path, read.Body, "If-Match", read.Header.Get("ETag")).Want(200)
	if string(back.Body) != string(read.Body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
	}
	x.Do("PUT", path, harness.PlaceholderMinimal, "If-Match", read.Header.Get("ETag")).Problem(412)
	x.Do("DELETE", path, nil, "If-Match", read.Header.Get("ETag")).Problem(412)
	x.Get(path, "If-None-Match", back.Header.Get("ETag")).Want(304)
	// PUT replaces the whole, and false is shown.
	none := object{"customer_id": "2", "name": "Till", "is_active": false, "customer_since": "2024-02-29", "requires_formal_invoice": false, "track_revenue": false}
	if got, want := x.Do("PUT", path, none).Want(200).Object(), harness.With(none, "id", id, "deleted", false); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}
	second := x.Do("POST", list, harness.With(placeholderSample, "customer_id", "3")).Want(201).Text("id")
	if got := x.Get(list).Page().Texts("id"); !slices.Equal(got, []string{id, second}) {
		t.Errorf("list %q, want %q then %q", got, id, second)
	}
	first := x.Get(list + "?limit=1")
	if got := append(first.Page().Texts("id"), x.Get(x.Next(first)).Page().Texts("id")...); !slices.Equal(got, []string{id, second}) {
		t.Errorf("pages %q, want %q then %q", got, id, second)
	}
	x.Do("PATCH", path, none).Problem(405)
	x.Do("DELETE", list, nil).Problem(405)
}

func TestAllFaultsOfAPlaceholderCustomerAreNamedTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.NewPlaceholder("1")
	for name, c := range map[string]struct {
		body   object
		faults []string
	}{
		"nothing": {object{}, []string{"/customer_id", "/name", "/is_active", "/customer_since", "/requires_formal_invoice", "/track_revenue"}},
		"types": {object{"external_id": 5, "customer_id": 5, "name": true, "is_active": "yes", "customer_since": 2025,
			"requires_formal_invoice": 0, "track_revenue": []any{}, "x": 1},
			[]string{"/external_id", "/customer_id", "/name", "/is_active", "/customer_since", "/requires_formal_invoice", "/track_revenue", "/x"}},
		"too long": {harness.With(harness.PlaceholderMinimal, "external_id", strings.Repeat("a", 257), "customer_id", strings.Repeat("a", 1025), "name", strings.Repeat("a", 1025)),
			[]string{"/external_id", "/customer_id", "/name"}},
		"blank":       {harness.With(harness.PlaceholderMinimal, "customer_id", " ", "name", "\t"), []string{"/customer_id", "/name"}},
		"empty":       {harness.With(harness.PlaceholderMinimal, "external_id", ""), []string{"/external_id"}},
		"no date":     {harness.With(harness.PlaceholderMinimal, "customer_since", "2025-02-29"), []string{"/customer_since"}},
		"a date-time": {harness.With(harness.PlaceholderMinimal, "customer_since", "2025-03-25T00:00:00Z"), []string{"/customer_since"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.ForSubtest(t)
			x.Do("POST", "/placeholder-customers", c.body).Faults(400, c.faults...)
			x.Do("PUT", path, c.body).Faults(400, c.faults...)
		})
	}
	if n := len(x.Get("/placeholder-customers").Page().Items); n != 1 {
		t.Errorf("%d placeholder customers, want 1: a refused request wrote", n)
	}
	x.Do("PUT", path, harness.With(harness.PlaceholderMinimal, "external_id", strings.Repeat("ä", 256), "customer_id", strings.Repeat("ä", 1024))).Want(200)
}

func TestAnExternalIDIsUniqueAmongPlaceholderCustomers(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	body := func(customer, external string) object {
		return harness.With(harness.PlaceholderMinimal, "customer_id", customer, "external_id", external)
	}
	x.Do("POST", "/individual", object{"name": "A", "external_id": "crm-1"}).Want(201)
	first := "/placeholder-customers/" + x.Do("POST", "/placeholder-customers", body("1", "crm-1")).Want(201).Text("id")
	second := x.NewPlaceholder("2")
	for _, a := range []*harness.Answer{x.Do("POST", "/placeholder-customers", body("3", "crm-1")), x.Do("PUT", second, body("2", "crm-1"))} {
		if p := a.Problem(409); p.ExistingID != harness.LastSegment(first) || len(p.Errors) != 1 || p.Errors[0].Pointer != "/external_id" {
			t.Errorf("%s, want existing_id %s and a fault at /external_id", a.Body, harness.LastSegment(first))
		}
	}
	// The customer id of a refused request is not taken.
	x.Do("PUT", second, body("3", "crm-2")).Want(200)
	x.Do("DELETE", first, nil).Want(204)
	x.Do("PUT", second, body("1", "crm-1")).Want(200)
}

func TestADeletedPlaceholderCustomerStays(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	path := x.NewPlaceholder("1")
	id := harness.LastSegment(path)
	living := harness.LastSegment(x.NewPlaceholder("2"))
	other.Get(path).Problem(404)
	other.Do("DELETE", path, nil).Problem(404)
	for range 2 {
		x.Do("DELETE", path, nil).Want(204)
		if got, want := x.Get(path).Want(200).Object(), harness.With(harness.PlaceholderMinimal, "customer_id", "1", "id", id, "deleted", true); !reflect.DeepEqual(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	}
	x.Do("PUT", path, harness.With(harness.PlaceholderMinimal, "customer_id", "1")).Problem(422)
	if got := x.Get("/placeholder-customers").Page().Texts("id"); !slices.Equal(got, []string{id, living}) {
		t.Errorf("list %q", got)
	}
	if got := x.Get("/placeholder-customers?deleted=false").Page().Texts("id"); !slices.Equal(got, []string{living}) {
		t.Errorf("living %q", got)
	}
}

func TestAnIDOfAnotherKindIsNoPlaceholderCustomer(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	placeholder := harness.LastSegment(x.NewPlaceholder("1"))
	for _, id := range []string{harness.LastSegment(x.RoleOwner("individual")), harness.LastSegment(x.RoleOwner("organization")),
		"8126", "0", "01", "abc", "-1", "9007199254740992", "%20"} {
		x.Get("/placeholder-customers/" + id).Problem(404)
		x.Do("PUT", "/placeholder-customers/"+id, harness.PlaceholderMinimal).Problem(404)
		x.Do("DELETE", "/placeholder-customers/"+id, nil).Problem(404)
	}
	for _, kind := range roleOwners { // it is no contact that could have a role either
		x.Get("/" + kind + "/" + placeholder).Problem(404)
		x.Do("PUT", "/"+kind+"/"+placeholder+"/roles/customer", harness.CustomerMinimal).Problem(404)
	}
}

func TestPlaceholderCustomersCanBeCreatedConcurrently(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, key := range []string{"", "k"} {
		headers := []string{}
		want := map[int]int{201: 1, 409: 19}
		if key != "" { // with one key they are one request
			headers, want = []string{"Idempotency-Key", key}, map[int]int{201: 20}
		}
		answers := harness.Concurrently(t, 20, func(int) (*harness.Answer, error) {
			return x.TryDo("POST", "/placeholder-customers", harness.With(placeholderSample, "customer_id", "1"+key, "external_id", "1"+key), headers...)
		})
		if got := harness.CountStatuses(answers); !maps.Equal(got, want) {
			t.Errorf("key %q: statuses %v, want %v", key, got, want)
		}
	}
	if n := len(x.Get("/placeholder-customers").Page().Items); n != 2 {
		t.Errorf("%d placeholder customers, want 2", n)
	}
}

func TestConcurrentChangesOfAPlaceholderCustomerDoNotConflictWithThemselves(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for n := range 4 {
		path := x.NewPlaceholder(fmt.Sprint(n))
		for _, a := range harness.Concurrently(t, 5, func(int) (*harness.Answer, error) {
			return x.TryDo("PUT", path, harness.With(placeholderSample, "customer_id", fmt.Sprint("new-", n), "external_id", fmt.Sprint("new-", n)))
		}) {
			a.Want(200)
		}
	}
}
