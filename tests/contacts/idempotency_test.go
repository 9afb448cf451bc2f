package contacts

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"contacts/tests/harness"
)

func TestTheSameKeyAndRequestAreGivenTheSameAnswer(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	key := func(k string) []string { return []string{"Idempotency-Key", k} }
	body := object{"name": "Erika", "external_id": "crm-1"}

	made := x.Do("POST", "/individual", body, key("a")...).Want(201)
	path := "/individual/" + made.Text("id")
	x.Do("PUT", path, object{"name": "Max", "external_id": "crm-1"}).Want(200) // later changes do not change a replay
	harness.SameAnswer(t, made, x.Do("POST", "/individual", body, key("a")...))
	harness.SameAnswer(t, made, x.Do("POST", "/individual", body, key("a")...))
	if n := len(x.Get("/individual").Page().Items); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}

	put := x.Do("PUT", path, object{"name": "Moritz"}, key("b")...).Want(200)
	harness.SameAnswer(t, put, x.Do("PUT", path, object{"name": "Moritz"}, key("b")...))
	if got := x.Get(path).Header.Get("ETag"); got != put.Header.Get("ETag") {
		t.Errorf("ETag %s after a replay, want %s", got, put.Header.Get("ETag"))
	}

	stale := append(key("if-match"), "If-Match", put.Header.Get("ETag"))
	once := x.Do("PUT", path, object{"name": "Mia"}, stale...).Want(200)
	harness.SameAnswer(t, once, x.Do("PUT", path, object{"name": "Mia"}, stale...)) // not 412, though the version has moved on

	email := x.Do("POST", path+"/emails", harness.EmailSample, key("c")...).Want(201)
	harness.SameAnswer(t, email, x.Do("POST", path+"/emails", harness.EmailSample, key("c")...))
	item := path + "/emails/" + email.Text("id")
	gone := x.Do("DELETE", item, nil, key("d")...).Want(204)
	harness.SameAnswer(t, gone, x.Do("DELETE", item, nil, key("d")...)) // not 404
	x.Do("DELETE", item, nil).Problem(404)

	deleted := x.Do("DELETE", path, nil, key("e")...).Want(204)
	harness.SameAnswer(t, deleted, x.Do("DELETE", path, nil, key("e")...))
	again := x.Do("DELETE", path, nil, key("f")...).Want(204)
	harness.SameAnswer(t, again, x.Do("DELETE", path, nil, key("f")...))
}

func TestTheSameKeyWithAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Max")
	key := []string{"Idempotency-Key", "k"}
	first := x.Do("POST", "/individual", `{"name":"Erika"}`, key...).Want(201)
	for _, r := range []struct{ method, path, body string }{
		{"POST", "/individual", `{"name":"Max"}`},
		{"POST", "/individual", `{"name":"Erika"} `},
		{"POST", "/individual", `no JSON`},
		{"POST", "/individual?x=1", `{"name":"Erika"}`},
		{"PUT", path, `{"name":"Erika"}`},
		{"DELETE", path, ""},
	} {
		x.Do(r.method, r.path, r.body, key...).Faults(422, "?Idempotency-Key")
	}
	harness.SameAnswer(t, first, x.Do("POST", "/individual", `{"name":"Erika"}`, key...))
	if got := x.Get(path).Want(200).Object(); got["name"] != "Max" || got["deleted"] != false {
		t.Errorf("a refused request wrote: %v", got)
	}
	// Keys of other applications and tenants are other keys.
	harness.NewTenant(t).Do("POST", "/individual", `{"name":"Max"}`, key...).Want(201)
}

