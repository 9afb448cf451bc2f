package rest

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/auth"
)

// A Route is one operation: a line in the table of its group.
type Route struct {
	OperationID, Method, Path string
	Summary                   string
	Status                    int
	// Refusals are the statuses that the API documents name for the operation. Those that every operation of its kind
	// has come on top.
	Errors []int
	// MaxBody bounds the body, in bytes.
	MaxBodyBytes int64

	emptyable                 string       // the query parameter of which it is asked whether it is right; "" for none
	noScope                   bool         // whoever has a token may call it
	multiTransaction          bool         // its change is a sequence of transactions
	literalPlus               bool         // a plus sign in the query is one
	redirectTypes             []string     // media types of what it redirects to
	otherStatuses             []int        // statuses of success beside Status
	requestBody, responseBody reflect.Type // of the bodies of request and answer; nil where there is none
	credentials               reflect.Type // of the credentials that the request carries; nil where it carries none
	register                  func(huma.API, huma.Operation)
}

// A Group is what changes together, and what one function serves.
type Group struct {
	Name, Description string
	Access            Access
	Routes            []Route
}

// Access says who may call the operations of a group.
type Access int

// The ways of access.
const (
	// ByToken asks for a bearer token of the organization that the path names.
	ByToken Access = iota
	// ByTokenAlone asks for a bearer token, whose organization is the tenant.
	ByTokenAlone
	// ByCredentials leaves it to the handlers.
	ByCredentials
)

// maxJSON is what a body of JSON may measure, unless a route says otherwise.
const maxJSON = 1 << 20

// Handler answers an operation.
type Handler[I, O any] = func(context.Context, *I) (*O, error)

// Get is a route that reads.
func Get[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodGet, path, summary, http.StatusOK, h)
}

// Post is a route that makes a resource.
func Post[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodPost, path, summary, http.StatusCreated, h)
}

// Put is a route that replaces a resource.
func Put[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodPut, path, summary, http.StatusOK, h)
}

// Patch is a route that changes part of a resource.
func Patch[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodPatch, path, summary, http.StatusOK, h)
}

// Delete is a route that removes a resource.
func Delete[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodDelete, path, summary, http.StatusNoContent, h)
}

func route[I, O any](operation, method, path, summary string, status int, h Handler[I, O]) Route {
	return Route{
		OperationID: operation, Method: method, Path: path, Summary: summary, Status: status, MaxBodyBytes: maxJSON,
		register: func(api huma.API, op huma.Operation) { huma.Register(api, op, h) },
	}
}

// Takes says of which type the request's body is.
func WithRequestBody[T any](r Route) Route {
	r.requestBody = reflect.TypeFor[T]()
	return r
}

// Shows says of which type the answer's body is.
func WithResponseBody[T any](r Route) Route {
	r.responseBody = reflect.TypeFor[T]()
	return r
}

// Answers says with which status the operation succeeds, and with which others too.
func (r Route) WithStatus(status int, also ...int) Route {
	r.Status, r.otherStatuses = status, also
	return r
}

// AsksNoScope says that whoever has a token may call the operation, whatever the token allows.
func (r Route) WithoutScope() Route {
	r.noScope = true
	return r
}

// InSteps says that the operation's change is a sequence of transactions, each whole, which a repeat brings to the same end.
func (r Route) MultiTransaction() Route {
	r.multiTransaction = true
	return r
}

// Judges says that the operation is asked whether the value of a query parameter is right: it takes any, an empty one too. Its
// handler has it as a Judged.
func (r Route) AllowEmptyValue(parameter string) Route {
	r.emptyable = parameter
	return r
}

// LiteralPlus says that a plus sign in the query is one, where it is a blank elsewhere: those of email addresses and telephone
// numbers are rarely encoded.
func (r Route) LiteralPlus() Route {
	r.literalPlus = true
	return r
}

// LeadsTo says that the operation redirects to something of one of these media types: a client that takes them is content.
func (r Route) RedirectsTo(media ...string) Route {
	r.Status, r.redirectTypes = http.StatusFound, media
	return r
}

// offers are the media types of what the operation answers, or leads to.
func (r Route) mediaTypes() []string { return append([]string{jsonType}, r.redirectTypes...) }

