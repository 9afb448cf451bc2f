package tests

import (
	"fmt"
	"slices"
	"testing"
)

func TestIfMatchOfAPatchTakesTheETagOfAPatchAnswerForTheSameRows(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 33, 40, 70} { // up to 33 change in one transaction
		t.Run(fmt.Sprint(n, " rows"), func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			list, c := "/individual-id-mapping", x.contactsOf("/individual", n)
			patch := func(prefix string, headers ...string) *answer {
				return x.do("PATCH", list, mapping(numbered(c, prefix)...), headers...)
			}
			first := patch("a").want(200).header.Get("ETag")
			second := patch("b", "If-Match", first).want(200).header.Get("ETag")
			patch("c", "If-Match", first).problem(412)
			// The same rows again answer the same ETag, and change nothing.
			if got := patch("b", "If-Match", second).want(200).header.Get("ETag"); got != second {
				t.Errorf("ETag %s, before %s", got, second)
			}
			// That of the list is another's, though the rows are all that it has.
			patch("c", "If-Match", x.get(list).header.Get("ETag")).problem(412)
			x.do("PUT", list, mapping(numbered(c, "b")...), "If-Match", second).problem(412)
			// A contact that was changed from its own side.
			x.do("PUT", c[n-1], object{"name": "Erika", "external_id": "x"}).want(200)
			patch("c", "If-Match", second).problem(412)
			if n > 1 { // other rows, or in another order, are others
				x.do("PATCH", list, mapping(c[0], "d"), "If-Match", second).problem(412)
				swapped := append([]string{c[1], c[0]}, c[2:]...)
				x.do("PATCH", list, mapping(numbered(swapped, "d")...), "If-Match", second).problem(412)
			}
			x.holdMapping("/individual", append(numbered(c, "b")[:2*n-2], c[n-1], "x")...)
			patch("c", "If-Match", "*").want(200)
			patch("d", "If-None-Match", "*").problem(412)
			x.holdMapping("/individual", numbered(c, "c")...)
		})
	}
}

func TestOfPatchesAtOnceThatHoldToOneVersionOneSucceeds(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list, c := "/individual-id-mapping", x.contactsOf("/individual", 3)
	for range 10 {
		etag := x.do("PATCH", list, mapping(numbered(c, "a")...)).want(200).header.Get("ETag")
		done := []string{}
		for i, a := range together(t, 6, func(i int) (*answer, error) { // one row stays as it is: it is held too
			return x.tryAs("PATCH", list, mapping(c[0], fmt.Sprint("b", i), c[1], fmt.Sprint("c", i), c[2], "a002"), "If-Match", etag)
		}) {
			if a.status == 200 {
				done = append(done, fmt.Sprint(i))
			} else {
				a.problem(412)
			}
		}
		if len(done) != 1 {
			t.Fatalf("%q succeeded", done)
		}
		x.holdMapping("/individual", c[0], "b"+done[0], c[1], "c"+done[0], c[2], "a002")
	}
}

func TestPatchesOfManyRowsAtOnceStayOneToOne(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list, c := "/individual-id-mapping", x.contactsOf("/individual", 80)
	x.do("PUT", list, mapping(numbered(c, "a")...)).want(200)
	for range 3 { // each turns all of them: chains that no transaction holds, against each other
		for i, a := range together(t, 4, func(i int) (*answer, error) {
			turned := append(slices.Clone(c[i+1:]), c[:i+1]...)
			return x.tryAs("PATCH", list, mapping(numbered(turned, "a")...))
		}) {
			turned := append(slices.Clone(c[i+1:]), c[:i+1]...)
			a.showsRows(numbered(turned, "a")...)
		}
		x.isSound()
	}
	x.do("PATCH", list, mapping(numbered(c, "a")...)).want(200)
	x.holdMapping("/individual", numbered(c, "a")...)
}

func TestAPatchReadsWhatItChangesAndWhatIsInItsWay(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list, c := "/individual-id-mapping", x.contactsOf("/individual", 300)
	x.do("PUT", list, mapping(numbered(c, "a")...)).want(200)
	for _, step := range []struct {
		name        string
		sent        []string
		read, write float64
	}{
		{"a new external id", []string{c[0], "b"}, 2, 6},
		{"one that another has", []string{c[0], "a001"}, 3, 8},
		{"a swap of two that are named", []string{c[2], "a003", c[3], "a002"}, 4, 8},
		{"what is so already", []string{c[2], "a003", c[3], "a002"}, 4, 0},
	} {
		a := x.do("PATCH", list, mapping(step.sent...))
		a.showsRows(step.sent...)
		if l := a.log(); l.ReadUnits > step.read || l.WriteUnits > step.write || l.StoreCalls > 3 {
			t.Errorf("%s: %d calls, %v read and %v write units, want %v and %v", step.name, l.StoreCalls, l.ReadUnits, l.WriteUnits, step.read, step.write)
		}
	}
}
