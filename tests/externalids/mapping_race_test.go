package externalids

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// numbered maps contacts to a prefix and their index, as the pairs that wantMapping takes.
func numbered(paths []string, prefix string) []string {
	var pairs []string
	for i, path := range paths {
		pairs = append(pairs, path, fmt.Sprintf("%s%03d", prefix, i))
	}
	return pairs
}

func TestAMappingOf150RowsIsReplacedAndPermutedInCyclesOfAnyLength(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		list, c := kind+"-id-mapping", x.CreateContacts(kind, 150)
		x.Do("PUT", list, harness.Mapping(numbered(c, "a")...)).Want(200)
		wantMapping(x, kind, numbered(c, "a")...)

		// Cycles of 80, 33, 34 and 3: each external id moves to the next contact of its cycle.
		var turned []string
		from := 0
		for _, n := range []int{80, 33, 34, 3} {
			for i := range n {
				turned = append(turned, c[from+(i+1)%n], fmt.Sprintf("a%03d", from+i))
			}
			from += n
		}
		answered := x.Do("PUT", list, harness.Mapping(turned...))
		wantMapping(x, kind, turned...)
		if shown := x.Get(list); string(shown.Body) != string(answered.Want(200).Body) {
			t.Errorf("PUT answered %s, GET shows %s", answered.Body, shown.Body)
		}
		// All but the last cycle back, by PATCH.
		x.Do("PATCH", list, harness.Mapping(numbered(c[:147], "a")...)).Want(200)
		wantMapping(x, kind, append(numbered(c[:147], "a"), turned[294:]...)...)

		// A chain of all contacts: the first gets a new external id, the last one's is dropped.
		var shifted []string
		for i := range 149 {
			shifted = append(shifted, c[i+1], fmt.Sprintf("a%03d", i))
		}
		x.Do("PUT", list, harness.Mapping(numbered(c, "a")...)).Want(200)
		x.Do("PATCH", list, harness.Mapping(append([]string{c[0], "new"}, shifted...)...)).Want(200)
		wantMapping(x, kind, append([]string{c[0], "new"}, shifted...)...)
		x.Do("PUT", list, harness.Mapping()).Want(200)
		wantMapping(x, kind)
	})
}

func TestAnImpossibleRowAmongManyChangesNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	c := x.CreateContacts("/individual", 120)
	x.Do("PUT", "/individual-id-mapping", harness.Mapping(numbered(c, "a")...)).Want(200)
	etag := x.Get("/individual-id-mapping").Header.Get("ETag")
	x.Do("PUT", "/individual-id-mapping", harness.Mapping(append(numbered(c, "b"), "/individual/8124", "x")...)).Faults(422, "/items/120/internal")
	x.Do("PUT", "/individual-id-mapping", harness.Mapping(append(numbered(c, "b"), c[3], "x")...)).Faults(422, "/items/120/internal")
	if got := x.Get("/individual-id-mapping").Header.Get("ETag"); got != etag {
		t.Errorf("ETag %s, before %s", got, etag)
	}
	wantMapping(x, "/individual", numbered(c, "a")...)
}

func TestABodyOfFaultsAloneIsStillAProblem(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	// A small body whose faults would exceed the largest answer.
	x.Do("PUT", "/individual-id-mapping", `{"items":[`+strings.TrimSuffix(strings.Repeat("{},", 60_000), ",")+`]}`).Problem(400)
}

func TestIfMatchRestrictsAMappingToTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		list, a, b := kind+"-id-mapping", x.CreateContact(kind, nil), x.CreateContact(kind, nil)
		first := x.Get(list).Header.Get("ETag")
		x.Do("PUT", list, harness.Mapping(a, "a"), "If-Match", first).Want(200)
		if got := x.Get(list).Header.Get("ETag"); got == first {
			t.Errorf("the ETag is %s after a change too", got)
		}
		for _, method := range []string{"PUT", "PATCH"} {
			for _, stale := range []string{first, `"1"`, `"abc"`, `""`, "W/" + x.Get(list).Header.Get("ETag")} {
				x.Do(method, list, harness.Mapping(b, "b"), "If-Match", stale).Problem(412)
			}
			x.Do(method, list, harness.Mapping(b, "b"), "If-Match", "abc").Faults(400, "?If-Match")
		}
		wantMapping(x, kind, a, "a")
		x.Do("PATCH", list, harness.Mapping(b, "b"), "If-Match", "*").Want(200)
		x.Do("PUT", list, harness.Mapping(a, "a", b, "c"), "If-Match", `"x", `+x.Get(list).Header.Get("ETag")).Want(200)
		// A change of the contact changes the mapping's ETag too.
		before := x.Get(list).Header.Get("ETag")
		x.Do("PUT", a, object{"name": "Erika", "external_id": "d"}).Want(200)
		x.Do("PUT", list, harness.Mapping(), "If-Match", before).Problem(412)
		wantMapping(x, kind, a, "d", b, "c")
	})
}

func TestAWholeMappingIsAnsweredWithTheETagThatGETShows(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list, path := "/individual-id-mapping", x.CreateContact("/individual", nil)
	answered := x.Do("PUT", list, harness.Mapping(path, "a")).Want(200)
	if got, want := answered.Header.Get("ETag"), x.Get(list).Header.Get("ETag"); got != want {
		t.Errorf("ETag %q, GET shows %q", got, want)
	}
}

