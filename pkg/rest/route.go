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

// A Route is an operation: a line in the table of its group.
type Route struct {
	OperationID, Method, Path string
	Summary                   string
	Status                    int
	// Errors are the error statuses that the API documents list for the operation, in addition to those of every operation
	// of its method.
	Errors []int
	// MaxBodyBytes is the maximum size of the request body.
	MaxBodyBytes int64

	emptyable                 string       // the query parameter that may be empty, "" for none
	noScope                   bool         // any token suffices
	multiTransaction          bool         // the change takes several transactions
	literalPlus               bool         // a plus sign in the query is not a blank
	redirectTypes             []string     // media types of the redirect's target
	otherStatuses             []int        // success statuses in addition to Status
	requestBody, responseBody reflect.Type // types of the bodies, nil for none
	credentials               reflect.Type // type of the request's credentials, nil for none
	register                  func(huma.API, huma.Operation)
}

// A Group is a resource group, which one function serves.
type Group struct {
	Name, Description string
	Access            Access
	Routes            []Route
}

// Access is the authentication of a group.
type Access int

const (
	// ByToken requires a bearer token for the organization in the path.
	ByToken Access = iota
	// ByTokenAlone requires a bearer token. Its organization is the tenant.
	ByTokenAlone
	// ByCredentials leaves authentication to the handlers.
	ByCredentials
	// Public requires nothing.
	Public
)

// byToken reports whether the server checks a bearer token.
func (a Access) byToken() bool { return a == ByToken || a == ByTokenAlone }

// maxJSON is the default maximum size of a request body, in bytes.
const maxJSON = 1 << 20

// A Handler serves an operation.
type Handler[I, O any] = func(context.Context, *I) (*O, error)

// Get returns a route that reads.
func Get[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodGet, path, summary, http.StatusOK, h)
}

// Post returns a route that creates a resource.
func Post[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodPost, path, summary, http.StatusCreated, h)
}

// Put returns a route that replaces a resource.
func Put[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodPut, path, summary, http.StatusOK, h)
}

// Patch returns a route that changes part of a resource.
func Patch[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodPatch, path, summary, http.StatusOK, h)
}

// Delete returns a route that deletes a resource.
func Delete[I, O any](operation, path, summary string, h Handler[I, O]) Route {
	return route(operation, http.MethodDelete, path, summary, http.StatusNoContent, h)
}

func route[I, O any](operation, method, path, summary string, status int, h Handler[I, O]) Route {
	return Route{
		OperationID: operation, Method: method, Path: path, Summary: summary, Status: status, MaxBodyBytes: maxJSON,
		register: func(api huma.API, op huma.Operation) { huma.Register(api, op, h) },
	}
}

// WithRequestBody declares the type of the request body.
func WithRequestBody[T any](r Route) Route {
	r.requestBody = reflect.TypeFor[T]()
	return r
}

// WithResponseBody declares the type of the response body.
func WithResponseBody[T any](r Route) Route {
	r.responseBody = reflect.TypeFor[T]()
	return r
}

// WithStatus declares the default status of success, and others.
func (r Route) WithStatus(status int, also ...int) Route {
	r.Status, r.otherStatuses = status, also
	return r
}

// WithoutScope lets any token call the operation, whatever its scopes.
func (r Route) WithoutScope() Route {
	r.noScope = true
	return r
}

// MultiTransaction declares that the change takes several transactions. A repeat must be able to complete it.
func (r Route) MultiTransaction() Route {
	r.multiTransaction = true
	return r
}

// AllowEmptyValue declares a required query parameter whose value may be anything, including empty. The handler reads it as
// an EmptyableParam.
func (r Route) AllowEmptyValue(parameter string) Route {
	r.emptyable = parameter
	return r
}

// LiteralPlus keeps plus signs in the query, which otherwise mean blanks: clients rarely encode those of email addresses and
// phone numbers.
func (r Route) LiteralPlus() Route {
	r.literalPlus = true
	return r
}

// RedirectsTo declares a redirect (302) to one of these media types, which the client may accept instead of JSON.
func (r Route) RedirectsTo(media ...string) Route {
	r.Status, r.redirectTypes = http.StatusFound, media
	return r
}

// mediaTypes returns the media types of the response, or of the redirect's target.
func (r Route) mediaTypes() []string { return append([]string{jsonType}, r.redirectTypes...) }

// WithMaxBody sets the maximum size of the request body, in bytes.
func (r Route) WithMaxBody(maxBody int64) Route {
	r.MaxBodyBytes = maxBody
	return r
}

// pattern returns the path in chi's syntax.
func (r Route) pattern() string { return strings.Replace(r.Path, "{"+wildcard+"}", "*", 1) }

// methods returns the HTTP methods of the route.
func (r Route) methods() []string {
	if r.Method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{r.Method}
}

// writes reports whether the operation changes anything.
func (r Route) writes() bool { return r.Method != http.MethodGet }

// scope returns the scope that a token needs, "" for none.
func (r Route) scope() string {
	switch {
	case r.noScope:
		return ""
	case r.writes():
		return auth.WriteScope
	}
	return auth.ReadScope
}

// acceptsIdempotencyKey reports whether the answer may be stored: it must not be a secret.
func (r Route) acceptsIdempotencyKey(g Group) bool { return r.writes() && g.Access.byToken() }

const registryKey = "registry"

// describe returns the operation for huma and OpenAPI.
func (r Route) describe(g Group, registry huma.Registry) huma.Operation {
	op := huma.Operation{
		OperationID: r.OperationID, Method: r.Method, Path: r.Path, Summary: r.Summary, DefaultStatus: r.Status,
		Tags: []string{g.Name}, Metadata: map[string]any{registryKey: registry}, SkipValidateBody: true,
	}
	documentPath(&op)
	refusals := append([]int{http.StatusNotAcceptable, http.StatusInternalServerError, http.StatusServiceUnavailable}, r.Errors...)
	if g.Access.byToken() {
		op.Security = []map[string][]string{{"bearer": {}}}
		refusals = append(refusals, http.StatusForbidden)
	} else if g.Access == ByCredentials && r.credentials == nil {
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

// WithErrors adds error statuses that the API documents list.
func (r Route) WithErrors(statuses ...int) Route {
	r.Errors = append(slices.Clip(r.Errors), statuses...)
	return r
}
