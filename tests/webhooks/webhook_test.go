package webhooks

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/webhook"
	"contacts/tests/harness"
)

func TestAWebhookIsShownAsItWasMadeWithItsSecretOnce(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	body := object{"url": receiver, "events": []string{"organization.created", "individual.*"}, "description": "Bestand des Shops"}
	made := admin.Do("POST", "/webhooks", body).Want(201)
	shown := made.Object()
	secret, _ := shown["secret"].(string)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) != 32 || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("the secret is %q: %v", secret, err)
	}
	want := harness.With(body, "id", shown["id"], "status", "ACTIVE", "behind", object{"changes": 0})
	delete(shown, "secret")
	if diff := cmp.Diff(normal(t, want), normal(t, shown)); diff != "" {
		t.Errorf("the answer to POST differs (-want +got):\n%s", diff)
	}
	read := admin.Get("/webhooks/" + made.Text("id")).Want(200)
	if diff := cmp.Diff(normal(t, want), read.Object()); diff != "" {
		t.Errorf("GET differs (-want +got):\n%s", diff)
	}
	if got := made.Header.Get("Location"); got != admin.Path("/webhooks/"+made.Text("id")) {
		t.Errorf("Location %q", got)
	}
	list := admin.Get("/webhooks").Page()
	if len(list.Items) != 1 || !cmp.Equal(normal(t, want), normal(t, list.Items[0])) {
		t.Errorf("the list has %v", list.Items)
	}
}

// normal returns JSON as it is read.
func normal(t *testing.T, o object) object {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var read object
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestWhatWasReadCanBeSentBack(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	made := admin.Do("POST", "/webhooks", object{"url": receiver, "events": []string{"individual.*"}}).Want(201)
	path := "/webhooks/" + made.Text("id")
	read := admin.Get(path).Want(200)
	for name, body := range map[string][]byte{"what GET showed": read.Body, "what POST showed": made.Body} {
		if again := admin.Do("PUT", path, body).Want(200); !cmp.Equal(again.Object(), read.Object()) {
			t.Errorf("%s: PUT answers %s, GET %s", name, again.Body, read.Body)
		}
	}
}

func TestAStatusIsWhatABodySays(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin)
	for _, step := range []struct{ sent, shown string }{{"", "ACTIVE"}, {"DISABLED", "DISABLED"}, {"", "DISABLED"}, {"FAILING", "ACTIVE"}, {"DISABLED", "DISABLED"}, {"ACTIVE", "ACTIVE"}} {
		body := object{"url": receiver}
		if step.sent != "" {
			body["status"] = step.sent
		}
		for _, a := range []*harness.Answer{admin.Do("PUT", path, body).Want(200), admin.Get(path)} {
			if a.Text("status") != step.shown {
				t.Errorf("after %q: %s shows %s", step.sent, a.What, a.Body)
			}
		}
	}
	for sent, shown := range map[string]string{"DISABLED": "DISABLED", "FAILING": "ACTIVE", "ACTIVE": "ACTIVE"} {
		if a := admin.Get(created(admin, "status", sent)); a.Text("status") != shown {
			t.Errorf("made with %s: %s", sent, a.Body)
		}
	}
}

func TestAReplacementClearsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin, "events", []string{"individual.*", "individual.*"}, "description", "d")
	if got := admin.Get(path).Object()["events"]; !cmp.Equal(got, []any{"individual.*"}) {
		t.Errorf("a repeated event is shown as %v", got)
	}
	got := admin.Do("PUT", path, object{"url": receiver + "/2"}).Want(200).Object()
	if want := []string{"behind", "id", "status", "url"}; !slices.Equal(slices.Sorted(maps.Keys(got)), want) || got["url"] != receiver+"/2" {
		t.Errorf("%v", got)
	}
}

func TestAWebhookIsRefusedForWhatItsBodyHas(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin)
	for _, c := range []struct {
		body   any
		faults []string
	}{
		{object{}, []string{"/url"}},
		{object{"url": ""}, []string{"/url"}},
		{object{"url": nil}, []string{"/url"}},
		{object{"url": 1}, []string{"/url"}},
		{object{"url": "http://receiver.example/"}, []string{"/url"}},
		{object{"url": "https://127.0.0.1/"}, []string{"/url"}},
		{object{"url": "https://[::ffff:10.0.0.1]/"}, []string{"/url"}},
		{object{"url": "https://169.254.169.254/latest/meta-data"}, []string{"/url"}},
		{object{"url": "https://2130706433/"}, []string{"/url"}},
		{object{"url": "https://localhost/"}, []string{"/url"}},
		{object{"url": "https://user:secret@receiver.example/"}, []string{"/url"}},
		{object{"url": receiver + "#here"}, []string{"/url"}},
		{object{"url": "https://münchen.example/"}, []string{"/url"}},
		{object{"url": receiver + "?" + strings.Repeat("x", 1024)}, []string{"/url"}},
		{object{"url": receiver, "events": []string{}}, []string{"/events"}},
		{object{"url": receiver, "events": []string{"individual.*", "contact.*", "*", "webhook.test"}}, []string{"/events/1", "/events/2", "/events/3"}},
		{object{"url": receiver, "events": "individual.*"}, []string{"/events"}},
		{object{"url": receiver, "events": nil}, []string{"/events"}},
		{object{"url": receiver, "status": "PAUSED"}, []string{"/status"}},
		{object{"url": receiver, "description": strings.Repeat("x", 1025)}, []string{"/description"}},
		{object{"url": receiver, "description": "a\x00"}, []string{"/description"}},
		{object{"url": receiver, "nonsense": 1}, []string{"/nonsense"}},
		{`{"url": "` + receiver + `", "url": "` + receiver + `"}`, []string{"/url"}},
	} {
		admin.Do("POST", "/webhooks", c.body).Faults(400, c.faults...)
		admin.Do("PUT", path, c.body).Faults(400, c.faults...)
	}
	if n := len(admin.Get("/webhooks").Page().Items); n != 1 {
		t.Errorf("there are %d webhooks", n)
	}
}

