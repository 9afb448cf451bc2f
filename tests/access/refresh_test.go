package access

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
	"contacts/tests/harness"
)

func TestARefreshTokenWorksOnceAndIsReplaced(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	first := l.LogIn()
	second := l.Refresh(first.Refresh).Tokens()
	if c := claimsOf(t, second); c.Org != l.Org || c.Sub != "user:"+l.User || c.Region != "DE" || c.Exp-c.Iat != 86400 {
		t.Errorf("claims %+v", c)
	}
	wantDenied(l.Refresh(first.Refresh), invalidRefresh)
	third := l.Refresh(second.Refresh).Tokens()
	wantDenied(l.Refresh(second.Refresh), invalidRefresh)
	for _, k := range []harness.Tokens{first, second, third} { // access tokens live on
		l.Get("/individual", "Authorization", "Bearer "+k.Access).Want(200)
	}
	l.Refresh(third.Refresh).Tokens()
}

func TestARefreshTokenMayBeInJSONAFormOrTheQuery(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	token := l.LogIn().Refresh
	token = harness.Send(t, "POST", "/rest/login/refresh", object{"refresh_token": token}).Tokens().Refresh
	token = harness.Send(t, "POST", "/rest/login/refresh", "refresh_token="+token, "Content-Type", harness.FormType).Tokens().Refresh
	parts, boundary := multipartOf(t, "refresh_token", token)
	token = harness.Send(t, "POST", "/rest/login/refresh", parts, "Content-Type", boundary).Tokens().Refresh
	token = harness.Send(t, "POST", "/rest/login/refresh?refresh_token="+token, nil).Tokens().Refresh
	token = harness.Send(t, "POST", "/rest/login/refresh", object{"refreshToken": token}).Tokens().Refresh
	token = harness.Send(t, "POST", "/rest/login/refresh?refreshToken="+token, nil).Tokens().Refresh
	l.Refresh(token).Tokens()
}

func TestOneOfManyConcurrentRefreshesSucceeds(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	token := l.LogIn().Refresh
	answers := harness.Concurrently(t, 20, func(int) (*harness.Answer, error) { return l.Refresh(token), nil })
	if got := harness.CountStatuses(answers); got[200] != 1 || got[401] != 19 {
		t.Errorf("answers %v, want one of 200 and 19 of 401", got)
	}
	for _, a := range answers {
		if a.Status == 200 {
			l.Refresh(a.Tokens().Refresh).Tokens()
		}
	}
}

func TestAnInvalidRefreshTokenIsDenied(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	other := l.User + "-other"
	l.AddUser(other)
	token := l.LogIn().Refresh
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
			a := l.Refresh(sent)
			a.T = t
			wantDenied(a, invalidRefresh)
		})
	}
	for what, a := range map[string]*harness.Answer{
		"twice":             l.Ask("POST", "/rest/login/refresh?refresh_token="+token, harness.FormType, "refresh_token="+token),
		"a number":          l.Ask("POST", "/rest/login/refresh", jsonType, `{"refresh_token": 5}`),
		"in both spellings": l.Ask("POST", "/rest/login/refresh", jsonType, fmt.Sprintf(`{"refreshToken": %q, "refresh_token": %q}`, token, token)),
		"as the bearer":     l.Ask("POST", "/rest/login/refresh", "", "", "Authorization", "Bearer "+l.LogIn().Access),
		"nothing":           l.Ask("POST", "/rest/login/refresh", "", ""),
	} {
		t.Run(what, func(t *testing.T) {
			a.T = t
			wantDenied(a, invalidRefresh)
		})
	}
	l.Get("/individual", "Authorization", "Bearer "+token).Problem(403)
	l.Refresh(token).Tokens()
}

