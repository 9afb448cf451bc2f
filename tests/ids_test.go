package tests

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
)

// Two functions that draw the same numbers at the same moment.
type twins struct {
	first, second *stage
	ids           [2]*contact.Sequence
}

// newTwins are two processes over one table whose ids would be the same, were it not for what holds them apart: their clocks stand
// still, and begin each millisecond at the same point.
func newTwins(t *testing.T) twins {
	t.Helper()
	start := time.Now()
	still := func() *contact.Sequence {
		return contact.NewSequenceFrom(func() time.Time { return start }, func() uint16 { return 7 })
	}
	ids := [2]*contact.Sequence{still(), still()}
	first := newStage(t, newTenant(t), stageOptions{pictures: true, ids: ids[0]})
	second := newStage(t, first.tenant, stageOptions{on: first, ids: ids[1]})
	t.Cleanup(func() {
		if !t.Failed() {
			first.isSound()
		}
	})
	return twins{first, second, ids}
}

// meet brings both processes to the same next id.
func (w twins) meet() {
	a, b := w.ids[0].Next(contact.Part), w.ids[1].Next(contact.Part)
	for ; a < b; a = a.Next() {
		w.ids[0].Next(contact.Part)
	}
	for ; b < a; b = b.Next() {
		w.ids[1].Next(contact.Part)
	}
}

// both does the same in both processes at once, and returns what each came to.
func (w twins) both(t *testing.T, do func(s *stage) string) (first, second string) {
	t.Helper()
	w.meet()
	var both sync.WaitGroup
	both.Go(func() { first = do(w.first) })
	both.Go(func() { second = do(w.second) })
	both.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return first, second
}

func TestTwoProcessesWithTheSameIDsMakeDifferentResources(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(s *stage) string{
		"individual":           func(s *stage) string { return s.create("/individual", object{"name": "Erika"}) },
		"organization":         func(s *stage) string { return s.create("/organization", object{"name": "ACME"}) },
		"placeholder customer": func(s *stage) string { return s.newPlaceholder(rand.Text()) },
		"customer list":        func(s *stage) string { return s.newList() },
		"own type": func(s *stage) string {
			return s.newType("option_types", object{"names": names("en", "Own")}).String()
		},
		"own sub-type": func(s *stage) string {
			return s.newType("option_sub_types", object{"names": names("en", "Own")}).String()
		},
		"row of a batch": func(s *stage) string {
			return s.do("POST", "/individual/batch", object{"items": []any{object{"name": "Erika"}}}).want(200).page().texts("id")[0]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTwins(t)
			made := map[string]bool{}
			for range 10 {
				first, second := w.both(t, make)
				made[first], made[second] = true, true
			}
			if len(made) != 20 {
				t.Errorf("%d ids are given to 20 resources", len(made))
			}
		})
	}
}

func TestABatchKeepsItsOrderWhereIDsAreTaken(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	rows := []any{}
	for i := range 40 {
		rows = append(rows, object{"name": fmt.Sprint(i)})
	}
	add := func(s *stage) string {
		ids := s.do("POST", "/organization/batch", object{"items": rows}).want(200).page().texts("id")
		if !slices.IsSortedFunc(ids, func(a, b string) int { return numberOf(s.t, a) - numberOf(s.t, b) }) {
			s.t.Errorf("the rows got %q", ids)
		}
		return strings.Join(ids, " ")
	}
	first, second := w.both(t, add)
	if ids := strings.Fields(first + " " + second); len(ids) != 80 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 80 {
		t.Errorf("80 rows have the ids %q", ids)
	}
}

// Beneath a contact an id is there once, whatever the kind of part.
func TestTheIDsBeneathAContactDiffer(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	person, firm := w.first.create("/individual", object{"name": "Erika"}), w.first.firm("ACME")
	seen := map[string]string{}
	take := func(owner, path string) {
		t.Helper()
		key := owner + " " + tail(path)
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s have the same id", path, other)
		}
		seen[key] = path
	}
	for _, part := range []struct {
		owner, segment string
		body           object
	}{
		{person, "addresses", addressSample}, {person, "emails", emailSample}, {person, "phones", phoneSample}, {person, "web-addresses", webSample},
		{firm, "departments", departmentSample}, {firm, "locations", locationSample}, {firm, "emails", emailSample}, {firm, "addresses", addressSample},
	} {
		first, second := w.both(t, func(s *stage) string { return s.create(part.owner+"/"+part.segment, part.body) })
		take(part.owner, first)
		take(part.owner, second)
	}
	first, second := w.both(t, func(s *stage) string { return s.identity(person, firm) })
	take(person, first)
	take(person, second)
	for _, identity := range []string{first, second} {
		a, b := w.both(t, func(s *stage) string { return s.create(identity+"/phones", phoneSample) })
		take(person, a)
		take(person, b)
	}
	a, b := w.both(t, func(s *stage) string { return s.create(person+"/images", dataOf(studioPicture)) })
	take(person, a)
	take(person, b)
	a, b = w.both(t, func(s *stage) string { return s.form(person, uploadJPEG).ID })
	take(person, a)
	take(person, b)
}