// Reads bounds the body, in bytes.
func (r Route) WithMaxBody(maxBody int64) Route {
	r.MaxBodyBytes = maxBody
	return r
}

// pattern is the path as chi has it.
func (r Route) pattern() string { return strings.Replace(r.Path, "{"+wildcard+"}", "*", 1) }

// methods are those that the operation takes.
func (r Route) methods() []string {
	if r.Method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{r.Method}
}

// writes tells whether the operation changes anything.
func (r Route) writes() bool { return r.Method != http.MethodGet }

// scope is the one that a token needs for the operation, "" for none.
func (r Route) scope() string {
	switch {
	case r.noScope:
		return ""
	case r.writes():
		return auth.WriteScope
	}
	return auth.ReadScope
}

// keeps tells whether the answer can be kept with an Idempotency-Key: not one that is a secret.
func (r Route) acceptsIdempotencyKey(g Group) bool { return r.writes() && g.Access != ByCredentials }

const registryKey = "registry"

// describe is the operation as huma and OpenAPI have it.
func (r Route) describe(g Group, registry huma.Registry) huma.Operation {
	op := huma.Operation{
		OperationID: r.OperationID, Method: r.Method, Path: r.Path, Summary: r.Summary, DefaultStatus: r.Status,
		Tags: []string{g.Name}, Metadata: map[string]any{registryKey: registry}, SkipValidateBody: true,
	}
	documentPath(&op)
	refusals := append([]int{http.StatusNotAcceptable, http.StatusInternalServerError, http.StatusServiceUnavailable}, r.Errors...)
	if g.Access != ByCredentials {
		op.Security = []map[string][]string{{"bearer": {}}}
		refusals = append(refusals, http.StatusForbidden)
	} else if r.credentials == nil {
		op.Security = []map[string][]string{{"basic": {}}}
	}
	if g.Access == ByTokenAlone {
		refusals = append(refusals, http.StatusUnauthorized)
	}
	if r.writes() {
		refusals = append(refusals, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
	}
	if r.acceptsIdempotencyKey(g) {
		refusals = append(refusals, http.StatusConflict, http.StatusUnprocessableEntity)
		op.Parameters = append(op.Parameters, &huma.Param{Name: idempotencyKey, In: "header",
			Description: "Makes the request safe to repeat: for 24 hours the same key and request are given the same answer.",
			Schema:      withMessages(&huma.Schema{Type: huma.TypeString, MinLength: ptr(1), MaxLength: ptr(255), Pattern: `^[!-~]+$`})})
	}
	if r.Method == http.MethodPut || r.Method == http.MethodPatch || r.Method == http.MethodDelete {
		refusals = append(refusals, http.StatusPreconditionFailed)
	}
	if r.emptyable != "" {
		op.Parameters = append(op.Parameters, &huma.Param{Name: r.emptyable, In: "query", Required: true, AllowEmptyValue: true,
			Schema: withMessages(&huma.Schema{Type: huma.TypeString})})
	}
	if r.requestBody != nil {
		s := registry.Schema(r.requestBody, true, "")
		addBounds(registry, s)
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Schema: s}}}
		refusals = append(refusals, http.StatusUnsupportedMediaType)
	}
	if r.credentials != nil {
		r.describeCredentials(&op, registry)
		refusals = append(refusals, http.StatusUnsupportedMediaType)
	}
	if r.responseBody != nil {
		op.Responses = map[string]*huma.Response{}
		for _, status := range append([]int{r.Status}, r.otherStatuses...) {
			op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
				Content: map[string]*huma.MediaType{jsonType: {Schema: registry.Schema(r.responseBody, true, "")}}}
		}
	}
	slices.Sort(refusals)
	documentErrors(&op, registry, slices.Compact(refusals))
	if r.credentials != nil {
		documentOAuthError(&op, registry)
	}
	return op
}

func withMessages(s *huma.Schema) *huma.Schema {
	s.PrecomputeMessages()
	return s
}

// Refuses adds statuses that the API documents name.
func (r Route) WithErrors(statuses ...int) Route {
	r.Errors = append(slices.Clip(r.Errors), statuses...)
	return r
}
