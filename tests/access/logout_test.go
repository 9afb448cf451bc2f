package access

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/tests/harness"
)

func TestALogoutEndsOnlyTheSessionOfItsAccessToken(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	first, other := l.LogIn(), l.LogIn()
	second := l.Refresh(first.Refresh).Tokens()
	a := l.Logout(first.Access) // of the session, whichever of its access tokens is sent
	if a.Want(200); len(a.Body) != 0 {
		t.Errorf("%s = %s", a.What, a.Body)
	}
	wantDenied(l.Refresh(second.Refresh), invalidRefresh)
	wantDenied(l.Refresh(first.Refresh), invalidRefresh)
	for _, k := range []harness.Tokens{first, second, other} { // access tokens live on until they expire
		l.Get("/individual", "Authorization", "Bearer "+k.Access).Want(200)
	}
	l.Logout(second.Access).Want(200) // again
	other = l.Refresh(other.Refresh).Tokens()
	l.LogIn()
	l.Logout(other.Access).Want(200)
	wantDenied(l.Refresh(other.Refresh), invalidRefresh)
}

func TestALogoutRequiresATokenAndNoScope(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	readOnly := harness.Send(t, "GET", "/auth/authorize/"+l.Org+"?scope=contacts:read", nil, "Authorization", harness.BasicAuth(l.App, l.Secret)).Want(200).Text("accessToken")
	for range 2 { // an application has no session that could end
		l.Logout(readOnly, "Idempotency-Key", "k").Want(200)
	}
	l.Ask("POST", "/rest/logout", "", "").Envelope(401)
	l.Logout("none").Envelope(401)
	l.Logout(l.LogIn().Refresh).Envelope(401)
	late := l.LogIn()
	advance(l, 25*time.Hour)
	l.Logout(late.Access).Envelope(401)
	l.Refresh(late.Refresh).Tokens()
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a := harness.Send(t, method, "/rest/logout", nil)
		if a.Envelope(405); a.Header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow %q", a.What, a.Header.Get("Allow"))
		}
	}
}

func TestARepeatedLogoutIsAReplay(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	given := l.LogIn()
	for _, replayed := range []string{"", "true"} {
		a := l.Logout(given.Access, "Idempotency-Key", "k").Want(200)
		if got := a.Header.Get("Idempotent-Replayed"); got != replayed {
			t.Errorf("Idempotent-Replayed %q, want %q", got, replayed)
		}
	}
	wantDenied(l.Refresh(given.Refresh), invalidRefresh)
}

func TestALogoutDuringRefreshesLeavesNoValidRefreshToken(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	rapid.Check(t, func(r *rapid.T) {
		l := fromAddress(l, fmt.Sprintf("10.96.%d.%d", harness.LoginServices.Add(1)%250, rapid.IntRange(1, 250).Draw(r, "address")))
		given := l.LogIn()
		answers := harness.Concurrently(t, 3, func(i int) (*harness.Answer, error) {
			if i == 1 {
				return l.Logout(given.Access), nil
			}
			return l.Refresh(given.Refresh), nil
		})
		answers[1].Want(200)
		wantDenied(l.Refresh(given.Refresh), invalidRefresh)
		for _, i := range []int{0, 2} {
			if answers[i].Status == 200 {
				wantDenied(l.Refresh(answers[i].Tokens().Refresh), invalidRefresh)
			}
		}
	})
}

// The vendor's clients send its own media type with each request, and accept JSON.
func TestTheVendorsMediaTypeIsAcceptedOnlyInItsDialect(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	accept := []string{"Accept", "application/x.plentymarkets.v1+json"}
	a := harness.Send(t, "POST", "/rest/login", object{"username": l.User, "password": l.Password}, accept...)
	given := a.Tokens()
	if got := a.Header.Get("Content-Type"); got != jsonType {
		t.Errorf("Content-Type %q", got)
	}
	given = harness.Send(t, "POST", "/rest/login/refresh", object{"refreshToken": given.Refresh}, accept...).Tokens()
	with := append(accept, "Authorization", "Bearer "+given.Access)
	person := l.CreateIndividual("Erika")
	harness.Send(t, "GET", "/rest/accounts/contacts"+harness.OptionsPath(person), nil, with...).Want(200)
	harness.Send(t, "POST", "/rest/accounts/contacts"+harness.OptionsPath(person), []any{harness.OptionBody(2, 4, "erika@example.com")}, with...).Want(200)
	harness.Send(t, "GET", "/rest/accounts/contacts/option_types", nil, with...).Want(200)
	harness.Send(t, "GET", "/rest/accounts/contacts"+harness.OptionsPath(person), nil, "Accept", "application/x.plentymarkets.v1+json;q=0", "Authorization", "Bearer "+given.Access).Envelope(406)
	l.Get("/individual", with...).Problem(406)
	harness.Send(t, "POST", "/rest/logout", nil, with...).Want(200)
}
