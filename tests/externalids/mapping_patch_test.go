package externalids

import (
	"fmt"
	"slices"
	"testing"

	"contacts/tests/harness"
)

func TestIfMatchOfAPatchIsTheETagOfAPatchOfTheSameRows(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 33, 40, 70} { // up to 33 change in one transaction
		t.Run(fmt.Sprint(n, " rows"), func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			list, c := "/individual-id-mapping", x.CreateContacts("/individual", n)
			patch := func(prefix string, headers ...string) *harness.Answer {
				return x.Do("PATCH", list, harness.Mapping(numbered(c, prefix)...), headers...)
			}
			first := patch("a").Want(200).Header.Get("ETag")
			second := patch("b", "If-Match", first).Want(200).Header.Get("ETag")
			patch("c", "If-Match", first).Problem(412)
			// The same rows again have the same ETag and change nothing.
			if got := patch("b", "If-Match", second).Want(200).Header.Get("ETag"); got != second {
				t.Errorf("ETag %s, before %s", got, second)
			}
			// The list has another ETag, even when these rows are all of it.
			patch("c", "If-Match", x.Get(list).Header.Get("ETag")).Problem(412)
			x.Do("PUT", list, harness.Mapping(numbered(c, "b")...), "If-Match", second).Problem(412)
			// A contact that was changed directly.
			x.Do("PUT", c[n-1], object{"name": "Erika", "external_id": "x"}).Want(200)
			patch("c", "If-Match", second).Problem(412)
			if n > 1 { // other rows, or in another order, are others
				x.Do("PATCH", list, harness.Mapping(c[0], "d"), "If-Match", second).Problem(412)
				swapped := append([]string{c[1], c[0]}, c[2:]...)
				x.Do("PATCH", list, harness.Mapping(numbered(swapped, "d")...), "If-Match", second).Problem(412)
			}
			wantMapping(x, "/individual", append(numbered(c, "b")[:2*n-2], c[n-1], "x")...)
			patch("c", "If-Match", "*").Want(200)
			patch("d", "If-None-Match", "*").Problem(412)
			wantMapping(x, "/individual", numbered(c, "c")...)
		})
	}
}

func TestOneOfConcurrentPatchesOfAVersionSucceeds(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list, c := "/individual-id-mapping", x.CreateContacts("/individual", 3)
	for range 10 {
		etag := x.Do("PATCH", list, harness.Mapping(numbered(c, "a")...)).Want(200).Header.Get("ETag")
		done := []string{}
		for i, a := range harness.Concurrently(t, 6, func(i int) (*harness.Answer, error) { // one row stays as it is: it is held too
			return x.TryDo("PATCH", list, harness.Mapping(c[0], fmt.Sprint("b", i), c[1], fmt.Sprint("c", i), c[2], "a002"), "If-Match", etag)
		}) {
			if a.Status == 200 {
				done = append(done, fmt.Sprint(i))
			} else {
				a.Problem(412)
			}
		}
		if len(done) != 1 {
			t.Fatalf("%q succeeded", done)
		}
		wantMapping(x, "/individual", c[0], "b"+done[0], c[1], "c"+done[0], c[2], "a002")
	}
}

func TestConcurrentPatchesOfManyRowsStayOneToOne(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list, c := "/individual-id-mapping", x.CreateContacts("/individual", 80)
	x.Do("PUT", list, harness.Mapping(numbered(c, "a")...)).Want(200)
	for range 3 { // each permutes all of them, in chains that are longer than a transaction
		for i, a := range harness.Concurrently(t, 4, func(i int) (*harness.Answer, error) {
			turned := append(slices.Clone(c[i+1:]), c[:i+1]...)
			return x.TryDo("PATCH", list, harness.Mapping(numbered(turned, "a")...))
		}) {
			turned := append(slices.Clone(c[i+1:]), c[:i+1]...)
			wantRows(a, numbered(turned, "a")...)
		}
		x.IsSound()
	}
	x.Do("PATCH", list, harness.Mapping(numbered(c, "a")...)).Want(200)
	wantMapping(x, "/individual", numbered(c, "a")...)
}

func TestAPatchReadsOnlyWhatItChangesAndConflictsWith(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list, c := "/individual-id-mapping", x.CreateContacts("/individual", 300)
	x.Do("PUT", list, harness.Mapping(numbered(c, "a")...)).Want(200)
	for _, step := range []struct {
		name        string
		sent        []string
		read, write float64
	}{
		{"a new external id", []string{c[0], "b"}, 2, 12},
		{"one that another has", []string{c[0], "a001"}, 3, 20},
		{"a swap of two that are named", []string{c[2], "a003", c[3], "a002"}, 4, 20},
		{"what is so already", []string{c[2], "a003", c[3], "a002"}, 4, 0},
	} {
		a := x.Do("PATCH", list, harness.Mapping(step.sent...))
		wantRows(a, step.sent...)
		if l := a.Log(); l.ReadUnits > step.read || l.WriteUnits > step.write || l.StoreCalls > 3 {
			t.Errorf("%s: %d calls, %v read and %v write units, want %v and %v", step.name, l.StoreCalls, l.ReadUnits, l.WriteUnits, step.read, step.write)
		}
	}
}
