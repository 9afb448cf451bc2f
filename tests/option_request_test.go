package tests

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"contacts/pkg/auth"
)

// An optionRequest is one operation of the dialect. Each of a list can be made when those before it were.
type optionRequest struct {
	method, path string
	body         any
}

// optionRequests are all operations of the dialect on a contact of its own.
func (x *tenant) optionRequests() []optionRequest {
	x.t.Helper()
	erika := x.individual("Erika")
	one := x.newOptions(erika, phoneOption("030 1"))[0]
	all := []optionRequest{
		{"GET", optionsOf(erika), nil}, {"GET", optionsOf(erika) + "/validate?typeId=1&subTypeId=1&value=110", nil}, {"GET", optionAt(one), nil},
		{"POST", optionsOf(erika), []object{anOption(2, 1, "a@b"), anOption(5, 1, "a")}}, {"PUT", optionsOf(erika), phoneOption("030 2")},
		{"PUT", optionAt(one), anOption(1, 3, "030 3")}, {"DELETE", optionAt(one), nil}, {"DELETE", optionsOf(erika), nil},
	}
	for _, list := range typeLists {
		body := object{"names": names("en", "Own")}
		item := "/" + list + "/" + x.newType(list, body).String()
		all = append(all, optionRequest{"GET", "/" + list, nil}, optionRequest{"GET", item, nil}, optionRequest{"POST", "/" + list, body},
			optionRequest{"PUT", item, object{"names": names("en", "Renamed")}}, optionRequest{"DELETE", item, nil})
	}
	return all
}

func TestWrongTokensAreUnauthorizedInThisDialect(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	parts := strings.Split(x.token, ".")
	flipped := []byte(parts[1])
	flipped[10] ^= 1
	secret, _ := auth.NewSecret()
	sign := func(secret string, age int) string {
		key, err := auth.Derive([]byte(secret), 1)
		if err != nil {
			t.Fatal(err)
		}
		then := clock().Add(-minutes(age))
		token, err := key.Sign(auth.Claims{Organization: x.org, Subject: "app:" + x.app, Scopes: []string{auth.ReadScope, auth.WriteScope}, Region: "DE",
			Expires: then.Add(minutes(60))}, then)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
	x.rest("GET", "/option_types", nil, "Authorization", sign(platform.secret, 0)).want(200)
	requests := x.optionRequests()
	for name, authorization := range map[string]string{
		"missing": "", "another scheme": basicAuth(x.app, x.secret), "no token": "Bearer ", "no JWT": "Bearer abc", "cut": "Bearer " + x.token[:len(x.token)-4],
		"without a signature": "Bearer " + parts[0] + "." + parts[1] + ".", "changed": "Bearer " + parts[0] + "." + string(flipped) + "." + parts[2],
		"of another platform": sign(secret, 0), "expired": sign(platform.secret, 120), "in another place": "token=" + x.token,
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range requests {
				var headers []string
				if authorization != "" {
					headers = []string{"Authorization", authorization}
				}
				a := send(t, r.method, optionsRoot+r.path, r.body, headers...)
				a.envelope(401)
				if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
					t.Errorf("%s: WWW-Authenticate %q", a.what, got)
				}
			}
		})
	}
	for _, r := range requests { // all of them work, so no refused one has changed anything
		x.rest(r.method, r.path, r.body).want(200)
	}
}

func TestATokenAllowsWhatItsScopesSayInThisDialectToo(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	reads, writes := "Bearer "+x.authorize("?scope=contacts:read"), "Bearer "+x.authorize("?scope=contacts:write")
	for _, r := range x.optionRequests() {
		right, wrong := reads, writes
		if r.method != "GET" {
			right, wrong = writes, reads
		}
		x.rest(r.method, r.path, r.body, "Authorization", wrong).envelope(403)
		x.rest(r.method, r.path, r.body, "Authorization", right).want(200)
	}
}

// The message promises no list but validation_errors, which come with 422 alone.
func TestARefusalNamesWhatItListsOrSaysItItself(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := optionsOf(x.individual("Erika"))
	for body, want := range map[string]string{
		`{}`:                        "The request has several faults; validation_errors names them all.",
		`{"a":1,"b":2,`:             "The request can't be read: the body ends before its JSON does.",
		`[{"a":1},{"id":1,"id":2}]`: "The request can't be read: 1.id: the field is there twice.",
		`{} {}`:                     "The request can't be read: there is more behind the JSON value.",
		`[` + strings.Repeat(`{"a":1},`, 150) + `x]`: "The request can't be read: 150: is not valid JSON in UTF-8, at byte 1201.",
	} {
		a := x.rest("POST", path, body)
		var got struct{ Error struct{ Message string } }
		if a.decode(&got); got.Error.Message != want {
			t.Errorf("%.40s is refused as %s, want %q", body, a.body, want)
		}
	}
	a := x.rest("GET", path, nil, "Accept", "text/html")
	if a.envelope(406); strings.Contains(string(a.body), "problem+json") {
		t.Errorf("406 offers what this dialect has not: %s", a.body)
	}
}

