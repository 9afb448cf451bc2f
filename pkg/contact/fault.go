package contact

import (
	"errors"
	"fmt"
)

// A Fault is one fault of a request: where (a JSON pointer into the body, RFC 6901) and what to change.
type Fault struct {
	Pointer string `json:"pointer" format:"json-pointer"`
	// Parameter names the query parameter or header at fault, if it isn't the body.
	Parameter string `json:"parameter,omitempty"`
	Detail    string `json:"detail"`
}

// Reason is why a request was refused. Each has one HTTP status in each dialect.
type Reason int

// The reasons, with the status that the enfore dialect gives them.
const (
	Malformed    Reason = iota // 400: the request does not match the operation's schema
	Unauthorized               // 401: no or wrong credentials; the answer asks for them
	Forbidden                  // 403: credentials missing or insufficient
	NotFound                   // 404: no such resource in this tenant
	Taken                      // 409: a unique value belongs to another resource
	InProgress                 // 409: the first request with this idempotency key is still running
	Stale                      // 412: the resource is not in the state that If-Match or If-None-Match requires
	TooLarge                   // 413: the request or its answer exceeds a limit
	Impossible                 // 422: well-formed, but a rule forbids it
	TooMany                    // 429: too many tries; a later one may be accepted
	Unavailable                // 503: a later try may succeed
)

// Error is a refusal that the caller sees. Any other error is an internal error.
type Error struct {
	Reason Reason
	Detail string
	Faults []Fault
	// Existing is the resource that has the taken value.
	Existing ID
	// RetryAfter is when another try may succeed, in seconds from now; 0 means at once.
	RetryAfter int
	// Cause is for the log; callers never see it.
	Cause error
}

// Error returns the detail and the cause, for logs. The caller sees Detail and Faults only.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Detail
	}
	return e.Detail + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Refuse returns an Error with a formatted detail.
func Refuse(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// RefuseAt returns an Error of one fault, whose detail is the error's own.
func RefuseAt(reason Reason, pointer, format string, args ...any) *Error {
	detail := fmt.Sprintf(format, args...)
	return &Error{Reason: reason, Detail: detail, Faults: []Fault{{Pointer: pointer, Detail: detail}}}
}

// impossible returns an Error with the faults, nil if there are none.
func impossible(detail string, faults []Fault) error {
	if faults == nil {
		return nil
	}
	return &Error{Reason: Impossible, Detail: detail, Faults: faults}
}

// IsRefused reports whether err is an Error with the reason.
func IsRefused(err error, reason Reason) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Reason == reason
}

// JoinFaults returns the first of some errors, or, where it is Impossible for faults of a body, all those faults together. A pointer is
// told once: a body can have as many faults as it has bytes.
func JoinFaults(errs []error) error {
	var faults []Fault
	told := map[string]bool{}
	for _, err := range errs {
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Reason != Impossible {
			continue
		}
		for _, f := range refusal.Faults {
			if !told[f.Pointer] {
				told[f.Pointer] = true
				faults = append(faults, f)
			}
		}
	}
	var first *Error
	if len(faults) > 1 && errors.As(errs[0], &first) && first.Reason == Impossible && len(first.Faults) > 0 {
		return &Error{Reason: Impossible, Detail: "several things are in the way; errors names them all", Faults: faults}
	}
	return errs[0]
}

// ErrAnswerTooLarge says that there is more to show than an answer can carry.
var ErrAnswerTooLarge = Refuse(TooLarge, "the answer would pass the 6 MB that one can carry; ask for its parts")
