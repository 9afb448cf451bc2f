package tests

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"
)

func replayed(a *answer) bool { return a.header.Get("Idempotent-Replayed") == "true" }

// same holds a replay to the first answer, byte for byte.
func same(t *testing.T, first, again *answer) {
	t.Helper()
	if replayed(first) || !replayed(again) {
		t.Errorf("%s: Idempotent-Replayed %q, then %q", first.what, first.header.Get("Idempotent-Replayed"), again.header.Get("Idempotent-Replayed"))
	}
	if again.status != first.status || !bytes.Equal(again.body, first.body) {
		t.Errorf("%s: replayed %d %s, first %d %s", first.what, again.status, again.body, first.status, first.body)
	}
	for _, name := range []string{"Location", "ETag", "Content-Type"} {
		if got, want := again.header.Get(name), first.header.Get(name); got != want {
			t.Errorf("%s: replayed %s %q, first %q", first.what, name, got, want)
		}
	}
}

func TestTheSameKeyAndRequestAreGivenTheSameAnswer(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	key := func(k string) []string { return []string{"Idempotency-Key", k} }
	body := object{"name": "Erika", "external_id": "crm-1"}

	made := x.do("POST", "/individual", body, key("a")...).want(201)
	path := "/individual/" + made.text("id")
	x.do("PUT", path, object{"name": "Max", "external_id": "crm-1"}).want(200) // what happens meanwhile changes no replay
	same(t, made, x.do("POST", "/individual", body, key("a")...))
	same(t, made, x.do("POST", "/individual", body, key("a")...))
	if n := len(x.get("/individual").page().Items); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}

	put := x.do("PUT", path, object{"name": "Moritz"}, key("b")...).want(200)
	same(t, put, x.do("PUT", path, object{"name": "Moritz"}, key("b")...))
	if got := x.get(path).header.Get("ETag"); got != put.header.Get("ETag") {
		t.Errorf("ETag %s after a replay, want %s", got, put.header.Get("ETag"))
	}

	stale := append(key("if-match"), "If-Match", put.header.Get("ETag"))
	once := x.do("PUT", path, object{"name": "Mia"}, stale...).want(200)
	same(t, once, x.do("PUT", path, object{"name": "Mia"}, stale...)) // not 412, though the version has moved on

	email := x.do("POST", path+"/emails", emailSample, key("c")...).want(201)
	same(t, email, x.do("POST", path+"/emails", emailSample, key("c")...))
	item := path + "/emails/" + email.text("id")
	gone := x.do("DELETE", item, nil, key("d")...).want(204)
	same(t, gone, x.do("DELETE", item, nil, key("d")...)) // not 404
	x.do("DELETE", item, nil).problem(404)

	buried := x.do("DELETE", path, nil, key("e")...).want(204)
	same(t, buried, x.do("DELETE", path, nil, key("e")...))
	again := x.do("DELETE", path, nil, key("f")...).want(204)
	same(t, again, x.do("DELETE", path, nil, key("f")...))
}

func TestTheSameKeyWithAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Max")
	key := []string{"Idempotency-Key", "k"}
	first := x.do("POST", "/individual", `{"name":"Erika"}`, key...).want(201)
	for _, r := range []struct{ method, path, body string }{
		{"POST", "/individual", `{"name":"Max"}`},
		{"POST", "/individual", `{"name":"Erika"} `},
		{"POST", "/individual", `no JSON`},
		{"POST", "/individual?x=1", `{"name":"Erika"}`},
		{"PUT", path, `{"name":"Erika"}`},
		{"DELETE", path, ""},
	} {
		x.do(r.method, r.path, r.body, key...).faults(422, "?Idempotency-Key")
	}
	same(t, first, x.do("POST", "/individual", `{"name":"Erika"}`, key...))
	if got := x.get(path).want(200).object(); got["name"] != "Max" || got["deleted"] != false {
		t.Errorf("a refused request wrote: %v", got)
	}
	// Another application's key of the same name is another key; so is another tenant's.
	newTenant(t).do("POST", "/individual", `{"name":"Max"}`, key...).want(201)
}

