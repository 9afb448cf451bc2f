package tests

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestALoginIsTakenAsJSONAsAFormAndAsQueryParameters(t *testing.T) {
	t.Parallel()
	l, other := newLobby(t), newTenant(t)
	l.user = "Jürgen & Söhne +%"
	l.addUser(l.user)
	query := url.Values{"username": {l.user}, "password": {l.password}}.Encode()
	sent := fmt.Sprintf(`{"username": %q, "password": %q, "client_id": 1, "scope": ["x", null], "scope": ""}`, l.user, l.password)
	parts, boundary := multipartOf(t, "username", l.user, "password", l.password, "client_id", "1")
	for name, a := range map[string]*answer{
		"JSON":                    send(t, "POST", "/rest/login", sent),
		"JSON in UTF-8":           send(t, "POST", "/rest/login", sent, "Content-Type", "application/json; charset=UTF-8"),
		"JSON without type":       l.ask("POST", "/rest/login", "", sent),
		"form":                    send(t, "POST", "/rest/login", query, "Content-Type", formType),
		"multipart":               send(t, "POST", "/rest/login", parts, "Content-Type", boundary),
		"query":                   send(t, "POST", "/rest/login?"+query, nil),
		"query with an empty one": send(t, "POST", "/rest/login?"+query, "", "Content-Type", "application/json"),
		"query with empty text":   send(t, "POST", "/rest/login?"+query, "", "Content-Type", "text/plain;charset=UTF-8"),
		"one in each":             send(t, "POST", "/rest/login?"+url.Values{"username": {l.user}}.Encode(), object{"password": l.password}),
		"composed otherwise":      send(t, "POST", "/rest/login", object{"username": strings.Replace(l.user, "ü", "u\u0308", 1), "password": l.password}),
	} {
		t.Run(name, func(t *testing.T) {
			got := a.tokens()
			c := got.claims(t)
			if c.Org != l.org || c.Region != "DE" || c.Sub != "user:"+l.user || c.Scope != "contacts:read contacts:write" || c.Exp-c.Iat != 86400 {
				t.Errorf("claims %+v", c)
			}
			// Either dialect is open, in one organization.
			bearer := []string{"Authorization", "Bearer " + got.access}
			path := "/individual/" + l.do("POST", "/individual", object{"name": "Erika"}, bearer...).want(201).text("id")
			send(t, "GET", "/rest/accounts/contacts"+optionsOf(path), nil, bearer...).want(200)
			other.get("/individual", bearer...).problem(403)
			got = l.refresh(got.refresh).tokens()
			l.get("/individual", "Authorization", "Bearer "+got.access).want(200)
		})
	}
}

// multipartOf is a form of fields, each a name and a value, and its type.
func multipartOf(t *testing.T, fields ...string) (body, contentType string) {
	t.Helper()
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String(), w.FormDataContentType()
}

