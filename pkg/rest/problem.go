package rest

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/contact"
)

// errorsPath is where the API serves docs/errors.md, which has an anchor for each type of problem.
const errorsPath = "/docs/errors"

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// A Problem is the response to a failed request (RFC 9457).
type Problem struct {
	Type     string          `json:"type" format:"uri"`
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail"`
	Instance string          `json:"instance" format:"uri-reference"`
	Errors   []contact.Fault `json:"errors,omitempty"`
	// ExistingID is the resource that has the unique value.
	ExistingID string `json:"existing_id,omitempty"`

	anchor string // of the kind, from which Type is made when the request is known
	header http.Header
	// summarized reports whether Detail summarizes Errors.
	summarized bool
	// unreadable is the fault for which the body is not JSON, nil if it is.
	unreadable *contact.Fault
}

// Error implements huma.StatusError.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return ProblemType }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	if p.header == nil {
		return http.Header{}
	}
	return p.header.Clone()
}

// withHeader sets a header of the response.
func (p *Problem) withHeader(name, value string) *Problem {
	p.header = p.GetHeaders()
	p.header.Set(name, value)
	return p
}

// A kind is a type of problem: its anchor in the documentation, title and status.
type kind struct {
	anchor, title string
	status        int
}

// kindOf maps the reasons of errors to statuses. It is the only such mapping.
func kindOf(reason contact.Reason) kind {
	switch reason {
	case contact.Malformed:
		return kind{"malformed", "The request can't be read", http.StatusBadRequest}
	case contact.Unauthorized:
		return kind{"unauthorized", "Authentication is required", http.StatusUnauthorized}
	case contact.Forbidden:
		return kind{"forbidden", "Credentials missing or not sufficient", http.StatusForbidden}
	case contact.NotFound:
		return kind{"not-found", "Resource not found or invalid identifier", http.StatusNotFound}
	case contact.Taken:
		return kind{"taken", "A unique value is taken", http.StatusConflict}
	case contact.InProgress:
		return kind{"in-progress", "The first request with this key is in progress", http.StatusConflict}
	case contact.Stale:
		return kind{"stale", "The resource was changed since", http.StatusPreconditionFailed}
	case contact.TooLarge:
		return kind{"too-large", "The request or its answer is too large", http.StatusRequestEntityTooLarge}
	case contact.Impossible:
		return kind{"impossible", "Well-formed, but not possible", http.StatusUnprocessableEntity}
	case contact.TooMany:
		return kind{"too-many", "Too many tries", http.StatusTooManyRequests}
	case contact.Unavailable:
		return kind{"unavailable", "Not available at the moment", http.StatusServiceUnavailable}
	}
	return internal
}

// Kinds without a contact.Reason: errors of HTTP, and internal errors.
var (
	internal         = kind{"internal", "The platform failed", http.StatusInternalServerError}
	methodNotAllowed = kind{"method-not-allowed", "The resource has no such method", http.StatusMethodNotAllowed}
	notAcceptable    = kind{"not-acceptable", "No such representation", http.StatusNotAcceptable}
	unsupportedMedia = kind{"unsupported-media-type", "The body is of a type that the operation does not read", http.StatusUnsupportedMediaType}
	damaged          = kind{"unreadable", "A stored object can't be shown", 0} // in lists only
)

func (k kind) problem(detail string) *Problem {
	return &Problem{anchor: k.anchor, Title: k.title, Status: k.status, Detail: detail}
}

// unavailable is what a caller is told of a store that is busy, or can't be reached.
const unavailable = "the store is busy or out of reach; try again"

// refusalOf returns the *contact.Error in err, nil for an internal error. An error that says that it is Unavailable is a refusal too.
func refusalOf(err error) *contact.Error {
	var refusal *contact.Error
	var busy interface{ Unavailable() bool }
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.As(err, &busy) && busy.Unavailable():
		return &contact.Error{Reason: contact.Unavailable, Detail: unavailable, Cause: err}
	}
	return nil
}

