package references

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/tests/harness"
)

// A processPair is two processes that draw the same ids at the same time.
type processPair struct {
	first, second *harness.Sandbox
	ids           [2]*contact.Sequence
}

// newProcessPair returns two processes on one table that draw the same ids: their clocks stand still, and their sequences begin at the same
// value.
func newProcessPair(t *testing.T) processPair {
	t.Helper()
	start := time.Now()
	still := func() *contact.Sequence {
		return contact.NewSequenceFrom(func() time.Time { return start }, func() uint16 { return 7 })
	}
	ids := [2]*contact.Sequence{still(), still()}
	first := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{Pictures: true, IDs: ids[0]})
	second := harness.NewSandbox(t, first.Tenant, harness.SandboxOptions{On: first, IDs: ids[1]})
	t.Cleanup(func() {
		if !t.Failed() {
			first.IsSound()
		}
	})
	return processPair{first, second, ids}
}

// align advances both processes to the same next id.
func (w processPair) align() {
	a, b := w.ids[0].Next(contact.Part), w.ids[1].Next(contact.Part)
	for ; a < b; a = a.Next() {
		w.ids[0].Next(contact.Part)
	}
	for ; b < a; b = b.Next() {
		w.ids[1].Next(contact.Part)
	}
}

// concurrently does the same in both processes and returns their results.
func (w processPair) concurrently(t *testing.T, do func(s *harness.Sandbox) string) (first, second string) {
	t.Helper()
	w.align()
	var both sync.WaitGroup
	both.Go(func() { first = do(w.first) })
	both.Go(func() { second = do(w.second) })
	both.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return first, second
}

func TestTwoProcessesWithTheSameIDsCreateDifferentResources(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(s *harness.Sandbox) string{
		"individual":           func(s *harness.Sandbox) string { return s.Create("/individual", object{"name": "Erika"}) },
		"organization":         func(s *harness.Sandbox) string { return s.Create("/organization", object{"name": "ACME"}) },
		"placeholder customer": func(s *harness.Sandbox) string { return s.NewPlaceholder(rand.Text()) },
		"customer list":        func(s *harness.Sandbox) string { return s.NewList() },
		"own type": func(s *harness.Sandbox) string {
			return s.NewType("option_types", object{"names": harness.TypeNames("en", "Own")}).String()
		},
		"own sub-type": func(s *harness.Sandbox) string {
			return s.NewType("option_sub_types", object{"names": harness.TypeNames("en", "Own")}).String()
		},
		"row of a batch": func(s *harness.Sandbox) string {
			return s.Do("POST", "/individual/batch", object{"items": []any{object{"name": "Erika"}}}).Want(200).Page().Texts("id")[0]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newProcessPair(t)
			made := map[string]bool{}
			for range 10 {
				first, second := w.concurrently(t, make)
				made[first], made[second] = true, true
			}
			if len(made) != 20 {
				t.Errorf("%d ids are given to 20 resources", len(made))
			}
		})
	}
}

func TestABatchKeepsItsOrderWhenIDsAreTaken(t *testing.T) {
	t.Parallel()
	w := newProcessPair(t)
	rows := []any{}
	for i := range 40 {
		rows = append(rows, object{"name": fmt.Sprint(i)})
	}
	add := func(s *harness.Sandbox) string {
		ids := s.Do("POST", "/organization/batch", object{"items": rows}).Want(200).Page().Texts("id")
		if !slices.IsSortedFunc(ids, func(a, b string) int { return harness.IDNumber(s.T, a) - harness.IDNumber(s.T, b) }) {
			s.T.Errorf("the rows got %q", ids)
		}
		return strings.Join(ids, " ")
	}
	first, second := w.concurrently(t, add)
	if ids := strings.Fields(first + " " + second); len(ids) != 80 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 80 {
		t.Errorf("80 rows have the ids %q", ids)
	}
}

// Ids are unique among all parts of a contact.
func TestIDsOfPartsAreUniqueWithinAContact(t *testing.T) {
	t.Parallel()
	w := newProcessPair(t)
	person, firm := w.first.Create("/individual", object{"name": "Erika"}), w.first.CreateOrganization("ACME")
	seen := map[string]string{}
	take := func(owner, path string) {
		t.Helper()
		key := owner + " " + harness.LastSegment(path)
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s have the same id", path, other)
		}
		seen[key] = path
	}
	for _, part := range []struct {
		owner, segment string
		body           object
	}{
		{person, "addresses", harness.AddressSample}, {person, "emails", harness.EmailSample}, {person, "phones", harness.PhoneSample}, {person, "web-addresses", harness.WebSample},
		{firm, "departments", harness.DepartmentSample}, {firm, "locations", harness.LocationSample}, {firm, "emails", harness.EmailSample}, {firm, "addresses", harness.AddressSample},
	} {
		first, second := w.concurrently(t, func(s *harness.Sandbox) string { return s.Create(part.owner+"/"+part.segment, part.body) })
		take(part.owner, first)
		take(part.owner, second)
	}
	first, second := w.concurrently(t, func(s *harness.Sandbox) string { return s.CreateIdentity(person, firm) })
	take(person, first)
	take(person, second)
	for _, identity := range []string{first, second} {
		a, b := w.concurrently(t, func(s *harness.Sandbox) string { return s.Create(identity+"/phones", harness.PhoneSample) })
		take(person, a)
		take(person, b)
	}
	a, b := w.concurrently(t, func(s *harness.Sandbox) string {
		return s.Create(person+"/images", harness.ImageBody(harness.SmallPicture))
	})
	take(person, a)
	take(person, b)
	a, b = w.concurrently(t, func(s *harness.Sandbox) string { return s.RequestUpload(person, harness.UploadJPEG).ID })
	take(person, a)
	take(person, b)
}

