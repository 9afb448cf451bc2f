package dynamo

import (
	"bytes"
	"contacts/pkg/contact"
	"context"
	"errors"
	"time"
)

// A RefreshToken is the one that counts in a session. What is stored tells neither the token, nor the session, nor the user.
type RefreshToken struct {
	Session string
	Hash    []byte // SHA-256
	Expires time.Time
}

// attrToken is the hash of the refresh token that counts in a session, B.
const attrToken = "token"

// item is that of a new session.
func (r RefreshToken) item(u User) Item {
	item := sessionKey(r.Session).entry()
	item["org"], item[attrSession] = str(u.Organization), str(u.session)
	item[attrToken], item[attrExpires] = bin(r.Hash), num(r.Expires.Unix())
	return item
}

// A Session begins with a login and lives as long as it is renewed in time, until it is ended.
type Session struct {
	User User

	table *Table
	token RefreshToken
}

// Session returns the session of a user in which the refresh token counts. Unauthorized if there is none, or no longer.
func (t *Table) Session(ctx context.Context, user string, token RefreshToken) (*Session, error) {
	s := &Session{table: t, token: token}
	items, err := t.gets(ctx, []Key{sessionKey(token.Session), userKey(user)}, "")
	if err != nil {
		return nil, err
	}
	stored := items[0]
	s.User = userOf(items[1])
	begun := User{Organization: stored.text("org"), session: stored.text(attrSession)}
	return s, errors.Join(token.counts(t.now()).explain(stored), begun.inSession().explain(items[1]))
}

// Renew uses the refresh token up: from now on the next one counts. Unauthorized if it was used meanwhile, or the session ended.
func (s *Session) Renew(ctx context.Context, next RefreshToken) error {
	tx := s.table.begin()
	tx.require(sessionKey(s.token.Session), s.token.counts(s.table.now()))
	u := &tx.step(sessionKey(s.token.Session)).update
	u.set(attrToken, bin(next.Hash))
	u.set(attrExpires, num(next.Expires.Unix()))
	tx.require(userKey(s.User.Name), s.User.inSession())
	return tx.commit(ctx, contact.Record{})
}

// EndSession ends a session, if it goes on: its refresh token counts no longer.
func (t *Table) EndSession(ctx context.Context, session string) error {
	tx := t.begin()
	tx.remove(sessionKey(session))
	return tx.commit(ctx, contact.Record{})
}

// counts holds of a session that is there, in which the token is the last that was given out, and whose time isn't over: the store
// removes it some time later.
func (r RefreshToken) counts(now time.Time) condition {
	return condition{text: "expires > :now AND #token = :token", names: map[string]string{"#token": attrToken},
		values: values{":now": num(now.Unix()), ":token": bin(r.Hash)}, explain: func(stored Item) error {
			if stored.number(attrExpires) > now.Unix() && bytes.Equal(stored.bytes(attrToken), r.Hash) {
				return nil
			}
			return errEnded
		}}
}
