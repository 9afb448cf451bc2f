package faults

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"contacts/pkg/collation"
	"contacts/tests/harness"
)

// A contact is found by each of its values until it is deleted or erased, then by none; and never in another organization.
func TestNothingThatIsDeletedOrErasedIsFound(t *testing.T) {
	t.Parallel()
	erase := func(s subject) {
		if err := s.erase(s.T.Context(), http.DefaultTransport); err != nil {
			s.T.Fatal(err)
		}
	}
	deleteIt := func(s subject) { s.Do("DELETE", s.Owner, nil).Want(204) }
	for name, end := range map[string][]func(subject){"erased": {erase}, "deleted": {deleteIt}, "deleted, then erased": {deleteIt, erase}} {
		t.Run("individual "+name, func(t *testing.T) {
			t.Parallel()
			s := newSubject(t)
			// Nobody is managed by it any more, so that it can be deleted.
			s.Do("PUT", s.customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "k")).Want(200)
			wantNotFoundAfter(s, end, "geheimrat", "erika", "er geh", "erik geheimrat", "geheim", "crm-geheim", "CRM-", "geheim0@example.com", "GEHEIM1@", "viele39",
				"+49 221 777120", "0221 777121", "77120", "7121", "geheim-c", "geheim-s")
		})
		t.Run("organization "+name, func(t *testing.T) {
			t.Parallel()
			s := subject{ImageSandbox: harness.NewImageSandbox(t)}
			s.createSecretOrganization(func(text string) string { return text })
			wantNotFoundAfter(s, end, "geheimbund", "gmbh", "g geheim", "crm-geheim", "geheim@", "0221777120", "7120", "geheim-c", "geheim-s", "Geheim-P")
		})
	}
}

// wantNotFoundAfter requires queries to find a contact, and not to find it after it has ended, nor in another organization. Then no entry leads to it.
func wantNotFoundAfter(s subject, end []func(subject), queries ...string) {
	s.T.Helper()
	id, other := harness.LastSegment(s.Owner), harness.NewTenant(s.T)
	other.CreateIndividual("Max Muster")
	check := func(isFound bool) {
		s.T.Helper()
		for _, query := range append(queries, "erased") {
			for _, limit := range []int{1, 20} {
				if got := s.SearchIDs(query, limit); slices.Contains(got, id) != (isFound && query != "erased") {
					s.T.Errorf("%q finds %v", query, got)
				}
				if got := other.SearchIDs(query, limit); got != nil {
					s.T.Errorf("%q finds %v in another organization", query, got)
				}
			}
		}
	}
	check(true)
	for _, step := range end {
		step(s)
	}
	check(false)
	for line := range strings.Lines(rawItems(s.Tenant)) {
		if strings.Contains(line, id) && (strings.Contains(line, "#WORD#") || strings.Contains(line, "#FIND#") || strings.Contains(line, "#U#")) {
			s.T.Errorf("an entry leads to it: %s", line)
		}
	}
	s.IsSound()
}

// An erased contact is in the list by name as every erased one, by no other name.
func TestAnErasureLeavesNoFormerNameInTheListByName(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(s subject){
		"living":  func(subject) {},
		"deleted": func(s subject) { s.Do("DELETE", s.Owner, nil).Want(204) },
		"renamed": func(s subject) { s.Do("PUT", s.Owner, object{"name": "Geheimrätin Erika"}).Want(200) },
		"unreadable": func(s subject) {
			harness.Damage(s.T.(*testing.T), "T#"+s.Org+"#O", harness.Padded(harness.LastSegment(s.Owner)), "[]")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := subject{ImageSandbox: harness.NewImageSandbox(t)}
			s.createSecretOrganization(func(text string) string { return text })
			before(s)
			key := func(name string) string {
				text, err := json.Marshal(collation.Key(name))
				if err != nil {
					t.Fatal(err)
				}
				return strings.Trim(string(text), `"`)
			}
			if raw := rawItems(s.Tenant); !strings.Contains(raw, key("geheim")) {
				t.Error("the table has no name to erase")
			}
			if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
				t.Fatal(err)
			}
			if raw := rawItems(s.Tenant); strings.Contains(raw, key("geheim")) || strings.Contains(strings.ToLower(raw), "geheim") {
				t.Error("the table has a former name")
			}
			page := s.Get("/organization?sort=name").Page()
			if len(page.Items) != 1 || page.Items[0]["name"] != "erased" || page.Items[0]["id"] != harness.LastSegment(s.Owner) {
				t.Errorf("listed are %v", page.Items)
			}
			for _, query := range []string{"&deleted=false", "&starts_with=geh"} {
				if page := s.Get("/organization?sort=name" + query).Page(); len(page.Items) != 0 {
					t.Errorf("%s: %v", query, page.Items)
				}
			}
		})
	}
}
