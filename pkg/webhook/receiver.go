package webhook

import (
	"time"

	"contacts/pkg/contact"
)

const (
	// failuresToFail is after how many failures in a row a receiver counts as failing.
	failuresToFail = 3
	// maxFailing is how long a webhook stays enabled while its receiver fails.
	maxFailing = 10 * 24 * time.Hour
	// triesToSetAside is after how many failed tries an event is set aside, if others pass.
	triesToSetAside = 5
)

// A Receiver is how a webhook's receiver has answered. Events that are set aside don't count.
type Receiver struct {
	// Failures are those in a row, without a success, and FailedSince the time of the first of them, Unix milliseconds.
	Failures    int   `dynamodbav:"failures,omitempty"`
	FailedSince int64 `dynamodbav:"failed_since,omitempty"`
	// Only is the contact whose events failed, 0 if there are several or none.
	Only contact.ID `dynamodbav:"only,omitempty"`
	// Tries and Next are those of the events that probe: how many have failed, and when the next one is sent, Unix milliseconds.
	Tries int   `dynamodbav:"tries,omitempty"`
	Next  int64 `dynamodbav:"next,omitempty"`
	// Succeeded is the time of the last success, Unix milliseconds.
	Succeeded int64 `dynamodbav:"succeeded,omitempty"`
}

// Failing reports whether nothing that was sent lately has passed.
func (r *Receiver) Failing() bool { return r.Failures >= failuresToFail }

// Probing reports whether one event at a time is sent, at Next, until one passes. If only the events of one contact fail, those of the
// others are sent as before.
func (r *Receiver) Probing() bool { return r.Failing() && r.Only == 0 }

// Success records that an event passed.
func (r *Receiver) Success(now time.Time) { *r = Receiver{Succeeded: now.UnixMilli()} }

// Failure records that an event of a contact failed, after how many tries of it, and whether it probed for all.
func (r *Receiver) Failure(id contact.ID, tries int, probe bool, retryAfter time.Duration, now time.Time) {
	r.Failures++
	switch {
	case r.Failures == 1:
		r.FailedSince, r.Only = now.UnixMilli(), id
	case r.Only != id:
		r.Only = 0
	}
	switch {
	case !r.Probing():
		return
	case r.Next == 0:
		r.Tries = tries
	case probe:
		r.Tries++
	}
	r.Next = max(r.Next, now.Add(Wait(r.Tries, retryAfter)).UnixMilli())
}

// Hopeless reports whether the receiver has failed for so long that its webhook is disabled.
func (r *Receiver) Hopeless(now time.Time) bool {
	return r.Failing() && now.Sub(time.UnixMilli(r.FailedSince)) >= maxFailing
}

// A Lane has the events of a contact that wait because the first of them failed.
type Lane struct {
	Contact contact.ID `dynamodbav:"-"`
	Due     int64      `dynamodbav:"-"` // when the first event is tried again, Unix milliseconds
	// At is the time of the change that failed, Unix microseconds. The rest is about that one.
	At    int64 `dynamodbav:"at"`
	Tries int   `dynamodbav:"tries"`
	Since int64 `dynamodbav:"since"` // of the first failure, Unix milliseconds
	// Aside is set if the event was set aside: it failed often while others passed.
	Aside bool `dynamodbav:"aside,omitempty"`
}

// Failure records that the first event failed, and returns whether the receiver's failures count it. Events that are set aside are tried at the
// longest pause.
func (l *Lane) Failure(at int64, receiver *Receiver, retryAfter time.Duration, now time.Time) (counts bool) {
	if l.Tries == 0 || l.At != at {
		l.At, l.Tries, l.Since, l.Aside = at, 0, now.UnixMilli(), false
	}
	counts = !l.Aside
	l.Tries++
	l.Aside = l.Aside || l.Tries >= triesToSetAside && receiver.Succeeded >= l.Since
	pause := Wait(l.Tries, retryAfter)
	if l.Aside {
		pause = max(pause, LongestWait)
	}
	l.Due = now.Add(pause).UnixMilli()
	return counts
}