func TestAPictureIsSentOnceWhereItsIDIsTaken(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	person := w.first.create("/individual", object{"name": "Erika"})
	keyed := func(s *stage) string {
		key := "of the first"
		if s == w.second {
			key = "of the second"
		}
		var path string
		for range 3 {
			path = s.do("POST", person+"/images", dataOf(studioPicture), "Idempotency-Key", strings.ReplaceAll(key, " ", "-")).want(201).text("id")
		}
		return path
	}
	first, second := w.both(t, keyed)
	if got := w.first.album(person); first == second || len(got) != 2 {
		t.Errorf("two pictures are %s and %s, and the album %v", first, second, got)
	}
}

// An option is named by its id alone: no other contact's is ever meant.
func TestNoOptionOfAnotherContactIsDeletedByItsID(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	erika, max := w.first.create("/individual", object{"name": "Erika"}), w.second.create("/individual", object{"name": "Max"})
	for name, make := range map[string]func(s *stage, person string) string{
		"email":       func(s *stage, person string) string { return tail(s.create(person+"/emails", emailSample)) },
		"phone":       func(s *stage, person string) string { return tail(s.create(person+"/phones", phoneSample)) },
		"web address": func(s *stage, person string) string { return tail(s.create(person+"/web-addresses", webSample)) },
		"option": func(s *stage, person string) string {
			return idOf(s.newOptions(person, anOption(json.Number("7"), 6, "erika77"))[0])
		},
	} {
		mine, theirs := w.both(t, func(s *stage) string {
			if s == w.first {
				return make(s, erika)
			}
			return make(s, max)
		})
		if mine == theirs {
			t.Fatalf("%s: both have the id %s", name, mine)
		}
		w.second.rest("DELETE", "/options/"+mine, nil).want(200)
		w.first.rest("GET", "/options/"+mine, nil).want(404)
		w.first.rest("GET", "/options/"+theirs, nil).want(200)
	}
}

func TestNoIdentityTakesThePlaceOfAnotherAmongRepresentatives(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	firm, erika, max := w.first.firm("ACME"), w.first.create("/individual", object{"name": "Erika"}), w.second.create("/individual", object{"name": "Max"})
	first, second := w.both(t, func(s *stage) string {
		if s == w.first {
			return s.identity(erika, firm)
		}
		return s.identity(max, firm)
	})
	if tail(first) != tail(second) {
		t.Fatalf("the identities %s and %s differ: the test says nothing", first, second)
	}
	shown := w.first.get(firm).want(200).object()["representatives"].([]any)
	if len(shown) != 2 {
		t.Fatalf("it shows %v, want both", shown)
	}
	w.second.do("DELETE", second, nil).want(204)
	shown = w.second.get(firm).want(200).object()["representatives"].([]any)
	if len(shown) != 1 || shown[0].(object)["professional_identity"].(object)["contact_id"] != tail(erika) {
		t.Errorf("it shows %v, want Erika alone", shown)
	}
}

func TestNoTagAnswersWithTheNameOfAnother(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	erika := w.first.create("/individual", object{"name": "Erika"})
	add := func(s *stage) string {
		name := "VIP"
		if s == w.second {
			name = "Boss"
		}
		made := s.do("POST", erika+"/tags", object{"name": name}).want(201)
		if made.text("name") != name {
			s.t.Errorf("%q is answered with the name %q", name, made.text("name"))
		}
		return made.text("id")
	}
	first, second := w.both(t, add)
	if first == second {
		t.Errorf("both tags have the id %s", first)
	}
	if got := w.first.get(erika + "/tags").want(200).object()["items"].([]any); len(got) != 2 {
		t.Errorf("Erika has the tags %v, want both", got)
	}
}
