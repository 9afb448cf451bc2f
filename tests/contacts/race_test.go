package contacts

import (
	"fmt"
	"maps"
	"testing"

	"contacts/tests/harness"
)

func TestOneOfFiftyConcurrentContactsGetsAnExternalID(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	answers := harness.Concurrently(t, 50, func(i int) (*harness.Answer, error) {
		return harness.Try("POST", x.Path("/individual"), object{"name": fmt.Sprint(i), "external_id": "crm-1"}, "Authorization", "Bearer "+x.Token)
	})
	if got := harness.CountStatuses(answers); !maps.Equal(got, map[int]int{201: 1, 409: 49}) {
		t.Fatalf("statuses %v, want one 201 and 49 times 409", got)
	}
	winner := ""
	for _, a := range answers {
		if a.Status == 201 {
			winner = a.Text("id")
		}
	}
	for _, a := range answers {
		if a.Status == 409 && a.Problem(409).ExistingID != winner {
			t.Errorf("existing_id %q, want %q", a.Problem(409).ExistingID, winner)
		}
	}
	if n := len(x.Get("/individual").Page().Items); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
}

func TestOneOfThirtyConcurrentChangesOfAVersionSucceeds(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	etag := x.Get(path).Header.Get("ETag")
	answers := harness.Concurrently(t, 30, func(i int) (*harness.Answer, error) {
		return harness.Try("PUT", x.Path(path), object{"name": fmt.Sprint(i)}, "Authorization", "Bearer "+x.Token, "If-Match", etag)
	})
	if got := harness.CountStatuses(answers); !maps.Equal(got, map[int]int{200: 1, 412: 29}) {
		t.Fatalf("statuses %v, want one 200 and 29 times 412", got)
	}
	for _, a := range answers {
		if a.Status == 200 && string(x.Get(path).Body) != string(a.Body) {
			t.Errorf("stored %s, answered %s", x.Get(path).Body, a.Body)
		}
	}
}

func TestTheLastOfThirtyUnconditionalChangesWins(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	answers := harness.Concurrently(t, 30, func(i int) (*harness.Answer, error) {
		return harness.Try("PUT", x.Path(path), object{"name": fmt.Sprint(i), "external_id": fmt.Sprint("crm-", i)}, "Authorization", "Bearer "+x.Token)
	})
	etags := map[string]bool{}
	for _, a := range answers {
		a.Want(200)
		etags[a.Header.Get("ETag")] = true
	}
	if len(etags) != 30 {
		t.Errorf("%d versions, want 30", len(etags))
	}
	// All external ids but the last are free again.
	last := x.Get(path).Text("external_id")
	for i := range 30 {
		external := fmt.Sprint("crm-", i)
		want := 201
		if external == last {
			want = 409
		}
		x.Do("POST", "/individual", object{"name": "a", "external_id": external}).Want(want)
	}
	x.IsSound()
}

func TestNothingIsAddedToAContactDuringItsDeletion(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	answers := harness.Concurrently(t, 40, func(i int) (*harness.Answer, error) {
		if i == 20 {
			return harness.Try("DELETE", x.Path(path), nil, "Authorization", "Bearer "+x.Token)
		}
		return harness.Try("POST", x.Path(path+"/emails"), harness.EmailSample, "Authorization", "Bearer "+x.Token)
	})
	made := 0
	for i, a := range answers {
		switch {
		case i == 20:
			a.Want(204)
		case a.Status == 201:
			made++
		default:
			a.Problem(422)
		}
	}
	if n := len(x.Get(path + "/emails").Page().Items); n != made {
		t.Errorf("%d emails, %d were answered 201", n, made)
	}
}

func TestFortyDeletionsOfOneContactAllSucceed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	for _, a := range harness.Concurrently(t, 40, func(int) (*harness.Answer, error) {
		return harness.Try("DELETE", x.Path(path), nil, "Authorization", "Bearer "+x.Token)
	}) {
		a.Want(204)
	}
}
