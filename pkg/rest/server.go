// Package rest is the HTTP layer of all operations: routing, authentication, preconditions, idempotency, decoding, and
// responses as JSON or problems.
package rest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"contacts/pkg/auth"
	"contacts/pkg/capacity"
	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/retries"
)

// Config is the configuration of a server.
type Config struct {
	Answers *idempotency.Answers
	Keys    *auth.Keyring
	Log     *slog.Logger
	// Metrics is the CloudWatch namespace of the log lines' metrics, "" for none.
	Metrics string
	Now     func() time.Time
}

// A Server serves the operations of its groups.
type Server struct {
	Config
	router chi.Router
}

// NewServer returns a server for some groups.
func NewServer(c Config, groups ...Group) *Server {
	setUpHuma()
	s := &Server{Config: c, router: chi.NewRouter()}
	methods := map[string][]string{}
	for _, g := range groups {
		for _, r := range g.Routes {
			methods[r.pattern()] = append(methods[r.pattern()], r.methods()...)
		}
	}
	for pattern, allowed := range methods {
		s.router.Handle(pattern, notAllowed(allowed))
	}
	for _, g := range groups {
		for _, r := range g.Routes {
			h := s.handler(g, r)
			for _, method := range r.methods() {
				s.router.Method(method, r.pattern(), h)
			}
		}
	}
	return s
}

// routeContext returns chi's context. Methods that chi doesn't know are routed as OPTIONS, which no resource has: chi would
// respond without Allow, even at unknown paths.
func routeContext(method string) *chi.Context {
	c := chi.NewRouteContext()
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, method) {
		c.RouteMethod = http.MethodOptions
	}
	return c
}

// notAllowed responds 405. It is registered at each path for the remaining methods: chi would fall back to a path with a
// parameter ("…/{contact-id}" for "…/batch"), and allow that one's methods.
func notAllowed(allowed []string) http.HandlerFunc {
	slices.Sort(allowed)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// ServeHTTP serves one request, and writes its log line.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info := newRequest(r, s.Now())
	ctx, cancel := retries.Within(context.WithValue(r.Context(), requestKey{}, info))
	defer cancel()
	ctx, units := capacity.With(ctx)
	info.units = units
	ctx, info.retries = retries.CountRetries(ctx)
	r = r.WithContext(ctx)
	answer := newRecorder()
	s.route(answer, r)
	answer.finish(r)
	answer.send(w)
	info.writeLog(s.Log, s.Metrics, r.Method, answer.status, s.Now())
}

// route calls the handler. It logs a panic, and responds with an internal error.
func (s *Server) route(answer *recorder, r *http.Request) {
	defer func() {
		if v := recover(); v != nil {
			info := requestOf(r.Context())
			s.Log.Error("panic", "request_id", info.id, "panic", v, "stack", string(debug.Stack()))
			info.fail(fmt.Errorf("panic: %v", v), http.StatusInternalServerError)
			answer.reset()
			answer.problem(r, internal.problem("The request failed. The logs have the cause, by the id of the request."))
		}
	}()
	s.router.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), chi.RouteCtxKey, routeContext(r.Method))))
	isAnswered := answer.header.Get("Content-Type") == ProblemType || answer.header.Get("Content-Type") == jsonType
	switch {
	case answer.status == http.StatusNotFound && !isAnswered:
		answer.problem(r, kindOf(contact.NotFound).problem("There is no resource at this path."))
	case answer.status == http.StatusMethodNotAllowed:
		answer.problem(r, methodNotAllowed.problem("The methods of this resource are in the Allow header."))
	}
}

// handler returns the handler of an operation.
func (s *Server) handler(g Group, route Route) http.Handler {
	handler := sync.OnceValue(func() http.HandlerFunc { return bind(route) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, info := w.(*recorder), requestOf(r.Context())
		info.operation = route.OperationID
		var err error
		if g.Access.byToken() {
			info.claims, err = authenticate(s.Keys, r, g.Access, route.Scope())
		}
		if err == nil {
			err = checkAccept(r, route.mediaTypes())
			r.Header.Del("Accept") // already checked
		}
		if err == nil {
			info.body, err = readBody(r, route.MaxBodyBytes)
		}
		if err != nil {
			answer.refuse(r, err)
			return
		}
		if route.writes() {
			r = r.WithContext(changes.WithOrigin(r.Context(), info.changeOrigin()))
		}
		if route.literalPlus {
			r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "+", "%2B")
		}
		if key, ok := r.Header[idempotencyKey]; ok && route.AcceptsIdempotencyKey(g) {
			s.serveIdempotent(answer, r, key[0], route.multiTransaction, handler())
		} else {
			handler()(answer, r)
		}
		if route.complete != nil && answer.status < http.StatusMultipleChoices {
			answer.complete(r, route.complete)
		}
	})
}

// bind registers the operation with huma at its first request, so that a function starts without building the schemas of its
// group. Each has a huma.API of its own: registration would race with requests.
func bind(route Route) http.HandlerFunc {
	registry := NewRegistry()
	api := newAPI(registry)
	route.register(api, route.operation(registry))
	if body := api.operation.RequestBody; body != nil {
		body.Required = false // already read: huma must not require it
	}
	return func(w http.ResponseWriter, r *http.Request) {
		api.handle(humachi.NewContext(api.operation, r, w))
	}
}

// authenticate returns the claims of the access token. All faults of a token have the same status: Forbidden where the path
// names the organization, else Unauthorized, as the API documents say. scope is the required scope, "" for none.
func authenticate(keys *auth.Keyring, r *http.Request, access Access, scope string) (auth.Claims, error) {
	wrong := contact.Forbidden
	if access == ByTokenAlone {
		wrong = contact.Unauthorized
	}
	token, ok := bearer(r.Header.Get("Authorization"))
	if !ok {
		return auth.Claims{}, contact.Refuse(wrong, "send an access token: Authorization: Bearer …")
	}
	claims, err := keys.Verify(r.Context(), token)
	switch {
	case isUnavailable(err):
		return claims, &contact.Error{Reason: contact.Unavailable, Detail: "the keys of tokens can't be read; try again", Cause: err}
	case err != nil:
		return auth.Claims{}, contact.Refuse(wrong, "the access token is invalid or has expired: request a new one")
	case access == ByToken && claims.Organization != chi.URLParam(r, "org-id"):
		return auth.Claims{}, contact.Refuse(contact.Forbidden, "the access token is for another organization")
	case scope != "" && !claims.Allows(scope):
		return claims, contact.Refuse(contact.Forbidden, "the access token lacks the scope %s", scope)
	}
	return claims, nil
}
