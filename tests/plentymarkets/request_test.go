package plentymarkets

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"contacts/pkg/auth"
	"contacts/tests/harness"
)

// An optionRequest is one operation of the dialect. It may require the earlier ones of its list.
type optionRequest struct {
	method, path string
	body         any
}

// optionRequests returns all operations of the dialect, on a contact of its own.
func optionRequests(x *harness.Tenant) []optionRequest {
	x.T.Helper()
	erika := x.CreateIndividual("Erika")
	one := x.NewOptions(erika, harness.PhoneOptionBody("030 1"))[0]
	all := []optionRequest{
		{"GET", harness.OptionsPath(erika), nil}, {"GET", harness.OptionsPath(erika) + "/validate?typeId=1&subTypeId=1&value=110", nil}, {"GET", harness.OptionPath(one), nil},
		{"POST", harness.OptionsPath(erika), []object{harness.OptionBody(2, 1, "a@b"), harness.OptionBody(5, 1, "a")}}, {"PUT", harness.OptionsPath(erika), harness.PhoneOptionBody("030 2")},
		{"PUT", harness.OptionPath(one), harness.OptionBody(1, 3, "030 3")}, {"DELETE", harness.OptionPath(one), nil}, {"DELETE", harness.OptionsPath(erika), nil},
	}
	for _, list := range harness.TypeLists {
		body := object{"names": harness.TypeNames("en", "Own")}
		item := "/" + list + "/" + x.NewType(list, body).String()
		all = append(all, optionRequest{"GET", "/" + list, nil}, optionRequest{"GET", item, nil}, optionRequest{"POST", "/" + list, body},
			optionRequest{"PUT", item, object{"names": harness.TypeNames("en", "Renamed")}}, optionRequest{"DELETE", item, nil})
	}
	return all
}

func TestWrongTokensAreUnauthorizedInThisDialect(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	parts := strings.Split(x.Token, ".")
	flipped := []byte(parts[1])
	flipped[10] ^= 1
	secret, _ := auth.NewSecret()
	sign := func(secret string, age int) string {
		key, err := auth.Derive([]byte(secret), 1)
		if err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-time.Duration(age) * time.Minute)
		token, err := key.Sign(auth.Claims{Organization: x.Org, Subject: "app:" + x.App, Scopes: []string{auth.ReadScope, auth.WriteScope}, Region: "DE",
			Expires: then.Add(60 * time.Minute)}, then)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
	x.Rest("GET", "/option_types", nil, "Authorization", sign(harness.Platform.Secret, 0)).Want(200)
	requests := optionRequests(x)
	for name, authorization := range map[string]string{
		"missing": "", "another scheme": harness.BasicAuth(x.App, x.Secret), "no token": "Bearer ", "no JWT": "Bearer abc", "cut": "Bearer " + x.Token[:len(x.Token)-4],
		"without a signature": "Bearer " + parts[0] + "." + parts[1] + ".", "changed": "Bearer " + parts[0] + "." + string(flipped) + "." + parts[2],
		"of another platform": sign(secret, 0), "expired": sign(harness.Platform.Secret, 120), "in another place": "token=" + x.Token,
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range requests {
				var headers []string
				if authorization != "" {
					headers = []string{"Authorization", authorization}
				}
				a := harness.Send(t, r.method, optionsRoot+r.path, r.body, headers...)
				a.Envelope(401)
				if got := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
					t.Errorf("%s: WWW-Authenticate %q", a.What, got)
				}
			}
		})
	}
	for _, r := range requests { // all of them work, so no refused one has changed anything
		x.Rest(r.method, r.path, r.body).Want(200)
	}
}

func TestScopesApplyInThisDialectToo(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	reads, writes := "Bearer "+x.Authorize("?scope=contacts:read"), "Bearer "+x.Authorize("?scope=contacts:write")
	for _, r := range optionRequests(x) {
		right, wrong := reads, writes
		if r.method != "GET" {
			right, wrong = writes, reads
		}
		x.Rest(r.method, r.path, r.body, "Authorization", wrong).Envelope(403)
		x.Rest(r.method, r.path, r.body, "Authorization", right).Want(200)
	}
}

