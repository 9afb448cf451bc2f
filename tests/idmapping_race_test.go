package tests

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// numbered is the mapping of contacts to a prefix and their place, and the same as the pairs that holdMapping takes.
func numbered(paths []string, prefix string) []string {
	var pairs []string
	for i, path := range paths {
		pairs = append(pairs, path, fmt.Sprintf("%s%03d", prefix, i))
	}
	return pairs
}

// contactsOf adds n contacts of a kind and returns their paths.
func (x *tenant) contactsOf(kind string, n int) []string {
	x.t.Helper()
	paths := make([]string, n)
	for i, a := range together(x.t, n, func(int) (*answer, error) {
		return x.tryAs("POST", kind, object{"name": "Erika"})
	}) {
		paths[i] = kind + "/" + a.want(201).text("id")
	}
	return paths
}

func TestAMappingOf150RowsIsReplacedAndTurnedInCyclesOfAnyLength(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		list, c := kind+"-id-mapping", x.contactsOf(kind, 150)
		x.do("PUT", list, mapping(numbered(c, "a")...)).want(200)
		x.holdMapping(kind, numbered(c, "a")...)

		// Cycles of 80, 33, 34 and 3 at once: each external id goes to the next contact of its cycle.
		var turned []string
		from := 0
		for _, n := range []int{80, 33, 34, 3} {
			for i := range n {
				turned = append(turned, c[from+(i+1)%n], fmt.Sprintf("a%03d", from+i))
			}
			from += n
		}
		answered := x.do("PUT", list, mapping(turned...))
		x.holdMapping(kind, turned...)
		if shown := x.get(list); string(shown.body) != string(answered.want(200).body) {
			t.Errorf("PUT answered %s, GET shows %s", answered.body, shown.body)
		}
		// Back by PATCH, all but the last cycle.
		x.do("PATCH", list, mapping(numbered(c[:147], "a")...)).want(200)
		x.holdMapping(kind, append(numbered(c[:147], "a"), turned[294:]...)...)

		// A chain along all contacts: the first gets a new one, the last one's goes.
		var shifted []string
		for i := range 149 {
			shifted = append(shifted, c[i+1], fmt.Sprintf("a%03d", i))
		}
		x.do("PUT", list, mapping(numbered(c, "a")...)).want(200)
		x.do("PATCH", list, mapping(append([]string{c[0], "new"}, shifted...)...)).want(200)
		x.holdMapping(kind, append([]string{c[0], "new"}, shifted...)...)
		x.do("PUT", list, mapping()).want(200)
		x.holdMapping(kind)
	})
}

func TestAMappingOfTwoContactsThatCannotBeAmongManyChangesNothing(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	c := x.contactsOf("/individual", 120)
	x.do("PUT", "/individual-id-mapping", mapping(numbered(c, "a")...)).want(200)
	etag := x.get("/individual-id-mapping").header.Get("ETag")
	x.do("PUT", "/individual-id-mapping", mapping(append(numbered(c, "b"), "/individual/8124", "x")...)).faults(422, "/items/120/internal")
	x.do("PUT", "/individual-id-mapping", mapping(append(numbered(c, "b"), c[3], "x")...)).faults(422, "/items/120/internal")
	if got := x.get("/individual-id-mapping").header.Get("ETag"); got != etag {
		t.Errorf("ETag %s, before %s", got, etag)
	}
	x.holdMapping("/individual", numbered(c, "a")...)
}

func TestABodyOfFaultsAloneIsStillAProblem(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	// A small body, but its faults named one by one would pass what an answer can carry.
	x.do("PUT", "/individual-id-mapping", `{"items":[`+strings.TrimSuffix(strings.Repeat("{},", 60_000), ",")+`]}`).problem(400)
}

func TestIfMatchHoldsAMappingToWhatWasRead(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		list, a, b := kind+"-id-mapping", x.contactOf(kind, nil), x.contactOf(kind, nil)
		first := x.get(list).header.Get("ETag")
		x.do("PUT", list, mapping(a, "a"), "If-Match", first).want(200)
		if got := x.get(list).header.Get("ETag"); got == first {
			t.Errorf("the ETag is %s after a change too", got)
		}
		for _, method := range []string{"PUT", "PATCH"} {
			for _, stale := range []string{first, `"1"`, `"abc"`, `""`, "W/" + x.get(list).header.Get("ETag")} {
				x.do(method, list, mapping(b, "b"), "If-Match", stale).problem(412)
			}
			x.do(method, list, mapping(b, "b"), "If-Match", "abc").faults(400, "?If-Match")
		}
		x.holdMapping(kind, a, "a")
		x.do("PATCH", list, mapping(b, "b"), "If-Match", "*").want(200)
		x.do("PUT", list, mapping(a, "a", b, "c"), "If-Match", `"x", `+x.get(list).header.Get("ETag")).want(200)
		// What changes the mapping from the contact's side changes its ETag too.
		before := x.get(list).header.Get("ETag")
		x.do("PUT", a, object{"name": "Erika", "external_id": "d"}).want(200)
		x.do("PUT", list, mapping(), "If-Match", before).problem(412)
		x.holdMapping(kind, a, "d", b, "c")
	})
}

func TestAWholeMappingIsAnsweredWithTheETagThatGETShows(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list, path := "/individual-id-mapping", x.contactOf("/individual", nil)
	answered := x.do("PUT", list, mapping(path, "a")).want(200)
	if got, want := answered.header.Get("ETag"), x.get(list).header.Get("ETag"); got != want {
		t.Errorf("ETag %q, GET shows %q", got, want)
	}
}

