package rest

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/auth"
)

// A Route is an operation: a line in the table of its group.
type Route struct {
	OperationID, Method, Path string
	Status                    int
	// MaxBodyBytes is the maximum size of the request body.
	MaxBodyBytes int64

	emptyable        string       // the query parameter that may be empty, "" for none
	noScope          bool         // any token suffices
	ownScope         string       // the scope that a token needs, "" for that of reading or writing contacts
	multiTransaction bool         // the change takes several transactions
	literalPlus      bool         // a plus sign in the query is not a blank
	redirectTypes    []string     // media types of the redirect's target
	responseType     string       // media type of the response, "" for JSON
	requestBody      reflect.Type // nil for none
	register         func(huma.API, huma.Operation)
	// complete returns the body of a successful answer from the body that may be stored; nil if all of it may be.
	complete func(ctx context.Context, body []byte) ([]byte, error)
}

// A Group is a resource group, which one function serves.
type Group struct {
	Name   string
	Access Access
	Routes []Route
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
func Get[I, O any](operation, path string, h Handler[I, O]) Route {
	return route(operation, http.MethodGet, path, http.StatusOK, h)
}

// Post returns a route that creates a resource.
func Post[I, O any](operation, path string, h Handler[I, O]) Route {
	return route(operation, http.MethodPost, path, http.StatusCreated, h)
}

// Put returns a route that replaces a resource.
func Put[I, O any](operation, path string, h Handler[I, O]) Route {
	return route(operation, http.MethodPut, path, http.StatusOK, h)
}

// Patch returns a route that changes part of a resource.
func Patch[I, O any](operation, path string, h Handler[I, O]) Route {
	return route(operation, http.MethodPatch, path, http.StatusOK, h)
}

// Delete returns a route that deletes a resource.
func Delete[I, O any](operation, path string, h Handler[I, O]) Route {
	return route(operation, http.MethodDelete, path, http.StatusNoContent, h)
}

func route[I, O any](operation, method, path string, status int, h Handler[I, O]) Route {
	return Route{
		OperationID: operation, Method: method, Path: path, Status: status, MaxBodyBytes: maxJSON,
		register: func(api huma.API, op huma.Operation) { huma.Register(api, op, h) },
	}
}

// WithRequestBody declares the type of the request body.
func WithRequestBody[T any](r Route) Route {
	r.requestBody = reflect.TypeFor[T]()
	return r
}

// WithStatus declares the default status of success.
func (r Route) WithStatus(status int) Route {
	r.Status = status
	return r
}

// WithoutScope lets any token call the operation, whatever its scopes.
func (r Route) WithoutScope() Route {
	r.noScope = true
	return r
}

// WithScope requires another scope of a token than that of reading or writing contacts.
func (r Route) WithScope(scope string) Route {
	r.ownScope = scope
	return r
}

// Complete declares that complete adds to the bodies of successful answers what must not be stored for an Idempotency-Key, such as a secret.
// It must return the same for a replayed body.
func (r Route) Complete(complete func(ctx context.Context, body []byte) ([]byte, error)) Route {
	r.complete = complete
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

// Responds declares the media type of the response, which is not JSON.
func (r Route) Responds(media string) Route {
	r.responseType = media
	return r
}

// MediaType returns the media type of the response.
func (r Route) MediaType() string { return cmp.Or(r.responseType, jsonType) }

// mediaTypes returns the media types of the response, or of the redirect's target.
func (r Route) mediaTypes() []string { return append([]string{r.MediaType()}, r.redirectTypes...) }

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

// Scope returns the scope that a token needs, "" for none.
func (r Route) Scope() string {
	switch {
	case r.noScope:
		return ""
	case r.ownScope != "":
		return r.ownScope
	case r.writes():
		return auth.WriteScope
	}
	return auth.ReadScope
}

// AcceptsIdempotencyKey reports whether the answer may be stored: it must not be a secret.
func (r Route) AcceptsIdempotencyKey(g Group) bool { return r.writes() && g.Access.byToken() }

const registryKey = "registry"

// operation returns the operation for huma.
func (r Route) operation(registry huma.Registry) huma.Operation {
	op := huma.Operation{OperationID: r.OperationID, Method: r.Method, Path: r.Path, DefaultStatus: r.Status,
		Metadata: map[string]any{registryKey: registry}, SkipValidateBody: true}
	if r.emptyable != "" {
		s := &huma.Schema{Type: huma.TypeString}
		s.PrecomputeMessages()
		op.Parameters = []*huma.Param{{Name: r.emptyable, In: "query", Required: true, AllowEmptyValue: true, Schema: s}}
	}
	if r.requestBody != nil {
		s := registry.Schema(r.requestBody, true, "")
		addBounds(registry, s)
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Schema: s}}}
	}
	return op
}