func TestRefusalsOfHTTPItselfHaveTheEnvelope(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	allowed := map[string][]string{}
	requests := x.optionRequests()
	for _, r := range requests {
		path, _, _ := strings.Cut(r.path, "?")
		allowed[path] = append(allowed[path], r.method)
		x.rest(r.method, r.path, r.body, "Accept", "text/html").envelope(406)
		if r.body == nil {
			continue
		}
		for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=iso-8859-1"} {
			x.rest(r.method, r.path, r.body, "Content-Type", media).envelope(415)
		}
		x.rest(r.method, r.path, r.body, "Content-Encoding", "gzip").envelope(415)
		x.rest(r.method, r.path, strings.Repeat(" ", 1<<20)+"{}").envelope(413)
		for _, broken := range []string{"", " ", "{", `{"value":"a"} {}`, `[{}`,
			`{"value":"a","value":"b"}`, `{"id":1,"id":2}`, "{\"value\":\"\xff\"}", `value=a`} {
			x.rest(r.method, r.path, broken).envelope(400)
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
			a := x.rest(method, path, nil)
			a.envelope(405)
			got := strings.FieldsFunc(strings.Join(a.header.Values("Allow"), ","), func(r rune) bool { return r == ',' || r == ' ' })
			slices.Sort(got)
			if !slices.Equal(got, methods) {
				t.Errorf("%s: Allow %q, want %q", a.what, got, methods)
			}
		}
	}
	for _, path := range []string{"/nothing", "/8123", "/8123/options/1/2", "/options", "/options/1/2", "/option_types/1/2", "/8123/options/"} {
		x.rest("GET", path, nil).envelope(404)
	}
	for _, r := range requests {
		x.rest(r.method, r.path, r.body).want(200)
	}
}

func TestAnyWriteOfThisDialectIsDoneOnceForOneKey(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	var writes []optionRequest
	for _, r := range x.optionRequests() {
		if r.method != "GET" {
			writes = append(writes, r)
		}
	}
	for i, r := range writes {
		key := []string{"Idempotency-Key", string(rune('a' + i))}
		first := x.rest(r.method, r.path, r.body, key...).want(200)
		same(t, first, x.rest(r.method, r.path, r.body, key...))
		x.rest(r.method, r.path+"?x=1", r.body, key...).envelope(422, "Idempotency-Key")
		same(t, first, x.rest(r.method, r.path, r.body, key...))
	}
	// The list has been emptied since: none of the replays has made anything again.
	if got := string(x.rest("GET", writes[0].path, nil).want(200).body); got != "[]" {
		t.Errorf("left are %s", got)
	}
	x.rest("POST", writes[0].path, phoneOption("030 1"), "Idempotency-Key", "a b").envelope(422, "Idempotency-Key")
}

func TestARefusalOfSeveralOptionsIsKeptWithItsKey(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	x.newOptions(erika, phoneOption("030 1"))
	body, key := []object{anOption(2, 1, "a@b"), phoneOption("030 2")}, []string{"Idempotency-Key", "k"}
	first := x.rest("POST", optionsOf(erika), body, key...)
	first.envelope(422, "1.typeId")
	x.rest("DELETE", optionsOf(erika), nil).want(200) // the reason is gone, the answer stays
	again := x.rest("POST", optionsOf(erika), body, key...)
	again.envelope(422, "1.typeId")
	same(t, first, again)
	x.has(erika)
	x.rest("POST", optionsOf(erika), body).want(200)
	x.has(erika, "2.1=a@b", "1.4=030 2")
}

func TestOptionsAreChangedInTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	one := x.newOptions(erika, phoneOption("030 1"), anOption(2, 1, "a@b"))[0]
	etagOf := func(path string) string {
		t.Helper()
		return x.rest("GET", path, nil).want(200).header.Get("ETag")
	}
	item, list := etagOf(optionAt(one)), etagOf(optionsOf(erika))
	x.rest("PUT", optionAt(one), phoneOption("030 2"), "If-Match", `"1"`).envelope(412)
	x.rest("PUT", optionAt(one), phoneOption("030 2"), "If-Match", item).want(200)
	for _, stale := range []string{item, "W/" + etagOf(optionAt(one)), `"x"`} {
		x.rest("PUT", optionAt(one), phoneOption("030 3"), "If-Match", stale).envelope(412)
		x.rest("DELETE", optionAt(one), nil, "If-Match", stale).envelope(412)
	}
	for _, stale := range []string{list, etagOf(optionAt(one)), etagOf(optionsOf(erika) + "?typeId=1")} {
		x.rest("PUT", optionsOf(erika), phoneOption("030 3"), "If-Match", stale).envelope(412)
		x.rest("DELETE", optionsOf(erika), nil, "If-Match", stale).envelope(412)
	}
	x.rest("PUT", optionsOf(erika), phoneOption("030 3"), "If-Match", "x").envelope(422, "If-Match")
	// The other dialect changes the same records.
	list = etagOf(optionsOf(erika))
	x.do("POST", erika+"/emails", emailSample).want(201)
	x.rest("PUT", optionsOf(erika), phoneOption("030 3"), "If-Match", list).envelope(412)
	list = etagOf(optionsOf(erika))
	gzipped := strings.TrimSuffix(list, `"`) + `-gzip"`
	x.rest("PUT", optionsOf(erika), phoneOption("030 3"), "If-Match", `"x", `+gzipped).want(200)
	x.rest("POST", optionsOf(erika), anOption(5, 1, "a"), "If-Match", `"x"`).want(200) // there, as everywhere, it means nothing
	x.rest("PUT", optionAt(one), phoneOption("030 4"), "If-Match", "*").want(200)
	x.rest("DELETE", optionAt(one), nil, "If-Match", etagOf(optionAt(one))).want(200)
	x.rest("DELETE", optionsOf(erika), nil, "If-Match", etagOf(optionsOf(erika))).want(200)
	x.has(erika)
	x.rest("DELETE", optionsOf(erika), nil, "If-Match", etagOf(optionsOf(erika))).want(200)

	eachTypeList(t, func(t *testing.T, x *tenant, list string) {
		body := object{"names": names("en", "Own")}
		item := "/" + list + "/" + x.newType(list, body).String()
		first := x.rest("GET", item, nil).want(200).header.Get("ETag")
		x.rest("PUT", item, object{"names": names("en", "Renamed")}, "If-Match", first).want(200)
		x.rest("PUT", item, body, "If-Match", first).envelope(412)
		x.rest("DELETE", item, nil, "If-Match", first).envelope(412)
		x.rest("DELETE", item, nil, "If-Match", "*").want(200)
	})
}

// Every resource answer carries a strong ETag: that of PUT is the one that GET shows, so that the next change can follow.
func TestAPUTOfAnOptionAnswersItsETag(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	one := x.newOptions(x.individual("Erika"), phoneOption("030 1"))[0]
	put := x.rest("PUT", optionAt(one), phoneOption("030 2"), "Idempotency-Key", "k").want(200)
	if got, want := put.header.Get("ETag"), x.rest("GET", optionAt(one), nil).want(200).header.Get("ETag"); got != want {
		t.Errorf("PUT answers the ETag %q, GET %q", got, want)
	}
	same(t, put, x.rest("PUT", optionAt(one), phoneOption("030 2"), "Idempotency-Key", "k"))
}

func TestWhatIsReadInThisDialectIsReadAsElsewhere(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, r := range x.optionRequests() {
		if r.method != "GET" {
			continue
		}
		get := x.rest("GET", r.path, nil).want(200)
		head := x.rest("HEAD", r.path, nil).want(200)
		for _, name := range []string{"Content-Type", "ETag", "Content-Length", "Cache-Control"} {
			if got, want := head.header.Get(name), get.header.Get(name); got != want || want == "" {
				t.Errorf("HEAD %s: %s %q, GET %q", r.path, name, got, want)
			}
		}
		if got := get.header.Get("Content-Type"); got != "application/json" || len(head.body) != 0 {
			t.Errorf("%s: %q, and HEAD with %q", r.path, got, head.body)
		}
		for _, known := range []string{get.header.Get("ETag"), "W/" + get.header.Get("ETag"), "*"} {
			if a := x.rest("GET", r.path, nil, "If-None-Match", known).want(http.StatusNotModified); len(a.body) != 0 {
				t.Errorf("%s: 304 with %q", r.path, a.body)
			}
		}
		x.rest("GET", r.path, nil, "If-None-Match", `"x"`).want(200)
	}
	gone := x.optionRequests()[6]
	if a := x.rest(gone.method, gone.path, nil).want(200); len(a.body) != 0 || a.header.Get("Content-Type") != "" {
		t.Errorf("DELETE answers %q as %q", a.body, a.header.Get("Content-Type"))
	}
	got := statuses([]*answer{x.rest("HEAD", gone.path, nil), x.rest("HEAD", "/option_types/99", nil)})
	if !maps.Equal(got, map[int]int{404: 2}) {
		t.Errorf("HEAD of what is not there: %v", got)
	}
}
