package rest

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/contact"
)

// plentymarkets is the prefix of this dialect's paths.
const plentymarkets = "/rest/"

// bearerChallenge is the WWW-Authenticate header of its 401 responses.
const bearerChallenge = `Bearer realm="contacts"`

// An Envelope is an error response of the plentymarkets dialect.
type Envelope struct {
	Cause Cause `json:"error"`
	// ValidationErrors are present with status 422 only.
	ValidationErrors map[string][]string `json:"validation_errors,omitempty"`

	status int
	header http.Header
}

// A Cause summarizes why a request failed.
type Cause struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Error implements huma.StatusError.
func (e *Envelope) Error() string { return e.Cause.Message }

// GetStatus implements huma.StatusError.
func (e *Envelope) GetStatus() int { return e.status }

// ContentType implements huma.ContentTypeFilter: it is not a problem+json.
func (e *Envelope) ContentType(string) string { return jsonType }

// GetHeaders implements huma.HeadersError.
func (e *Envelope) GetHeaders() http.Header { return e.header }

// An errorResponse is a Problem in a dialect's format.
type errorResponse interface {
	huma.StatusError
	huma.ContentTypeFilter
	GetHeaders() http.Header
}

// forPath returns the problem in the dialect of a path. In the plentymarkets dialect, faults of fields have status 422; 400
// is for bodies that are not JSON.
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

// message returns the problem's detail. Statuses without validation_errors include the fault.
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

// fieldOf names the field of a fault: "value", "1.value" in the second element of an array, or "request" for the whole.
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