func TestARepeatedMappingIsAnsweredAsTheFirstAndChangesNothing(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PUT", "PATCH"} {
		x := newTenant(t)
		list, c := "/individual-id-mapping", x.contactsOf("/individual", 2)
		first := x.do(method, list, mapping(c[0], "a", c[1], "b"), "Idempotency-Key", "k").want(200)
		x.do("PUT", list, mapping(c[0], "b")).want(200)
		same(t, first, x.do(method, list, mapping(c[0], "a", c[1], "b"), "Idempotency-Key", "k"))
		x.holdMapping("/individual", c[0], "b")
		// The same key with another request is refused, and does nothing either.
		x.do(method, list, mapping(c[1], "c"), "Idempotency-Key", "k").faults(422, "?Idempotency-Key")
		x.holdMapping("/individual", c[0], "b")
	}
}

func TestARepeatedDeletionOfAMappingIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.contactOf("/individual", nil)
	for key, item := range map[string]string{"a": internalPath(path), "b": externalPath("/individual", "crm/1")} {
		x.do("PUT", "/individual-id-mapping", mapping(path, "crm/1")).want(200)
		first := x.do("DELETE", item, nil, "Idempotency-Key", key).want(204)
		same(t, first, x.do("DELETE", item, nil, "Idempotency-Key", key)) // not 404
		x.do("PUT", "/individual-id-mapping", mapping(path, "crm/1")).want(200)
		same(t, first, x.do("DELETE", item, nil, "Idempotency-Key", key))
		x.holdMapping("/individual", path, "crm/1")
	}
}

// race sends a PUT of each mapping at once, and holds that what is left is one of them, whole.
func (x *tenant) race(list string, mappings [][]string, headers ...string) []*answer {
	x.t.Helper()
	answers := together(x.t, len(mappings), func(i int) (*answer, error) {
		return x.tryAs("PUT", list, mapping(mappings[i]...), headers...)
	})
	left := x.get(list).pairs()
	for _, m := range mappings {
		wanted := []string{}
		for i := 0; i < len(m); i += 2 {
			wanted = append(wanted, tail(m[i])+" "+m[i+1])
		}
		slices.Sort(wanted)
		if slices.Equal(left, wanted) {
			return answers
		}
	}
	x.t.Fatalf("%d mappings at once left %q, which is none of them", len(mappings), left)
	return nil
}

func TestOfMappingsAtOnceOneIsLeftWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		contacts int
		mappings func(c []string) [][]string
	}{
		"a swap":             {2, func(c []string) [][]string { return [][]string{{c[0], "a", c[1], "b"}, {c[0], "b", c[1], "a"}} }},
		"the same id":        {2, func(c []string) [][]string { return [][]string{{c[0], "a"}, {c[1], "a"}} }},
		"others each":        {4, func(c []string) [][]string { return [][]string{{c[0], "a"}, {c[1], "b"}, {c[2], "c"}, {c[3], "d"}} }},
		"more than one step": {70, func(c []string) [][]string { return [][]string{numbered(c, "a"), numbered(c, "b")} }},
		"against a rotation": {70, func(c []string) [][]string {
			return [][]string{numbered(c, "a"), numbered(append(slices.Clone(c[1:]), c[0]), "a")}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			paths := x.contactsOf("/individual", c.contacts)
			for range 10 {
				x.do("PUT", "/individual-id-mapping", mapping()).want(200)
				for _, a := range x.race("/individual-id-mapping", c.mappings(paths)) {
					a.want(200)
				}
			}
		})
	}
}

func TestOfMappingsAtOnceThatHoldToOneVersionOneSucceeds(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list, c := "/individual-id-mapping", x.contactsOf("/individual", 6)
	for range 10 {
		x.do("PUT", list, mapping()).want(200)
		var mappings [][]string
		for i, path := range c {
			mappings = append(mappings, []string{path, fmt.Sprint(i)})
		}
		done := ""
		for i, a := range x.race(list, mappings, "If-Match", x.get(list).header.Get("ETag")) {
			if a.status == 200 && done == "" {
				done = tail(c[i]) + " " + fmt.Sprint(i)
			} else {
				a.problem(412)
			}
		}
		if got := x.get(list).pairs(); !slices.Equal(got, []string{done}) {
			t.Fatalf("left %q, the one that succeeded was %q", got, done)
		}
	}
}

func TestAMappingAndItsContactsChangeAtOnceAndStayOneToOne(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list, c := "/individual-id-mapping", x.contactsOf("/individual", 4)
	for range 5 {
		answers := together(t, 24, func(i int) (*answer, error) {
			switch a, b := c[i%4], c[(i+1)%4]; i / 4 {
			case 0, 1:
				return x.tryAs("PATCH", list, mapping(a, "a", b, "b"))
			case 2:
				return x.tryAs("PUT", a, object{"name": fmt.Sprint(i), "external_id": "a"})
			case 3:
				return x.tryAs("DELETE", externalPath("/individual", "b"), nil)
			case 4:
				return x.tryAs("DELETE", internalPath(a), nil)
			}
			return x.tryAs("PUT", "/individual?external_id=b", object{"name": "b"})
		})
		for _, a := range answers {
			if a.status >= 500 || a.status == 400 || a.status == 422 {
				t.Errorf("%s = %d %s", a.what, a.status, a.body)
			}
		}
		var pairs []string
		for _, pair := range x.get(list).pairs() {
			id, external, _ := strings.Cut(pair, " ")
			pairs = append(pairs, id, external)
		}
		x.holdMapping("/individual", pairs...) // what the list shows, each contact shows, and no other
	}
	x.isSound()
}