func TestAPictureIsStoredOnceWhenItsIDIsTaken(t *testing.T) {
	t.Parallel()
	w := newProcessPair(t)
	person := w.first.Create("/individual", object{"name": "Erika"})
	keyed := func(s *harness.Sandbox) string {
		key := "of the first"
		if s == w.second {
			key = "of the second"
		}
		var path string
		for range 3 {
			path = s.Do("POST", person+"/images", harness.ImageBody(harness.SmallPicture), "Idempotency-Key", strings.ReplaceAll(key, " ", "-")).Want(201).Text("id")
		}
		return path
	}
	first, second := w.concurrently(t, keyed)
	if got := w.first.ListImages(person); first == second || len(got) != 2 {
		t.Errorf("two pictures are %s and %s, and the album %v", first, second, got)
	}
}

// Some paths name an option by its id alone: it is never another contact's.
func TestNoOptionOfAnotherContactIsDeletedByItsID(t *testing.T) {
	t.Parallel()
	w := newProcessPair(t)
	erika, max := w.first.Create("/individual", object{"name": "Erika"}), w.second.Create("/individual", object{"name": "Max"})
	for name, make := range map[string]func(s *harness.Sandbox, person string) string{
		"email": func(s *harness.Sandbox, person string) string {
			return harness.LastSegment(s.Create(person+"/emails", harness.EmailSample))
		},
		"phone": func(s *harness.Sandbox, person string) string {
			return harness.LastSegment(s.Create(person+"/phones", harness.PhoneSample))
		},
		"web address": func(s *harness.Sandbox, person string) string {
			return harness.LastSegment(s.Create(person+"/web-addresses", harness.WebSample))
		},
		"option": func(s *harness.Sandbox, person string) string {
			return harness.OptionID(s.NewOptions(person, harness.OptionBody(json.Number("7"), 6, "erika77"))[0])
		},
	} {
		mine, theirs := w.concurrently(t, func(s *harness.Sandbox) string {
			if s == w.first {
				return make(s, erika)
			}
			return make(s, max)
		})
		if mine == theirs {
			t.Fatalf("%s: both have the id %s", name, mine)
		}
		w.second.Rest("DELETE", "/options/"+mine, nil).Want(200)
		w.first.Rest("GET", "/options/"+mine, nil).Want(404)
		w.first.Rest("GET", "/options/"+theirs, nil).Want(200)
	}
}

func TestIdentitiesWithTheSameIDAreDifferentRepresentatives(t *testing.T) {
	t.Parallel()
	w := newProcessPair(t)
	firm, erika, max := w.first.CreateOrganization("ACME"), w.first.Create("/individual", object{"name": "Erika"}), w.second.Create("/individual", object{"name": "Max"})
	first, second := w.concurrently(t, func(s *harness.Sandbox) string {
		if s == w.first {
			return s.CreateIdentity(erika, firm)
		}
		return s.CreateIdentity(max, firm)
	})
	if harness.LastSegment(first) != harness.LastSegment(second) {
		t.Fatalf("the identities %s and %s differ: the test says nothing", first, second)
	}
	shown := w.first.Get(firm).Want(200).Object()["representatives"].([]any)
	if len(shown) != 2 {
		t.Fatalf("it shows %v, want both", shown)
	}
	w.second.Do("DELETE", second, nil).Want(204)
	shown = w.second.Get(firm).Want(200).Object()["representatives"].([]any)
	if len(shown) != 1 || shown[0].(object)["professional_identity"].(object)["contact_id"] != harness.LastSegment(erika) {
		t.Errorf("it shows %v, want Erika alone", shown)
	}
}

func TestTagsWithTheSameIDKeepTheirNames(t *testing.T) {
	t.Parallel()
	w := newProcessPair(t)
	erika := w.first.Create("/individual", object{"name": "Erika"})
	add := func(s *harness.Sandbox) string {
		name := "VIP"
		if s == w.second {
			name = "Boss"
		}
		made := s.Do("POST", erika+"/tags", object{"name": name}).Want(201)
		if made.Text("name") != name {
			s.T.Errorf("%q is answered with the name %q", name, made.Text("name"))
		}
		return made.Text("id")
	}
	first, second := w.concurrently(t, add)
	if first == second {
		t.Errorf("both tags have the id %s", first)
	}
	if got := w.first.Get(erika + "/tags").Want(200).Object()["items"].([]any); len(got) != 2 {
		t.Errorf("Erika has the tags %v, want both", got)
	}
}