func TestARefusalIsReplayedToo(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	id := strings.TrimPrefix(path, "/individual/")
	for name, r := range map[string]struct {
		method, path string
		body         object
		status       int
	}{
		"400": {"POST", "/individual", object{}, 400},
		"404": {"PUT", "/individual/8124", object{"name": "a"}, 404},
		"409": {"POST", "/individual", object{"name": "a", "external_id": "taken"}, 409},
		"422": {"POST", path + "/personal-relationships", object{"type": "SPOUSE", "individual_contact": "8124"}, 422},
	} {
		if r.status == 409 {
			x.Do("PUT", path, object{"name": "Erika", "external_id": "taken"}).Want(200)
		}
		first := x.Do(r.method, r.path, r.body, "Idempotency-Key", name)
		first.Problem(r.status)
		if r.status == 409 { // the reason is gone, the answer stays
			x.Do("PUT", path, object{"name": "Erika"}).Want(200)
		}
		again := x.Do(r.method, r.path, r.body, "Idempotency-Key", name)
		again.Problem(r.status)
		harness.SameAnswer(t, first, again)
	}
	if got := x.Get("/individual").Page().Texts("id"); len(got) != 1 || got[0] != id {
		t.Errorf("contacts %q", got)
	}
}

func TestAKeyIsOneTo255VisibleCharacters(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, good := range []string{"a", strings.Repeat("k", 255), `!"#$%&'()*+,-./:;<=>?@[\]^_{|}~`} {
		first := x.Do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", good).Want(201)
		harness.SameAnswer(t, first, x.Do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", good))
	}
	for _, bad := range []string{strings.Repeat("k", 256), "a b", "schlüssel"} {
		x.Do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", bad).Faults(400, "?Idempotency-Key")
	}
	if n := len(x.Get("/individual").Page().Items); n != 3 {
		t.Errorf("%d contacts, want 3", n)
	}
}

func TestAnAnswerOfAKeyRequiresCredentials(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.Do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", "k").Want(201)
	a := x.Do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", "k", "Authorization", "Bearer "+x.Authorize("?"+url.Values{"scope": {"contacts:read"}}.Encode()))
	a.Problem(403)
	// Reads ignore keys.
	x.Get("/individual", "Idempotency-Key", "k").Page()
}

func TestAHundredConcurrentRequestsWithOneKeyCreateOneContact(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	answers := harness.Concurrently(t, 100, func(int) (*harness.Answer, error) {
		return harness.Try("POST", x.Path("/individual"), object{"name": "Erika", "external_id": "crm-1"}, "Authorization", "Bearer "+x.Token, "Idempotency-Key", "k")
	})
	var first *harness.Answer
	for _, a := range answers {
		switch {
		case a.Status == 409 && a.Header.Get("Retry-After") != "":
			// The first still runs.
		case a.Status != 201:
			t.Errorf("%d %s", a.Status, a.Body)
		case !harness.Replayed(a):
			if first != nil {
				t.Error("two answers are first")
			}
			first = a
		}
	}
	if first == nil {
		t.Fatal("no answer is the first")
	}
	for _, a := range answers {
		if a.Status == 201 && a != first {
			harness.SameAnswer(t, first, a)
		}
	}
	if n := len(x.Get("/individual").Page().Items); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
	harness.SameAnswer(t, first, x.Do("POST", "/individual", object{"name": "Erika", "external_id": "crm-1"}, "Idempotency-Key", "k"))
}

func TestAKeyCanBeReusedAfter24Hours(t *testing.T) {
	t.Parallel()
	s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{})
	key := []string{"Idempotency-Key", "k"}
	for path, bodies := range map[string][2]object{
		"/individual":       {{"name": "Erika"}, {"name": "Max"}},
		"/individual/batch": {harness.BatchBody(object{"name": "Erika"}, object{"nick": "E"}), harness.BatchBody(object{"name": "Max"})},
	} {
		s.Ahead.Store(0)
		first := s.Do("POST", path, bodies[0], key...)
		s.Ahead.Store(int64(24*time.Hour - time.Minute))
		harness.SameAnswer(t, first, s.Do("POST", path, bodies[0], key...))
		s.Do("POST", path, bodies[1], key...).Faults(422, "?Idempotency-Key")
		s.Ahead.Store(int64(24*time.Hour + time.Minute))
		again := s.Do("POST", path, bodies[1], key...).Want(first.Status)
		if harness.Replayed(again) || strings.Contains(string(again.Body), "Erika") {
			t.Errorf("%s replays what is a day old: %s", again.What, again.Body)
		}
		key[1] += "'"
	}
}
