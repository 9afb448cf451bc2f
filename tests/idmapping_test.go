package tests

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// mapping is the body of a mapping: pairs of a contact's path or id, and its external id.
func mapping(pairs ...string) object {
	items := []object{}
	for i := 0; i < len(pairs); i += 2 {
		items = append(items, object{"internal": tail(pairs[i]), "external": pairs[i+1]})
	}
	return object{"items": items}
}

// pairs is a mapping that was answered, as "internal external", in the order of the external ids.
func (a *answer) pairs() []string {
	a.t.Helper()
	body := a.want(200).object()
	items, ok := body["items"].([]any)
	if !ok || len(body) != 1 {
		a.t.Fatalf("%s answered %s, want items alone", a.what, a.body)
	}
	var pairs []string
	for _, item := range items {
		m := item.(object)
		if len(m) != 2 {
			a.t.Fatalf("%s: %v, want internal and external alone", a.what, m)
		}
		pairs = append(pairs, fmt.Sprint(m["internal"], " ", m["external"]))
	}
	slices.Sort(pairs)
	return pairs
}

// holdMapping holds that this is the whole mapping, from every side: the list, each single mapping, and the contacts.
func (x *tenant) holdMapping(kind string, pairs ...string) {
	x.t.Helper()
	want := []string{}
	external := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		want = append(want, tail(pairs[i])+" "+pairs[i+1])
		external[tail(pairs[i])] = pairs[i+1]
	}
	slices.Sort(want)
	if got := x.get(kind + "-id-mapping").pairs(); !slices.Equal(got, want) {
		x.t.Fatalf("mapping %q, want %q", got, want)
	}
	for _, c := range x.get(kind + "?deleted=false&limit=5000").page().Items {
		id := c["id"].(string)
		if got, _ := c["external_id"].(string); got != external[id] {
			x.t.Errorf("contact %s shows external_id %q, want %q", id, got, external[id])
		}
	}
}

// showsRows holds an answer to be rows of a mapping, in their order.
func (a *answer) showsRows(pairs ...string) {
	a.t.Helper()
	got, want := []string{}, []string{}
	var shown struct{ Items []object }
	a.want(200).decode(&shown)
	for _, item := range shown.Items {
		got = append(got, fmt.Sprint(item["internal"], " ", item["external"]))
	}
	for i := 0; i < len(pairs); i += 2 {
		want = append(want, tail(pairs[i])+" "+pairs[i+1])
	}
	if !slices.Equal(got, want) {
		a.t.Errorf("%s: answered %q, want %q", a.what, got, want)
	}
}

func externalPath(kind, external string) string {
	return kind + "-id-mapping/external/" + url.PathEscape(external)
}

func internalPath(path string) string {
	return path[:strings.LastIndexByte(path, '/')] + "-id-mapping/internal/" + tail(path)
}

// awkward are external ids that paths and queries have to carry.
var awkward = []string{
	"crm-1", "a/b", "/a", "a/", "a//b", "..", ".", "a/../b", " a b ", "100%", "%41", "%2F", "a+b", "a&b=c", "a;b", "#1",
	"köln", "日本", "😀", "a\tb\nc",
	"ä" + strings.Repeat("x", 255), strings.Repeat("😀", 256), `"quoted"`, `back\slash`, "internal/8124", "*", "{id}", "a:b@c", "batch", "id-mapping",
}

