package contact

import (
	"errors"
	"fmt"
)

// A Fault is one thing wrong with a value: where (a JSON pointer, RFC 6901, into the body) and what to change.
type Fault struct {
	Pointer string `json:"pointer" format:"json-pointer" doc:"Where in the body: a JSON pointer (RFC 6901). Empty for the whole body or for a parameter." example:"/usages/0"`
	// Parameter names the query parameter or header at fault, when it isn't the body.
	Parameter string `json:"parameter,omitempty" doc:"The query parameter or header at fault, when it is not the body."`
	Detail    string `json:"detail" doc:"What to change."`
}

// Reason says why a request was refused. Each has one HTTP status in each dialect.
type Reason int

// The reasons, with the status that the enfore dialect gives them.
const (
	Malformed    Reason = iota // 400: the request can't be read as what the operation takes
	Unauthorized               // 401: no or wrong credentials, where the client is asked for some
	Forbidden                  // 403: credentials missing or not sufficient
	NotFound                   // 404: no such resource in this tenant
	Taken                      // 409: a unique value belongs to another resource
	InProgress                 // 409: the first request with this idempotency key still runs
	Stale                      // 412: the resource is no longer the one that If-Match names
	TooLarge                   // 413: the request or its answer passes a limit
	Impossible                 // 422: well-formed, but a rule forbids it
	TooMany                    // 429: too many tries; a later one is looked at again
	Unavailable                // 503: a later try may succeed
)

// Error is a refusal that the caller is told about. Any other error is the platform's own fault.
type Error struct {
	Reason Reason
	Detail string
	Faults []Fault
	// Existing is the resource that holds the taken value.
	Existing ID
	// RetryAfter is when another try may succeed, in seconds from now; 0 for as soon as possible.
	RetryAfter int
	// Cause is for the log; no caller sees it.
	Cause error
}

// Error returns the detail with the cause behind it, which is for logs alone: what a caller is told is Detail and Faults.
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

// impossible returns the Error of some faults, nil if there are none.
func impossible(detail string, faults []Fault) error {
	if faults == nil {
		return nil
	}
	return &Error{Reason: Impossible, Detail: detail, Faults: faults}
}

// IsRefused tells whether err is a refusal for the reason.
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
