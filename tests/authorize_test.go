package tests

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"contacts/pkg/api"
	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/rest"
)

func TestAuthorizeAsksForCredentialsWhereTheyAreMissingOrWrong(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for name, authorization := range map[string]string{
		"no header":           "",
		"another scheme":      "Bearer " + x.token,
		"no base64":           "Basic ???",
		"no colon":            "Basic " + strings.TrimPrefix(basicAuth(x.app, ""), "Basic ")[:4],
		"no name":             basicAuth("", x.secret),
		"unknown application": basicAuth("nobody", x.secret),
		"wrong secret":        basicAuth(x.app, x.secret+"x"),
		"no secret":           basicAuth(x.app, ""),
		"name of controls":    basicAuth("a\x00b", x.secret),
		"very long name":      basicAuth(strings.Repeat("a", 3000), x.secret),
	} {
		t.Run(name, func(t *testing.T) {
			var headers []string
			if authorization != "" {
				headers = []string{"Authorization", authorization}
			}
			a := send(t, "GET", "/auth/authorize/"+x.org, nil, headers...)
			a.problem(401)
			if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Basic") {
				t.Errorf("WWW-Authenticate %q", got)
			}
		})
	}
}

func TestAuthorizeRefusesAnOrganizationThatTheApplicationHasNoAccessTo(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	for _, org := range []string{other.org, "no-such-organization", strings.Repeat("a", 65), "a.b"} {
		send(t, "GET", "/auth/authorize/"+org, nil, "Authorization", basicAuth(x.app, x.secret)).problem(403)
	}
}

func TestAnApplicationOfSeveralOrganizationsGetsATokenForEach(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	if err := platform.table.GrantApplication(context.Background(), x.app, other.org); err != nil {
		t.Fatal(err)
	}
	token := send(t, "GET", "/auth/authorize/"+other.org, nil, "Authorization", basicAuth(x.app, x.secret)).want(200).text("accessToken")
	other.get("/individual", "Authorization", "Bearer "+token).want(200)
	x.get("/individual", "Authorization", "Bearer "+token).problem(403)
}

func TestARevokedApplicationGetsNoTokenAndARotatedOneOnlyByItsNewSecret(t *testing.T) {
	t.Parallel()
	x, ctx := newTenant(t), context.Background()
	ask := func(secret string) *answer {
		return send(t, "GET", "/auth/authorize/"+x.org, nil, "Authorization", basicAuth(x.app, secret))
	}
	if err := platform.table.RevokeApplication(ctx, x.app); err != nil {
		t.Fatal(err)
	}
	ask(x.secret).problem(401)
	fresh, hash := auth.NewSecret()
	if err := platform.table.SetApplicationSecret(ctx, x.app, hash); err != nil {
		t.Fatal(err)
	}
	ask(x.secret).problem(401)
	ask(fresh).want(200)
}

func TestAnAnswerWithATokenIsNotStored(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	a := send(t, "GET", "/auth/authorize/"+x.org, nil, "Authorization", basicAuth(x.app, x.secret)).want(200)
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := a.header.Get("ETag"); got != "" {
		t.Errorf("ETag %q", got)
	}
}

func TestScopesNarrowWhatATokenAllows(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	reads := []string{"Authorization", "Bearer " + x.authorize("?scope=contacts:read")}
	writes := []string{"Authorization", "Bearer " + x.authorize("?scope=contacts:write")}
	both := []string{"Authorization", "Bearer " + x.authorize("?scope=contacts:read%20contacts:write")}

	x.get(path, reads...).want(200)
	x.do("HEAD", path, nil, reads...).want(200)
	x.do("POST", "/individual", object{"name": "A"}, reads...).problem(403)
	x.do("PUT", path, object{"name": "A"}, reads...).problem(403)
	x.do("DELETE", path, nil, reads...).problem(403)
	x.do("POST", path+"/emails", object{}, reads...).problem(403)

	x.get(path, writes...).problem(403)
	x.do("PUT", path, object{"name": "B"}, writes...).want(200)

	x.get(path, both...).want(200)
	x.do("PUT", path, object{"name": "C"}, both...).want(200)

	for _, unknown := range []string{"everything", "contacts:read%20everything", "contacts:read,contacts:write", "contacts:Read", "read"} {
		send(t, "GET", "/auth/authorize/"+x.org+"?scope="+unknown, nil, "Authorization", basicAuth(x.app, x.secret)).problem(403)
	}
	for _, scope := range []string{"%20", "contacts:read%0Acontacts:write"} {
		send(t, "GET", "/auth/authorize/"+x.org+"?scope="+scope, nil, "Authorization", basicAuth(x.app, x.secret)).faults(400, "?scope")
	}
}