func TestTheDescriptionNamesAllEvents(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	got := admin.Get(created(admin, "events", webhook.EventNames())).Object()["events"]
	want := []any{}
	for _, name := range webhook.EventNames() {
		want = append(want, name)
	}
	if !cmp.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestAnOrganizationHasAtMostTwentyWebhooks(t *testing.T) {
	t.Parallel()
	admin, other := harness.NewTenant(t).Admin(), harness.NewTenant(t).Admin()
	answers := harness.Concurrently(t, 30, func(i int) (*harness.Answer, error) {
		return harness.Try("POST", admin.Path("/webhooks"), object{"url": fmt.Sprintf("%s/%d", receiver, i)}, "Authorization", "Bearer "+admin.Token)
	})
	if counts := harness.CountStatuses(answers); counts[201] != 20 || counts[422] != 10 {
		t.Errorf("%v", counts)
	}
	all := admin.Get("/webhooks").Page().Items
	if len(all) != 20 {
		t.Fatalf("there are %d webhooks", len(all))
	}
	admin.Do("POST", "/webhooks", object{"url": receiver}).Problem(422)
	created(other)
	admin.Do("DELETE", "/webhooks/"+all[3]["id"].(string), nil).Want(204)
	created(admin)
	admin.Do("POST", "/webhooks", object{"url": receiver}).Problem(422)
}

func TestAWebhookIsChangedAsItWasRead(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin)
	first := admin.Get(path).Header.Get("ETag")
	admin.Get(path, "If-None-Match", first).Want(304)
	second := admin.Do("PUT", path, object{"url": receiver}, "If-Match", first).Want(200).Header.Get("ETag")
	if first == second || second != admin.Get(path).Header.Get("ETag") {
		t.Errorf("ETags %s, %s, %s", first, second, admin.Get(path).Header.Get("ETag"))
	}
	admin.Do("PUT", path, object{"url": receiver}, "If-Match", first).Problem(412)
	admin.Do("DELETE", path, nil, "If-Match", first).Problem(412)
	admin.Do("PUT", path, object{"url": receiver}, "If-Match", `"1.0"`).Problem(412)
	// What it has to deliver changes what is shown, not what was read of it to be replaced.
	admin.CreateIndividual("Erika")
	if a := admin.Get(path, "If-None-Match", second).Want(200); a.Header.Get("ETag") == second {
		t.Errorf("the ETag of %s is that of before", a.Body)
	}
	admin.Do("DELETE", path, nil, "If-Match", second).Want(204)
	admin.Get(path).Problem(404)
	admin.Do("DELETE", path, nil).Problem(404)
	admin.Do("PUT", path, object{"url": receiver}).Problem(404)
}

func TestAWebhookIsBehindByWhatItWants(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	admin.CreateIndividual("before")
	all, some, none := created(admin), created(admin, "events", []string{"organization.*"}), created(admin, "events", []string{"individual.deleted"})
	admin.Do("POST", "/individual", object{"name": "Erika"}).Want(201)
	admin.Do("POST", "/organization", object{"name": "Muster GmbH"}).Want(201)
	for path, want := range map[string]float64{all: 2, some: 1, none: 0} {
		behind := admin.Get(path).Object()["behind"].(object)
		if behind["changes"] != want || (behind["since"] == nil) != (want == 0) {
			t.Errorf("%s is behind by %v, want %v", path, behind, want)
		}
	}
	list := admin.Get("/webhooks").Page().Items
	if got := []any{list[0]["behind"].(object)["changes"], list[1]["behind"].(object)["changes"], list[2]["behind"].(object)["changes"]}; !cmp.Equal(got, []any{2., 1., 0.}) {
		t.Errorf("the list shows %v", got)
	}
}

func TestWebhooksRequireTheScopeOfAdministration(t *testing.T) {
	t.Parallel()
	tenant := harness.NewTenant(t)
	admin := tenant.Admin()
	path := created(admin)
	only := *admin
	only.Token = admin.Authorize("?scope=contacts:admin")
	plain := *admin
	plain.Token = admin.Authorize("")
	for _, operation := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/webhooks", nil, 200}, {"POST", "/webhooks", object{"url": receiver}, 201}, {"GET", path, nil, 200}, {"PUT", path, object{"url": receiver}, 200},
		{"POST", path + "/test", nil, 202}, {"POST", path + "/secret", nil, 200}, {"POST", path + "/replay", object{"since": "2026-01-01T00:00:00Z"}, 202},
		{"GET", path + "/deliveries", nil, 200}, {"DELETE", path, nil, 204},
	} {
		plain.Do(operation.method, operation.path, operation.body).Problem(403)
		only.Do(operation.method, operation.path, operation.body).Want(operation.status)
	}
	only.Get("/individual").Problem(403)
}
