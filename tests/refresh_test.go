package tests

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
)

func TestARefreshTokenWorksOnceAndBringsTheNext(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	first := l.enter()
	second := l.refresh(first.refresh).tokens()
	if c := second.claims(t); c.Org != l.org || c.Sub != "user:"+l.user || c.Region != "DE" || c.Exp-c.Iat != 86400 {
		t.Errorf("claims %+v", c)
	}
	l.refresh(first.refresh).denied(invalidRefresh)
	third := l.refresh(second.refresh).tokens()
	l.refresh(second.refresh).denied(invalidRefresh)
	for _, k := range []tokens{first, second, third} { // access tokens live on
		l.get("/individual", "Authorization", "Bearer "+k.access).want(200)
	}
	l.refresh(third.refresh).tokens()
}

func TestARefreshTokenIsTakenAsJSONAsAFormAndAsAQueryParameter(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	token := l.enter().refresh
	token = send(t, "POST", "/rest/login/refresh", object{"refresh_token": token}).tokens().refresh
	token = send(t, "POST", "/rest/login/refresh", "refresh_token="+token, "Content-Type", formType).tokens().refresh
	parts, boundary := multipartOf(t, "refresh_token", token)
	token = send(t, "POST", "/rest/login/refresh", parts, "Content-Type", boundary).tokens().refresh
	token = send(t, "POST", "/rest/login/refresh?refresh_token="+token, nil).tokens().refresh
	token = send(t, "POST", "/rest/login/refresh", object{"refreshToken": token}).tokens().refresh
	token = send(t, "POST", "/rest/login/refresh?refreshToken="+token, nil).tokens().refresh
	l.refresh(token).tokens()
}

func TestOfManyRefreshesAtOnceExactlyOneSucceeds(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	token := l.enter().refresh
	answers := together(t, 20, func(int) (*answer, error) { return l.refresh(token), nil })
	if got := statuses(answers); got[200] != 1 || got[401] != 19 {
		t.Errorf("answers %v, want one of 200 and 19 of 401", got)
	}
	for _, a := range answers {
		if a.status == 200 {
			l.refresh(a.tokens().refresh).tokens()
		}
	}
}

func TestARefreshTokenThatIsNoneIsDenied(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	other := l.user + "-other"
	l.addUser(other)
	token := l.enter().refresh
	parts := strings.Split(token, ".")
	secret, name, session := parts[0], parts[1], parts[2]
	encoded := base64.RawURLEncoding.EncodeToString
	for what, sent := range map[string]string{
		"empty": "", "no secret": "." + name + "." + session, "no user": secret + ".." + session, "no session": secret + "." + name, "the secret": secret,
		"another user's": secret + "." + encoded([]byte(other)) + "." + session, "nobody's": secret + "." + encoded([]byte("nobody")) + "." + session,
		"of another session": secret + "." + name + "." + auth.NewSession(),
		"cut":                token[1:], "longer": token + "a", "padded": token + "=", "no base64": secret + ".???." + session,
		"a name of controls": secret + "." + encoded([]byte("a\x00")) + "." + session, "very long": strings.Repeat(token, 100), "in another case": strings.ToUpper(token),
	} {
		t.Run(what, func(t *testing.T) {
			a := l.refresh(sent)
			a.t = t
			a.denied(invalidRefresh)
		})
	}
	for what, a := range map[string]*answer{
		"twice":             l.ask("POST", "/rest/login/refresh?refresh_token="+token, formType, "refresh_token="+token),
		"a number":          l.ask("POST", "/rest/login/refresh", jsonType, `{"refresh_token": 5}`),
		"in both spellings": l.ask("POST", "/rest/login/refresh", jsonType, fmt.Sprintf(`{"refreshToken": %q, "refresh_token": %q}`, token, token)),
		"as the bearer":     l.ask("POST", "/rest/login/refresh", "", "", "Authorization", "Bearer "+l.enter().access),
		"nothing":           l.ask("POST", "/rest/login/refresh", "", ""),
	} {
		t.Run(what, func(t *testing.T) {
			a.t = t
			a.denied(invalidRefresh)
		})
	}
	l.get("/individual", "Authorization", "Bearer "+token).problem(403)
	l.refresh(token).tokens()
}