// What an application was granted bounds its tokens; what it can do harm with is in none unasked.
func TestATokenCarriesOfWhatWasGrantedWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	const read, write, admin, erase = auth.ReadScope, auth.WriteScope, auth.AdminScope, auth.EraseScope
	for _, c := range []struct {
		granted []string
		asked   string
		want    string // "": refused
	}{
		{auth.PlainScopes(), "", read + " " + write},
		{auth.PlainScopes(), write + "+" + read + "+" + write, read + " " + write},
		{auth.PlainScopes(), admin, ""},
		{auth.PlainScopes(), read + "%20" + erase, ""},
		{auth.AllScopes(), "", read + " " + write},
		{auth.AllScopes(), admin, admin},
		{auth.AllScopes(), erase + "%20%20" + read, read + " " + erase},
		{auth.AllScopes(), strings.Join(auth.AllScopes(), "+"), strings.Join(auth.AllScopes(), " ")},
		{[]string{read}, "", read},
		{[]string{read}, write, ""},
		{[]string{read}, read + "+" + write, ""},
		{[]string{write}, "", write},
		{[]string{write}, read, ""},
		{[]string{admin, write}, "", write},
		{[]string{admin, erase}, "", ""},
		{[]string{admin, erase}, erase, erase},
	} {
		if err := platform.table.SetApplicationScopes(t.Context(), x.app, c.granted); err != nil {
			t.Fatal(err)
		}
		a := send(t, "GET", "/auth/authorize/"+x.org+"?scope="+c.asked, nil, "Authorization", basicAuth(x.app, x.secret))
		if c.want == "" {
			a.problem(403)
			continue
		}
		if got := (tokens{access: a.want(200).text("accessToken")}).claims(t).Scope; got != c.want {
			t.Errorf("of %q, asked for %q: the token carries %q, want %q", c.granted, c.asked, got, c.want)
		}
	}
	if err := platform.table.SetApplicationScopes(t.Context(), x.app, []string{write}); err != nil {
		t.Fatal(err)
	}
	bearer := []string{"Authorization", "Bearer " + x.authorize("")}
	x.do("POST", "/individual", object{"name": "Erika"}, bearer...).want(201)
	x.get("/individual", bearer...).problem(403) // to write is not to read
	if err := platform.table.SetApplicationScopes(t.Context(), x.app, []string{admin, erase, read}); err != nil {
		t.Fatal(err)
	}
	bearer = []string{"Authorization", "Bearer " + x.authorize("?scope="+admin+"+"+erase)}
	x.get("/individual", bearer...).problem(403) // nor does anything else
	x.do("POST", "/individual", object{"name": "Erika"}, bearer...).problem(403)
}

// A user's tokens carry all that the user was granted, and a refresh what that is by then.
func TestTheTokensOfAUserCarryAllThatTheUserWasGranted(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	grant := func(scopes ...string) {
		t.Helper()
		if err := platform.table.SetUserScopes(t.Context(), l.user, scopes); err != nil {
			t.Fatal(err)
		}
	}
	grant(auth.EraseScope, auth.ReadScope, auth.AdminScope, auth.WriteScope)
	got := l.enter()
	if scope := got.claims(t).Scope; scope != "contacts:read contacts:write contacts:admin contacts:erase" {
		t.Errorf("the token of a log-in carries %q", scope)
	}
	grant(auth.ReadScope)
	got = l.refresh(got.refresh).tokens()
	if scope := got.claims(t).Scope; scope != auth.ReadScope {
		t.Errorf("the token of a refresh carries %q", scope)
	}
	l.get("/individual", "Authorization", "Bearer "+got.access).want(200)
	l.do("POST", "/individual", object{"name": "Erika"}, "Authorization", "Bearer "+got.access).problem(403)
	send(t, "DELETE", "/rest/accounts/contacts/options/1", nil, "Authorization", "Bearer "+got.access).envelope(403)
}

