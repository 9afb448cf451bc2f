package rest

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/contact"
)

// plentymarkets begins the paths of the dialect of that name.
const plentymarkets = "/rest/"

// bearerChallenge is what its answers of 401 ask for.
const bearerChallenge = `Bearer realm="contacts"`

// An Envelope says why a request of the plentymarkets dialect failed.
type Envelope struct {
	Cause Cause `json:"error"`
	// ValidationErrors are there for 422 alone.
	ValidationErrors map[string][]string `json:"validation_errors,omitempty" doc:"What to change, by field; behind its number and a dot for the element of an array." example:"{\"value\":[\"must be an email address according to RFC 5321\"]}"`

	status int
	header http.Header
}

// A Cause is why a request failed, in short.
type Cause struct {
	Code    int    `json:"code" doc:"The HTTP status." example:"404"`
	Message string `json:"message" example:"There is no such contact."`
}

// Error makes an Envelope what huma answers with.
func (e *Envelope) Error() string { return e.Cause.Message }

// GetStatus returns the HTTP status.
func (e *Envelope) GetStatus() int { return e.status }

// ContentType keeps huma from calling it a problem.
func (e *Envelope) ContentType(string) string { return jsonType }

// GetHeaders returns what some errors say in headers too.
func (e *Envelope) GetHeaders() http.Header { return e.header }

// A failure is a Problem in the words of a dialect.
type errorResponse interface {
	huma.StatusError
	huma.ContentTypeFilter
	GetHeaders() http.Header
}

// in is the problem as the dialect of a path tells it. The plentymarkets dialect tells what is wrong with the fields of a
// request by 422: 400 is for what is not even JSON.
func (p *Problem) forPath(path string) errorResponse {
	if !strings.HasPrefix(path, plentymarkets) {
		return p
	}
	e := &Envelope{Cause: Cause{p.Status, p.message()}, status: p.Status, header: p.GetHeaders()}
	if p.Status == http.StatusBadRequest && p.unreadable == nil {
		e.status = http.StatusUnprocessableEntity
	}
	if e.status == http.StatusUnauthorized {
		e.header.Set("WWW-Authenticate", bearerChallenge)
	}
	if e.status == http.StatusUnprocessableEntity {
		e.ValidationErrors = map[string][]string{}
		for _, f := range p.Errors {
			field := fieldOf(f)
			e.ValidationErrors[field] = append(e.ValidationErrors[field], f.Detail)
		}
	}
	e.Cause.Code = e.status
	return e
}

// retold is the problem's detail. Without validation_errors, which come with 422 alone, it says itself why a body can't be read.
func (p *Problem) message() string {
	switch {
	case p.unreadable != nil && p.unreadable.Pointer != "":
		return "The request can't be read: " + fieldOf(*p.unreadable) + ": " + p.unreadable.Detail + "."
	case p.unreadable != nil:
		return "The request can't be read: " + p.unreadable.Detail + "."
	case p.summarized:
		return summary(p.Errors, "validation_errors")
	}
	return p.Detail
}

// fieldOf names where a fault is: "value", or "1.value" in the second element of an array. What is wrong with the whole is
// wrong with "request".
func fieldOf(f contact.Fault) string {
	field := strings.ReplaceAll(strings.TrimPrefix(f.Pointer, "/"), "/", ".")
	if f.Parameter != "" {
		field = f.Parameter
	}
	if field == "" {
		field = "request"
	}
	return field
}

// documentFailures adds the refusals of an operation to its description.
func documentErrors(op *huma.Operation, registry huma.Registry, statuses []int) {
	if !strings.HasPrefix(op.Path, plentymarkets) {
		op.Errors = statuses
		return
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	for _, status := range statuses {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{jsonType: {Schema: registry.Schema(reflect.TypeFor[Envelope](), true, "")}}}
	}
}
