package externalids

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// wantMapping requires this to be the whole mapping in every view: the list, each single mapping, and the contacts.
func wantMapping(x *harness.Tenant, kind string, pairs ...string) {
	x.T.Helper()
	want := []string{}
	external := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		want = append(want, harness.LastSegment(pairs[i])+" "+pairs[i+1])
		external[harness.LastSegment(pairs[i])] = pairs[i+1]
	}
	slices.Sort(want)
	if got := x.Get(kind + "-id-mapping").Pairs(); !slices.Equal(got, want) {
		x.T.Fatalf("mapping %q, want %q", got, want)
	}
	for _, c := range x.Get(kind + "?deleted=false&limit=5000").Page().Items {
		id := c["id"].(string)
		if got, _ := c["external_id"].(string); got != external[id] {
			x.T.Errorf("contact %s shows external_id %q, want %q", id, got, external[id])
		}
	}
}

// wantRows requires an answer to be these rows of a mapping, in this order.
func wantRows(a *harness.Answer, pairs ...string) {
	a.T.Helper()
	got, want := []string{}, []string{}
	var shown struct{ Items []object }
	a.Want(200).Decode(&shown)
	for _, item := range shown.Items {
		got = append(got, fmt.Sprint(item["internal"], " ", item["external"]))
	}
	for i := 0; i < len(pairs); i += 2 {
		want = append(want, harness.LastSegment(pairs[i])+" "+pairs[i+1])
	}
	if !slices.Equal(got, want) {
		a.T.Errorf("%s: answered %q, want %q", a.What, got, want)
	}
}

func externalPath(kind, external string) string {
	return kind + "-id-mapping/external/" + url.PathEscape(external)
}

// awkwardExternalIDs are external ids that are hard to carry in paths and queries.
var awkwardExternalIDs = []string{
	"crm-1", "a/b", "/a", "a/", "a//b", "..", ".", "a/../b", " a b ", "100%", "%41", "%2F", "a+b", "a&b=c", "a;b", "#1",
	"köln", "日本", "😀", "a\tb\nc",
	"ä" + strings.Repeat("x", 255), strings.Repeat("😀", 256), `"quoted"`, `back\slash`, "internal/8124", "*", "{id}", "a:b@c", "batch", "id-mapping",
}

func TestAMappingShowsTheContactsExternalIDs(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		wantMapping(x, kind)
		var pairs []string
		for _, external := range awkwardExternalIDs {
			path := x.CreateContact(kind, object{"external_id": external})
			pairs = append(pairs, path, external)
			etag := x.Get(path).Header.Get("ETag")
			want := object{"internal": harness.LastSegment(path), "external": external}
			for _, p := range []string{harness.InternalPath(path), externalPath(kind, external)} {
				a := x.Get(p).Want(200)
				if !reflect.DeepEqual(a.Object(), want) || a.Header.Get("ETag") != etag {
					t.Errorf("%q: %s %s, want %v with the contact's ETag %s", external, a.Header.Get("ETag"), a.Body, want, etag)
				}
				x.Get(p, "If-None-Match", etag).Want(304)
			}
		}
		wantMapping(x, kind, pairs...)
		// Removed in one view, it is gone from all, and the contact has a new version.
		for i, external := range awkwardExternalIDs {
			path, item := pairs[2*i], externalPath(kind, external)
			if i%2 == 1 {
				item = harness.InternalPath(pairs[2*i])
			}
			etag := x.Get(path).Header.Get("ETag")
			x.Do("DELETE", item, nil, "If-Match", `"99"`).Problem(412)
			x.Do("DELETE", item, nil, "If-Match", etag).Want(204)
			for _, p := range []string{harness.InternalPath(path), externalPath(kind, external)} {
				x.Get(p).Problem(404)
				x.Do("DELETE", p, nil).Problem(404)
			}
			if c := x.Get(path).Want(200); c.Header.Get("ETag") == etag || c.Object()["external_id"] != nil {
				t.Errorf("%q: %s %s after its mapping was deleted", external, c.Header.Get("ETag"), c.Body)
			}
			if got := x.Lookup("external_id", external).Items; len(got) != 0 {
				t.Errorf("%q still leads to %v", external, got)
			}
			x.CreateContact(kind, object{"external_id": external}) // it is free
		}
	})
}

