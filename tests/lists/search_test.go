package lists

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// names returns the names of the contacts that a query finds.
func names(x *harness.Tenant, query string) (names []string) {
	x.T.Helper()
	for _, hit := range x.Search(query, 20) {
		names = append(names, hit["name"].(string))
	}
	return names
}

func TestASearchShowsWhyItFinds(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.Create("/individual", object{"name": "Zoë Müller", "external_id": "CRM-77"})
	x.Create(person+"/emails", harness.With(harness.EmailSample, "address", "Zoe.Mueller@Example.com"))
	x.Create(person+"/phones", harness.With(harness.PhoneSample, "number", "0171 / 392 0042"))
	x.Do("PUT", person+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "K-10042")).Want(200)
	id := harness.OwnerID(person)
	for query, want := range map[string][]object{
		"mueller zoe":      {{"field": "name", "value": "Zoë Müller"}},
		"zoe.mueller@EXAM": {{"field": "email", "value": "Zoe.Mueller@Example.com"}},
		"+49 171 3920042":  {{"field": "phone", "value": "0171 / 392 0042"}},
		"01713920042":      {{"field": "phone", "value": "0171 / 392 0042"}},
		"920042":           {{"field": "phone", "value": "0171 / 392 0042"}},
		"0042":             {{"field": "phone", "value": "0171 / 392 0042"}},
		"crm-7":            {{"field": "external_id", "value": "CRM-77"}},
		"k-100":            {{"field": "customer_id", "value": "K-10042"}},
		"042":              nil,
		"zo":               {{"field": "name", "value": "Zoë Müller"}},
		"zoe":              {{"field": "name", "value": "Zoë Müller"}},
		"??":               nil,
	} {
		p := x.Get("/search?query=" + strings.ReplaceAll(url.QueryEscape(query), "+", "%20")).Page()
		if want == nil {
			if len(p.Items) != 0 {
				t.Errorf("%q finds %v", query, p.Items)
			}
			continue
		}
		if fmt.Sprint(p.Items) != fmt.Sprint([]object{{"id": id, "kind": "INDIVIDUAL", "name": "Zoë Müller", "matched": want}}) {
			t.Errorf("%q finds %v, want %v", query, p.Items, want)
		}
	}
	x.Do("DELETE", person, nil).Want(204)
	for _, query := range []string{"mueller", "zoe.mueller@e", "0042", "crm-77", "K-10042"} {
		if got := names(x, query); len(got) != 0 {
			t.Errorf("%q finds the deleted %q", query, got)
		}
	}
}

func TestASearchRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, query := range []string{"", "?query=", "?query=a", "?query=%20a%20", "?query=a%00b", "?query=a%09b", "?query=%ff%ff", "?query=" + strings.Repeat("x", 257),
		"?query=1%202%203%204%205%206%207%208%209%200%201", "?query=ab&limit=0", "?query=ab&limit=101", "?query=ab&kind=PERSON", "?query=ab&offset=0", "?query=ab&color=red",
		"?query=ab&cursor=x", "?query=ab&query=cd"} {
		x.Get("/search" + query).Problem(400)
	}
	for i := range 3 {
		x.CreateIndividual(fmt.Sprint("Anna ", i))
	}
	next := x.Next(x.Get("/search?query=anna&limit=1"))
	x.Get(next).Page()
	for _, other := range []string{strings.Replace(next, "query=anna", "query=ann", 1), next + "&kind=INDIVIDUAL", strings.Replace(next, "/search", "/lookup", 1)} {
		x.Get(other).Problem(400)
	}
}

