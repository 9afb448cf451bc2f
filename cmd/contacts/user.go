package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

func user(ctx context.Context, args []string, out io.Writer) error {
	a, words, err := newAdministration("user", args, out)
	if err != nil {
		return err
	}
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	if words[0] == "list" {
		return a.listUsers(ctx, t)
	}
	name, err := a.name(words, "a user")
	if err != nil {
		return err
	}
	if name, err = auth.UserName(name); err != nil {
		return err
	}
	switch words[0] {
	case "create":
		return a.createUser(ctx, t, name)
	case "password":
		err = a.setPassword(ctx, t, name)
	case "disable":
		if err = t.DisableUser(ctx, name); err == nil {
			return a.show(map[string]string{"user": name, "state": "disabled"},
				"%s can't log in any more; refresh tokens are revoked, access tokens end within a day", name)
		}
	case "enable":
		if err = t.EnableUser(ctx, name); err == nil {
			return a.show(map[string]string{"user": name, "state": "active"}, "%s can log in again", name)
		}
	default:
		return fmt.Errorf("user knows create, list, disable, enable and password, not %q", words[0])
	}
	if contact.IsRefused(err, contact.NotFound) {
		return fmt.Errorf("there is no user %s; contacts user list shows all", name)
	}
	return err
}

func (a *administration) listUsers(ctx context.Context, t *dynamo.Table) error {
	users, err := t.Users(ctx)
	for _, u := range users {
		state := "active"
		if u.Disabled {
			state = "disabled"
		}
		err = errors.Join(err, a.show(map[string]string{"user": u.Name, "org": u.Organization, "state": state},
			"%s\t%s\t%s", u.Name, state, u.Organization))
	}
	return err
}

func (a *administration) createUser(ctx context.Context, t *dynamo.Table, name string) error {
	if len(a.orgs) != 1 {
		return errors.New("a user belongs to one organization: --org NAME")
	}
	if err := a.existing(ctx, t); err != nil {
		return err
	}
	given, made := readPassword()
	hash, err := password.Hash(given)
	if err != nil {
		return err
	}
	if err := t.AddUser(ctx, dynamo.User{Name: name, Organization: a.orgs[0], PasswordHash: hash}); err != nil {
		return err
	}
	return a.showPassword(map[string]string{"user": name, "org": a.orgs[0]}, given, made, fmt.Sprintf("user %s created", name))
}

func (a *administration) setPassword(ctx context.Context, t *dynamo.Table, name string) error {
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

// showPassword prints what was done, and the password if it was made here.
func (a *administration) showPassword(what map[string]string, given string, made bool, done string) error {
	if !made {
		return a.show(what, "%s", done)
	}
	what["password"] = given
	return a.show(what, "%s\npassword %s\n\nThe password is shown this once; what is stored is its hash.", done, given)
}

// readPassword takes the first line of a standard input that is no terminal, or makes a password.
func readPassword() (given string, made bool) {
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice == 0 {
		if line, _ := bufio.NewReader(os.Stdin).ReadString('\n'); strings.TrimSpace(line) != "" {
			return strings.TrimRight(line, "\r\n"), false
		}
	}
	given, _ = auth.NewSecret()
	return given, true
}