func TestAMappingIsTheContactsExternalIDFromAnotherSide(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		x.holdMapping(kind)
		var pairs []string
		for _, external := range awkward {
			path := x.contactOf(kind, object{"external_id": external})
			pairs = append(pairs, path, external)
			etag := x.get(path).header.Get("ETag")
			want := object{"internal": tail(path), "external": external}
			for _, p := range []string{internalPath(path), externalPath(kind, external)} {
				a := x.get(p).want(200)
				if !reflect.DeepEqual(a.object(), want) || a.header.Get("ETag") != etag {
					t.Errorf("%q: %s %s, want %v with the contact's ETag %s", external, a.header.Get("ETag"), a.body, want, etag)
				}
				x.get(p, "If-None-Match", etag).want(304)
			}
		}
		x.holdMapping(kind, pairs...)
		// Taken away on one side, it is gone from the others; and the contact is in a new version.
		for i, external := range awkward {
			path, item := pairs[2*i], externalPath(kind, external)
			if i%2 == 1 {
				item = internalPath(pairs[2*i])
			}
			etag := x.get(path).header.Get("ETag")
			x.do("DELETE", item, nil, "If-Match", `"99"`).problem(412)
			x.do("DELETE", item, nil, "If-Match", etag).want(204)
			for _, p := range []string{internalPath(path), externalPath(kind, external)} {
				x.get(p).problem(404)
				x.do("DELETE", p, nil).problem(404)
			}
			if c := x.get(path).want(200); c.header.Get("ETag") == etag || c.object()["external_id"] != nil {
				t.Errorf("%q: %s %s after its mapping was deleted", external, c.header.Get("ETag"), c.body)
			}
			if got := x.found("external_id", external).Items; len(got) != 0 {
				t.Errorf("%q still leads to %v", external, got)
			}
			x.contactOf(kind, object{"external_id": external}) // it is free
		}
	})
}

func TestAnEmptyExternalIDIsNotFound(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		x.contactOf(kind, nil)
		for _, external := range []string{"", "%00", "%FF", "%20"} {
			at := kind + "-id-mapping/external/" + external
			x.get(at).problem(404)
			x.do("HEAD", at, nil).want(404)
			x.do("DELETE", at, nil).problem(404)
			x.do("PUT", at, mapping()).problem(405)
		}
	})
}

func TestAMappingIsOfOneKindOfContactInOneTenant(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	person, plain := x.contactOf("/individual", object{"external_id": "crm-1"}), x.contactOf("/individual", nil)
	company := x.contactOf("/organization", object{"external_id": "crm-1"})
	foreign := other.contactOf("/individual", object{"external_id": "other-1"})
	x.holdMapping("/individual", person, "crm-1")
	x.holdMapping("/organization", company, "crm-1")
	for _, p := range []string{
		internalPath(plain), internalPath(foreign), externalPath("/individual", "other-1"), externalPath("/individual", "crm-2"),
		"/individual-id-mapping/internal/" + tail(company), "/organization-id-mapping/internal/" + tail(person),
		"/individual-id-mapping/internal/abc", "/individual-id-mapping/internal/0", "/individual-id-mapping/internal/8124",
		"/individual-id-mapping/internal/01", "/individual-id-mapping/external/%FF", externalPath("/individual", "\x00"),
		externalPath("/individual", strings.Repeat("x", 257)), externalPath("/individual", "CRM-1"),
	} {
		x.get(p).problem(404)
		x.do("DELETE", p, nil).problem(404)
	}
	x.do("DELETE", person, nil).want(204)
	for _, p := range []string{internalPath(person), externalPath("/individual", "crm-1")} {
		x.get(p).problem(404)
		x.do("DELETE", p, nil).problem(404)
	}
	if got := x.get(person).text("external_id"); got != "crm-1" {
		t.Errorf("the deleted contact shows external_id %q, want its last", got)
	}
	x.holdMapping("/individual")
	x.holdMapping("/organization", company, "crm-1")
	other.holdMapping("/individual", foreign, "other-1")
}

func TestPUTReplacesTheWholeMappingAndPATCHWhatItNames(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		list := kind + "-id-mapping"
		c := make([]string, 5)
		for i := range c {
			c[i] = x.contactOf(kind, nil)
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
			before := x.get(list)
			answered := x.do(step.method, list, mapping(step.sent...))
			if got := answered.pairs(); step.method == "PUT" && !slices.Equal(got, x.get(list).pairs()) {
				t.Errorf("%s: answered %q, then GET shows %q", step.name, got, x.get(list).pairs())
			}
			if step.method == "PATCH" {
				answered.showsRows(step.sent...)
			}
			x.holdMapping(kind, step.then...)
			if after := x.get(list); (string(after.body) == string(before.body)) != (after.header.Get("ETag") == before.header.Get("ETag")) {
				t.Errorf("%s: ETag %s, before %s", step.name, after.header.Get("ETag"), before.header.Get("ETag"))
			}
		}
	})
}