// Messages refer to validation_errors with 422 alone.
func TestAMessageRefersToValidationErrorsOnlyWhereTheyAre(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := harness.OptionsPath(x.CreateIndividual("Erika"))
	for body, want := range map[string]string{
		`{}`:                        "The request has several faults; validation_errors names them all.",
		`{"a":1,"b":2,`:             "The request can't be read: the body ends before its JSON does.",
		`[{"a":1},{"id":1,"id":2}]`: "The request can't be read: 1.id: duplicate field.",
		`{} {}`:                     "The request can't be read: there is data after the JSON value.",
		`[` + strings.Repeat(`{"a":1},`, 150) + `x]`: "The request can't be read: 150: is not valid JSON in UTF-8, at byte 1201.",
	} {
		a := x.Rest("POST", path, body)
		var got struct{ Error struct{ Message string } }
		if a.Decode(&got); got.Error.Message != want {
			t.Errorf("%.40s is refused as %s, want %q", body, a.Body, want)
		}
	}
	a := x.Rest("GET", path, nil, "Accept", "text/html")
	if a.Envelope(406); strings.Contains(string(a.Body), "problem+json") {
		t.Errorf("406 offers what this dialect has not: %s", a.Body)
	}
}

func TestRefusalsOfHTTPItselfHaveTheEnvelope(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	allowed := map[string][]string{}
	requests := optionRequests(x)
	for _, r := range requests {
		path, _, _ := strings.Cut(r.path, "?")
		allowed[path] = append(allowed[path], r.method)
		x.Rest(r.method, r.path, r.body, "Accept", "text/html").Envelope(406)
		if r.body == nil {
			continue
		}
		for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=iso-8859-1"} {
			x.Rest(r.method, r.path, r.body, "Content-Type", media).Envelope(415)
		}
		x.Rest(r.method, r.path, r.body, "Content-Encoding", "gzip").Envelope(415)
		x.Rest(r.method, r.path, strings.Repeat(" ", 1<<20)+"{}").Envelope(413)
		for _, broken := range []string{"", " ", "{", `{"value":"a"} {}`, `[{}`,
			`{"value":"a","value":"b"}`, `{"id":1,"id":2}`, "{\"value\":\"\xff\"}", `value=a`} {
			x.Rest(r.method, r.path, broken).Envelope(400)
		}
	}
	for path, methods := range allowed {
		if slices.Contains(methods, "GET") {
			methods = append(methods, "HEAD")
		}
		slices.Sort(methods)
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
			if slices.Contains(methods, method) {
				continue
			}
			a := x.Rest(method, path, nil)
			a.Envelope(405)
			got := strings.FieldsFunc(strings.Join(a.Header.Values("Allow"), ","), func(r rune) bool { return r == ',' || r == ' ' })
			slices.Sort(got)
			if !slices.Equal(got, methods) {
				t.Errorf("%s: Allow %q, want %q", a.What, got, methods)
			}
		}
	}
	for _, path := range []string{"/nothing", "/8123", "/8123/options/1/2", "/options", "/options/1/2", "/option_types/1/2", "/8123/options/"} {
		x.Rest("GET", path, nil).Envelope(404)
	}
	for _, r := range requests {
		x.Rest(r.method, r.path, r.body).Want(200)
	}
}

