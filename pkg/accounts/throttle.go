package accounts

import (
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A brake slows down guessing. Some failures are free; behind them the next try has to wait, from the shortest wait on
// twice as long after each further failure. A failure is forgiven after a time, one behind the other: who guesses for
// long is held to about that rate.
type throttle struct {
	free  int
	decay time.Duration
}

// The brakes. The first is for the tries of one user from one address: whoever goes on failing has 96 a day. What it lets
// through for many users is braked for the address, 2,400 a day and so widely that an office behind one address doesn't
// notice; what it lets through from many addresses is braked for the user, 288 a day.
//
// Nobody is locked out from elsewhere. At an address from which a user has logged in within 30 days the brake for the user
// alone does not hold. At a new one it makes the user wait for some minutes, and only while somebody keeps failing from ten
// other networks or more: each has 5 failures before it is slowed down itself.
var (
	pairThrottle    = throttle{free: 5, decay: time.Hour}
	addressThrottle = throttle{free: 100, decay: 36 * time.Second}
	userThrottle    = throttle{free: 100, decay: 5 * time.Minute}
)

const (
	shortestWait = time.Second
	longestWait  = 15 * time.Minute
	doublings    = 10 // until the longest wait

	// knownFor is how long an address stays known as one from which a user logs in.
	knownFor = 30 * 24 * time.Hour
)

// fail adds a failure to those that are forgiven at some time, and returns how long the next try has to wait, and when all
// of them are forgiven, which is not sooner.
func (b throttle) fail(now, before time.Time) (wait time.Duration, forgotten time.Time) {
	if before.Before(now) {
		before = now
	}
	forgotten = before.Add(b.decay)
	failures := int((forgotten.Sub(now) + b.decay - 1) / b.decay)
	if most := b.free + doublings; failures > most {
		failures, forgotten = most, now.Add(time.Duration(most)*b.decay)
	}
	if failures < b.free {
		return 0, forgotten
	}
	return min(shortestWait<<(failures-b.free), longestWait), forgotten
}

// left is how many tries may be open at a time: those whose failures would be free, and one at a time behind them. forgotten is when
// all failures so far are forgiven.
func (b throttle) maxOpen(now, forgotten time.Time) int {
	failures := int(max(0, forgotten.Sub(now)+b.decay-1) / b.decay)
	return max(1, b.free-failures)
}

// failures is what is stored of the failures of one guard. Times are Unix milliseconds.
type failures struct {
	BlockedUntil int64 `dynamodbav:"blocked,omitempty"`   // until when no try is looked at
	ClearAt      int64 `dynamodbav:"forgotten,omitempty"` // when all failures are forgiven
	KnownUntil   int64 `dynamodbav:"known,omitempty"`     // of a user at an address: until when it is known as one from which the user logs in
	Expires      int64 `dynamodbav:"expires,omitempty"`   // Unix seconds
}

// refuseBlocked refuses a try that is not to be looked at yet.
func (f failures) refuseBlocked(now time.Time) error {
	wait := time.UnixMilli(f.BlockedUntil).Sub(now)
	if wait <= 0 {
		return nil
	}
	return tooMany(wait)
}

func tooMany(wait time.Duration) error {
	refusal := contact.Refuse(contact.TooMany, "too many wrong credentials; a later try is looked at again")
	refusal.RetryAfter = int((wait + time.Second - 1) / time.Second)
	return refusal
}

// notBlocked requires that a try may be looked at.
func notBlocked(now time.Time) dynamo.Condition {
	return dynamo.Require(dynamo.Or(dynamo.AttributeNotExists("blocked"), dynamo.AtMost("blocked", now.UnixMilli())), dynamo.ErrConflict)
}
