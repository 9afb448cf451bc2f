package access

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

	"contacts/tests/harness"
)

func TestALoginMayBeJSONAFormOrQueryParameters(t *testing.T) {
	t.Parallel()
	l, other := harness.NewLoginService(t), harness.NewTenant(t)
	l.User = "Jürgen & Söhne +%"
	l.AddUser(l.User)
	query := url.Values{"username": {l.User}, "password": {l.Password}}.Encode()
	sent := fmt.Sprintf(`{"username": %q, "password": %q, "client_id": 1, "scope": ["x", null], "scope": ""}`, l.User, l.Password)
	parts, boundary := multipartOf(t, "username", l.User, "password", l.Password, "client_id", "1")
	for name, a := range map[string]*harness.Answer{
		"JSON":                    harness.Send(t, "POST", "/rest/login", sent),
		"JSON in UTF-8":           harness.Send(t, "POST", "/rest/login", sent, "Content-Type", "application/json; charset=UTF-8"),
		"JSON without type":       l.Ask("POST", "/rest/login", "", sent),
		"form":                    harness.Send(t, "POST", "/rest/login", query, "Content-Type", harness.FormType),
		"multipart":               harness.Send(t, "POST", "/rest/login", parts, "Content-Type", boundary),
		"query":                   harness.Send(t, "POST", "/rest/login?"+query, nil),
		"query with an empty one": harness.Send(t, "POST", "/rest/login?"+query, "", "Content-Type", "application/json"),
		"query with empty text":   harness.Send(t, "POST", "/rest/login?"+query, "", "Content-Type", "text/plain;charset=UTF-8"),
		"one in each":             harness.Send(t, "POST", "/rest/login?"+url.Values{"username": {l.User}}.Encode(), object{"password": l.Password}),
		"composed otherwise":      harness.Send(t, "POST", "/rest/login", object{"username": strings.Replace(l.User, "ü", "u\u0308", 1), "password": l.Password}),
	} {
		t.Run(name, func(t *testing.T) {
			got := a.Tokens()
			c := claimsOf(t, got)
			if c.Org != l.Org || c.Region != "DE" || c.Sub != "user:"+l.User || c.Scope != "contacts:read contacts:write" || c.Exp-c.Iat != 86400 {
				t.Errorf("claims %+v", c)
			}
			// The token is valid in both dialects, for one organization.
			bearer := []string{"Authorization", "Bearer " + got.Access}
			path := "/individual/" + l.Do("POST", "/individual", object{"name": "Erika"}, bearer...).Want(201).Text("id")
			harness.Send(t, "GET", "/rest/accounts/contacts"+harness.OptionsPath(path), nil, bearer...).Want(200)
			other.Get("/individual", bearer...).Problem(403)
			got = l.Refresh(got.Refresh).Tokens()
			l.Get("/individual", "Authorization", "Bearer "+got.Access).Want(200)
		})
	}
}

// multipartOf returns a form with fields, each a name and a value, and its content type.
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