func TestEveryWriteOfThisDialectHappensOncePerKey(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	var writes []optionRequest
	for _, r := range optionRequests(x) {
		if r.method != "GET" {
			writes = append(writes, r)
		}
	}
	for i, r := range writes {
		key := []string{"Idempotency-Key", string(rune('a' + i))}
		first := x.Rest(r.method, r.path, r.body, key...).Want(200)
		harness.SameAnswer(t, first, x.Rest(r.method, r.path, r.body, key...))
		x.Rest(r.method, r.path+"?x=1", r.body, key...).Envelope(422, "Idempotency-Key")
		harness.SameAnswer(t, first, x.Rest(r.method, r.path, r.body, key...))
	}
	// The list has been emptied since: no replay created anything again.
	if got := string(x.Rest("GET", writes[0].path, nil).Want(200).Body); got != "[]" {
		t.Errorf("left are %s", got)
	}
	x.Rest("POST", writes[0].path, harness.PhoneOptionBody("030 1"), "Idempotency-Key", "a b").Envelope(422, "Idempotency-Key")
}

func TestARefusalOfSeveralOptionsIsReplayed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	x.NewOptions(erika, harness.PhoneOptionBody("030 1"))
	body, key := []object{harness.OptionBody(2, 1, "a@b"), harness.PhoneOptionBody("030 2")}, []string{"Idempotency-Key", "k"}
	first := x.Rest("POST", harness.OptionsPath(erika), body, key...)
	first.Envelope(422, "1.typeId")
	x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200) // the reason is gone, the answer stays
	again := x.Rest("POST", harness.OptionsPath(erika), body, key...)
	again.Envelope(422, "1.typeId")
	harness.SameAnswer(t, first, again)
	wantOptions(x, erika)
	x.Rest("POST", harness.OptionsPath(erika), body).Want(200)
	wantOptions(x, erika, "2.1=a@b", "1.4=030 2")
}

func TestIfMatchRestrictsAChangeOfOptions(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	one := x.NewOptions(erika, harness.PhoneOptionBody("030 1"), harness.OptionBody(2, 1, "a@b"))[0]
	etagOf := func(path string) string {
		t.Helper()
		return x.Rest("GET", path, nil).Want(200).Header.Get("ETag")
	}
	item, list := etagOf(harness.OptionPath(one)), etagOf(harness.OptionsPath(erika))
	x.Rest("PUT", harness.OptionPath(one), harness.PhoneOptionBody("030 2"), "If-Match", `"1"`).Envelope(412)
	x.Rest("PUT", harness.OptionPath(one), harness.PhoneOptionBody("030 2"), "If-Match", item).Want(200)
	for _, stale := range []string{item, "W/" + etagOf(harness.OptionPath(one)), `"x"`} {
		x.Rest("PUT", harness.OptionPath(one), harness.PhoneOptionBody("030 3"), "If-Match", stale).Envelope(412)
		x.Rest("DELETE", harness.OptionPath(one), nil, "If-Match", stale).Envelope(412)
	}
	for _, stale := range []string{list, etagOf(harness.OptionPath(one)), etagOf(harness.OptionsPath(erika) + "?typeId=1")} {
		x.Rest("PUT", harness.OptionsPath(erika), harness.PhoneOptionBody("030 3"), "If-Match", stale).Envelope(412)
		x.Rest("DELETE", harness.OptionsPath(erika), nil, "If-Match", stale).Envelope(412)
	}
	x.Rest("PUT", harness.OptionsPath(erika), harness.PhoneOptionBody("030 3"), "If-Match", "x").Envelope(422, "If-Match")
	// The other dialect changes the same records.
	list = etagOf(harness.OptionsPath(erika))
	x.Do("POST", erika+"/emails", harness.EmailSample).Want(201)
	x.Rest("PUT", harness.OptionsPath(erika), harness.PhoneOptionBody("030 3"), "If-Match", list).Envelope(412)
	list = etagOf(harness.OptionsPath(erika))
	gzipped := strings.TrimSuffix(list, `"`) + `-gzip"`
	x.Rest("PUT", harness.OptionsPath(erika), harness.PhoneOptionBody("030 3"), "If-Match", `"x", `+gzipped).Want(200)
	x.Rest("POST", harness.OptionsPath(erika), harness.OptionBody(5, 1, "a"), "If-Match", `"x"`).Want(200) // there, as everywhere, it means nothing
	x.Rest("PUT", harness.OptionPath(one), harness.PhoneOptionBody("030 4"), "If-Match", "*").Want(200)
	x.Rest("DELETE", harness.OptionPath(one), nil, "If-Match", etagOf(harness.OptionPath(one))).Want(200)
	x.Rest("DELETE", harness.OptionsPath(erika), nil, "If-Match", etagOf(harness.OptionsPath(erika))).Want(200)
	wantOptions(x, erika)
	x.Rest("DELETE", harness.OptionsPath(erika), nil, "If-Match", etagOf(harness.OptionsPath(erika))).Want(200)

	eachTypeList(t, func(t *testing.T, x *harness.Tenant, list string) {
		body := object{"names": harness.TypeNames("en", "Own")}
		item := "/" + list + "/" + x.NewType(list, body).String()
		first := x.Rest("GET", item, nil).Want(200).Header.Get("ETag")
		x.Rest("PUT", item, object{"names": harness.TypeNames("en", "Renamed")}, "If-Match", first).Want(200)
		x.Rest("PUT", item, body, "If-Match", first).Envelope(412)
		x.Rest("DELETE", item, nil, "If-Match", first).Envelope(412)
		x.Rest("DELETE", item, nil, "If-Match", "*").Want(200)
	})
}

