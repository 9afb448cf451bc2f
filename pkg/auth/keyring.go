package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// lookAgain is the least time between two look-ups, so that tokens with
// made-up key ids can't turn into reads of the table.
const lookAgain = 10 * time.Second

// trusted is how long keys are used without looking at them again, so that one
// that was withdrawn ends in functions that stay warm, too.
const trusted = 5 * time.Minute

// ErrKeysUnavailable says that the published keys could not be read, so that
// nothing is known about the token or cursor at hand. It wraps the cause.
var ErrKeysUnavailable = errors.New("auth: keys unavailable")

// A KeySource is where the published keys are read from.
type KeySource interface {
	// Keys returns every published key, in any order. No key at all is not an
	// error: nothing has been signed yet.
	Keys(ctx context.Context) ([]Key, error)
}

// A Keyring verifies with published keys. It reads them when the first one is
// needed, keeps them for five minutes, and reads them again before that for a
// key that it does not know or that has ended, at most once in 10 s. A look-up
// that fails, or finds no key at all, does not start that wait. It is safe for
// concurrent use.
type Keyring struct {
	source     KeySource
	now        func() time.Time
	parser     *jwt.Parser
	validator  *jwt.Validator // of the claims alone, for tokens whose signatures are known
	signatures signatures

	mu      sync.Mutex
	keys    []Key     // as last read, current first; replaced, never changed
	looked  time.Time // when they were read; zero: before the first key was seen
	running *lookUp   // nil: none
}

// A lookUp is one call of the source, shared by all who wait for it. Its
// fields are written before done is closed, and read after.
type lookUp struct {
	done chan struct{}
	keys []Key
	err  error
	// abandoned: it failed for a reason of its caller, not of the source.
	abandoned bool
}

// NewKeyring returns a keyring that has not read anything yet. The function
// now tells the time to which tokens and keys are held; it is called
// concurrently.
func NewKeyring(source KeySource, now func() time.Time) *Keyring {
	return &Keyring{source: source, now: now, parser: newParser(now), validator: jwt.NewValidator(rules(now)...)}
}

// Keys returns the keys that are valid now, the current one first. It is how
// cursors find the key to be sealed with; a keyring is a [KeySource] itself.
// Errors are of the kind [ErrKeysUnavailable].
func (r *Keyring) Keys(ctx context.Context) ([]Key, error) {
	return r.find(ctx, func(Key) bool { return true })
}

// find returns the valid keys that match, and looks again when there is none.
func (r *Keyring) find(ctx context.Context, match func(Key) bool) ([]Key, error) {
	now := r.now()
	wanted := func(keys []Key) []Key {
		var found []Key
		for _, k := range keys {
			if k.validAt(now) && match(k) {
				found = append(found, k)
			}
		}
		return found
	}
	r.mu.Lock()
	known, fresh := r.keys, now.Round(0).Sub(r.looked) < trusted
	r.mu.Unlock()
	found := wanted(known)
	if found != nil && fresh {
		return found, nil
	}
	keys, err := r.refresh(ctx)
	switch {
	case err != nil && found != nil:
		return found, nil // the table is out of reach: what was right goes on
	case err != nil:
		return nil, err
	}
	return wanted(keys), nil
}

// refresh returns the published keys, at most 10 s old. Of concurrent callers
// one reads the source and the others wait for what it finds, each no longer
// than its own context lives.
func (r *Keyring) refresh(ctx context.Context) ([]Key, error) {
	for {
		r.mu.Lock()
		// Read under the lock: a reading from before it could be older than
		// the look-up that another goroutine has just finished.
		now := r.now()
		if r.recent(now) {
			defer r.mu.Unlock()
			return r.keys, nil
		}
		shared := r.running
		if shared == nil {
			shared = &lookUp{done: make(chan struct{}), abandoned: true}
			r.running = shared
			r.mu.Unlock()
			r.lookUp(ctx, now, shared)
			return shared.keys, shared.err
		}
		r.mu.Unlock()

		select {
		case <-ctx.Done():
			return nil, unavailable(ctx.Err())
		case <-shared.done:
		}
		// Another request's end is no reason to fail this one.
		if !shared.abandoned {
			return shared.keys, shared.err
		}
	}
}

// recent reports whether the keys were read so lately that another look-up
// has to wait. It compares wall clocks: the monotonic one stands still while
// an execution environment is frozen. A clock that was set back must not stop
// the look-ups until it has caught up.
func (r *Keyring) recent(now time.Time) bool {
	if r.looked.IsZero() {
		return false
	}
	age := now.Round(0).Sub(r.looked)
	return 0 <= age && age < lookAgain
}

// lookUp reads the source in the goroutine, and with the context, of the
// caller who came first: nothing outlives a request, and a panic of the
// source reaches whoever recovers that request, while the others try again.
func (r *Keyring) lookUp(ctx context.Context, now time.Time, shared *lookUp) {
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running = nil
		// Without keys the service is new: the first one is about to appear,
		// and must not be missed for 10 s.
		if len(shared.keys) > 0 {
			r.keys, r.looked = shared.keys, now.Round(0)
		} else if shared.err == nil && !shared.abandoned {
			r.keys, r.looked = nil, time.Time{}
		}
		close(shared.done)
	}()
	keys, err := r.source.Keys(ctx)
	if err == nil {
		shared.keys, err = arrange(keys)
	}
	if err != nil {
		shared.err = unavailable(err)
	}
	shared.abandoned = err != nil && ctx.Err() != nil
}

// arrange returns a copy of the keys, the current one first and then from the
// newest to the oldest. A key that is broken fails the whole look-up: to pass
// over it would be to refuse its tokens without a trace.
func arrange(keys []Key) ([]Key, error) {
	for _, k := range keys {
		if err := k.check(); err != nil {
			return nil, err
		}
	}
	former := func(k Key) int {
		if k.NotAfter.IsZero() {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(slices.Values(keys), func(a, b Key) int {
		return cmp.Or(former(a)-former(b), b.Generation-a.Generation)
	}), nil
}

func unavailable(err error) error {
	return fmt.Errorf("%w: %w", ErrKeysUnavailable, err)
}
