package accounts

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// User is a person that logs in to one organization.
type User struct {
	Name string `dynamodbav:"sk"`
	// Number is unique in the platform, from 1. AddUser assigns it.
	Number       int64    `dynamodbav:"number"`
	Organization string   `dynamodbav:"org"`
	PasswordHash string   `dynamodbav:"password"`                   // argon2id, PHC string
	Scopes       []string `dynamodbav:"scopes,stringset,omitempty"` // of the user's tokens
	Disabled     bool     `dynamodbav:"disabled,omitempty"`
	// Epoch is that of the user's valid sessions. It changes when the user is disabled, gets another password, or is created again under
	// the same name, which ends earlier sessions. AddUser assigns it.
	Epoch string `dynamodbav:"epoch"`
}

// AddUser adds a user under a new number. Taken if there is one of that name.
func (a *Accounts) AddUser(ctx context.Context, u User) (err error) {
	if u.Number, err = a.table.Increment(ctx, keys.UserCounter(), keys.AttrCounter); err != nil {
		return err
	}
	u.Epoch = rand.Text()
	item, err := dynamo.Encode(keys.User(u.Name), u)
	if err != nil {
		return err
	}
	tx := a.table.Begin()
	tx.Put(item, dynamo.NotExistsElse(func(dynamo.Item) error { return contact.Refuse(contact.Taken, "there is already user %s", u.Name) }))
	tx.Update(keys.UserName(u.Number)).Set(AttrUserName, dynamo.String(u.Name))
	return tx.Commit(ctx)
}

// AttrUserName, S, is the name of a user, on the item of its number.
const AttrUserName = "username"

// CallerNames returns the names of applications, "app:" and the name, and of users, "user:" and the number, by these. It has none for those
// that there are no more.
func (a *Accounts) CallerNames(ctx context.Context, callers []string) (map[string]string, error) {
	wanted := make([]dynamo.Key, len(callers))
	for i, caller := range callers {
		kind, id, _ := strings.Cut(caller, ":")
		if wanted[i] = keys.Application(id); kind == "user" {
			number, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return nil, err
			}
			wanted[i] = keys.UserName(number)
		}
	}
	items, err := a.table.BatchGetEventually(ctx, wanted, "pk, sk, "+AttrUserName)
	names := map[string]string{}
	for i, item := range items {
		name := item.String(AttrUserName)
		if item != nil && strings.HasPrefix(callers[i], "app:") {
			name = item.Key().SK
		}
		if name != "" {
			names[callers[i]] = name
		}
	}
	return names, err
}

// Users returns all users, by name.
func (a *Accounts) Users(ctx context.Context) ([]User, error) {
	return list[User](ctx, a, keys.Users())
}

// User returns a user. NotFound if there is none of that name.
func (a *Accounts) User(ctx context.Context, name string) (User, error) {
	return get[User](ctx, a, keys.User(name), "user")
}

// SetUserPassword gives a user another password, and ends the user's sessions.
func (a *Accounts) SetUserPassword(ctx context.Context, name, hash string) error {
	return a.updateUser(ctx, name, func(u *dynamo.Update) {
		u.Set("password", dynamo.String(hash))
		u.Set("epoch", dynamo.String(rand.Text()))
	})
}

// DisableUser keeps a user from logging in, and ends the user's sessions.
func (a *Accounts) DisableUser(ctx context.Context, name string) error {
	return a.disableUser(ctx, name, rand.Text())
}

func (a *Accounts) disableUser(ctx context.Context, name, epoch string) error {
	return a.updateUser(ctx, name, func(u *dynamo.Update) {
		u.Set("disabled", dynamo.True)
		u.Set("epoch", dynamo.String(epoch))
	})
}

// DeleteUser deletes a user, with all sessions and counts of failed logins. It disables the user first, so that no session begins
// meanwhile, and a repeat completes an interrupted deletion. NotFound if there is none of that name, Taken if another command changes
// the user meanwhile.
func (a *Accounts) DeleteUser(ctx context.Context, name string) error {
	epoch := rand.Text()
	if err := a.disableUser(ctx, name, epoch); err != nil {
		return err
	}
	u, err := a.User(ctx, name)
	if err != nil {
		return err
	}
	for _, partition := range []string{keys.Sessions(name), keys.FailedLogins(name)} {
		if err := a.deleteAll(ctx, partition); err != nil {
			return err
		}
	}
	tx := a.table.Begin()
	tx.Delete(keys.User(name), dynamo.Require(dynamo.And(dynamo.AttributeExists("disabled"), dynamo.AttributeEquals("epoch", dynamo.String(epoch))),
		contact.Refuse(contact.Taken, "user %s is being changed by another command; try again", name)))
	tx.Delete(keys.UserName(u.Number))
	return tx.Commit(ctx)
}

// EnableUser lets a user log in again. Earlier sessions have ended.
func (a *Accounts) EnableUser(ctx context.Context, name string) error {
	return a.updateUser(ctx, name, func(u *dynamo.Update) { u.Remove("disabled") })
}

// SetUserScopes sets the scopes of the user's tokens, from the next login or refresh on.
func (a *Accounts) SetUserScopes(ctx context.Context, name string, scopes []string) error {
	return a.updateUser(ctx, name, func(u *dynamo.Update) { u.SetStrings("scopes", scopes) })
}

func (a *Accounts) updateUser(ctx context.Context, name string, change func(*dynamo.Update)) error {
	return a.update(ctx, keys.User(name), "user", change)
}

// active requires that the user may log in, with the same password, to the same organization. Else Unauthorized.
func (u User) active() dynamo.Condition {
	return dynamo.Require(dynamo.And(dynamo.AttributeEquals("org", dynamo.String(u.Organization)), dynamo.AttributeNotExists("disabled"),
		dynamo.AttributeEquals("epoch", dynamo.String(u.Epoch))), errSessionEnded)
}

var errSessionEnded = contact.Refuse(contact.Unauthorized, "the session of the user has ended")
