package access

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
	"contacts/tests/harness"
)

func TestAuthorizeChallengesMissingAndWrongCredentials(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for name, authorization := range map[string]string{
		"no header":           "",
		"another scheme":      "Bearer " + x.Token,
		"no base64":           "Basic ???",
		"no colon":            "Basic " + strings.TrimPrefix(harness.BasicAuth(x.App, ""), "Basic ")[:4],
		"no name":             harness.BasicAuth("", x.Secret),
		"unknown application": harness.BasicAuth("nobody", x.Secret),
		"wrong secret":        harness.BasicAuth(x.App, x.Secret+"x"),
		"no secret":           harness.BasicAuth(x.App, ""),
		"name of controls":    harness.BasicAuth("a\x00b", x.Secret),
		"very long name":      harness.BasicAuth(strings.Repeat("a", 3000), x.Secret),
	} {
		t.Run(name, func(t *testing.T) {
			var headers []string
			if authorization != "" {
				headers = []string{"Authorization", authorization}
			}
			a := harness.Send(t, "GET", "/auth/authorize/"+x.Org, nil, headers...)
			a.Problem(401)
			if got := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Basic") {
				t.Errorf("WWW-Authenticate %q", got)
			}
		})
	}
}

func TestAuthorizeRefusesAnOrganizationThatTheApplicationHasNoAccessTo(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	for _, org := range []string{other.Org, "no-such-organization", strings.Repeat("a", 65), "a.b"} {
		harness.Send(t, "GET", "/auth/authorize/"+org, nil, "Authorization", harness.BasicAuth(x.App, x.Secret)).Problem(403)
	}
}

func TestAnApplicationOfSeveralOrganizationsGetsATokenForEach(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	if err := harness.Platform.Database.GrantApplication(context.Background(), x.App, other.Org); err != nil {
		t.Fatal(err)
	}
	token := harness.Send(t, "GET", "/auth/authorize/"+other.Org, nil, "Authorization", harness.BasicAuth(x.App, x.Secret)).Want(200).Text("accessToken")
	other.Get("/individual", "Authorization", "Bearer "+token).Want(200)
	x.Get("/individual", "Authorization", "Bearer "+token).Problem(403)
}

func TestARevokedApplicationGetsNoTokenAndARotatedOneOnlyByItsNewSecret(t *testing.T) {
	t.Parallel()
	x, ctx := harness.NewTenant(t), context.Background()
	ask := func(secret string) *harness.Answer {
		return harness.Send(t, "GET", "/auth/authorize/"+x.Org, nil, "Authorization", harness.BasicAuth(x.App, secret))
	}
	if err := harness.Platform.Database.RevokeApplication(ctx, x.App); err != nil {
		t.Fatal(err)
	}
	ask(x.Secret).Problem(401)
	fresh, hash := auth.NewSecret()
	if err := harness.Platform.Database.SetApplicationSecret(ctx, x.App, hash); err != nil {
		t.Fatal(err)
	}
	ask(x.Secret).Problem(401)
	ask(fresh).Want(200)
}

func TestAnAnswerWithATokenIsNotStored(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	a := harness.Send(t, "GET", "/auth/authorize/"+x.Org, nil, "Authorization", harness.BasicAuth(x.App, x.Secret)).Want(200)
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := a.Header.Get("ETag"); got != "" {
		t.Errorf("ETag %q", got)
	}
}