func TestWhatEndsASessionEndsItsRefreshTokens(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, end := range map[string]func(*lobby) error{
		"disabled": func(l *lobby) error { return platform.table.DisableUser(ctx, l.user) },
		"disabled, then back": func(l *lobby) error {
			return errors.Join(platform.table.DisableUser(ctx, l.user), platform.table.EnableUser(ctx, l.user))
		},
		"another password": func(l *lobby) error { return platform.table.SetUserPassword(ctx, l.user, rightHash) },
		"deleted":          func(l *lobby) error { l.delete(); return nil },
		"another of the same name": func(l *lobby) error {
			l.delete()
			l.addUser(l.user)
			return nil
		},
		"of another organization": func(l *lobby) error {
			l.delete()
			return platform.table.AddUser(ctx, accounts.User{Name: l.user, Organization: newTenant(l.t).org, PasswordHash: rightHash, Scopes: auth.PlainScopes()})
		},
		"30 days": func(l *lobby) error { l.wait(30*hours(24) + time.Second); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLobby(t)
			one, other := l.enter().refresh, l.enter().refresh
			one = l.refresh(one).tokens().refresh
			if err := end(l); err != nil {
				t.Fatal(err)
			}
			for _, token := range []string{one, other} {
				l.refresh(token).denied(invalidRefresh)
			}
		})
	}
}

func TestARefreshTokenWorksForThirtyDays(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	token := l.enter().refresh
	for range 3 {
		l.wait(30*hours(24) - minutes(1))
		token = l.refresh(token).tokens().refresh
	}
}

func TestALoginBesideADisablingLeavesNothingThatCouldBeRenewed(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	answers := together(t, 20, func(i int) (*answer, error) {
		if i == 10 {
			return &answer{}, platform.table.DisableUser(context.Background(), l.user)
		}
		return l.login(l.user, l.password), nil
	})
	for _, a := range answers {
		switch a.status {
		case 200:
			l.refresh(a.tokens().refresh).denied(invalidRefresh)
		case 401, 429, 0:
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

// A token that is in a model's hands counts as long as it was not used, its time isn't over and its session goes on.
func TestAnySequenceOfEventsLeavesTheRefreshTokensThatTheModelSays(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		l := *l
		l.user = fmt.Sprintf("%s-%d", l.user, n)
		l.addUser(l.user)
		ctx, disabled := context.Background(), false
		ends := map[string]time.Time{} // by token
		var all []string
		keep := func(token string) {
			all, ends[token] = append(all, token), l.now().Add(auth.RefreshLifetime)
		}
		must := func(err error) {
			if err != nil {
				r.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 12).Draw(r, "events") {
			events := []string{"enter", "enter", "refresh", "refresh", "refresh", "disable", "enable", "password", "days"}
			switch rapid.SampledFrom(events).Draw(r, "event") {
			case "enter": // without a password, which would take a while to compare
				if disabled {
					continue
				}
				try, err := l.table.Login(ctx, l.user, l.address)
				must(err)
				session := auth.NewSession()
				token, hash := auth.NewRefreshToken(l.user, session)
				must(try.Succeed(ctx, accounts.RefreshToken{Session: session, Hash: hash, Expires: l.now().Add(auth.RefreshLifetime)}))
				keep(token)
			case "refresh":
				if len(all) == 0 {
					continue
				}
				token := rapid.SampledFrom(all).Draw(r, "token")
				a := l.refresh(token)
				if want := ends[token].After(l.now()) && !disabled; want != (a.status == 200) {
					r.Fatalf("%s = %d, want success to be %v", a.what, a.status, want)
				} else if want {
					delete(ends, token)
					keep(a.tokens().refresh)
				}
			case "disable":
				must(platform.table.DisableUser(ctx, l.user))
				disabled = true
				clear(ends)
			case "enable":
				must(platform.table.EnableUser(ctx, l.user))
				disabled = false
			case "password":
				must(platform.table.SetUserPassword(ctx, l.user, rightHash))
				clear(ends)
			case "days":
				l.wait(time.Duration(rapid.IntRange(1, 31).Draw(r, "days")) * hours(24))
			}
		}
	})
}