func TestWrongCredentialsAreForbiddenOnEveryRoute(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	path := x.individual("Erika")
	parts := strings.Split(x.token, ".")
	flipped := []byte(parts[1])
	flipped[10] ^= 1
	credentials := map[string]string{
		"missing":             "",
		"another scheme":      basicAuth(x.app, x.secret),
		"no token":            "Bearer ",
		"no JWT":              "Bearer abc",
		"cut":                 "Bearer " + x.token[:len(x.token)-4],
		"without a signature": "Bearer " + parts[0] + "." + parts[1] + ".",
		"changed":             "Bearer " + parts[0] + "." + string(flipped) + "." + parts[2],
		"of another tenant":   "Bearer " + other.token,
	}
	routes := []struct{ method, path string }{
		{"GET", "/individual"}, {"POST", "/individual"}, {"GET", path}, {"PUT", path}, {"DELETE", path}, {"GET", path + "/full"},
	}
	for _, segment := range []string{"addresses", "emails", "phones", "web-addresses", "personal-relationships"} {
		routes = append(routes, []struct{ method, path string }{
			{"GET", path + "/" + segment}, {"POST", path + "/" + segment}, {"GET", path + "/" + segment + "/8123"},
			{"PUT", path + "/" + segment + "/8123"}, {"DELETE", path + "/" + segment + "/8123"},
		}...)
	}
	for name, authorization := range credentials {
		t.Run(name, func(t *testing.T) {
			for _, r := range routes {
				var headers []string
				if authorization != "" {
					headers = []string{"Authorization", authorization}
				}
				send(t, r.method, x.path(r.path), nil, headers...).problem(403)
			}
		})
	}
	if got := x.get(path).want(200).text("name"); got != "Erika" {
		t.Errorf("name %q after refused requests", got)
	}
}

func TestATokenOfAnotherPlatformIsForbidden(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	stranger, _ := auth.NewSecret()
	key, err := auth.Derive([]byte(stranger), 1)
	if err != nil {
		t.Fatal(err)
	}
	now := clock()
	token, err := key.Sign(auth.Claims{Organization: x.org, Subject: "app:" + x.app, Scopes: []string{auth.ReadScope, auth.WriteScope},
		Region: "DE", Expires: now.Add(auth.AuthorizeLifetime)}, now)
	if err != nil {
		t.Fatal(err)
	}
	x.get("/individual", "Authorization", "Bearer "+token).problem(403)
}

func TestAnExpiredTokenIsForbidden(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	key, err := auth.Derive([]byte(platform.secret), 1)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(age, life int) string {
		then := clock().Add(-minutes(age))
		token, err := key.Sign(auth.Claims{Organization: x.org, Subject: "app:" + x.app, Scopes: []string{auth.ReadScope},
			Region: "DE", Expires: then.Add(minutes(life))}, then)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	x.get("/individual", "Authorization", "Bearer "+sign(0, 60)).want(200)
	x.get("/individual", "Authorization", "Bearer "+sign(120, 60)).problem(403)
}

func TestAnotherTenantsResourcesAreNotFound(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	path := x.individual("Erika")
	email := path + "/emails/" + x.do("POST", path+"/emails", object{"type": "WORK_EMAIL", "address": "a@example.com", "usage_context": "PERSONAL"}).want(201).text("id")
	for _, p := range []string{path, path + "/full", path + "/emails", email, path + "/addresses", path + "/personal-relationships"} {
		other.get(p).problem(404)
	}
	other.do("PUT", path, object{"name": "Mallory"}).problem(404)
	other.do("DELETE", path, nil).problem(404)
	other.do("DELETE", email, nil).problem(404)
	other.do("POST", path+"/emails", object{"type": "WORK_EMAIL", "address": "b@example.com", "usage_context": "PERSONAL"}).problem(404)
	own := other.individual("Max")
	other.do("POST", own+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": path[len("/individual/"):]}).faults(422, "/individual_contact")
	if n := len(other.get("/individual").page().Items); n != 1 {
		t.Errorf("the other tenant lists %d contacts, want its own", n)
	}
	x.get(email).want(200)
}

func clock() time.Time { return time.Now() }

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// Whatever time passes between the steps that make a token: each look at this clock finds it a second on.
func TestATokenLivesAnHourToTheSecond(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	var looks atomic.Int64
	c := platform.table.Config(func() time.Time { return clock().Add(time.Duration(looks.Add(1)) * time.Second) })
	c.Log = slog.New(slog.DiscardHandler)
	c.Keys = stageKeys()
	server := rest.NewServer(c.Config, api.Auth(c, func(context.Context) ([]byte, error) { return []byte(platform.secret), nil }, password.Check)...)
	for range 3 {
		request := httptest.NewRequestWithContext(t.Context(), "GET", "/auth/authorize/"+x.org, nil)
		request.Header.Set("Authorization", basicAuth(x.app, x.secret))
		recorded := httptest.NewRecorder()
		server.ServeHTTP(recorded, request)
		a := &answer{t: t, what: "authorize", status: recorded.Code, header: recorded.Header(), body: recorded.Body.Bytes()}
		if got := (tokens{access: a.want(200).text("accessToken")}).claims(t); got.Exp-got.Iat != 3600 {
			t.Errorf("it lives %d s", got.Exp-got.Iat)
		}
	}
}