func TestCredentialsThatAreNotRightAreAllAnsweredAlike(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	disabled := l.user + "-disabled"
	l.addUser(disabled)
	if err := platform.table.DisableUser(context.Background(), disabled); err != nil {
		t.Fatal(err)
	}
	right := url.Values{"username": {l.user}, "password": {l.password}}.Encode()
	twice, boundary := multipartOf(t, "username", l.user, "username", l.user, "password", l.password)
	for name, a := range map[string]*answer{
		"wrong password":         l.login(l.user, "wrong"),
		"another case":           l.login(strings.ToUpper(l.user), l.password),
		"a blank more":           l.login(l.user, l.password+" "),
		"unknown user":           l.login("nobody", l.password),
		"disabled user":          l.login(disabled, l.password),
		"no user":                l.login("", l.password),
		"no password":            l.login(l.user, ""),
		"very long name":         l.login(strings.Repeat("a", 5000), l.password),
		"very long password":     l.login(l.user, strings.Repeat("a", 5000)),
		"name of controls":       l.login("a\x00b", l.password),
		"name that is no UTF-8":  l.login("a\xffb", l.password),
		"nothing":                l.ask("POST", "/rest/login", "", ""),
		"nothing of JSON":        l.ask("POST", "/rest/login", jsonType, ""),
		"no object":              l.ask("POST", "/rest/login", jsonType, `["username"]`),
		"null":                   l.ask("POST", "/rest/login", jsonType, `null`),
		"name is a number":       l.ask("POST", "/rest/login", jsonType, `{"username": 5, "password": "x"}`),
		"password is null":       l.ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"username": %q, "password": null}`, l.user)),
		"twice in JSON":          l.ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"username": %q, "password": "x", "password": %q}`, l.user, l.password)),
		"as text and as null":    l.ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"username": %q, "password": null, "password": %q}`, l.user, l.password)),
		"twice in the form":      l.ask("POST", "/rest/login", formType, right+"&password=x"),
		"twice in parts":         l.ask("POST", "/rest/login", boundary, twice),
		"twice in the query":     l.ask("POST", "/rest/login?"+right+"&username=x", "", ""),
		"in query and form":      l.ask("POST", "/rest/login?"+right, formType, right),
		"in camel case":          l.ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"userName": %q, "password": %q}`, l.user, l.password)),
		"an application's":       l.login(l.app, l.secret),
		"the hash as a password": l.login(l.user, rightHash),
	} {
		t.Run(name, func(t *testing.T) {
			a.t = t
			a.denied(incorrect)
		})
	}
	l.enter() // few of them were tries of this user
}

func TestALoginThatCanNotBeReadIsRefusedInTheEnvelope(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	parts, boundary := multipartOf(t, "username", l.user, "password", l.password)
	for _, c := range []struct {
		name, contentType, body, query string
		status                         int
	}{
		{"cut JSON", jsonType, `{"username": "a"`, "", 400},
		{"two values", jsonType, `{}{}`, "", 400},
		{"no JSON", jsonType, `username=a`, "", 400},
		{"no UTF-8", jsonType, "{\"username\": \"\xff\"}", "", 400},
		{"no percent-encoding", formType, "username=%zz", "", 400},
		{"no percent-encoding in the query", jsonType, "{}", "?username=%zz", 400},
		{"cut parts", boundary, parts[:len(parts)/2], "", 400},
		{"no boundary", "multipart/form-data", parts, "", 400},
		{"text", "text/plain", "username=a", "", 415},
		{"XML", "application/xml", "<a/>", "", 415},
		{"another charset", "application/json; charset=latin1", "{}", "", 415},
		{"no media type", "/", "{}", "", 415},
		{"too large", jsonType, `{"username": "` + strings.Repeat("a", 70_000) + `"}`, "", 413},
	} {
		for _, path := range []string{"/rest/login", "/rest/login/refresh"} {
			t.Run(path+" "+c.name, func(t *testing.T) {
				send(t, "POST", path+c.query, c.body, "Content-Type", c.contentType).envelope(c.status)
			})
		}
	}
	send(t, "POST", "/rest/login", "{}", "Accept", "text/html").envelope(406)
	send(t, "POST", "/rest/login", "{}", "Content-Encoding", "gzip").envelope(415)
	for _, path := range []string{"/rest/login", "/rest/login/refresh"} {
		for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
			a := send(t, method, path, nil)
			if a.envelope(405); a.header.Get("Allow") != "POST" {
				t.Errorf("%s: Allow %q", a.what, a.header.Get("Allow"))
			}
		}
	}
	send(t, "POST", "/rest/login/other", object{}).envelope(404)
}

func TestAnIdempotencyKeyKeepsNoTokens(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	ask := func() tokens {
		a := l.ask("POST", "/rest/login?"+url.Values{"username": {l.user}, "password": {l.password}}.Encode(), "", "", "Idempotency-Key", "k")
		if got := a.header.Get("Idempotent-Replayed"); got != "" {
			t.Errorf("Idempotent-Replayed %q", got)
		}
		return a.tokens()
	}
	first, second := ask(), ask()
	if first.access == second.access || first.refresh == second.refresh {
		t.Error("two log-ins have the same tokens")
	}
	if items := platformItems(t, "T#"+l.org+"#KEY#"); len(items) != 0 {
		t.Errorf("%d records of keys", len(items))
	}
}

