package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/contact"
	"contacts/pkg/wiring"
)

func user(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var orgs, scopes []string
	create := command("create NAME --org ORG", "let a person log in; the password is read from standard input, or made and printed", oneArg("a user"),
		a.onNamed("user", auth.UserName, func(ctx context.Context, t *wiring.Database, name string) error {
			return a.createUser(ctx, t, name, orgs, scopes)
		}))
	create.Flags().StringArrayVar(&orgs, "org", nil, "the organization that the user belongs to")
	scopeFlag(create.Flags(), &scopes, defaultScopes)
	scope := command("scope NAME --scope SCOPE", "let the tokens of a user carry other scopes than before", oneArg("a user"),
		a.onNamed("user", auth.UserName, func(ctx context.Context, t *wiring.Database, name string) error {
			return a.setUserScopes(ctx, t, name, scopes)
		}))
	scopeFlag(scope.Flags(), &scopes, "")
	c := group("user", "People that log in",
		create,
		scope,
		command("list", "list all users", noArgs, a.listUsers),
		command("disable NAME", "let a user log in no more", oneArg("a user"), a.onNamed("user", auth.UserName, a.disableUser)),
		command("enable NAME", "let a user log in again", oneArg("a user"), a.onNamed("user", auth.UserName, a.enableUser)),
		command("password NAME", "give a user another password, read from standard input, or made and printed", oneArg("a user"), a.onNamed("user", auth.UserName, a.setPassword)))
	a.tableFlags(c.PersistentFlags())
	return c
}

func (a *administration) listUsers(ctx context.Context, _ []string) error {
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	users, err := t.Users(ctx)
	for _, u := range users {
		state := "active"
		if u.Disabled {
			state = "disabled"
		}
		err = errors.Join(err, a.show(map[string]any{"user": u.Name, "org": u.Organization, "state": state, "scopes": scopesIn(u.Scopes)},
			"%s\t%s\t%s\t%s", u.Name, state, u.Organization, strings.Join(scopesIn(u.Scopes), " ")))
	}
	return err
}

func (a *administration) disableUser(ctx context.Context, t *wiring.Database, name string) error {
	if err := t.DisableUser(ctx, name); err != nil {
		return err
	}
	return a.show(map[string]string{"user": name, "state": "disabled"},
		"%s can't log in any more; refresh tokens are revoked, access tokens end within a day", name)
}

func (a *administration) enableUser(ctx context.Context, t *wiring.Database, name string) error {
	if err := t.EnableUser(ctx, name); err != nil {
		return err
	}
	return a.show(map[string]string{"user": name, "state": "active"}, "%s can log in again", name)
}

func (a *administration) setUserScopes(ctx context.Context, t *wiring.Database, name string, scopes []string) error {
	granted, err := requiredScopes(scopes)
	if err != nil {
		return err
	}
	if err := t.SetUserScopes(ctx, name, granted); err != nil {
		return err
	}
	return a.show(map[string]any{"user": name, "scopes": granted},
		"%s may %s from the next log-in or refresh on; access tokens given out before end within a day", name, strings.Join(granted, ", "))
}

func (a *administration) createUser(ctx context.Context, t *wiring.Database, name string, orgs, scopes []string) error {
	if len(orgs) != 1 {
		return errors.New("a user belongs to one organization: --org NAME")
	}
	granted, err := scopesOrDefault(scopes)
	if err != nil {
		return err
	}
	if _, err := organization(ctx, t, orgs[0]); err != nil {
		return err
	}
	given, made := readPassword()
	hash, err := password.Hash(given)
	if err != nil {
		return err
	}
	err = t.AddUser(ctx, accounts.User{Name: name, Organization: orgs[0], PasswordHash: hash, Scopes: granted})
	if contact.IsRefused(err, contact.Taken) {
		err = fmt.Errorf("%w; contacts user password gives another password", err)
	}
	if err != nil {
		return err
	}
	return a.showPassword(map[string]string{"user": name, "org": orgs[0]}, given, made, fmt.Sprintf("user %s created", name))
}

func (a *administration) setPassword(ctx context.Context, t *wiring.Database, name string) error {
	given, made := readPassword()
	hash, err := password.Hash(given)
	if err != nil {
		return err
	}
	if err := t.SetUserPassword(ctx, name, hash); err != nil {
		return err
	}
	return a.showPassword(map[string]string{"user": name}, given, made, fmt.Sprintf("user %s has another password; refresh tokens are revoked", name))
}

// showPassword prints a result, with the password if it was generated.
func (a *administration) showPassword(what map[string]string, given string, made bool, done string) error {
	if !made {
		return a.show(what, "%s", done)
	}
	what["password"] = given
	return a.show(what, "%s\npassword %s\n\nThe password is shown this once; what is stored is its hash.", done, given)
}

// readPassword returns the first line of standard input, or a generated password if that is a terminal or empty.
func readPassword() (given string, made bool) {
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice == 0 {
		if line, _ := bufio.NewReader(os.Stdin).ReadString('\n'); strings.TrimSpace(line) != "" {
			return strings.TrimRight(line, "\r\n"), false
		}
	}
	given, _ = auth.NewSecret()
	return given, true
}
