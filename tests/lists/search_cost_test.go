package lists

import (
	"fmt"
	"net/url"
	"testing"

	"contacts/tests/harness"
)

// A page costs the same among few contacts and among many, on its first and its last page.
func TestASearchCostsTheSameHoweverManyAreFound(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	const contacts = 400
	for from := 0; from < contacts; from += 100 {
		var items []object
		for i := range 100 {
			items = append(items, object{"name": fmt.Sprintf("Jörg Müller %03d", from+i), "external_id": fmt.Sprintf("CRM-%03d", from+i)})
		}
		x.Do("POST", "/individual/batch", object{"items": items}).Want(200)
	}
	for i, id := range x.Get("/individual?limit=60").Page().Texts("id") {
		x.Create("/individual/"+id+"/emails", harness.With(harness.EmailSample, "address", fmt.Sprintf("info-%d@example.com", i)))
		x.Create("/individual/"+id+"/phones", harness.With(harness.PhoneSample, "number", fmt.Sprintf("0228 %d 4711", 1000+i)))
	}
	for query, most := range map[string]float64{"jorg": 3, "müller": 3, "joerg": 3, "mu": 3, "crm-": 24, "info-": 24, "4711": 24, "info-7@example.com": 24, "CRM-042": 24, "022810074711": 24} {
		found := map[string]bool{}
		for path, n := "/search?query="+url.PathEscape(query), 0; path != ""; n++ {
			if n > 200 {
				t.Fatalf("%q has more than 200 pages", query)
			}
			a := x.Get(path)
			for _, id := range a.Page().Texts("id") {
				if found[id] {
					t.Errorf("%q shows %s twice", query, id)
				}
				found[id] = true
			}
			path = x.Next(a)
			if l := a.Log(); l.ReadUnits > most && (most > 3 || len(a.Page().Items) > 0) || l.ReadUnits > 24 {
				t.Errorf("page %d of %q costs %v read units", n, query, l.ReadUnits)
			}
		}
		want := map[string]int{"crm-": contacts, "info-": 60, "4711": 60, "info-7@example.com": 1, "CRM-042": 1, "022810074711": 1}[query]
		if want == 0 {
			want = contacts
		}
		if len(found) != want {
			t.Errorf("%q finds %d, want %d", query, len(found), want)
		}
	}
	// Of several words the first page looks for the rarest.
	for path := x.Next(x.Get("/search?query=jorg%20mu")); path != ""; {
		a := x.Get(path)
		if l := a.Log(); l.ReadUnits > 3 && len(a.Page().Items) > 0 {
			t.Errorf("a later page of two common words costs %v read units", l.ReadUnits)
		}
		path = x.Next(a)
	}
}

func TestANewContactOfThreeWordsCostsAtMost16Units(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	if l := x.Do("POST", "/individual", object{"name": "Anna Lena Weber"}).Want(201).Log(); l.WriteUnits > 16 {
		t.Errorf("%v write units", l.WriteUnits)
	}
	person := x.CreateIndividual("Max")
	x.Do("PUT", person, object{"name": "Max", "anniversary": "2020-01-01"}).Want(200)
	if l := x.Do("PUT", person, object{"name": "Max"}).Want(200).Log(); l.WriteUnits > 8 { // contact, guard item, change, history
		t.Errorf("a change that leaves the name: %v write units", l.WriteUnits)
	}
}
