package dynamo

import (
	"contacts/pkg/contact"
	"context"
	"sync"
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
	end    func()
}

// End says that nothing more comes of the try. Fail and Succeed do so too.
func (l *Login) End() { l.end() }

// A guard is a brake, with the item that counts for it.
type guard struct {
	brake
	key    Key
	stored Item
}

// Login begins a try to log in from an address, which is to be ended. TooMany, with RetryAfter, if it is not to be looked at: before a
// password is compared, so that tries from one address cost no more than what its brake lets through.
func (t *Table) Login(ctx context.Context, name, address string) (*Login, error) {
	l := &Login{table: t, user: userKey(name), guards: []*guard{
		{brake: pairBrake, key: guessesKey("USER AT ADDRESS", name, address)},
		{brake: addressBrake, key: guessesKey("ADDRESS", address)},
		{brake: userBrake, key: guessesKey("USER", name)},
	}}
	by := l.guards[1]
	open := t.tries.begin(by.key)
	l.end = sync.OnceFunc(func() { t.tries.end(by.key) })
	user, err := l.look(ctx)
	if err == nil && open > by.left(t.now(), by.stored.time(attrForgotten)) {
		err = tooMany(time.Second)
	}
	if err != nil {
		l.End()
	}
	l.User = userOf(user)
	return l, err
}

// openTries counts, by address, the tries that this process is at: what they come to is not stored yet. A function on AWS is at one at
// a time; a process on a laptop at any number.
type openTries struct {
	mu sync.Mutex
	at map[Key]int
}

// begin adds a try, and returns how many are open with it. To be called before the stored failures are read: a try that has ended by
// then is among those.
func (o *openTries) begin(address Key) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == nil {
		o.at = map[Key]int{}
	}
	o.at[address]++
	return o.at[address]
}

func (o *openTries) end(address Key) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at[address]--; o.at[address] == 0 {
		delete(o.at, address)
	}
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
	defer l.End()
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
	defer l.End()
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
		return struct{}{}, tx.commit(ctx, contact.Record{})
	})
	return err
}