func TestFiveFailuresAreFreeAndThenEachWaitIsTwiceAsLong(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	for range 4 {
		l.login(l.user, "wrong").denied(incorrect)
	}
	for _, seconds := range []int{1, 2, 4, 8, 16, 32} {
		want := time.Duration(seconds) * time.Second
		l.login(l.user, "wrong").denied(incorrect)
		if got := l.login(l.user, "wrong").slowed(); got != want {
			t.Errorf("Retry-After %v, want %v", got, want)
		}
		l.login(l.user, l.password).slowed() // a right one is not looked at either
		l.wait(want)
	}
	l.wait(minutes(1))
	l.enter()
	for range 5 { // it is all forgotten
		l.login(l.user, "wrong").denied(incorrect)
	}
	l.login(l.user, "wrong").slowed()
	l.wait(hours(5))
	for range 4 {
		l.login(l.user, "wrong").denied(incorrect)
	}
	l.enter()
}

func TestTheLongestWaitIsAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	var last time.Duration
	for n := range 20 {
		if l.fail(l.user, l.address, 1); n >= 4 {
			last = l.login(l.user, l.password).slowed()
			l.wait(last)
		}
	}
	if last != minutes(15) {
		t.Errorf("the last wait is %v", last)
	}
	l.enter()
}

func TestUnknownAndDisabledUsersAreSlowedDownLikeOthers(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	disabled := l.user + "-disabled"
	l.addUser(disabled)
	if err := platform.table.DisableUser(context.Background(), disabled); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{l.user, disabled, "nobody"} {
		for range 5 {
			l.login(name, "wrong").denied(incorrect)
		}
		if wait := l.login(name, "wrong").slowed(); wait != time.Second {
			t.Errorf("%s: Retry-After %v", name, wait)
		}
	}
}

func TestAnUnknownUserTakesWhatAWrongPasswordTakes(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	disabled := l.newUser()
	if err := platform.table.DisableUser(context.Background(), disabled); err != nil {
		t.Fatal(err)
	}
	want := l.login(l.user, "wrong").log().StoreCalls
	for _, name := range []string{disabled, "nobody-at-all"} {
		before := l.compared.Load()
		a := l.login(name, "wrong")
		if calls, compared := a.log().StoreCalls, l.compared.Load()-before; calls != want || compared != 1 {
			t.Errorf("%s takes %d calls and %d comparisons, a wrong password %d calls and one comparison", name, calls, compared, want)
		}
	}
}

func TestOfAHundredGuessesAtOnceNoMoreAreAnsweredThanOneAfterTheOther(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	answers := together(t, 100, func(i int) (*answer, error) {
		return l.login(l.user, fmt.Sprint("guess ", i)), nil
	})
	if got := statuses(answers); got[401] != 5 || got[429] != 95 {
		t.Errorf("answers %v, want 5 of 401 and 95 of 429", got)
	}
	l.login(l.user, l.password).slowed()
}

func TestAUserCanLogInManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	for range 4 {
		l.login(l.user, "wrong").denied(incorrect)
	}
	if got := statuses(together(t, 30, func(int) (*answer, error) { return l.login(l.user, l.password), nil })); got[200] != 30 {
		t.Errorf("answers %v, want 30 of 200", got)
	}
}

func TestManyUsersOfOneAddressCanFailAtOnce(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	answers := together(t, 40, func(i int) (*answer, error) { return l.login(fmt.Sprint(l.user, "-", i), "wrong"), nil })
	if got := statuses(answers); got[401] != 40 {
		t.Errorf("answers %v, want 40 of 401", got)
	}
}

func TestOneAddressCanNotTryManyUsers(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	failed := 0
	for i := range 30 {
		failed += l.fail(fmt.Sprint(l.user, "-", i), l.address, 4)
	}
	if failed != 100 {
		t.Errorf("%d failures from one address, want 100", failed)
	}
	l.login(l.user, l.password).slowed()
	l.at("10.99.0.1").enter()
	l.wait(minutes(1))
	l.enter()
}

