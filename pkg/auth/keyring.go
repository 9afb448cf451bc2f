package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// minInterval is the least time between two reads of the source, so that tokens
// with invented key ids don't cause reads of the table.
const minInterval = 10 * time.Second

// maxAge is how long keys are used before they are read again, so that warm
// functions too stop accepting a withdrawn key.
const maxAge = 5 * time.Minute

// ErrKeysUnavailable reports that the published keys can't be read, so that the
// token or cursor can't be checked. It wraps the cause.
var ErrKeysUnavailable = errors.New("auth: keys unavailable")

// A KeySource reads the published keys.
type KeySource interface {
	// Keys returns all published keys, in any order. No key is not an error:
	// nothing has been signed yet.
	Keys(ctx context.Context) ([]Key, error)
}

// A Keyring verifies tokens and cursors with the published keys. It reads the
// keys at first use and keeps them for five minutes. For an unknown or expired
// key it reads them earlier, at most once in 10 s; a read that fails or finds no
// key does not count. A Keyring is safe for concurrent use.
type Keyring struct {
	source     KeySource
	now        func() time.Time
	parser     *jwt.Parser
	validator  *jwt.Validator // of claims only, for tokens with known signatures
	signatures signatures

	mu      sync.Mutex
	keys    []Key     // as last read, current first; replaced, never changed
	readAt  time.Time // zero before the first key was read
	running *keyRead  // nil if there is none
}

// A keyRead is a call of the source that all concurrent callers share. Its fields
// are written before done is closed, and read after that.
type keyRead struct {
	done chan struct{}
	keys []Key
	err  error
	// abandoned is set if the call failed because its caller ended.
	abandoned bool
}

// NewKeyring returns a keyring that has not read any key yet. now returns the time
// at which tokens and keys are checked; it is called concurrently.
func NewKeyring(source KeySource, now func() time.Time) *Keyring {
	return &Keyring{source: source, now: now, parser: newParser(now), validator: jwt.NewValidator(rules(now)...)}
}

// Keys returns the valid keys, the current one first, so that a keyring is a
// [KeySource] itself. Its errors are [ErrKeysUnavailable].
func (r *Keyring) Keys(ctx context.Context) ([]Key, error) {
	return r.find(ctx, func(Key) bool { return true })
}

// find returns the valid keys that match. It reads the keys again if none does.
func (r *Keyring) find(ctx context.Context, match func(Key) bool) ([]Key, error) {
	now := r.now()
	return r.findAny(ctx, func(k Key) bool { return k.validAt(now) && match(k) })
}

// findAny is find among all keys, expired ones too.
func (r *Keyring) findAny(ctx context.Context, match func(Key) bool) ([]Key, error) {
	now := r.now()
	wanted := func(keys []Key) []Key {
		var found []Key
		for _, k := range keys {
			if match(k) {
				found = append(found, k)
			}
		}
		return found
	}
	r.mu.Lock()
	known, fresh := r.keys, now.Round(0).Sub(r.readAt) < maxAge
	r.mu.Unlock()
	found := wanted(known)
	if found != nil && fresh {
		return found, nil
	}
	keys, err := r.refresh(ctx)
	switch {
	case err != nil && found != nil:
		return found, nil // the table is out of reach: known keys stay in use
	case err != nil:
		return nil, err
	}
	return wanted(keys), nil
}

// refresh returns the published keys, at most 10 s old. One of several concurrent
// callers reads the source; the others wait for its result until their own
// contexts end.
func (r *Keyring) refresh(ctx context.Context) ([]Key, error) {
	for {
		r.mu.Lock()
		// The clock is read under the lock: a time from before it could be
		// earlier than a read that another goroutine has just finished.
		now := r.now()
		if r.recent(now) {
			defer r.mu.Unlock()
			return r.keys, nil
		}
		shared := r.running
		if shared == nil {
			shared = &keyRead{done: make(chan struct{}), abandoned: true}
			r.running = shared
			r.mu.Unlock()
			r.read(ctx, now, shared)
			return shared.keys, shared.err
		}
		r.mu.Unlock()

		select {
		case <-ctx.Done():
			return nil, unavailable(ctx.Err())
		case <-shared.done:
		}
		// The end of another request must not fail this one.
		if !shared.abandoned {
			return shared.keys, shared.err
		}
	}
}

// recent reports whether the keys were read less than minInterval ago. It compares
// wall clocks, because the monotonic clock stands still while an execution
// environment is frozen. A clock that was set back does not prevent reads.
func (r *Keyring) recent(now time.Time) bool {
	if r.readAt.IsZero() {
		return false
	}
	age := now.Round(0).Sub(r.readAt)
	return 0 <= age && age < minInterval
}

// read calls the source in the goroutine and with the context of the first
// caller: nothing outlives a request, and a panic of the source reaches the
// recovery of that request while the others try again.
func (r *Keyring) read(ctx context.Context, now time.Time, shared *keyRead) {
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running = nil
		// Without any key the service is new: its first key is about to be
		// published, and must not be missed for 10 s.
		if len(shared.keys) > 0 {
			r.keys, r.readAt = shared.keys, now.Round(0)
		} else if shared.err == nil && !shared.abandoned {
			r.keys, r.readAt = nil, time.Time{}
		}
		close(shared.done)
	}()
	keys, err := r.source.Keys(ctx)
	if err == nil {
		shared.keys, err = sorted(keys)
	}
	if err != nil {
		shared.err = unavailable(err)
	}
	shared.abandoned = err != nil && ctx.Err() != nil
}

// sorted returns a copy of the keys, the current one first, then from the newest
// to the oldest. One invalid key fails the whole read: if it were skipped, its
// tokens would be refused without a trace.
func sorted(keys []Key) ([]Key, error) {
	for _, k := range keys {
		if err := k.check(); err != nil {
			return nil, err
		}
	}
	all := slices.Clone(keys)
	sort.SliceStable(all, func(i, j int) bool { // SortStableFunc compiles another algorithm for Key: 10 KB in every function
		a, b := all[i], all[j]
		if a.NotAfter.IsZero() != b.NotAfter.IsZero() {
			return a.NotAfter.IsZero()
		}
		return a.Generation > b.Generation
	})
	return all, nil
}

func unavailable(err error) error {
	return fmt.Errorf("%w: %w", ErrKeysUnavailable, err)
}
