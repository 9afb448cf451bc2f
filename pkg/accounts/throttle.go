package accounts

import (
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A throttle limits failed logins. Fewer than free failures cost nothing; after each further one the next attempt has to wait, twice as
// long each time. Failures decay one after the other, so the long-term rate of guesses is about one per decay time, or one per
// longestWait if that is more often.
type throttle struct {
	free  int
	decay time.Duration
}

// The throttles: of attempts for one user from one address, 96 a day; of attempts from one address for any user, 2,400 a day, so that
// an office behind one address doesn't notice; of attempts for one user from any address, 288 a day.
//
// Nobody can lock a user out. From an address with a login of the user in the last 30 days, the throttle of the user doesn't apply.
// From a new address it makes the user wait for some minutes, and only during failures from ten or more other networks: each has 5
// failures before it is throttled itself.
var (
	pairThrottle    = throttle{free: 5, decay: time.Hour}
	addressThrottle = throttle{free: 100, decay: 36 * time.Second}
	userThrottle    = throttle{free: 100, decay: 5 * time.Minute}
)

const (
	shortestWait = time.Second
	longestWait  = 15 * time.Minute
	doublings    = 10 // of the wait, until the longest

	// knownFor is how long an address is known after a login of the user.
	knownFor = 30 * 24 * time.Hour
)

// fail adds a failure to those that decay by clearAt, and returns how long the next attempt has to wait, and by when all failures
// decay, which is not earlier.
func (t throttle) fail(now, clearAt time.Time) (wait time.Duration, next time.Time) {
	if clearAt.Before(now) {
		clearAt = now
	}
	next = clearAt.Add(t.decay)
	failures := int((next.Sub(now) + t.decay - 1) / t.decay)
	if most := t.free + doublings; failures > most {
		failures, next = most, now.Add(time.Duration(most)*t.decay)
	}
	if failures < t.free {
		return 0, next
	}
	return min(shortestWait<<(failures-t.free), longestWait), next
}

// maxOpen returns how many attempts may be open at a time: those whose failures would be free, at least one. clearAt is when all
// failures so far have decayed.
func (t throttle) maxOpen(now, clearAt time.Time) int {
	failures := int(max(0, clearAt.Sub(now)+t.decay-1) / t.decay)
	return max(1, t.free-failures)
}

// failures is the stored state of a counter. Times are Unix milliseconds.
type failures struct {
	BlockedUntil int64 `dynamodbav:"blocked_until,omitempty"` // no attempt is accepted before
	ClearAt      int64 `dynamodbav:"clear_at,omitempty"`      // when all failures have decayed
	KnownUntil   int64 `dynamodbav:"known_until,omitempty"`   // of a user at an address: until when the address is known
	Expires      int64 `dynamodbav:"expires,omitempty"`       // Unix seconds
}

// refuseBlocked refuses an attempt during the wait.
func (f failures) refuseBlocked(now time.Time) error {
	wait := time.UnixMilli(f.BlockedUntil).Sub(now)
	if wait <= 0 {
		return nil
	}
	return tooMany(wait)
}

func tooMany(wait time.Duration) error {
	refusal := contact.Refuse(contact.TooMany, "too many wrong credentials; try again later")
	refusal.RetryAfter = int((wait + time.Second - 1) / time.Second)
	return refusal
}

// notBlocked requires that the wait is over.
func notBlocked(now time.Time) dynamo.Condition {
	return dynamo.Require(dynamo.Or(dynamo.AttributeNotExists("blocked_until"), dynamo.AtMost("blocked_until", now.UnixMilli())), dynamo.ErrConflict)
}
