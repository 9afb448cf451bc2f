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
	"golang.org/x/term"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/contact"
	"contacts/pkg/wiring"
)

func user(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	on := account{"user", "user", auth.UserName}
	create := on.command(a, "create NAME --org ORG", "Create a user; the password is read from standard input, or generated and printed", a.createUser)
	create.Flags().StringArrayVar(&a.orgs, "org", nil, "`organization` that the user belongs to")
	scope := on.command(a, "scope NAME --scope SCOPE", "Replace the scopes of a user's tokens", a.setUserScopes)
	a.scopeFlag(create, defaultScopes)
	a.scopeFlag(scope, "")
	return a.group("user", "Users: people who log in", create, command("list", "List all users", noArgs, a.onTable(a.listUsers)), scope,
		on.command(a, "password NAME", "Give a user another password, read from standard input, or generated and printed", a.setPassword),
		on.command(a, "disable NAME", "Keep a user from logging in, and end all sessions", a.disableUser),
		on.command(a, "enable NAME", "Let a disabled user log in again", a.enableUser),
		a.yesFlag(on.command(a, "delete NAME [--yes]", "Delete a user, with all sessions", a.deleteUser)))
}

func (a *administration) listUsers(ctx context.Context, t *wiring.Database) error {
	users, err := t.Users(ctx)
	var rows [][]any
	for _, u := range users {
		rows = append(rows, []any{u.Name, either(u.Disabled, "disabled", "active"), u.Organization, scopesIn(u.Scopes)})
	}
	return errors.Join(err, a.showList([]string{"user", "state", "org", "scopes"}, rows))
}

func (a *administration) deleteUser(ctx context.Context, t *wiring.Database, name string) error {
	u, err := t.User(ctx, name)
	if err != nil {
		return err
	}
	if err := confirm(ctx, a.yes, fmt.Sprintf("Delete user %s of organization %s?", name, u.Organization)); err != nil {
		return err
	}
	if err := t.DeleteUser(ctx, name); contact.IsRefused(err, contact.NotFound) || contact.IsRefused(err, contact.Taken) {
		return err
	} else if err != nil {
		return unfinished(ctx, "the user is disabled, but not deleted yet", err)
	}
	return a.show(map[string]string{"user": name, "state": "deleted"},
		"user %s is deleted, with all sessions; access tokens issued before expire within a day", name)
}

func (a *administration) disableUser(ctx context.Context, t *wiring.Database, name string) error {
	if err := t.DisableUser(ctx, name); err != nil {
		return err
	}
	return a.show(map[string]string{"user": name, "state": "disabled"},
		"%s can't log in any more; refresh tokens are revoked, access tokens expire within a day", name)
}

func (a *administration) enableUser(ctx context.Context, t *wiring.Database, name string) error {
	if err := t.EnableUser(ctx, name); err != nil {
		return err
	}
	return a.show(map[string]string{"user": name, "state": "active"}, "%s can log in again", name)
}

func (a *administration) setUserScopes(ctx context.Context, t *wiring.Database, name string) error {
	granted, err := requiredScopes(a.scopes)
	if err != nil {
		return err
	}
	if err := t.SetUserScopes(ctx, name, granted); err != nil {
		return err
	}
	return a.show(map[string]any{"user": name, "scopes": granted},
		"%s may %s from the next log-in or refresh on; access tokens issued before expire within a day", name, strings.Join(granted, ", "))
}

func (a *administration) createUser(ctx context.Context, t *wiring.Database, name string) error {
	if len(a.orgs) != 1 {
		return errors.New("a user belongs to one organization: --org NAME")
	}
	granted, err := scopesOrDefault(a.scopes)
	if err != nil {
		return err
	}
	if _, err := organization(ctx, t, a.orgs[0]); err != nil {
		return err
	}
	given, made := readPassword()
	hash, err := password.Hash(given)
	if err != nil {
		return err
	}
	err = t.AddUser(ctx, accounts.User{Name: name, Organization: a.orgs[0], PasswordHash: hash, Scopes: granted})
	if contact.IsRefused(err, contact.Taken) {
		err = fmt.Errorf("%w; contacts user password gives another password", err)
	}
	if err != nil {
		return err
	}
	return a.showPassword(map[string]string{"user": name, "org": a.orgs[0]}, given, made, fmt.Sprintf("user %s created", name))
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
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		if line, _ := bufio.NewReader(os.Stdin).ReadString('\n'); strings.TrimSpace(line) != "" {
			return strings.TrimRight(line, "\r\n"), false
		}
	}
	given, _ = auth.NewSecret()
	return given, true
}
