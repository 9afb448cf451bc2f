package lists

import (
	"net/url"
	"slices"
	"testing"

	"contacts/tests/harness"
)

func TestTheNextOfAPageIsTheCursorOfTheNextPage(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := x.CreateIndividuals(5)
	x.Do("DELETE", "/individual/"+ids[1], nil).Want(204)
	living := slices.Delete(slices.Clone(ids), 1, 2)
	var seen []string
	for next := ""; ; {
		query := "?limit=2&deleted=false"
		if next != "" {
			query += "&cursor=" + url.QueryEscape(next)
		}
		a := x.Get("/individual" + query)
		x.Get("/individual"+query, "If-None-Match", a.Header.Get("ETag")).Want(304) // the same page has the same next
		p := a.Page()
		seen = append(seen, p.Texts("id")...)
		if p.Next == nil {
			break
		}
		if next = *p.Next; len(seen) > len(living) {
			t.Fatalf("the pages don't end: %q", seen)
		}
	}
	if !slices.Equal(seen, living) {
		t.Errorf("%q, want %q", seen, living)
	}
}

// A list or page that was read can be the body of the operations that take items: what it has in addition to them is ignored.
func TestAPageCanBeSentBack(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, id := range []string{"crm-1", "crm-2"} {
		x.Do("POST", "/individual", object{"name": "Erika", "external_id": id}).Want(201)
	}
	page := x.Get("/individual?limit=1")
	if page.Page().Next == nil {
		t.Fatalf("%s has no next", page.Body)
	}
	if back := x.Do("POST", "/individual/batch", string(page.Body)).Page(); !slices.Equal(back.Texts("id"), page.Page().Texts("id")) || len(back.Problems) != 0 {
		t.Errorf("%s, sent back, became %+v", page.Body, back)
	}
	mappings := x.Get("/individual-id-mapping").Want(200).Object()
	mappings["problems"], mappings["next"] = []object{}, *page.Page().Next
	if back := x.Do("PUT", "/individual-id-mapping", mappings).Want(200).Object(); len(back["items"].([]any)) != 2 {
		t.Errorf("the mapping, sent back, became %v", back)
	}
	// Only there: a resource has neither.
	x.Do("POST", "/individual", object{"name": "Erika", "next": "x", "problems": []object{}}).Faults(400, "/next", "/problems")
	x.Do("POST", "/individual/batch", object{"items": []object{}, "nest": "x"}).Faults(400, "/nest")
}
