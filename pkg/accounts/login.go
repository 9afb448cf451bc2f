package accounts

import (
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"context"
	"sync"
	"time"
)

// A Login is an attempt to log in. Its result, Fail or Succeed, is written before it is answered, in a transaction that requires that no
// wait has begun: concurrent guesses are answered no more often than guesses one after the other. Nothing is counted before the result,
// so that a user can log in many times at once.
type Login struct {
	// User is the user of that name, zero if there is none.
	User User

	accounts *Accounts
	user     dynamo.Key
	counters []*counter // for the user at the address, the address, the user
	end      func()
}

// End ends the attempt. Fail and Succeed do so, too.
func (l *Login) End() { l.end() }

// A counter is a throttle with the item that counts its failures.
type counter struct {
	throttle
	key    dynamo.Key
	stored dynamo.Item
	failures
}

// Login begins an attempt to log in from an address; the caller must end it. TooMany, with RetryAfter, during a wait: it is refused before
// a password is compared, so that throttled attempts cost no CPU.
func (a *Accounts) Login(ctx context.Context, name, address string) (*Login, error) {
	l := &Login{accounts: a, user: keys.User(name), counters: []*counter{
		{throttle: pairThrottle, key: keys.FailedLoginsOfAt(name, address)},
		{throttle: addressThrottle, key: keys.FailedLoginsAt(address)},
		{throttle: userThrottle, key: keys.FailedLoginsOf(name)},
	}}
	byAddress := l.counters[1]
	open := a.logins.begin(byAddress.key)
	l.end = sync.OnceFunc(func() { a.logins.end(byAddress.key) })
	user, err := l.read(ctx)
	if err == nil {
		l.User, err = dynamo.Decode[User](user)
	}
	if err == nil && open > byAddress.maxOpen(a.now(), time.UnixMilli(byAddress.ClearAt)) {
		err = tooMany(time.Second)
	}
	if err != nil {
		l.End()
	}
	return l, err
}

// openLogins counts, by address, the open attempts in this process, whose results are not stored yet. A function on AWS has one at a time;
// a local process any number.
type openLogins struct {
	mu sync.Mutex
	at map[dynamo.Key]int
}

// begin adds an attempt, and returns how many are open with it. Call it before the stored failures are read, so that an attempt that ends
// meanwhile is among those.
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

// read reads the user and the counters. TooMany during a wait.
func (l *Login) read(ctx context.Context) (user dynamo.Item, err error) {
	wanted := []dynamo.Key{l.user}
	for _, c := range l.counters {
		wanted = append(wanted, c.key)
	}
	items, err := l.accounts.table.BatchGet(ctx, wanted, "")
	if err != nil {
		return nil, err
	}
	for i, c := range l.counters {
		c.stored = items[i+1]
		if c.failures, err = dynamo.Decode[failures](c.stored); err != nil {
			return nil, err
		}
	}
	now := l.accounts.now()
	for _, c := range l.applicable(now) {
		if err := c.refuseBlocked(now); err != nil {
			return nil, err
		}
	}
	return items[0], nil
}

// applicable returns the counters that apply: not that of the user at an address from which the user has logged in.
func (l *Login) applicable(now time.Time) []*counter {
	if time.UnixMilli(l.counters[0].KnownUntil).After(now) {
		return l.counters[:2]
	}
	return l.counters
}

// Fail counts the attempt as a failure. TooMany if failures of other attempts have begun a wait.
func (l *Login) Fail(ctx context.Context) error {
	defer l.End()
	return l.commit(ctx, func(tx *dynamo.Tx, now time.Time) {
		for _, c := range l.counters {
			wait, clearAt := c.fail(now, time.UnixMilli(c.ClearAt))
			u := tx.Update(c.key)
			if wait > 0 {
				u.Set("blocked_until", dynamo.Number(now.Add(wait).UnixMilli()))
			}
			u.Set("clear_at", dynamo.Number(clearAt.UnixMilli()))
			u.Set(dynamo.AttrExpires, dynamo.Number(max(clearAt.Unix()+1, c.Expires)))
			u.Add(dynamo.AttrVersion, 1)
			if c.stored == nil {
				tx.Check(c.key, dynamo.NotExists())
			} else {
				tx.Check(c.key, dynamo.Unchanged(c.stored))
			}
		}
	})
}

// Succeed clears the user's failures at this address, and stores a session with its refresh token. TooMany if failures of other attempts
// have begun a wait, Unauthorized if the user was disabled or has another password by now.
func (l *Login) Succeed(ctx context.Context, refresh RefreshToken) error {
	defer l.End()
	session, err := refresh.item(l.User)
	if err != nil {
		return err
	}
	return l.commit(ctx, func(tx *dynamo.Tx, now time.Time) {
		for _, c := range l.applicable(now) {
			tx.Check(c.key, notBlocked(now))
		}
		known := now.Add(knownFor)
		u := tx.Update(l.counters[0].key)
		u.Set("known_until", dynamo.Number(known.UnixMilli()))
		u.Set(dynamo.AttrExpires, dynamo.Number(known.Unix()))
		u.Remove("blocked_until")
		u.Remove("clear_at")
		u.Add(dynamo.AttrVersion, 1)
		tx.Check(l.user, l.User.active())
		tx.Put(session)
	})
}

// commit commits the changes of add. On a conflict it reads the counters again and repeats; the user remains the one whose password was
// compared.
func (l *Login) commit(ctx context.Context, add func(*dynamo.Tx, time.Time)) error {
	isRead := true
	_, err := dynamo.RetryOnConflict(ctx, func() (struct{}, error) {
		if !isRead {
			if _, err := l.read(ctx); err != nil {
				return struct{}{}, err
			}
		}
		isRead = false
		tx := l.accounts.table.Begin()
		add(tx, l.accounts.now())
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}