func TestTheEndOfASessionEndsItsRefreshTokens(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, end := range map[string]func(*harness.LoginService) error{
		"disabled": func(l *harness.LoginService) error { return harness.Platform.Database.DisableUser(ctx, l.User) },
		"disabled, then back": func(l *harness.LoginService) error {
			return errors.Join(harness.Platform.Database.DisableUser(ctx, l.User), harness.Platform.Database.EnableUser(ctx, l.User))
		},
		"another password": func(l *harness.LoginService) error {
			return harness.Platform.Database.SetUserPassword(ctx, l.User, harness.RightHash)
		},
		"deleted": func(l *harness.LoginService) error { l.Delete(); return nil },
		"another of the same name": func(l *harness.LoginService) error {
			l.Delete()
			l.AddUser(l.User)
			return nil
		},
		"of another organization": func(l *harness.LoginService) error {
			l.Delete()
			return harness.Platform.Database.AddUser(ctx, accounts.User{Name: l.User, Organization: harness.NewTenant(l.T).Org, PasswordHash: harness.RightHash, Scopes: auth.PlainScopes()})
		},
		"30 days": func(l *harness.LoginService) error { advance(l, 30*24*time.Hour+time.Second); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := harness.NewLoginService(t)
			one, other := l.LogIn().Refresh, l.LogIn().Refresh
			one = l.Refresh(one).Tokens().Refresh
			if err := end(l); err != nil {
				t.Fatal(err)
			}
			for _, token := range []string{one, other} {
				wantDenied(l.Refresh(token), invalidRefresh)
			}
		})
	}
}

func TestARefreshTokenWorksForThirtyDays(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	token := l.LogIn().Refresh
	for range 3 {
		advance(l, 30*24*time.Hour-time.Minute)
		token = l.Refresh(token).Tokens().Refresh
	}
}

func TestALoginDuringADisablingLeavesNoValidRefreshToken(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	answers := harness.Concurrently(t, 20, func(i int) (*harness.Answer, error) {
		if i == 10 {
			return &harness.Answer{}, harness.Platform.Database.DisableUser(context.Background(), l.User)
		}
		return l.Login(l.User, l.Password), nil
	})
	for _, a := range answers {
		switch a.Status {
		case 200:
			wantDenied(l.Refresh(a.Tokens().Refresh), invalidRefresh)
		case 401, 429, 0:
		default:
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
}

// A refresh token of the model is valid until it is used or expires, or its session ends.
func TestRefreshTokensFollowAModelAfterAnySequenceOfEvents(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		l := *l
		l.User = fmt.Sprintf("%s-%d", l.User, n)
		l.AddUser(l.User)
		ctx, disabled := context.Background(), false
		ends := map[string]time.Time{} // by token
		var all []string
		keep := func(token string) {
			all, ends[token] = append(all, token), l.Now().Add(auth.RefreshLifetime)
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
				try, err := l.Database.Login(ctx, l.User, l.Address)
				must(err)
				session := auth.NewSession()
				token, hash := auth.NewRefreshToken(l.User, session)
				must(try.Succeed(ctx, accounts.RefreshToken{Session: session, Hash: hash, Expires: l.Now().Add(auth.RefreshLifetime)}))
				keep(token)
			case "refresh":
				if len(all) == 0 {
					continue
				}
				token := rapid.SampledFrom(all).Draw(r, "token")
				a := l.Refresh(token)
				if want := ends[token].After(l.Now()) && !disabled; want != (a.Status == 200) {
					r.Fatalf("%s = %d, want success to be %v", a.What, a.Status, want)
				} else if want {
					delete(ends, token)
					keep(a.Tokens().Refresh)
				}
			case "disable":
				must(harness.Platform.Database.DisableUser(ctx, l.User))
				disabled = true
				clear(ends)
			case "enable":
				must(harness.Platform.Database.EnableUser(ctx, l.User))
				disabled = false
			case "password":
				must(harness.Platform.Database.SetUserPassword(ctx, l.User, harness.RightHash))
				clear(ends)
			case "days":
				advance(&l, time.Duration(rapid.IntRange(1, 31).Draw(r, "days"))*24*time.Hour)
			}
		}
	})
}
