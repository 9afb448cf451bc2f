package tests

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestALogoutEndsTheSessionOfItsAccessTokenAlone(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	first, other := l.enter(), l.enter()
	second := l.refresh(first.refresh).tokens()
	a := l.logout(first.access) // of the session, whichever of its access tokens is sent
	if a.want(200); len(a.body) != 0 {
		t.Errorf("%s = %s", a.what, a.body)
	}
	l.refresh(second.refresh).denied(invalidRefresh)
	l.refresh(first.refresh).denied(invalidRefresh)
	for _, k := range []tokens{first, second, other} { // access tokens live on until they expire
		l.get("/individual", "Authorization", "Bearer "+k.access).want(200)
	}
	l.logout(second.access).want(200) // again
	other = l.refresh(other.refresh).tokens()
	l.enter()
	l.logout(other.access).want(200)
	l.refresh(other.refresh).denied(invalidRefresh)
}

func TestALogoutAsksForATokenAndForNoScope(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	readOnly := send(t, "GET", "/auth/authorize/"+l.org+"?scope=contacts:read", nil, "Authorization", basicAuth(l.app, l.secret)).want(200).text("accessToken")
	for range 2 { // an application has no session that could end
		l.logout(readOnly, "Idempotency-Key", "k").want(200)
	}
	l.ask("POST", "/rest/logout", "", "").envelope(401)
	l.logout("none").envelope(401)
	l.logout(l.enter().refresh).envelope(401)
	late := l.enter()
	l.wait(hours(25))
	l.logout(late.access).envelope(401)
	l.refresh(late.refresh).tokens()
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a := send(t, method, "/rest/logout", nil)
		if a.envelope(405); a.header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow %q", a.what, a.header.Get("Allow"))
		}
	}
}

func TestARepeatedLogoutIsAReplay(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	given := l.enter()
	for _, replayed := range []string{"", "true"} {
		a := l.logout(given.access, "Idempotency-Key", "k").want(200)
		if got := a.header.Get("Idempotent-Replayed"); got != replayed {
			t.Errorf("Idempotent-Replayed %q, want %q", got, replayed)
		}
	}
	l.refresh(given.refresh).denied(invalidRefresh)
}

func TestALogoutBesideRefreshesLeavesNothingThatCouldBeRenewed(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	rapid.Check(t, func(r *rapid.T) {
		l := l.at(fmt.Sprintf("10.96.%d.%d", lobbies.Add(1)%250, rapid.IntRange(1, 250).Draw(r, "address")))
		given := l.enter()
		answers := together(t, 3, func(i int) (*answer, error) {
			if i == 1 {
				return l.logout(given.access), nil
			}
			return l.refresh(given.refresh), nil
		})
		answers[1].want(200)
		l.refresh(given.refresh).denied(invalidRefresh)
		for _, i := range []int{0, 2} {
			if answers[i].status == 200 {
				l.refresh(answers[i].tokens().refresh).denied(invalidRefresh)
			}
		}
	})
}

// Clients of the vendor name its own media type in each request, and take JSON.
func TestTheVendorsMediaTypeIsTakenInItsDialectAlone(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	accept := []string{"Accept", "application/x.plentymarkets.v1+json"}
	a := send(t, "POST", "/rest/login", object{"username": l.user, "password": l.password}, accept...)
	given := a.tokens()
	if got := a.header.Get("Content-Type"); got != jsonType {
		t.Errorf("Content-Type %q", got)
	}
	given = send(t, "POST", "/rest/login/refresh", object{"refreshToken": given.refresh}, accept...).tokens()
	with := append(accept, "Authorization", "Bearer "+given.access)
	person := l.individual("Erika")
	send(t, "GET", "/rest/accounts/contacts"+optionsOf(person), nil, with...).want(200)
	send(t, "POST", "/rest/accounts/contacts"+optionsOf(person), []any{anOption(2, 4, "erika@example.com")}, with...).want(200)
	send(t, "GET", "/rest/accounts/contacts/option_types", nil, with...).want(200)
	send(t, "GET", "/rest/accounts/contacts"+optionsOf(person), nil, "Accept", "application/x.plentymarkets.v1+json;q=0", "Authorization", "Bearer "+given.access).envelope(406)
	l.get("/individual", with...).problem(406)
	send(t, "POST", "/rest/logout", nil, with...).want(200)
}