func TestAnEmptyExternalIDIsNotFound(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		x.CreateContact(kind, nil)
		for _, external := range []string{"", "%00", "%FF", "%20"} {
			at := kind + "-id-mapping/external/" + external
			x.Get(at).Problem(404)
			x.Do("HEAD", at, nil).Want(404)
			x.Do("DELETE", at, nil).Problem(404)
			x.Do("PUT", at, harness.Mapping()).Problem(405)
		}
	})
}

func TestAMappingIsOfOneKindOfContactInOneTenant(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	person, plain := x.CreateContact("/individual", object{"external_id": "crm-1"}), x.CreateContact("/individual", nil)
	company := x.CreateContact("/organization", object{"external_id": "crm-1"})
	foreign := other.CreateContact("/individual", object{"external_id": "other-1"})
	wantMapping(x, "/individual", person, "crm-1")
	wantMapping(x, "/organization", company, "crm-1")
	for _, p := range []string{
		harness.InternalPath(plain), harness.InternalPath(foreign), externalPath("/individual", "other-1"), externalPath("/individual", "crm-2"),
		"/individual-id-mapping/internal/" + harness.LastSegment(company), "/organization-id-mapping/internal/" + harness.LastSegment(person),
		"/individual-id-mapping/internal/abc", "/individual-id-mapping/internal/0", "/individual-id-mapping/internal/8124",
		"/individual-id-mapping/internal/01", "/individual-id-mapping/external/%FF", externalPath("/individual", "\x00"),
		externalPath("/individual", strings.Repeat("x", 257)), externalPath("/individual", "CRM-1"),
	} {
		x.Get(p).Problem(404)
		x.Do("DELETE", p, nil).Problem(404)
	}
	x.Do("DELETE", person, nil).Want(204)
	for _, p := range []string{harness.InternalPath(person), externalPath("/individual", "crm-1")} {
		x.Get(p).Problem(404)
		x.Do("DELETE", p, nil).Problem(404)
	}
	if got := x.Get(person).Text("external_id"); got != "crm-1" {
		t.Errorf("the deleted contact shows external_id %q, want its last", got)
	}
	wantMapping(x, "/individual")
	wantMapping(x, "/organization", company, "crm-1")
	wantMapping(other, "/individual", foreign, "other-1")
}

func TestPUTReplacesTheWholeMappingAndPATCHWhatItNames(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		list := kind + "-id-mapping"
		c := make([]string, 5)
		for i := range c {
			c[i] = x.CreateContact(kind, nil)
		}
		for _, step := range []struct {
			name, method string
			sent, then   []string
		}{
			{"nothing", "PATCH", nil, nil},
			{"first ones", "PUT", []string{c[0], "a", c[1], "b", c[2], "c"}, []string{c[0], "a", c[1], "b", c[2], "c"}},
			{"the same", "PUT", []string{c[2], "c", c[1], "b", c[0], "a"}, []string{c[0], "a", c[1], "b", c[2], "c"}},
			{"nothing more", "PATCH", nil, []string{c[0], "a", c[1], "b", c[2], "c"}},
			{"another", "PATCH", []string{c[3], "d"}, []string{c[0], "a", c[1], "b", c[2], "c", c[3], "d"}},
			{"a rename", "PATCH", []string{c[0], "e"}, []string{c[0], "e", c[1], "b", c[2], "c", c[3], "d"}},
			{"one that moves to a contact without", "PATCH", []string{c[4], "b"}, []string{c[0], "e", c[4], "b", c[2], "c", c[3], "d"}},
			{"one that moves to a contact with", "PATCH", []string{c[0], "c"}, []string{c[0], "c", c[4], "b", c[3], "d"}},
			{"a swap", "PATCH", []string{c[0], "d", c[3], "c"}, []string{c[0], "d", c[4], "b", c[3], "c"}},
			{"a cycle of three", "PATCH", []string{c[0], "b", c[4], "c", c[3], "d"}, []string{c[0], "b", c[4], "c", c[3], "d"}},
			{"a chain that ends outside", "PATCH", []string{c[1], "b", c[0], "c"}, []string{c[1], "b", c[0], "c", c[3], "d"}},
			{"a swap and the loss of the third", "PUT", []string{c[0], "b", c[1], "c"}, []string{c[0], "b", c[1], "c"}},
			{"a move from one that isn't named", "PUT", []string{c[2], "b"}, []string{c[2], "b"}},
			{"none", "PUT", nil, nil},
		} {
			before := x.Get(list)
			answered := x.Do(step.method, list, harness.Mapping(step.sent...))
			if got := answered.Pairs(); step.method == "PUT" && !slices.Equal(got, x.Get(list).Pairs()) {
				t.Errorf("%s: answered %q, then GET shows %q", step.name, got, x.Get(list).Pairs())
			}
			if step.method == "PATCH" {
				wantRows(answered, step.sent...)
			}
			wantMapping(x, kind, step.then...)
			if after := x.Get(list); (string(after.Body) == string(before.Body)) != (after.Header.Get("ETag") == before.Header.Get("ETag")) {
				t.Errorf("%s: ETag %s, before %s", step.name, after.Header.Get("ETag"), before.Header.Get("ETag"))
			}
		}
	})
}