func TestNobodyIsLockedOutFromElsewhere(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	l.enter()
	failed := 0
	for i := range 30 {
		failed += l.fail(l.user, fmt.Sprintf("10.98.%d.%d", lobbies.Add(1), i), 4)
	}
	if failed != 100 {
		t.Errorf("%d failures of one user, want 100", failed)
	}
	l.enter()
	l.login(l.user, "wrong").denied(incorrect)
	elsewhere := l.at(fmt.Sprintf("10.97.%d.1", lobbies.Add(1)))
	elsewhere.login(l.user, l.password).slowed()
	l.wait(minutes(6)) // one failure is forgiven
	elsewhere.enter()
	l.wait(31 * hours(24)) // the address is a new one again
	l.fail(l.user, l.address, 1)
	l.enter()
}

func TestOnlyTheGatewaySaysWhereATryComesFrom(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	body := url.Values{"username": {l.user}, "password": {l.password}}.Encode()
	send(t, "POST", "/rest/login", body, "Content-Type", formType).tokens()
	for n := range 9 {
		if l.fail(l.user, "127.0.0.1", 1); n >= 4 {
			l.wait(l.at("127.0.0.1").login(l.user, l.password).slowed())
		}
	}
	for _, header := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "X-Client-IP", "Source-IP", "X-Amzn-Source-Ip",
		"X-GoLambdaProxy-ApiGw-Context", "X-Golambdaproxy-Apigw-Context"} {
		value := "198.51.100.7"
		switch {
		case header == "Forwarded":
			value = "for=198.51.100.7"
		case strings.HasSuffix(strings.ToLower(header), "context"):
			value = `{"http":{"sourceIp":"198.51.100.7"}}`
		}
		send(t, "POST", "/rest/login", body, "Content-Type", formType, header, value).slowed()
	}
	l.enter() // at another address
}

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	network := fmt.Sprintf("2001:db8:0:%x::", lobbies.Add(1))
	for i := range 5 {
		l.at(fmt.Sprint(network, i+1)).login(l.user, "wrong").denied(incorrect)
	}
	l.at(network+"ffff").login(l.user, l.password).slowed()
	l.at(fmt.Sprintf("2001:db8:0:%x::1", lobbies.Add(1))).enter()
	for range 5 {
		l.login(l.user, "wrong").denied(incorrect)
	}
	l.at("::ffff:"+l.address).login(l.user, l.password).slowed() // an IPv4 address in another spelling
}

func TestWhatIsKeptOfLoginsTellsNoTokenNoUserAndNoAddress(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	l.login(l.user, "wrong").denied(incorrect)
	got := l.enter()
	got = l.refresh(got.refresh).tokens()
	private := append([]string{l.user, l.address, got.access, got.refresh, l.password}, strings.Split(got.refresh, ".")...)
	kept := append(platformItems(t, "P#GUESS#"), platformItems(t, "P#SESSION#")...)
	if len(kept) < 4 {
		t.Errorf("%d items", len(kept))
	}
	for _, item := range kept {
		if _, ok := item["expires"].(*types.AttributeValueMemberN); !ok {
			t.Errorf("%v never expires", item["pk"])
		}
		for name, value := range item {
			text := fmt.Sprintf("%s %+v", name, value)
			for _, p := range private {
				if strings.Contains(text, p) {
					t.Errorf("%s holds %q", text, p)
				}
			}
		}
	}
}

func TestTheLogTellsNothingOfALogin(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	a := send(t, "POST", "/rest/login?"+url.Values{"username": {l.user}, "password": {l.password}}.Encode(), nil)
	got := a.tokens()
	send(t, "POST", "/rest/login", object{"username": l.user, "password": "Geheim-1"}).denied(incorrect)
	send(t, "POST", "/rest/login/refresh", object{"refresh_token": got.refresh}).tokens()
	if line := a.log(); line.Operation != "login" || line.Status != 200 {
		t.Errorf("line %+v", line)
	}
	log := platform.log.all()
	for _, p := range []string{l.password, "Geheim-1", got.access, got.refresh, l.user + `"`} {
		if strings.Contains(log, p) {
			t.Errorf("the log holds %q", p)
		}
	}
}
