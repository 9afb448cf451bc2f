package accounts

import (
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
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

	accounts *Accounts
	user     dynamo.Key
	counters []*counter // of the user at the address, of the address, of the user
	end      func()
}

// End says that nothing more comes of the try. Fail and Succeed do so too.
func (l *Login) End() { l.end() }

// A guard is a brake, with the item that counts for it.
type counter struct {
	throttle
	key    dynamo.Key
	stored dynamo.Item
	failures
}

// Login begins a try to log in from an address, which is to be ended. TooMany, with RetryAfter, if it is not to be looked at: before a
// password is compared, so that tries from one address cost no more than what its brake lets through.
func (a *Accounts) Login(ctx context.Context, name, address string) (*Login, error) {
	l := &Login{accounts: a, user: keys.User(name), counters: []*counter{
		{throttle: pairThrottle, key: keys.FailedLogins("USER AT ADDRESS", name, address)},
		{throttle: addressThrottle, key: keys.FailedLogins("ADDRESS", address)},
		{throttle: userThrottle, key: keys.FailedLogins("USER", name)},
	}}
	by := l.counters[1]
	open := a.logins.begin(by.key)
	l.end = sync.OnceFunc(func() { a.logins.end(by.key) })
	user, err := l.read(ctx)
	if err == nil {
		l.User, err = dynamo.Decode[User](user)
	}
	if err == nil && open > by.maxOpen(a.now(), time.UnixMilli(by.ClearAt)) {
		err = tooMany(time.Second)
	}
	if err != nil {
		l.End()
	}
	return l, err
}

// openLogins counts, by address, the tries that this process is at: what they come to is not stored yet. A function on AWS is at one at
// a time; a process on a laptop at any number.
type openLogins struct {
	mu sync.Mutex
	at map[dynamo.Key]int
}

// begin adds a try, and returns how many are open with it. To be called before the stored failures are read: a try that has ended by
// then is among those.
func (o *openLogins) begin(address dynamo.Key) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == nil {
		o.at = map[dynamo.Key]int{}
	}
	o.at[address]++
	return o.at[address]
}

func (o *openLogins) end(address dynamo.Key) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at[address]--; o.at[address] == 0 {
		delete(o.at, address)
	}
}

// look reads the user and what is counted, and refuses where a guard does.
func (l *Login) read(ctx context.Context) (user dynamo.Item, err error) {
	wanted := []dynamo.Key{l.user}
	for _, g := range l.counters {
		wanted = append(wanted, g.key)
	}
	items, err := l.accounts.table.BatchGet(ctx, wanted, "")
	if err != nil {
		return nil, err
	}
	for i, g := range l.counters {
		g.stored = items[i+1]
		if g.failures, err = dynamo.Decode[failures](g.stored); err != nil {
			return nil, err
		}
	}
	now := l.accounts.now()
	for _, g := range l.applicable(now) {
		if err := g.refuseBlocked(now); err != nil {
			return nil, err
		}
	}
	return items[0], nil
}

// watching are the guards that can refuse. That of the user doesn't at an address from which the user has logged in.
func (l *Login) applicable(now time.Time) []*counter {
	if time.UnixMilli(l.counters[0].KnownUntil).After(now) {
		return l.counters[:2]
	}
	return l.counters
}

// Fail counts the try as a failure. TooMany if others have failed meanwhile: this one isn't told whether it did.
func (l *Login) Fail(ctx context.Context) error {
	defer l.End()
	return l.commit(ctx, func(tx *dynamo.Tx, now time.Time) {
		for _, g := range l.counters {
			wait, forgotten := g.fail(now, time.UnixMilli(g.ClearAt))
			u := tx.Update(g.key)
			if wait > 0 {
				u.Set("blocked", dynamo.Number(now.Add(wait).UnixMilli()))
			}
			u.Set("forgotten", dynamo.Number(forgotten.UnixMilli()))
			u.Set(dynamo.AttrExpires, dynamo.Number(max(forgotten.Unix()+1, g.Expires)))
			u.Add(dynamo.AttrVersion, 1)
			if g.stored == nil {
				tx.Check(g.key, dynamo.NotExists())
			} else {
				tx.Check(g.key, dynamo.Unchanged(g.stored))
			}
		}
	})
}

// Succeed forgets the user's failures at this address, and keeps a refresh token. TooMany if others have failed meanwhile,
// Unauthorized if the user was disabled or has another password by now.
func (l *Login) Succeed(ctx context.Context, refresh RefreshToken) error {
	defer l.End()
	session, err := refresh.item(l.User)
	if err != nil {
		return err
	}
	return l.commit(ctx, func(tx *dynamo.Tx, now time.Time) {
		for _, g := range l.applicable(now) {
			tx.Check(g.key, notBlocked(now))
		}
		known := now.Add(knownFor)
		u := tx.Update(l.counters[0].key)
		u.Set("known", dynamo.Number(known.UnixMilli()))
		u.Set(dynamo.AttrExpires, dynamo.Number(known.Unix()))
		u.Remove("blocked")
		u.Remove("forgotten")
		u.Add(dynamo.AttrVersion, 1)
		tx.Check(l.user, l.User.active())
		tx.Put(session)
	})
}

// settle carries out what decide makes of the guards; again, where they were changed in between. The user stays the one
// whose password was compared.
func (l *Login) commit(ctx context.Context, decide func(*dynamo.Tx, time.Time)) error {
	looked := true
	_, err := dynamo.RetryOnConflict(ctx, func() (struct{}, error) {
		if !looked {
			if _, err := l.read(ctx); err != nil {
				return struct{}{}, err
			}
		}
		looked = false
		tx := l.accounts.table.Begin()
		decide(tx, l.accounts.now())
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}