func TestScopesNarrowWhatATokenAllows(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	reads := []string{"Authorization", "Bearer " + x.Authorize("?scope=contacts:read")}
	writes := []string{"Authorization", "Bearer " + x.Authorize("?scope=contacts:write")}
	both := []string{"Authorization", "Bearer " + x.Authorize("?scope=contacts:read%20contacts:write")}

	x.Get(path, reads...).Want(200)
	x.Do("HEAD", path, nil, reads...).Want(200)
	x.Do("POST", "/individual", object{"name": "A"}, reads...).Problem(403)
	x.Do("PUT", path, object{"name": "A"}, reads...).Problem(403)
	x.Do("DELETE", path, nil, reads...).Problem(403)
	x.Do("POST", path+"/emails", object{}, reads...).Problem(403)

	x.Get(path, writes...).Problem(403)
	x.Do("PUT", path, object{"name": "B"}, writes...).Want(200)

	x.Get(path, both...).Want(200)
	x.Do("PUT", path, object{"name": "C"}, both...).Want(200)

	for _, unknown := range []string{"everything", "contacts:read%20everything", "contacts:read,contacts:write", "contacts:Read", "read"} {
		harness.Send(t, "GET", "/auth/authorize/"+x.Org+"?scope="+unknown, nil, "Authorization", harness.BasicAuth(x.App, x.Secret)).Problem(403)
	}
	for _, scope := range []string{"%20", "contacts:read%0Acontacts:write"} {
		harness.Send(t, "GET", "/auth/authorize/"+x.Org+"?scope="+scope, nil, "Authorization", harness.BasicAuth(x.App, x.Secret)).Faults(400, "?scope")
	}
}

// A token has granted scopes alone, and dangerous ones only on request.
func TestATokenHasTheGrantedScopesThatWereRequested(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
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
		if err := harness.Platform.Database.SetApplicationScopes(t.Context(), x.App, c.granted); err != nil {
			t.Fatal(err)
		}
		a := harness.Send(t, "GET", "/auth/authorize/"+x.Org+"?scope="+c.asked, nil, "Authorization", harness.BasicAuth(x.App, x.Secret))
		if c.want == "" {
			a.Problem(403)
			continue
		}
		if got := claimsOf(t, harness.Tokens{Access: a.Want(200).Text("accessToken")}).Scope; got != c.want {
			t.Errorf("of %q, requested %q: the token has %q, want %q", c.granted, c.asked, got, c.want)
		}
	}
	if err := harness.Platform.Database.SetApplicationScopes(t.Context(), x.App, []string{write}); err != nil {
		t.Fatal(err)
	}
	bearer := []string{"Authorization", "Bearer " + x.Authorize("")}
	x.Do("POST", "/individual", object{"name": "Erika"}, bearer...).Want(201)
	x.Get("/individual", bearer...).Problem(403) // to write is not to read
	if err := harness.Platform.Database.SetApplicationScopes(t.Context(), x.App, []string{admin, erase, read}); err != nil {
		t.Fatal(err)
	}
	bearer = []string{"Authorization", "Bearer " + x.Authorize("?scope="+admin+"+"+erase)}
	x.Get("/individual", bearer...).Problem(403) // nor does anything else
	x.Do("POST", "/individual", object{"name": "Erika"}, bearer...).Problem(403)
}

// A user's tokens have all scopes that the user was granted, as of the login or refresh.
func TestTheTokensOfAUserHaveAllGrantedScopes(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	grant := func(scopes ...string) {
		t.Helper()
		if err := harness.Platform.Database.SetUserScopes(t.Context(), l.User, scopes); err != nil {
			t.Fatal(err)
		}
	}
	grant(auth.EraseScope, auth.ReadScope, auth.AdminScope, auth.WriteScope)
	got := l.LogIn()
	if scope := claimsOf(t, got).Scope; scope != "contacts:read contacts:write contacts:admin contacts:erase" {
		t.Errorf("the token of a log-in carries %q", scope)
	}
	grant(auth.ReadScope)
	got = l.Refresh(got.Refresh).Tokens()
	if scope := claimsOf(t, got).Scope; scope != auth.ReadScope {
		t.Errorf("the token of a refresh carries %q", scope)
	}
	l.Get("/individual", "Authorization", "Bearer "+got.Access).Want(200)
	l.Do("POST", "/individual", object{"name": "Erika"}, "Authorization", "Bearer "+got.Access).Problem(403)
	harness.Send(t, "DELETE", "/rest/accounts/contacts/options/1", nil, "Authorization", "Bearer "+got.Access).Envelope(403)
}