func TestAllWrongCredentialsHaveTheSameAnswer(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	disabled := l.User + "-disabled"
	l.AddUser(disabled)
	if err := harness.Platform.Database.DisableUser(context.Background(), disabled); err != nil {
		t.Fatal(err)
	}
	right := url.Values{"username": {l.User}, "password": {l.Password}}.Encode()
	twice, boundary := multipartOf(t, "username", l.User, "username", l.User, "password", l.Password)
	for name, a := range map[string]*harness.Answer{
		"wrong password":         l.Login(l.User, "wrong"),
		"another case":           l.Login(strings.ToUpper(l.User), l.Password),
		"a blank more":           l.Login(l.User, l.Password+" "),
		"unknown user":           l.Login("nobody", l.Password),
		"disabled user":          l.Login(disabled, l.Password),
		"no user":                l.Login("", l.Password),
		"no password":            l.Login(l.User, ""),
		"very long name":         l.Login(strings.Repeat("a", 5000), l.Password),
		"very long password":     l.Login(l.User, strings.Repeat("a", 5000)),
		"name of controls":       l.Login("a\x00b", l.Password),
		"name that is no UTF-8":  l.Login("a\xffb", l.Password),
		"nothing":                l.Ask("POST", "/rest/login", "", ""),
		"nothing of JSON":        l.Ask("POST", "/rest/login", jsonType, ""),
		"no object":              l.Ask("POST", "/rest/login", jsonType, `["username"]`),
		"null":                   l.Ask("POST", "/rest/login", jsonType, `null`),
		"name is a number":       l.Ask("POST", "/rest/login", jsonType, `{"username": 5, "password": "x"}`),
		"password is null":       l.Ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"username": %q, "password": null}`, l.User)),
		"twice in JSON":          l.Ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"username": %q, "password": "x", "password": %q}`, l.User, l.Password)),
		"as text and as null":    l.Ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"username": %q, "password": null, "password": %q}`, l.User, l.Password)),
		"twice in the form":      l.Ask("POST", "/rest/login", harness.FormType, right+"&password=x"),
		"twice in parts":         l.Ask("POST", "/rest/login", boundary, twice),
		"twice in the query":     l.Ask("POST", "/rest/login?"+right+"&username=x", "", ""),
		"in query and form":      l.Ask("POST", "/rest/login?"+right, harness.FormType, right),
		"in camel case":          l.Ask("POST", "/rest/login", jsonType, fmt.Sprintf(`{"userName": %q, "password": %q}`, l.User, l.Password)),
		"an application's":       l.Login(l.App, l.Secret),
		"the hash as a password": l.Login(l.User, harness.RightHash),
	} {
		t.Run(name, func(t *testing.T) {
			a.T = t
			wantDenied(a, incorrect)
		})
	}
	l.LogIn() // few of them were tries of this user
}

func TestAMalformedLoginIsRefusedInTheDialectsEnvelope(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	parts, boundary := multipartOf(t, "username", l.User, "password", l.Password)
	for _, c := range []struct {
		name, contentType, body, query string
		status                         int
	}{
		{"cut JSON", jsonType, `{"username": "a"`, "", 400},
		{"two values", jsonType, `{}{}`, "", 400},
		{"no JSON", jsonType, `username=a`, "", 400},
		{"no UTF-8", jsonType, "{\"username\": \"\xff\"}", "", 400},
		{"no percent-encoding", harness.FormType, "username=%zz", "", 400},
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
				harness.Send(t, "POST", path+c.query, c.body, "Content-Type", c.contentType).Envelope(c.status)
			})
		}
	}
	harness.Send(t, "POST", "/rest/login", "{}", "Accept", "text/html").Envelope(406)
	harness.Send(t, "POST", "/rest/login", "{}", "Content-Encoding", "gzip").Envelope(415)
	for _, path := range []string{"/rest/login", "/rest/login/refresh"} {
		for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
			a := harness.Send(t, method, path, nil)
			if a.Envelope(405); a.Header.Get("Allow") != "POST" {
				t.Errorf("%s: Allow %q", a.What, a.Header.Get("Allow"))
			}
		}
	}
	harness.Send(t, "POST", "/rest/login/other", object{}).Envelope(404)
}

func TestAnIdempotencyKeyKeepsNoTokens(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	ask := func() harness.Tokens {
		a := l.Ask("POST", "/rest/login?"+url.Values{"username": {l.User}, "password": {l.Password}}.Encode(), "", "", "Idempotency-Key", "k")
		if got := a.Header.Get("Idempotent-Replayed"); got != "" {
			t.Errorf("Idempotent-Replayed %q", got)
		}
		return a.Tokens()
	}
	first, second := ask(), ask()
	if first.Access == second.Access || first.Refresh == second.Refresh {
		t.Error("two log-ins have the same tokens")
	}
	if items := platformItems(t, "T#"+l.Org+"#KEY#"); len(items) != 0 {
		t.Errorf("%d records of keys", len(items))
	}
}

func TestFiveFailuresAreFreeAndThenEachWaitIsTwiceAsLong(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	for range 4 {
		wantDenied(l.Login(l.User, "wrong"), incorrect)
	}
	for _, seconds := range []int{1, 2, 4, 8, 16, 32} {
		want := time.Duration(seconds) * time.Second
		wantDenied(l.Login(l.User, "wrong"), incorrect)
		if got := wantThrottled(l.Login(l.User, "wrong")); got != want {
			t.Errorf("Retry-After %v, want %v", got, want)
		}
		wantThrottled(l.Login(l.User, l.Password)) // a right one is not looked at either
		advance(l, want)
	}
	advance(l, time.Minute)
	l.LogIn()
	for range 5 { // it is all forgotten
		wantDenied(l.Login(l.User, "wrong"), incorrect)
	}
	wantThrottled(l.Login(l.User, "wrong"))
	advance(l, 5*time.Hour)
	for range 4 {
		wantDenied(l.Login(l.User, "wrong"), incorrect)
	}
	l.LogIn()
}

func TestTheLongestWaitIsAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	var last time.Duration
	for n := range 20 {
		if failLogins(l, l.User, l.Address, 1); n >= 4 {
			last = wantThrottled(l.Login(l.User, l.Password))
			advance(l, last)
		}
	}
	if last != 15*time.Minute {
		t.Errorf("the last wait is %v", last)
	}
	l.LogIn()
}

func TestUnknownAndDisabledUsersAreThrottledLikeOthers(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	disabled := l.User + "-disabled"
	l.AddUser(disabled)
	if err := harness.Platform.Database.DisableUser(context.Background(), disabled); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{l.User, disabled, "nobody"} {
		for range 5 {
			wantDenied(l.Login(name, "wrong"), incorrect)
		}
		if wait := wantThrottled(l.Login(name, "wrong")); wait != time.Second {
			t.Errorf("%s: Retry-After %v", name, wait)
		}
	}
}

func TestAnUnknownUserCostsTheSameAsAWrongPassword(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	disabled := l.NewUser()
	if err := harness.Platform.Database.DisableUser(context.Background(), disabled); err != nil {
		t.Fatal(err)
	}
	want := l.Login(l.User, "wrong").Log().StoreCalls
	for _, name := range []string{disabled, "nobody-at-all"} {
		before := l.Compared.Load()
		a := l.Login(name, "wrong")
		if calls, compared := a.Log().StoreCalls, l.Compared.Load()-before; calls != want || compared != 1 {
			t.Errorf("%s takes %d calls and %d comparisons, a wrong password %d calls and one comparison", name, calls, compared, want)
		}
	}
}

func TestConcurrentGuessesAreAsLimitedAsSequentialOnes(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	answers := harness.Concurrently(t, 100, func(i int) (*harness.Answer, error) {
		return l.Login(l.User, fmt.Sprint("guess ", i)), nil
	})
	if got := harness.CountStatuses(answers); got[401] != 5 || got[429] != 95 {
		t.Errorf("answers %v, want 5 of 401 and 95 of 429", got)
	}
	wantThrottled(l.Login(l.User, l.Password))
}

func TestAUserCanLogInConcurrently(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	for range 4 {
		wantDenied(l.Login(l.User, "wrong"), incorrect)
	}
	if got := harness.CountStatuses(harness.Concurrently(t, 30, func(int) (*harness.Answer, error) { return l.Login(l.User, l.Password), nil })); got[200] != 30 {
		t.Errorf("answers %v, want 30 of 200", got)
	}
}

func TestManyUsersOfOneAddressCanFailConcurrently(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	answers := harness.Concurrently(t, 40, func(i int) (*harness.Answer, error) { return l.Login(fmt.Sprint(l.User, "-", i), "wrong"), nil })
	if got := harness.CountStatuses(answers); got[401] != 40 {
		t.Errorf("answers %v, want 40 of 401", got)
	}
}

func TestOneAddressCanNotTryManyUsers(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	failed := 0
	for i := range 30 {
		failed += failLogins(l, fmt.Sprint(l.User, "-", i), l.Address, 4)
	}
	if failed != 100 {
		t.Errorf("%d failures from one address, want 100", failed)
	}
	wantThrottled(l.Login(l.User, l.Password))
	fromAddress(l, "10.99.0.1").LogIn()
	advance(l, time.Minute)
	l.LogIn()
}

func TestFailuresElsewhereLockNobodyOut(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	l.LogIn()
	failed := 0
	for i := range 30 {
		failed += failLogins(l, l.User, fmt.Sprintf("10.98.%d.%d", harness.LoginServices.Add(1), i), 4)
	}
	if failed != 100 {
		t.Errorf("%d failures of one user, want 100", failed)
	}
	l.LogIn()
	wantDenied(l.Login(l.User, "wrong"), incorrect)
	elsewhere := fromAddress(l, fmt.Sprintf("10.97.%d.1", harness.LoginServices.Add(1)))
	wantThrottled(elsewhere.Login(l.User, l.Password))
	advance(l, 6*time.Minute) // one failure is forgiven
	elsewhere.LogIn()
	advance(l, 31*24*time.Hour) // the address is a new one again
	failLogins(l, l.User, l.Address, 1)
	l.LogIn()
}

func TestTheClientAddressIsTheGatewaysAlone(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	body := url.Values{"username": {l.User}, "password": {l.Password}}.Encode()
	harness.Send(t, "POST", "/rest/login", body, "Content-Type", harness.FormType).Tokens()
	for n := range 9 {
		if failLogins(l, l.User, "127.0.0.1", 1); n >= 4 {
			advance(l, wantThrottled(fromAddress(l, "127.0.0.1").Login(l.User, l.Password)))
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
		wantThrottled(harness.Send(t, "POST", "/rest/login", body, "Content-Type", harness.FormType, header, value))
	}
	l.LogIn() // at another address
}

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	network := fmt.Sprintf("2001:db8:0:%x::", harness.LoginServices.Add(1))
	for i := range 5 {
		wantDenied(fromAddress(l, fmt.Sprint(network, i+1)).Login(l.User, "wrong"), incorrect)
	}
	wantThrottled(fromAddress(l, network+"ffff").Login(l.User, l.Password))
	fromAddress(l, fmt.Sprintf("2001:db8:0:%x::1", harness.LoginServices.Add(1))).LogIn()
	for range 5 {
		wantDenied(l.Login(l.User, "wrong"), incorrect)
	}
	wantThrottled(fromAddress(l, "::ffff:"+l.Address).Login(l.User, l.Password)) // an IPv4 address in another spelling
}

func TestStoredLoginsRevealNoTokenNoUserAndNoAddress(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	wantDenied(l.Login(l.User, "wrong"), incorrect)
	got := l.LogIn()
	got = l.Refresh(got.Refresh).Tokens()
	private := append([]string{l.User, l.Address, got.Access, got.Refresh, l.Password}, strings.Split(got.Refresh, ".")...)
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
					t.Errorf("%s has %q", text, p)
				}
			}
		}
	}
}

func TestTheLogHasNoDataOfALogin(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	a := harness.Send(t, "POST", "/rest/login?"+url.Values{"username": {l.User}, "password": {l.Password}}.Encode(), nil)
	got := a.Tokens()
	wantDenied(harness.Send(t, "POST", "/rest/login", object{"username": l.User, "password": "Geheim-1"}), incorrect)
	harness.Send(t, "POST", "/rest/login/refresh", object{"refresh_token": got.Refresh}).Tokens()
	if line := a.Log(); line.Operation != "login" || line.Status != 200 {
		t.Errorf("line %+v", line)
	}
	log := harness.Platform.Log.All()
	for _, p := range []string{l.Password, "Geheim-1", got.Access, got.Refresh, l.User + `"`} {
		if strings.Contains(log, p) {
			t.Errorf("the log has %q", p)
		}
	}
}