// problemOf returns the problem for an error. Unknown errors become an internal problem without details.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	refusal := refusalOf(err)
	if refusal == nil {
		return internal.problem("The request failed. The logs have the cause, by the id of the request.")
	}
	p = kindOf(refusal.Reason).problem(refusal.Detail)
	if p.Errors = refusal.Faults; len(p.Errors) > maxFaults+1 { // the last may count the rest
		p.Errors = append(slices.Clone(p.Errors[:maxFaults]), moreFaults("", len(p.Errors)-maxFaults))
	}
	if refusal.Existing != 0 {
		p.ExistingID = refusal.Existing.String()
	}
	switch refusal.Reason {
	case contact.Unavailable, contact.InProgress, contact.TooMany:
		p = p.withHeader("Retry-After", strconv.Itoa(max(1, refusal.RetryAfter)))
	case contact.Unauthorized:
		p = p.withHeader("WWW-Authenticate", `Basic realm="contacts", charset="UTF-8"`)
	case contact.Malformed, contact.Impossible:
		if p.Errors == nil {
			p.Errors = []contact.Fault{{Detail: refusal.Detail}}
		}
	}
	return p
}

// A fault passes a contact.Fault through huma as an error.
type fault struct {
	contact.Fault
	// unreadable reports whether the body is not JSON.
	unreadable bool
}

func (f fault) Error() string { return f.Detail }

// joinProblems joins the errors of huma or of a handler into one problem.
func joinProblems(errs []error) (p *Problem, cause error) {
	var faults []contact.Fault
	var unreadable *contact.Fault
	for _, err := range errs {
		var detail *huma.ErrorDetail
		var made *Problem
		var f fault
		switch {
		case errors.As(err, &f):
			faults = addFault(faults, f.Fault)
			if f.unreadable && (unreadable == nil || unreadable.Detail != duplicateField) {
				unreadable = &f.Fault // a duplicate field, or the last fault, after which nothing could be read
			}
		case errors.As(err, &detail):
			// RequestBody reads bodies: huma itself reports parameters only, as "query.limit".
			_, name, _ := strings.Cut(detail.Location, ".")
			faults = addFault(faults, contact.Fault{Parameter: name, Detail: detail.Message})
		case errors.As(err, &made), refusalOf(err) != nil:
			if next := problemOf(err); p == nil || next.Status == http.StatusNotFound {
				p, cause = next, err
			}
		default:
			return problemOf(err), err
		}
	}
	if p == nil {
		p = problemOf(&contact.Error{Reason: contact.Malformed, Detail: summary(faults, "errors"), Faults: faults})
		p.summarized, p.unreadable = true, unreadable
	}
	return p, cause
}

// addFault adds a fault, unless the parameter has one: huma and checkQuery may report the same.
func addFault(faults []contact.Fault, f contact.Fault) []contact.Fault {
	reported := func(other contact.Fault) bool { return f.Parameter != "" && other.Parameter == f.Parameter }
	if slices.ContainsFunc(faults, reported) {
		return faults
	}
	return append(faults, f)
}

// summary returns the one fault, or where all are listed.
func summary(faults []contact.Fault, list string) string {
	if len(faults) == 1 {
		return "The request has a fault: " + faults[0].Detail + "."
	}
	return "The request has several faults; " + list + " names them all."
}

// setUpHuma makes huma return Problems, and describe arrays as not nullable. Huma keeps these settings in variables, so they
// are set once per process.
var setUpHuma = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.ErrorFormatter = formatFault
	huma.NewErrorWithContext = func(ctx huma.Context, _ int, _ string, errs ...error) huma.StatusError {
		p, cause := joinProblems(errs)
		request := requestOf(ctx.Context())
		request.fail(cause, p.Status)
		request.identify(p)
		answer := p.forPath(ctx.Operation().Path)
		for name, values := range answer.GetHeaders() {
			ctx.SetHeader(name, values[0])
		}
		return answer
	}
	huma.NewError = func(status int, detail string, _ ...error) huma.StatusError {
		return kind{"", "", status}.problem(detail) // used for its type only, when operations are documented
	}
})