func TestWrongCredentialsAreForbiddenOnEveryRoute(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	parts := strings.Split(x.Token, ".")
	flipped := []byte(parts[1])
	flipped[10] ^= 1
	credentials := map[string]string{
		"missing":             "",
		"another scheme":      harness.BasicAuth(x.App, x.Secret),
		"no token":            "Bearer ",
		"no JWT":              "Bearer abc",
		"cut":                 "Bearer " + x.Token[:len(x.Token)-4],
		"without a signature": "Bearer " + parts[0] + "." + parts[1] + ".",
		"changed":             "Bearer " + parts[0] + "." + string(flipped) + "." + parts[2],
		"of another tenant":   "Bearer " + other.Token,
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
				harness.Send(t, r.method, x.Path(r.path), nil, headers...).Problem(403)
			}
		})
	}
	if got := x.Get(path).Want(200).Text("name"); got != "Erika" {
		t.Errorf("name %q after refused requests", got)
	}
}

func TestATokenOfAnotherPlatformIsForbidden(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	stranger, _ := auth.NewSecret()
	key, err := auth.Derive([]byte(stranger), 1)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	token, err := key.Sign(auth.Claims{Organization: x.Org, Subject: "app:" + x.App, Scopes: []string{auth.ReadScope, auth.WriteScope},
		Region: "DE", Expires: now.Add(auth.AuthorizeLifetime)}, now)
	if err != nil {
		t.Fatal(err)
	}
	x.Get("/individual", "Authorization", "Bearer "+token).Problem(403)
}

func TestAnExpiredTokenIsForbidden(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	key, err := auth.Derive([]byte(harness.Platform.Secret), 1)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(age, life int) string {
		then := time.Now().Add(-time.Duration(age) * time.Minute)
		token, err := key.Sign(auth.Claims{Organization: x.Org, Subject: "app:" + x.App, Scopes: []string{auth.ReadScope},
			Region: "DE", Expires: then.Add(time.Duration(life) * time.Minute)}, then)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	x.Get("/individual", "Authorization", "Bearer "+sign(0, 60)).Want(200)
	x.Get("/individual", "Authorization", "Bearer "+sign(120, 60)).Problem(403)
}

func TestAnotherTenantsResourcesAreNotFound(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	email := path + "/emails/" + x.Do("POST", path+"/emails", object{"type": "WORK_EMAIL", "address": "a@example.com", "usage_context": "PERSONAL"}).Want(201).Text("id")
	for _, p := range []string{path, path + "/full", path + "/emails", email, path + "/addresses", path + "/personal-relationships"} {
		other.Get(p).Problem(404)
	}
	other.Do("PUT", path, object{"name": "Mallory"}).Problem(404)
	other.Do("DELETE", path, nil).Problem(404)
	other.Do("DELETE", email, nil).Problem(404)
	other.Do("POST", path+"/emails", object{"type": "WORK_EMAIL", "address": "b@example.com", "usage_context": "PERSONAL"}).Problem(404)
	own := other.CreateIndividual("Max")
	other.Do("POST", own+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": path[len("/individual/"):]}).Faults(422, "/individual_contact")
	if n := len(other.Get("/individual").Page().Items); n != 1 {
		t.Errorf("the other tenant lists %d contacts, want its own", n)
	}
	x.Get(email).Want(200)
}

// Time may pass between the steps that make a token: this clock advances by a second with each reading.
func TestATokenIsValidForExactlyAnHour(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	var looks atomic.Int64
	c := harness.Platform.Database.Config(func() time.Time { return time.Now().Add(time.Duration(looks.Add(1)) * time.Second) })
	c.Log = slog.New(slog.DiscardHandler)
	server := rest.NewServer(c.Config, api.Auth(c, func(context.Context) ([]byte, error) { return []byte(harness.Platform.Secret), nil }, password.Check)...)
	for range 3 {
		request := httptest.NewRequestWithContext(t.Context(), "GET", "/auth/authorize/"+x.Org, nil)
		request.Header.Set("Authorization", harness.BasicAuth(x.App, x.Secret))
		recorded := httptest.NewRecorder()
		server.ServeHTTP(recorded, request)
		a := &harness.Answer{T: t, What: "authorize", Status: recorded.Code, Header: recorded.Header(), Body: recorded.Body.Bytes()}
		if got := claimsOf(t, harness.Tokens{Access: a.Want(200).Text("accessToken")}); got.Exp-got.Iat != 3600 {
			t.Errorf("it lives %d s", got.Exp-got.Iat)
		}
	}
}
