package access

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/tests/harness"
)

// storedLogins returns how many sessions and counts of failures of a user the table has.
func storedLogins(t *testing.T, user string) (n int) {
	t.Helper()
	for _, partition := range []string{keys.Sessions(user), keys.FailedLogins(user)} {
		if err := harness.Platform.Database.Table.Query(partition).Read(t.Context(), 0, func(dynamo.Item) { n++ }); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestADeletedUserLeavesNoSessionAndNoCountOfFailures(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	elsewhere, other := fromAddress(l, l.Address+"0"), l.NewUser()
	first, second := l.LogIn(), elsewhere.LogIn()
	wantDenied(l.Login(l.User, "wrong"), incorrect)
	another := l.Login(other, l.Password).Tokens()
	if got := storedLogins(t, l.User); got != 5 {
		t.Fatalf("%d records, want two sessions, the failures at two addresses and those at all", got)
	}
	l.Delete()
	if got := storedLogins(t, l.User); got != 0 {
		t.Errorf("%d records are left", got)
	}
	for _, k := range []harness.Tokens{first, second} {
		wantDenied(l.Refresh(k.Refresh), invalidRefresh)
		l.Get("/individual", "Authorization", "Bearer "+k.Access).Want(200) // access tokens live on until they expire
		l.Logout(k.Access).Want(200)
	}
	wantDenied(l.Login(l.User, l.Password), incorrect)
	l.Refresh(another.Refresh).Tokens() // of another user

	l.AddUser(l.User) // another person of the same name
	wantDenied(l.Refresh(first.Refresh), invalidRefresh)
	l.LogIn()
	if err := harness.Platform.Database.DeleteUser(t.Context(), "no "+l.User); !contact.IsRefused(err, contact.NotFound) {
		t.Errorf("the deletion of nobody: %v", err)
	}
}

// startSession logs the user in without comparing the password, which takes long.
func startSession(l *harness.LoginService) error {
	try, err := harness.Platform.Database.Login(context.Background(), l.User, l.Address)
	if err != nil {
		return err
	}
	session := auth.NewSession()
	_, hash := auth.NewRefreshToken(l.User, session)
	return try.Succeed(context.Background(), accounts.RefreshToken{Session: session, Hash: hash, Expires: time.Now().Add(time.Hour)})
}

func TestADeletedUserLeavesNoneOfMoreSessionsThanATransactionTakes(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	for range dynamo.MaxTransactionItems + 1 {
		if err := startSession(l); err != nil {
			t.Fatal(err)
		}
	}
	l.Delete()
	if got := storedLogins(t, l.User); got != 0 {
		t.Errorf("%d records are left", got)
	}
}

// A deletion that is killed before any of its calls leaves no session without its user, and its repeat completes it.
func TestAKilledDeletionOfAUserIsCompletedByItsRepeat(t *testing.T) {
	t.Parallel()
	killed := 0
	for {
		l := harness.NewLoginService(t)
		l.LogIn()
		l.Transport.Inject(&harness.StoreFault{Kills: true, Respond: func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
			return nil, errors.New("killed")
		}}, killed+1)
		err := l.Database.DeleteUser(t.Context(), l.User)
		if !l.Transport.Inject(nil, 0) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		killed++
		wantDenied(l.Login(l.User, "wrong"), incorrect) // its count goes as well
		requireNoLoginsOfNobody(t, l.User)
		l.Delete()
		if got := storedLogins(t, l.User); got != 0 {
			t.Errorf("killed before call %d: %d records are left", killed, got)
		}
	}
	if killed < 4 {
		t.Errorf("the deletion made %d calls, want 4 at least", killed)
	}
}

func requireNoLoginsOfNobody(t *testing.T, user string) {
	t.Helper()
	var there bool
	users, err := harness.Platform.Database.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		there = there || u.Name == user
	}
	sessions := 0
	if err := harness.Platform.Database.Table.Query(keys.Sessions(user)).Read(t.Context(), 0, func(dynamo.Item) { sessions++ }); err != nil {
		t.Fatal(err)
	}
	if !there && sessions > 0 {
		t.Errorf("%d sessions of user %s, who does not exist", sessions, user)
	}
}

// Whatever another process does between two steps of a deletion, no session is left without its user.
func TestADeletionThatRacesLeavesNoSessionWithoutItsUser(t *testing.T) {
	t.Parallel()
	database := harness.Platform.Database
	for name, change := range map[string]func(*harness.LoginService) error{
		"login":   startSession,
		"enabled": func(l *harness.LoginService) error { return database.EnableUser(context.Background(), l.User) },
		"enabled, then a login": func(l *harness.LoginService) error {
			return errors.Join(database.EnableUser(context.Background(), l.User), startSession(l))
		},
		"enabled, a login, disabled": func(l *harness.LoginService) error {
			return errors.Join(database.EnableUser(context.Background(), l.User), startSession(l), database.DisableUser(context.Background(), l.User))
		},
		"deleted": func(l *harness.LoginService) error { return database.DeleteUser(context.Background(), l.User) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for call := 1; ; call++ {
				l := harness.NewLoginService(t)
				l.LogIn()
				l.Transport.Inject(&harness.StoreFault{Respond: func(_ *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
					_ = change(l) // it may be refused
					return carry()
				}}, call)
				err := l.Database.DeleteUser(t.Context(), l.User)
				if !l.Transport.Inject(nil, 0) {
					return
				}
				if err != nil && !contact.IsRefused(err, contact.Taken) && !contact.IsRefused(err, contact.NotFound) {
					t.Errorf("before call %d: %v", call, err)
				}
				requireNoLoginsOfNobody(t, l.User)
			}
		})
	}
}

// An application with access to several organizations gets a token for none of them.
func TestADeletedApplicationGetsNoToken(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	database := harness.Platform.Database
	if err := database.GrantApplication(t.Context(), x.App, other.Org); err != nil {
		t.Fatal(err)
	}
	ask := func(org, app, secret string) *harness.Answer {
		return harness.Send(t, "GET", "/auth/authorize/"+org, nil, "Authorization", harness.BasicAuth(app, secret))
	}
	given := ask(other.Org, x.App, x.Secret).Want(200).Text("accessToken")
	if err := database.DeleteApplication(t.Context(), x.App); err != nil {
		t.Fatal(err)
	}
	for _, org := range []string{x.Org, other.Org} {
		ask(org, x.App, x.Secret).Problem(401)
	}
	ask(other.Org, other.App, other.Secret).Want(200)
	other.Get("/individual", "Authorization", "Bearer "+given).Want(200) // until it expires
	for what, err := range map[string]error{
		"deletion": database.DeleteApplication(t.Context(), x.App), "grant": database.GrantApplication(t.Context(), x.App, other.Org),
	} {
		if !contact.IsRefused(err, contact.NotFound) {
			t.Errorf("another %s: %v", what, err)
		}
	}
}
