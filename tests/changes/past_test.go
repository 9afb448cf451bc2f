package changes

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"contacts/tests/harness"
)

// lastChange returns the time of the last change of a contact.
func lastChange(x *harness.Tenant, path string) string {
	x.T.Helper()
	return x.Get(path + "/history?limit=1").Want(200).Page().Items[0]["at"].(string)
}

func asOf(x *harness.Tenant, path, at string) *harness.Answer {
	return x.Get(path + "/full?as_of=" + url.QueryEscape(at))
}

func TestAMomentThatCannotBeShownIsRefused(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.CreateIndividual("Erika")
	made := lastChange(x, person)
	x.Do("PUT", person, object{"name": "Maria"}).Want(200)
	asOf(x, person, before(made)).Problem(404)
	asOf(x, person, "2024-01-01T00:00:00Z").Problem(404)
	asOf(x, "/individual/752627912065064", made).Problem(404)
	asOf(x, "/organization/"+harness.LastSegment(person), made).Problem(404)
	asOf(x, person, time.Now().Add(time.Hour).UTC().Format(time.RFC3339Nano)).Problem(400)
	for _, malformed := range []string{"", "now", "2026-11-29", "2026-11-29T01:02:03", "2026-02-30T01:02:03Z", "1795914123"} {
		asOf(x, person, malformed).Problem(400)
	}
	at, err := time.Parse(time.RFC3339, made)
	if err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{made, at.Add(900 * time.Nanosecond).Format(time.RFC3339Nano), at.In(time.FixedZone("", 2*3600)).Format(time.RFC3339Nano)} {
		if got := asOf(x, person, same).Want(200).Object()["individual_contact"].(object)["name"]; got != "Erika" {
			t.Errorf("as of %s it is %v", same, got)
		}
	}
	if a := x.Get(person + "/full?as_of=" + at.In(time.FixedZone("", 2*3600)).Format(time.RFC3339Nano)); a.Status != 200 { // with a plus
		t.Errorf("an unencoded plus: %d", a.Status)
	}
}

func TestTheHistoryNamesWhatWasThere(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("Muster GmbH")
	hall := x.Create(firm+"/locations", object{"name": "1"})
	identity := x.CreateIdentity(person, firm, "locations", []any{harness.LocationRef(hall)})
	email := x.Create(identity+"/emails", harness.EmailWithAddress("a@example.com"))
	x.Do("PUT", email, harness.EmailWithAddress("b@example.com")).Want(200)
	x.Do("DELETE", identity, nil).Want(204)
	x.Do("DELETE", firm, nil).Want(204)
	ids := strings.NewReplacer(harness.LastSegment(person), "person", harness.LastSegment(firm), "firm", harness.LastSegment(identity), "identity",
		harness.LastSegment(email), "email", harness.LastSegment(hall), "hall")
	lines := func(path string) (all []string) {
		for _, e := range x.Get(path + "/history").Want(200).Page().Items {
			line := fmt.Sprint(e["type"], " by ", e["operation"])
			for _, c := range e["changes"].([]any) {
				change := c.(object)
				was, _ := change["before"].(object)
				line += fmt.Sprintf("; %v %v %v was %v %v %v %v", change["part"], change["id"], change["identity_id"], was["name"], was["address"], was["member_count"], was["is_active"])
			}
			all = append(all, strings.ReplaceAll(ids.Replace(line), "<nil>", "-"))
		}
		return all
	}
	for path, want := range map[string][]string{
		person: {
			"changed by deleteProfessionalIdentity; professional_identity identity - was - - - true; email email identity was - b@example.com - -",
			"changed by replaceProfessionalIdentityEmail; email email identity was - a@example.com - -",
			"changed by createProfessionalIdentityEmail; email email identity was - - - -",
			"changed by createProfessionalIdentity; professional_identity identity - was - - - -",
			"created by createIndividual; contact person - was - - - -",
		},
		firm: {
			"deleted by deleteOrganization; contact firm - was Muster GmbH - - -",
			"changed by deleteProfessionalIdentity; representative person identity was - - - true; location hall - was 1 - 1 -",
			"changed by createProfessionalIdentity; representative person identity was - - - -; location hall - was 1 - 0 -",
			"changed by createLocation; location hall - was - - - -",
			"created by createOrganization; contact firm - was - - - -",
		},
	} {
		if got := lines(path); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("the history is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestAnOrganizationThatKeepsNoHistoryShowsNone(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{false, true} { // whether the functions have read another setting less than a minute ago
		x := harness.NewTenant(t)
		set := func(days int) {
			if err := harness.Platform.Database.SetHistoryDays(t.Context(), x.Org, days); err != nil {
				t.Fatal(err)
			}
		}
		if known {
			x.CreateIndividual("Max")
		}
		set(0)
		person := x.CreateIndividual("Erika")
		f := x.Follow()
		x.Do("PUT", person, object{"name": "Maria"}).Want(200)
		changed := f.Next()[0]["changed_at"].(string)
		if got := x.Get(person + "/history").Want(200).Page(); len(got.Items) != 0 {
			t.Errorf("%v is shown", got.Items)
		}
		for range 2 { // what was not kept is not shown later, either
			if got := asOf(x, person, changed).Want(200).Object()["individual_contact"].(object)["name"]; got != "Maria" {
				t.Errorf("now it is %v", got)
			}
			if p := asOf(x, person, before(changed)).Problem(422); !strings.Contains(p.Detail, changed) {
				t.Errorf("the problem names no earliest moment: %s", p.Detail)
			}
			set(30)
		}
		x.IsSound()
	}
}

// An organization has more representatives than its item, of some individuals several.
func TestManyRepresentativesAreShownAsTheyWere(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm := x.CreateOrganization("Muster GmbH")
	var identities []string
	for i := range 3 {
		person := x.CreateIndividual(fmt.Sprint(i))
		for range 15 {
			identities = append(identities, x.CreateIdentity(person, firm))
		}
	}
	c := &chronicle{x.Follow(), map[string][]moment{}, map[string][]string{}}
	c.Next()
	for i, identity := range identities {
		switch i % 7 {
		case 0:
			x.Do("PUT", identity, object{"is_active": false}).Want(200)
		case 3:
			x.Do("DELETE", identity, nil).Want(204)
		default:
			continue
		}
		c.note()
	}
	x.Do("DELETE", identities[0][:strings.Index(identities[0], "/professional")], nil).Want(204)
	c.note()
	c.isAnswered()
}
