package accounts

import (
	"context"
	"crypto/rand"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// User is a person that logs in to one organization.
type User struct {
	Name string `dynamodbav:"sk"`
	// Number is the user's own in the platform, from 1 up. AddUser gives it.
	Number       int64    `dynamodbav:"number"`
	Organization string   `dynamodbav:"org"`
	PasswordHash string   `dynamodbav:"password"`                   // argon2id, PHC string
	Scopes       []string `dynamodbav:"scopes,stringset,omitempty"` // what the user's tokens carry
	Disabled     bool     `dynamodbav:"disabled,omitempty"`
	// Epoch names the time in which the user's sessions count. It changes when the user is disabled, gets another password, or is another
	// user of the same name: the sessions of before have ended then. AddUser gives it.
	Epoch string `dynamodbav:"epoch"`
}

// AddUser adds a user under a new number. Taken if there is one of that name.
func (a *Accounts) AddUser(ctx context.Context, u User) (err error) {
	if u.Number, err = a.table.Increment(ctx, keys.UserCounter(), keys.AttrCounter); err != nil {
		return err
	}
	u.Epoch = rand.Text()
	return a.add(ctx, keys.User(u.Name), u, "user "+u.Name)
}

// Users returns all users, by name.
func (a *Accounts) Users(ctx context.Context) ([]User, error) {
	return list[User](ctx, a, keys.Users())
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
	return a.updateUser(ctx, name, func(u *dynamo.Update) {
		u.Set("disabled", dynamo.True)
		u.Set("epoch", dynamo.String(rand.Text()))
	})
}

// EnableUser lets a user log in again. The sessions of before have ended.
func (a *Accounts) EnableUser(ctx context.Context, name string) error {
	return a.updateUser(ctx, name, func(u *dynamo.Update) { u.Remove("disabled") })
}

// SetUserScopes lets the user's tokens carry these scopes, and no others, from the next login or refresh on.
func (a *Accounts) SetUserScopes(ctx context.Context, name string, scopes []string) error {
	return a.updateUser(ctx, name, func(u *dynamo.Update) { u.SetStrings("scopes", scopes) })
}

func (a *Accounts) updateUser(ctx context.Context, name string, change func(*dynamo.Update)) error {
	return a.update(ctx, keys.User(name), "user", change)
}

// active requires that the user may still log in, with the same password, in the same organization. Else Unauthorized.
func (u User) active() dynamo.Condition {
	return dynamo.Require(dynamo.And(dynamo.AttributeEquals("org", dynamo.String(u.Organization)), dynamo.AttributeNotExists("disabled"),
		dynamo.AttributeEquals("epoch", dynamo.String(u.Epoch))), errSessionEnded)
}

var errSessionEnded = contact.Refuse(contact.Unauthorized, "the session of the user has ended")