// Every answer with a resource has a strong ETag: PUT's is the one of GET, so that the next change needs no read.
func TestThePUTOfAnOptionAnswersItsETag(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	one := x.NewOptions(x.CreateIndividual("Erika"), harness.PhoneOptionBody("030 1"))[0]
	put := x.Rest("PUT", harness.OptionPath(one), harness.PhoneOptionBody("030 2"), "Idempotency-Key", "k").Want(200)
	if got, want := put.Header.Get("ETag"), x.Rest("GET", harness.OptionPath(one), nil).Want(200).Header.Get("ETag"); got != want {
		t.Errorf("PUT answers the ETag %q, GET %q", got, want)
	}
	harness.SameAnswer(t, put, x.Rest("PUT", harness.OptionPath(one), harness.PhoneOptionBody("030 2"), "Idempotency-Key", "k"))
}

func TestBodiesAreReadAsStrictlyAsInTheOtherDialect(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, r := range optionRequests(x) {
		if r.method != "GET" {
			continue
		}
		get := x.Rest("GET", r.path, nil).Want(200)
		head := x.Rest("HEAD", r.path, nil).Want(200)
		for _, name := range []string{"Content-Type", "ETag", "Content-Length", "Cache-Control"} {
			if got, want := head.Header.Get(name), get.Header.Get(name); got != want || want == "" {
				t.Errorf("HEAD %s: %s %q, GET %q", r.path, name, got, want)
			}
		}
		if got := get.Header.Get("Content-Type"); got != "application/json" || len(head.Body) != 0 {
			t.Errorf("%s: %q, and HEAD with %q", r.path, got, head.Body)
		}
		for _, known := range []string{get.Header.Get("ETag"), "W/" + get.Header.Get("ETag"), "*"} {
			if a := x.Rest("GET", r.path, nil, "If-None-Match", known).Want(http.StatusNotModified); len(a.Body) != 0 {
				t.Errorf("%s: 304 with %q", r.path, a.Body)
			}
		}
		x.Rest("GET", r.path, nil, "If-None-Match", `"x"`).Want(200)
	}
	gone := optionRequests(x)[6]
	if a := x.Rest(gone.method, gone.path, nil).Want(200); len(a.Body) != 0 || a.Header.Get("Content-Type") != "" {
		t.Errorf("DELETE answers %q as %q", a.Body, a.Header.Get("Content-Type"))
	}
	got := harness.CountStatuses([]*harness.Answer{x.Rest("HEAD", gone.path, nil), x.Rest("HEAD", "/option_types/99", nil)})
	if !maps.Equal(got, map[int]int{404: 2}) {
		t.Errorf("HEAD of what is not there: %v", got)
	}
}
