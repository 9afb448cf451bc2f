package tests

import (
	"fmt"
	"maps"
	"testing"
)

func TestOfFiftyThatClaimOneExternalIDOneGetsIt(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	answers := together(t, 50, func(i int) (*answer, error) {
		return try("POST", x.path("/individual"), object{"name": fmt.Sprint(i), "external_id": "crm-1"}, "Authorization", "Bearer "+x.token)
	})
	if got := statuses(answers); !maps.Equal(got, map[int]int{201: 1, 409: 49}) {
		t.Fatalf("statuses %v, want one 201 and 49 times 409", got)
	}
	winner := ""
	for _, a := range answers {
		if a.status == 201 {
			winner = a.text("id")
		}
	}
	for _, a := range answers {
		if a.status == 409 && a.problem(409).ExistingID != winner {
			t.Errorf("existing_id %q, want %q", a.problem(409).ExistingID, winner)
		}
	}
	if n := len(x.get("/individual").page().Items); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
}

func TestOfThirtyThatChangeOneVersionOneSucceeds(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	etag := x.get(path).header.Get("ETag")
	answers := together(t, 30, func(i int) (*answer, error) {
		return try("PUT", x.path(path), object{"name": fmt.Sprint(i)}, "Authorization", "Bearer "+x.token, "If-Match", etag)
	})
	if got := statuses(answers); !maps.Equal(got, map[int]int{200: 1, 412: 29}) {
		t.Fatalf("statuses %v, want one 200 and 29 times 412", got)
	}
	for _, a := range answers {
		if a.status == 200 && string(x.get(path).body) != string(a.body) {
			t.Errorf("stored %s, answered %s", x.get(path).body, a.body)
		}
	}
}

func TestOfThirtyThatChangeWithoutAVersionTheLastWins(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	answers := together(t, 30, func(i int) (*answer, error) {
		return try("PUT", x.path(path), object{"name": fmt.Sprint(i), "external_id": fmt.Sprint("crm-", i)}, "Authorization", "Bearer "+x.token)
	})
	etags := map[string]bool{}
	for _, a := range answers {
		a.want(200)
		etags[a.header.Get("ETag")] = true
	}
	if len(etags) != 30 {
		t.Errorf("%d versions, want 30", len(etags))
	}
	// All claims but the last are free again.
	last := x.get(path).text("external_id")
	for i := range 30 {
		external := fmt.Sprint("crm-", i)
		want := 201
		if external == last {
			want = 409
		}
		x.do("POST", "/individual", object{"name": "a", "external_id": external}).want(want)
	}
	x.isSound()
}

func TestNothingIsAddedToAContactThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	answers := together(t, 40, func(i int) (*answer, error) {
		if i == 20 {
			return try("DELETE", x.path(path), nil, "Authorization", "Bearer "+x.token)
		}
		return try("POST", x.path(path+"/emails"), emailSample, "Authorization", "Bearer "+x.token)
	})
	made := 0
	for i, a := range answers {
		switch {
		case i == 20:
			a.want(204)
		case a.status == 201:
			made++
		default:
			a.problem(422)
		}
	}
	if n := len(x.get(path + "/emails").page().Items); n != made {
		t.Errorf("%d emails, %d were answered 201", n, made)
	}
}

func TestFortyDeletionsOfOneContactAllSucceed(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	for _, a := range together(t, 40, func(int) (*answer, error) {
		return try("DELETE", x.path(path), nil, "Authorization", "Bearer "+x.token)
	}) {
		a.want(204)
	}
}