func TestAMappingChangesTheVersionOfTheContactsThatItChanges(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	stays, loses := x.contactOf("/individual", object{"external_id": "a"}), x.contactOf("/individual", object{"external_id": "c"})
	moves := x.contactOf("/individual", nil)
	etag := map[string]string{}
	for _, path := range []string{stays, moves, loses} {
		etag[path] = x.get(path).header.Get("ETag")
	}
	x.do("PUT", "/individual-id-mapping", mapping(stays, "a", moves, "b")).want(200)
	for path, changed := range map[string]bool{stays: false, moves: true, loses: true} {
		c := x.get(path)
		if got := c.header.Get("ETag"); (got != etag[path]) != changed {
			t.Errorf("%s: ETag %s, before %s", c.body, got, etag[path])
		}
		x.do("PUT", path, c.body, "If-Match", c.header.Get("ETag")).want(200)
	}
	x.holdMapping("/individual", stays, "a", moves, "b")
	x.do("PUT", moves, object{"name": "Max", "external_id": "c"}).want(200)
	x.holdMapping("/individual", stays, "a", moves, "c")
	if got := x.get(moves).text("name"); got != "Max" {
		t.Errorf("name %q", got)
	}
}

func TestWhatAMappingShowsCanBeSentBack(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list := "/individual-id-mapping"
	for _, external := range awkward {
		x.contactOf("/individual", object{"external_id": external})
	}
	// Where a blank external id is taken it has to be one in a mapping too.
	x.do("POST", "/individual", object{"name": "Erika", "external_id": " "})
	shown := x.get(list)
	for _, method := range []string{"PUT", "PATCH"} {
		if got := x.do(method, list, shown.body).want(200); string(got.body) != string(shown.body) {
			t.Errorf("%s of what GET showed answers %s, want %s", method, got.body, shown.body)
		}
	}
	if now := x.get(list); now.header.Get("ETag") != shown.header.Get("ETag") {
		t.Errorf("ETag %s, before %s", now.header.Get("ETag"), shown.header.Get("ETag"))
	}
	if got := x.do("HEAD", list, nil).want(200).header.Get("ETag"); got != shown.header.Get("ETag") {
		t.Errorf("HEAD: ETag %s, GET %s", got, shown.header.Get("ETag"))
	}
}