func TestARefusalIsKeptToo(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
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
			x.do("PUT", path, object{"name": "Erika", "external_id": "taken"}).want(200)
		}
		first := x.do(r.method, r.path, r.body, "Idempotency-Key", name)
		first.problem(r.status)
		if r.status == 409 { // the reason is gone, the answer stays
			x.do("PUT", path, object{"name": "Erika"}).want(200)
		}
		again := x.do(r.method, r.path, r.body, "Idempotency-Key", name)
		again.problem(r.status)
		same(t, first, again)
	}
	if got := x.get("/individual").page().texts("id"); len(got) != 1 || got[0] != id {
		t.Errorf("contacts %q", got)
	}
}

func TestAKeyIsOneTo255VisibleCharacters(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, good := range []string{"a", strings.Repeat("k", 255), `!"#$%&'()*+,-./:;<=>?@[\]^_{|}~`} {
		first := x.do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", good).want(201)
		same(t, first, x.do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", good))
	}
	for _, bad := range []string{strings.Repeat("k", 256), "a b", "schlüssel"} {
		x.do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", bad).faults(400, "?Idempotency-Key")
	}
	if n := len(x.get("/individual").page().Items); n != 3 {
		t.Errorf("%d contacts, want 3", n)
	}
}

func TestAKeyIsNotAskedForItsAnswerWithoutCredentials(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	x.do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", "k").want(201)
	a := x.do("POST", "/individual", object{"name": "a"}, "Idempotency-Key", "k", "Authorization", "Bearer "+x.authorize("?"+url.Values{"scope": {"contacts:read"}}.Encode()))
	a.problem(403)
	// A key on what reads means nothing.
	x.get("/individual", "Idempotency-Key", "k").page()
}

func TestAHundredRequestsAtOnceWithOneKeyLeaveOneContact(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	answers := together(t, 100, func(int) (*answer, error) {
		return try("POST", x.path("/individual"), object{"name": "Erika", "external_id": "crm-1"}, "Authorization", "Bearer "+x.token, "Idempotency-Key", "k")
	})
	var first *answer
	for _, a := range answers {
		switch {
		case a.status == 409 && a.header.Get("Retry-After") != "":
			// The first still runs.
		case a.status != 201:
			t.Errorf("%d %s", a.status, a.body)
		case !replayed(a):
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
		if a.status == 201 && a != first {
			same(t, first, a)
		}
	}
	if n := len(x.get("/individual").page().Items); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
	same(t, first, x.do("POST", "/individual", object{"name": "Erika", "external_id": "crm-1"}, "Idempotency-Key", "k"))
}

func TestAKeyIsFreeAgainBehind24Hours(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTenant(t), stageOptions{})
	key := []string{"Idempotency-Key", "k"}
	for path, bodies := range map[string][2]object{
		"/individual":       {{"name": "Erika"}, {"name": "Max"}},
		"/individual/batch": {rowsOf(object{"name": "Erika"}, object{"nick": "E"}), rowsOf(object{"name": "Max"})},
	} {
		s.ahead.Store(0)
		first := s.do("POST", path, bodies[0], key...)
		s.ahead.Store(int64(24*time.Hour - time.Minute))
		same(t, first, s.do("POST", path, bodies[0], key...))
		s.do("POST", path, bodies[1], key...).faults(422, "?Idempotency-Key")
		s.ahead.Store(int64(24*time.Hour + time.Minute))
		again := s.do("POST", path, bodies[1], key...).want(first.status)
		if replayed(again) || strings.Contains(string(again.body), "Erika") {
			t.Errorf("%s replays what is a day old: %s", again.what, again.body)
		}
		key[1] += "'"
	}
}