func TestAMappingChangesTheVersionOfTheContactsThatItChanges(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	stays, loses := x.CreateContact("/individual", object{"external_id": "a"}), x.CreateContact("/individual", object{"external_id": "c"})
	moves := x.CreateContact("/individual", nil)
	etag := map[string]string{}
	for _, path := range []string{stays, moves, loses} {
		etag[path] = x.Get(path).Header.Get("ETag")
	}
	x.Do("PUT", "/individual-id-mapping", harness.Mapping(stays, "a", moves, "b")).Want(200)
	for path, changed := range map[string]bool{stays: false, moves: true, loses: true} {
		c := x.Get(path)
		if got := c.Header.Get("ETag"); (got != etag[path]) != changed {
			t.Errorf("%s: ETag %s, before %s", c.Body, got, etag[path])
		}
		x.Do("PUT", path, c.Body, "If-Match", c.Header.Get("ETag")).Want(200)
	}
	wantMapping(x, "/individual", stays, "a", moves, "b")
	x.Do("PUT", moves, object{"name": "Max", "external_id": "c"}).Want(200)
	wantMapping(x, "/individual", stays, "a", moves, "c")
	if got := x.Get(moves).Text("name"); got != "Max" {
		t.Errorf("name %q", got)
	}
}

func TestAMappingFromGETCanBeSentBack(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := "/individual-id-mapping"
	for _, external := range awkwardExternalIDs {
		x.CreateContact("/individual", object{"external_id": external})
	}
	// A contact and a mapping agree on blank external ids.
	x.Do("POST", "/individual", object{"name": "Erika", "external_id": " "})
	shown := x.Get(list)
	for _, method := range []string{"PUT", "PATCH"} {
		if got := x.Do(method, list, shown.Body).Want(200); string(got.Body) != string(shown.Body) {
			t.Errorf("%s of what GET showed answers %s, want %s", method, got.Body, shown.Body)
		}
	}
	if now := x.Get(list); now.Header.Get("ETag") != shown.Header.Get("ETag") {
		t.Errorf("ETag %s, before %s", now.Header.Get("ETag"), shown.Header.Get("ETag"))
	}
	if got := x.Do("HEAD", list, nil).Want(200).Header.Get("ETag"); got != shown.Header.Get("ETag") {
		t.Errorf("HEAD: ETag %s, GET %s", got, shown.Header.Get("ETag"))
	}
}

