package dynamo

import (
	"context"
	"time"
)

// A Login is one try to log in. What it came to, Fail or Succeed, is written in a transaction that asks once more whether
// the try may be looked at, and only then told: of any number of guesses at once, no more are answered than of guesses one
// after the other. Nothing is counted before that, so that a user can log in many times at once.
type Login struct {
	// User is the one of that name, zero if there is none.
	User User

	table  *Table
	user   Key
	guards []*guard // of the user at the address, of the address, of the user
}

// A guard is a brake, with the item that counts for it.
type guard struct {
	brake
	key    Key
	stored Item
}

// Login begins a try to log in from an address. TooMany, with RetryAfter, if it is not to be looked at.
func (t *Table) Login(ctx context.Context, name, address string) (*Login, error) {
	l := &Login{table: t, user: userKey(name), guards: []*guard{
		{brake: pairBrake, key: guessesKey("USER AT ADDRESS", name, address)},
		{brake: addressBrake, key: guessesKey("ADDRESS", address)},
		{brake: userBrake, key: guessesKey("USER", name)},
	}}
	user, err := l.look(ctx)
	l.User = userOf(user)
	return l, err
}

// look reads the user and what is counted, and refuses where a guard does.
func (l *Login) look(ctx context.Context) (user Item, err error) {
	keys := []Key{l.user}
	for _, g := range l.guards {
		keys = append(keys, g.key)
	}
	items, err := l.table.gets(ctx, keys, "")
	if err != nil {
		return nil, err
	}
	for i, g := range l.guards {
		g.stored = items[i+1]
	}
	now := l.table.now()
	for _, g := range l.watching(now) {
		if err := refuseBlocked(g.stored, now); err != nil {
			return nil, err
		}
	}
	return items[0], nil
}

// watching are the guards that can refuse. That of the user doesn't at an address from which the user has logged in.
func (l *Login) watching(now time.Time) []*guard {
	if l.guards[0].stored.time(attrKnown).After(now) {
		return l.guards[:2]
	}
	return l.guards
}

// Fail counts the try as a failure. TooMany if others have failed meanwhile: this one isn't told whether it did.
func (l *Login) Fail(ctx context.Context) error {
	return l.settle(ctx, func(tx *transaction, now time.Time) {
		for _, g := range l.guards {
			wait, forgotten := g.fail(now, g.stored.time(attrForgotten))
			u := &tx.step(g.key).update
			if wait > 0 {
				u.set(attrBlocked, num(now.Add(wait).UnixMilli()))
			}
			u.set(attrForgotten, num(forgotten.UnixMilli()))
			u.set(attrExpires, num(max(forgotten.Unix()+1, g.stored.number(attrExpires))))
			u.count(attrVersion, 1)
			if g.stored == nil {
				tx.require(g.key, absent(func(Item) error { return errChanged }))
			} else {
				tx.require(g.key, unchanged(g.stored))
			}
		}
	})
}

// Succeed forgets the user's failures at this address, and keeps a refresh token. TooMany if others have failed meanwhile,
// Unauthorized if the user was disabled or has another password by now.
func (l *Login) Succeed(ctx context.Context, refresh RefreshToken) error {
	return l.settle(ctx, func(tx *transaction, now time.Time) {
		for _, g := range l.watching(now) {
			tx.require(g.key, unblocked(now))
		}
		known := now.Add(knownFor)
		u := &tx.step(l.guards[0].key).update
		u.set(attrKnown, num(known.UnixMilli()))
		u.set(attrExpires, num(known.Unix()))
		u.remove(attrBlocked)
		u.remove(attrForgotten)
		u.count(attrVersion, 1)
		tx.require(l.user, l.User.inSession())
		tx.put(refresh.item(l.User))
	})
}

// settle carries out what decide makes of the guards; again, where they were changed in between. The user stays the one
// whose password was compared.
func (l *Login) settle(ctx context.Context, decide func(*transaction, time.Time)) error {
	looked := true
	_, err := untilUnchanged(ctx, func() (struct{}, error) {
		if !looked {
			if _, err := l.look(ctx); err != nil {
				return struct{}{}, err
			}
		}
		looked = false
		tx := l.table.begin()
		decide(tx, l.table.now())
		return struct{}{}, tx.commit(ctx, Record{})
	})
	return err
}
