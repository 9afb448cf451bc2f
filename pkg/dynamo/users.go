package dynamo

import (
	"context"
	"crypto/rand"

	"contacts/pkg/contact"
)

// User is a person that logs in to one organization.
type User struct {
	// Number is the user's own in the platform, from 1 up, given out by AddUser.
	Number             int64
	Name, Organization string
	PasswordHash       string   // argon2id, PHC string
	Scopes             []string // what the user's tokens carry
	Disabled           bool

	session string
}

// attrSession names what a user's refresh tokens were given out for, S. It is another one once the user is disabled, has
// another password, or is another user of the same name: the tokens of before are refused then.
const attrSession = "session_id"

// attrNumber is a user's number, N.
const attrNumber = "number"

// AddUser adds a user under a new number. Taken if there is one of that name.
func (t *Table) AddUser(ctx context.Context, u User) error {
	number, err := t.next(ctx, userCounterKey(), 1)
	if err != nil {
		return err
	}
	item := userKey(u.Name).entry()
	item[attrNumber] = num(number)
	item["org"], item["password"], item[attrSession] = str(u.Organization), str(u.PasswordHash), str(rand.Text())
	item.setTexts(attrScopes, u.Scopes)
	return t.add(ctx, item, "user "+u.Name)
}

// Users returns all users, by name.
func (t *Table) Users(ctx context.Context) ([]User, error) {
	return all(ctx, t, platformUsers(), userOf)
}

// SetUserPassword gives a user another password, and revokes the user's refresh tokens.
func (t *Table) SetUserPassword(ctx context.Context, name, hash string) error {
	return t.set(ctx, userKey(name), "user", func(u *update) { u.set("password", str(hash)); u.set(attrSession, str(rand.Text())) })
}

// DisableUser keeps a user from logging in, and revokes the user's refresh tokens.
func (t *Table) DisableUser(ctx context.Context, name string) error {
	return t.set(ctx, userKey(name), "user", func(u *update) { u.set("disabled", yes); u.set(attrSession, str(rand.Text())) })
}

// EnableUser lets a user log in again. Refresh tokens of before stay revoked.
func (t *Table) EnableUser(ctx context.Context, name string) error {
	return t.set(ctx, userKey(name), "user", func(u *update) { u.remove("disabled") })
}

// SetUserScopes lets the user's tokens carry these scopes, and no others, from the next log-in or refresh on.
func (t *Table) SetUserScopes(ctx context.Context, name string, scopes []string) error {
	return t.set(ctx, userKey(name), "user", func(u *update) { u.set(attrScopes, strs(scopes)) })
}

func userOf(i Item) User {
	return User{Number: i.number(attrNumber), Name: i.text("sk"), Organization: i.text("org"), PasswordHash: i.text("password"), Disabled: i.is("disabled"),
		Scopes:  i.texts(attrScopes),
		session: i.text(attrSession)}
}

// inSession holds where the user may still log in, with the same password, in the same organization. Else Unauthorized.
func (u User) inSession() condition {
	c := condition{
		text:   "org = :org AND attribute_not_exists(disabled) AND session_id = :session",
		values: values{":org": str(u.Organization), ":session": str(u.session)},
		explain: func(stored Item) error {
			if now := userOf(stored); stored == nil || now.Disabled || now.Organization != u.Organization || now.session != u.session {
				return errEnded
			}
			return nil
		},
	}
	if u.session == "" { // of before there were sessions
		c.text = "org = :org AND attribute_not_exists(disabled) AND attribute_not_exists(session_id)"
		delete(c.values, ":session")
	}
	return c
}

var errEnded = contact.Refuse(contact.Unauthorized, "the session of the user has ended")