func TestAMappingThatCannotBeChangesNothing(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		other := newTenant(t)
		list := kind + "-id-mapping"
		a, b := x.contactOf(kind, object{"external_id": "a"}), x.contactOf(kind, object{"external_id": "b"})
		gone := x.contactOf(kind, object{"external_id": "z"})
		x.do("DELETE", gone, nil).want(204)
		wrong := x.contactOf(map[string]string{"/individual": "/organization", "/organization": "/individual"}[kind], nil)
		foreign := other.contactOf(kind, nil)
		email := x.do("POST", a+"/emails", emailSample).want(201).text("id")
		etags := []string{x.get(a).header.Get("ETag"), x.get(b).header.Get("ETag"), x.get(list).header.Get("ETag")}
		for name, c := range map[string]struct {
			body   any
			status int
			faults []string
		}{
			"a contact twice":      {mapping(a, "x", b, "y", a, "w"), 422, []string{"/items/2/internal"}},
			"an external id twice": {mapping(a, "x", b, "x"), 422, []string{"/items/1/external"}},
			"one pair twice":       {mapping(a, "x", a, "x"), 422, []string{"/items/1/internal", "/items/1/external"}},
			"twice in two forms":   {mapping(a, "\u00e4", b, "a\u0308"), 422, []string{"/items/1/external"}},
			"no such contact":      {mapping(a, "x", kind+"/8124", "y"), 422, []string{"/items/1/internal"}},
			"a deleted one":        {mapping(gone, "z", a, "x"), 422, []string{"/items/0/internal"}},
			"of another kind":      {mapping(a, "x", wrong, "y"), 422, []string{"/items/1/internal"}},
			"of another tenant":    {mapping(foreign, "y", a, "x"), 422, []string{"/items/0/internal"}},
			"an email":             {mapping(email, "y"), 422, []string{"/items/0/internal"}},
			"all that are not": {mapping(gone, "1", wrong, "2", a, "x", foreign, "3", kind+"/8128", "4"), 422,
				[]string{"/items/0/internal", "/items/1/internal", "/items/3/internal", "/items/4/internal"}},
			"malformed ids": {mapping("abc", "x", "0", "y", "01", "z", "-1", "w"), 400,
				[]string{"/items/0/internal", "/items/1/internal", "/items/2/internal", "/items/3/internal"}},
			"an id beyond all":   {mapping(a, "x", "9007199254740992", "y"), 400, []string{"/items/1/internal"}},
			"a number for an id": {object{"items": []object{{"internal": 8124, "external": "x"}}}, 400, []string{"/items/0/internal"}},
			"missing fields": {object{"items": []object{{"internal": tail(a)}, {"external": "x"}}}, 400,
				[]string{"/items/0/external", "/items/1/internal"}},
			"an unknown field": {object{"items": []object{{"internal": tail(a), "external": "x", "name": "Erika"}}}, 400,
				[]string{"/items/0/name"}},
			"an empty external id":  {mapping(a, ""), 400, nil},
			"a long external id":    {mapping(a, "x", b, strings.Repeat("ä", 257)), 400, []string{"/items/1/external"}},
			"a control character":   {mapping(a, "x\u0007"), 400, []string{"/items/0/external"}},
			"a number for a text":   {object{"items": []object{{"internal": tail(a), "external": 5}}}, 400, []string{"/items/0/external"}},
			"no items":              {object{}, 400, []string{"/items"}},
			"null for items":        {object{"items": nil}, 400, []string{"/items"}},
			"items that are none":   {object{"items": object{}}, 400, []string{"/items"}},
			"an item that is none":  {object{"items": []any{"a", nil}}, 400, []string{"/items/0", "/items/1"}},
			"a list without items":  {`[]`, 400, []string{""}},
			"more than was to come": {`{"items":[]} x`, 400, nil},
		} {
			t.Run(name, func(t *testing.T) {
				x := x.in(t)
				for _, method := range []string{"PUT", "PATCH"} {
					if r := x.do(method, list, c.body); c.faults == nil {
						r.problem(c.status)
					} else {
						r.faults(c.status, c.faults...)
					}
				}
			})
		}
		if got := []string{x.get(a).header.Get("ETag"), x.get(b).header.Get("ETag"), x.get(list).header.Get("ETag")}; !slices.Equal(got, etags) {
			t.Errorf("ETags %q, before %q", got, etags)
		}
		x.holdMapping(kind, a, "a", b, "b")
	})
}

func TestAllFaultsOfAMappingAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	a, b := x.contactOf("/individual", nil), x.contactOf("/individual", nil)
	for name, c := range map[string]struct {
		body   object
		status int
		faults []string
	}{
		"twice, and not there":        {mapping(a, "x", b, "x", "/individual/8124", "y"), 422, []string{"/items/1/external", "/items/2/internal"}},
		"ids of no form, and too big": {mapping("abc", "x", "9007199254740992", "y"), 400, []string{"/items/0/internal", "/items/1/internal"}},
		"two ids that are too big":    {mapping("9007199254740992", "x", "9999999999999999", "y"), 400, []string{"/items/0/internal", "/items/1/internal"}},
	} {
		t.Run(name, func(t *testing.T) {
			x.in(t).do("PUT", "/individual-id-mapping", c.body).faults(c.status, c.faults...)
		})
	}
}
