package accounts

import (
	"context"
	"time"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A RefreshToken is the valid refresh token of a session. The stored item names neither the token, nor the session, nor the user.
type RefreshToken struct {
	Session string
	Hash    []byte // SHA-256
	Expires time.Time
}

// sessionItem is a session as it is stored.
type sessionItem struct {
	Organization string `dynamodbav:"org"`
	Epoch        string `dynamodbav:"epoch"` // the user's
	Token        []byte `dynamodbav:"token"` // the hash of the refresh token that is valid
	Expires      int64  `dynamodbav:"expires"`
}

// item returns the item of a new session.
func (r RefreshToken) item(u User) (dynamo.Item, error) {
	return dynamo.Encode(keys.Session(u.Name, r.Session), sessionItem{u.Organization, u.Epoch, r.Hash, r.Expires.Unix()})
}

// A Session begins with a login, and ends by EndSession or when it isn't renewed in time.
type Session struct {
	User User

	accounts *Accounts
	token    RefreshToken
}

// Session returns the session of a user with a valid refresh token. Unauthorized if there is none.
func (a *Accounts) Session(ctx context.Context, user string, token RefreshToken) (*Session, error) {
	items, err := a.table.BatchGet(ctx, []dynamo.Key{keys.Session(user, token.Session), keys.User(user)}, "")
	if err != nil {
		return nil, err
	}
	stored, err := dynamo.Decode[sessionItem](items[0])
	if err != nil {
		return nil, err
	}
	s := &Session{accounts: a, token: token}
	if s.User, err = dynamo.Decode[User](items[1]); err != nil {
		return nil, err
	}
	begun := User{Organization: stored.Organization, Epoch: stored.Epoch}
	if !token.valid(a.now()).Expr.Matches(items[0]) || !begun.active().Expr.Matches(items[1]) {
		return s, errSessionEnded
	}
	return s, nil
}

// Renew replaces the refresh token by the next one. Unauthorized if it was used meanwhile, or the session ended.
func (s *Session) Renew(ctx context.Context, next RefreshToken) error {
	key := keys.Session(s.User.Name, s.token.Session)
	tx := s.accounts.table.Begin()
	tx.Check(key, s.token.valid(s.accounts.now()))
	u := tx.Update(key)
	u.Set("token", dynamo.Binary(next.Hash))
	u.Set(dynamo.AttrExpires, dynamo.Number(next.Expires.Unix()))
	tx.Check(keys.User(s.User.Name), s.User.active())
	return tx.Commit(ctx)
}

// EndSession ends a user's session, if there is one: its refresh token is no longer valid.
func (a *Accounts) EndSession(ctx context.Context, user, session string) error {
	tx := a.table.Begin()
	tx.Delete(keys.Session(user, session))
	return tx.Commit(ctx)
}

// valid requires that the token is the current one of a session that has not expired; DynamoDB deletes expired ones some time later.
func (r RefreshToken) valid(now time.Time) dynamo.Condition {
	return dynamo.Require(dynamo.And(dynamo.GreaterThan(dynamo.AttrExpires, now.Unix()), dynamo.AttributeEquals("token", dynamo.Binary(r.Hash))), errSessionEnded)
}