func TestASearchIsInTheOrderOfWordsNamesAndIDs(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, name := range []string{"Karl Annen", "Zoe Anna Adam", "Anna Weber", "Annabelle Ast", "Otto Anna", "Ännchen Ohm", "Anna Weber"} {
		x.CreateIndividual(name)
	}
	x.CreateOrganization("ANNA GmbH")
	x.NewPlaceholder("Kasse")
	want := []string{"ANNA GmbH", "Anna Weber", "Anna Weber", "Otto Anna", "Zoe Anna Adam", "Annabelle Ast", "Ännchen Ohm", "Karl Annen"}
	if got := names(x, "ann"); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	for limit := 1; limit <= 8; limit++ {
		if got := x.SearchIDs("ann", limit); len(got) != len(want) || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(want) {
			t.Errorf("pages of %d have %d contacts", limit, len(got))
		}
		if got := x.SearchIDs("an w", limit); len(got) != 2 {
			t.Errorf("two words find %d contacts", len(got))
		}
	}
	if got := x.SearchIDs("anna", 2, "&kind=ORGANIZATION"); len(got) != 1 {
		t.Errorf("%d organizations", len(got))
	}
}

// A contact that a query finds by several values is one hit over all pages.
func TestAContactIsOneHit(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	var want []string
	for i := range 12 {
		person := x.Create("/individual", object{"name": fmt.Sprint("Person ", i), "external_id": fmt.Sprint("info-", i)})
		for _, host := range []string{"a", "b"} {
			x.Create(person+"/emails", harness.With(harness.EmailSample, "address", fmt.Sprintf("info%d@%s.example", i, host)))
		}
		x.Do("PUT", person+"/roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", fmt.Sprint("INFO", i))).Want(200)
		want = append(want, harness.OwnerID(person))
	}
	named := x.Create("/individual", object{"name": "Infora GmbH", "external_id": "info-x"})
	want = append(want, harness.OwnerID(named))
	slices.Sort(want)
	for _, limit := range []int{1, 3, 5, 100} {
		got := x.SearchIDs("info", limit)
		if len(got) == 0 || got[0] != harness.OwnerID(named) {
			t.Errorf("pages of %d begin with %v", limit, got)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v, want %v", limit, got, want)
		}
	}
}

// Entries of two partitions can have the same sort key; a page can end between them.
func TestContactsWithTheSameIDOrWordAreEachShown(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for i, id := range []string{"DUP-1", "dup-1", "Dup-1", "dup-2"} {
		x.Create("/individual", object{"name": fmt.Sprint("Person ", i), "external_id": id})
		x.Create("/organization", object{"name": fmt.Sprint("Firma ", i), "external_id": id})
		x.Create("/placeholder-customers", harness.With(harness.PlaceholderMinimal, "customer_id", fmt.Sprint("till-", i), "external_id", id))
	}
	for i := range 3 {
		x.CreateIndividual(fmt.Sprint("Müller Mueller ", i))
		x.CreateIndividual(fmt.Sprint("Mueller Müller ", i))
	}
	for query, want := range map[string]int{"dup-": 12, "dup-1": 9, "mueller": 6, "müller": 6} {
		for limit := 1; limit <= want; limit++ {
			got := x.SearchIDs(query, limit)
			if slices.Sort(got); len(got) != want || len(slices.Compact(got)) != want {
				t.Errorf("pages of %d for %q have %d contacts, want each of %d", limit, query, len(got), want)
			}
		}
	}
}

func TestASearchFindsWhatIdentitiesHaveAndFollowsRenames(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("Muster AG")
	identity := x.CreateIdentity(person, firm)
	x.Create(identity+"/emails", harness.With(harness.EmailSample, "address", "erika@muster.example"))
	if got := x.SearchIDs("erika@mus", 20); !slices.Equal(got, []string{harness.OwnerID(person)}) {
		t.Errorf("the identity's address finds %v", got)
	}
	x.Do("PUT", person, object{"name": "Frieda"}).Want(200)
	if got := names(x, "frie"); !slices.Equal(got, []string{"Frieda"}) {
		t.Errorf("the new name finds %q", got)
	}
	if got := names(x, "eri"); slices.Contains(got, "Erika") {
		t.Error("the former name is found")
	}
}