func TestARepeatedMappingIsAnsweredAsTheFirstAndChangesNothing(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PUT", "PATCH"} {
		x := harness.NewTenant(t)
		list, c := "/individual-id-mapping", x.CreateContacts("/individual", 2)
		first := x.Do(method, list, harness.Mapping(c[0], "a", c[1], "b"), "Idempotency-Key", "k").Want(200)
		x.Do("PUT", list, harness.Mapping(c[0], "b")).Want(200)
		harness.SameAnswer(t, first, x.Do(method, list, harness.Mapping(c[0], "a", c[1], "b"), "Idempotency-Key", "k"))
		wantMapping(x, "/individual", c[0], "b")
		// The same key with another request is refused and changes nothing.
		x.Do(method, list, harness.Mapping(c[1], "c"), "Idempotency-Key", "k").Faults(422, "?Idempotency-Key")
		wantMapping(x, "/individual", c[0], "b")
	}
}

func TestARepeatedDeletionOfAMappingIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateContact("/individual", nil)
	for key, item := range map[string]string{"a": harness.InternalPath(path), "b": externalPath("/individual", "crm/1")} {
		x.Do("PUT", "/individual-id-mapping", harness.Mapping(path, "crm/1")).Want(200)
		first := x.Do("DELETE", item, nil, "Idempotency-Key", key).Want(204)
		harness.SameAnswer(t, first, x.Do("DELETE", item, nil, "Idempotency-Key", key)) // not 404
		x.Do("PUT", "/individual-id-mapping", harness.Mapping(path, "crm/1")).Want(200)
		harness.SameAnswer(t, first, x.Do("DELETE", item, nil, "Idempotency-Key", key))
		wantMapping(x, "/individual", path, "crm/1")
	}
}

// putConcurrently sends a PUT of each mapping concurrently, and requires one of them to be left, complete.
func putConcurrently(x *harness.Tenant, list string, mappings [][]string, headers ...string) []*harness.Answer {
	x.T.Helper()
	answers := harness.Concurrently(x.T, len(mappings), func(i int) (*harness.Answer, error) {
		return x.TryDo("PUT", list, harness.Mapping(mappings[i]...), headers...)
	})
	left := x.Get(list).Pairs()
	for _, m := range mappings {
		wanted := []string{}
		for i := 0; i < len(m); i += 2 {
			wanted = append(wanted, harness.LastSegment(m[i])+" "+m[i+1])
		}
		slices.Sort(wanted)
		if slices.Equal(left, wanted) {
			return answers
		}
	}
	x.T.Fatalf("%d mappings at once left %q, which is none of them", len(mappings), left)
	return nil
}

func TestOneOfConcurrentMappingsIsLeft(t *testing.T) {
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
			x := harness.NewTenant(t)
			paths := x.CreateContacts("/individual", c.contacts)
			for range 10 {
				x.Do("PUT", "/individual-id-mapping", harness.Mapping()).Want(200)
				for _, a := range putConcurrently(x, "/individual-id-mapping", c.mappings(paths)) {
					a.Want(200)
				}
			}
		})
	}
}

func TestOneOfConcurrentMappingsOfAVersionSucceeds(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list, c := "/individual-id-mapping", x.CreateContacts("/individual", 6)
	for range 10 {
		x.Do("PUT", list, harness.Mapping()).Want(200)
		var mappings [][]string
		for i, path := range c {
			mappings = append(mappings, []string{path, fmt.Sprint(i)})
		}
		done := ""
		for i, a := range putConcurrently(x, list, mappings, "If-Match", x.Get(list).Header.Get("ETag")) {
			if a.Status == 200 && done == "" {
				done = harness.LastSegment(c[i]) + " " + fmt.Sprint(i)
			} else {
				a.Problem(412)
			}
		}
		if got := x.Get(list).Pairs(); !slices.Equal(got, []string{done}) {
			t.Fatalf("left %q, the one that succeeded was %q", got, done)
		}
	}
}

func TestConcurrentChangesOfAMappingAndItsContactsStayOneToOne(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list, c := "/individual-id-mapping", x.CreateContacts("/individual", 4)
	for range 5 {
		answers := harness.Concurrently(t, 24, func(i int) (*harness.Answer, error) {
			switch a, b := c[i%4], c[(i+1)%4]; i / 4 {
			case 0, 1:
				return x.TryDo("PATCH", list, harness.Mapping(a, "a", b, "b"))
			case 2:
				return x.TryDo("PUT", a, object{"name": fmt.Sprint(i), "external_id": "a"})
			case 3:
				return x.TryDo("DELETE", externalPath("/individual", "b"), nil)
			case 4:
				return x.TryDo("DELETE", harness.InternalPath(a), nil)
			}
			return x.TryDo("PUT", "/individual?external_id=b", object{"name": "b"})
		})
		for _, a := range answers {
			if a.Status >= 500 || a.Status == 400 || a.Status == 422 {
				t.Errorf("%s = %d %s", a.What, a.Status, a.Body)
			}
		}
		var pairs []string
		for _, pair := range x.Get(list).Pairs() {
			id, external, _ := strings.Cut(pair, " ")
			pairs = append(pairs, id, external)
		}
		wantMapping(x, "/individual", pairs...) // what the list shows, each contact shows, and no other
	}
	x.IsSound()
}