func TestAnImpossibleMappingChangesNothing(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		other := harness.NewTenant(t)
		list := kind + "-id-mapping"
		a, b := x.CreateContact(kind, object{"external_id": "a"}), x.CreateContact(kind, object{"external_id": "b"})
		gone := x.CreateContact(kind, object{"external_id": "z"})
		x.Do("DELETE", gone, nil).Want(204)
		wrong := x.CreateContact(map[string]string{"/individual": "/organization", "/organization": "/individual"}[kind], nil)
		foreign := other.CreateContact(kind, nil)
		email := x.Do("POST", a+"/emails", harness.EmailSample).Want(201).Text("id")
		etags := []string{x.Get(a).Header.Get("ETag"), x.Get(b).Header.Get("ETag"), x.Get(list).Header.Get("ETag")}
		for name, c := range map[string]struct {
			body   any
			status int
			faults []string
		}{
			"a contact twice":      {harness.Mapping(a, "x", b, "y", a, "w"), 422, []string{"/items/2/internal"}},
			"an external id twice": {harness.Mapping(a, "x", b, "x"), 422, []string{"/items/1/external"}},
			"one pair twice":       {harness.Mapping(a, "x", a, "x"), 422, []string{"/items/1/internal", "/items/1/external"}},
			"twice in two forms":   {harness.Mapping(a, "\u00e4", b, "a\u0308"), 422, []string{"/items/1/external"}},
			"no such contact":      {harness.Mapping(a, "x", kind+"/8124", "y"), 422, []string{"/items/1/internal"}},
			"a deleted one":        {harness.Mapping(gone, "z", a, "x"), 422, []string{"/items/0/internal"}},
			"of another kind":      {harness.Mapping(a, "x", wrong, "y"), 422, []string{"/items/1/internal"}},
			"of another tenant":    {harness.Mapping(foreign, "y", a, "x"), 422, []string{"/items/0/internal"}},
			"an email":             {harness.Mapping(email, "y"), 422, []string{"/items/0/internal"}},
			"all that are not": {harness.Mapping(gone, "1", wrong, "2", a, "x", foreign, "3", kind+"/8128", "4"), 422,
				[]string{"/items/0/internal", "/items/1/internal", "/items/3/internal", "/items/4/internal"}},
			"malformed ids": {harness.Mapping("abc", "x", "0", "y", "01", "z", "-1", "w"), 400,
				[]string{"/items/0/internal", "/items/1/internal", "/items/2/internal", "/items/3/internal"}},
			"an id beyond all":   {harness.Mapping(a, "x", "9007199254740992", "y"), 400, []string{"/items/1/internal"}},
			"a number for an id": {object{"items": []object{{"internal": 8124, "external": "x"}}}, 400, []string{"/items/0/internal"}},
			"missing fields": {object{"items": []object{{"internal": harness.LastSegment(a)}, {"external": "x"}}}, 400,
				[]string{"/items/0/external", "/items/1/internal"}},
			"an unknown field": {object{"items": []object{{"internal": harness.LastSegment(a), "external": "x", "name": "Erika"}}}, 400,
				[]string{"/items/0/name"}},
			"an empty external id":  {harness.Mapping(a, ""), 400, nil},
			"a long external id":    {harness.Mapping(a, "x", b, strings.Repeat("ä", 257)), 400, []string{"/items/1/external"}},
			"a control character":   {harness.Mapping(a, "x\u0007"), 400, []string{"/items/0/external"}},
			"a number for a text":   {object{"items": []object{{"internal": harness.LastSegment(a), "external": 5}}}, 400, []string{"/items/0/external"}},
			"no items":              {object{}, 400, []string{"/items"}},
			"null for items":        {object{"items": nil}, 400, []string{"/items"}},
			"items that are none":   {object{"items": object{}}, 400, []string{"/items"}},
			"an item that is none":  {object{"items": []any{"a", nil}}, 400, []string{"/items/0", "/items/1"}},
			"a list without items":  {`[]`, 400, []string{""}},
			"more than was to come": {`{"items":[]} x`, 400, nil},
		} {
			t.Run(name, func(t *testing.T) {
				x := x.ForSubtest(t)
				for _, method := range []string{"PUT", "PATCH"} {
					if r := x.Do(method, list, c.body); c.faults == nil {
						r.Problem(c.status)
					} else {
						r.Faults(c.status, c.faults...)
					}
				}
			})
		}
		if got := []string{x.Get(a).Header.Get("ETag"), x.Get(b).Header.Get("ETag"), x.Get(list).Header.Get("ETag")}; !slices.Equal(got, etags) {
			t.Errorf("ETags %q, before %q", got, etags)
		}
		wantMapping(x, kind, a, "a", b, "b")
	})
}

func TestAllFaultsOfAMappingAreNamedTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	a, b := x.CreateContact("/individual", nil), x.CreateContact("/individual", nil)
	for name, c := range map[string]struct {
		body   object
		status int
		faults []string
	}{
		"twice, and not there":        {harness.Mapping(a, "x", b, "x", "/individual/8124", "y"), 422, []string{"/items/1/external", "/items/2/internal"}},
		"ids of no form, and too big": {harness.Mapping("abc", "x", "9007199254740992", "y"), 400, []string{"/items/0/internal", "/items/1/internal"}},
		"two ids that are too big":    {harness.Mapping("9007199254740992", "x", "9999999999999999", "y"), 400, []string{"/items/0/internal", "/items/1/internal"}},
	} {
		t.Run(name, func(t *testing.T) {
			x.ForSubtest(t).Do("PUT", "/individual-id-mapping", c.body).Faults(c.status, c.faults...)
		})
	}
}
