package dynamo

import (
	"context"
	"errors"
	"time"
)

// A RefreshToken stands for a user's session, once. What is stored tells neither the token nor the user.
type RefreshToken struct {
	Hash    []byte // SHA-256
	Expires time.Time
}

func (r RefreshToken) item(u User) Item {
	item := refreshTokenKey(r.Hash).entry()
	item["org"], item[attrSession], item[attrExpires] = str(u.Organization), str(u.session), num(r.Expires.Unix())
	return item
}

// A Session is what a refresh token stands for that isn't used up yet.
type Session struct {
	User User

	table *Table
	token Key
}

// Session finds the session of a user that a refresh token stands for. Unauthorized if there is none, or no longer.
func (t *Table) Session(ctx context.Context, name string, hash []byte) (*Session, error) {
	s := &Session{table: t, token: refreshTokenKey(hash)}
	items, err := t.gets(ctx, []Key{s.token, userKey(name)}, "")
	if err != nil {
		return nil, err
	}
	token, user := items[0], items[1]
	s.User = userOf(user)
	given := User{Organization: token.text("org"), session: token.text(attrSession)}
	return s, errors.Join(unexpired(t.now()).explain(token), given.inSession().explain(user))
}

// Renew uses the refresh token up, and keeps the next one. Unauthorized if it was used meanwhile, or the session ended.
func (s *Session) Renew(ctx context.Context, next RefreshToken) error {
	tx := s.table.begin()
	tx.remove(s.token, unexpired(s.table.now()))
	tx.require(userKey(s.User.Name), s.User.inSession())
	tx.put(next.item(s.User))
	return tx.commit(ctx, Record{})
}

// unexpired holds of a refresh token that is there and whose time isn't over: the store removes it some time later.
func unexpired(now time.Time) condition {
	return condition{text: "expires > :now", values: values{":now": num(now.Unix())}, explain: func(stored Item) error {
		if stored.number(attrExpires) > now.Unix() {
			return nil
		}
		return errEnded
	}}
}
