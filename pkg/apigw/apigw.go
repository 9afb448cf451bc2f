// Package apigw serves the events of an API Gateway HTTP API, payload format 2.0, with an http.Handler.
//
// It is the only package that knows aws-lambda-go-api-proxy. That adapter is archived, and loses something on both ways
// through it: it parses a decoded path as a URL, splits header values at commas, fails when a handler writes nothing,
// and takes every status as the last. Here it is handed the part of an event that it carries unharmed. The handler gets
// a request rebuilt from the event itself (request.go) and writes to a recorder of this package (response.go).
package apigw

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Function is a Lambda function behind an HTTP API. It implements lambda.Handler, and is safe for concurrent use when
// its http.Handler is.
type Function struct {
	adapter *httpadapter.HandlerAdapterV2
}

// New returns the Lambda function that serves API Gateway events with h.
//
// What h finds in its request is what the gateway says, not what the client says: RemoteAddr is the source IP, without
// a port, Host is the domain name that the gateway was reached by, with the port of a local gateway, and the header
// Apigw-Requestid is the gateway's request id, or absent if the event has none. URL.Path is the path decoded; the encoded one does not reach a function. A repeated header is one value, joined by commas. The
// context is that of Invoke, so its deadline is the function's.
//
// A panic of h is logged and answered as an opaque 500.
func New(h http.Handler) *Function {
	serve := func(w http.ResponseWriter, r *http.Request) {
		x := r.Context().Value(exchangeKey{}).(*exchange)
		x.restore(r)
		x.serve(h, r)
		// The adapter reports a status that was never written as its own fault; its answer is not used otherwise.
		w.WriteHeader(http.StatusOK)
	}
	return &Function{adapter: httpadapter.NewV2(http.HandlerFunc(serve))}
}

// Invoke answers one event with {"statusCode", "headers", "cookies", "body", "isBase64Encoded"}, where cookies and
// isBase64Encoded are left out when empty or false.
//
// The error is for the operator, and the gateway turns it into a 500: the payload is not JSON, not an event of payload
// format 2.0, or names no valid method. A body that is not base64 although the event says so is one that h can't read.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	x, err := newExchange(payload)
	if err != nil {
		return nil, err
	}
	x.decodeBody()
	if _, err := f.adapter.ProxyWithContext(context.WithValue(ctx, exchangeKey{}, x), x.harmless()); err != nil {
		return nil, fmt.Errorf("apigw: adapter: %w", err)
	}
	return x.answer.encode(x.method()), nil
}

// exchange is one event on its way through the adapter, and what is answered to it.
type exchange struct {
	event  event
	body   requestBody
	answer recorder
}

// event is what is read of an events.APIGatewayV2HTTPRequest. The rest is the query once more, taken apart, and the route.
type event struct {
	Version         string                                `json:"version"`
	RawPath         string                                `json:"rawPath"`
	RawQueryString  string                                `json:"rawQueryString"`
	Cookies         []string                              `json:"cookies"`
	Headers         map[string]string                     `json:"headers"`
	RequestContext  events.APIGatewayV2HTTPRequestContext `json:"requestContext"`
	StageVariables  map[string]string                     `json:"stageVariables"`
	Body            string                                `json:"body"`
	IsBase64Encoded bool                                  `json:"isBase64Encoded"`
}

type exchangeKey struct{}

// newExchange reads an event. Bytes that are not UTF-8 become U+FFFD, since a client may have caused them and the
// function must not fail for that.
func newExchange(payload []byte) (*exchange, error) {
	x := new(exchange)
	if err := json.Unmarshal(payload, &x.event, jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, fmt.Errorf("apigw: not an event: %w", err)
	}
	if v := x.event.Version; v != "2.0" && v != "" {
		return nil, fmt.Errorf("apigw: an event of payload format %q, want 2.0", v)
	}
	if !isToken(x.method()) {
		return nil, errors.New("apigw: not an event of an HTTP API: no valid method")
	}
	return x, nil
}

func (x *exchange) method() string { return x.event.RequestContext.HTTP.Method }

// harmless returns what the adapter may see of the event: without path, query, host, headers, cookies and body it has
// nothing to misread or to copy. It puts the source IP into the request, and the gateway's request context and stage
// variables into the context.
func (x *exchange) harmless() events.APIGatewayV2HTTPRequest {
	rc := x.event.RequestContext
	rc.DomainName = ""
	return events.APIGatewayV2HTTPRequest{RawPath: "/", RequestContext: rc, StageVariables: x.event.StageVariables}
}

// serve is the last net under a handler: whatever was written before a panic is dropped.
func (x *exchange) serve(h http.Handler, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(r.Context(), "handler panicked",
				"panic", fmt.Sprint(p),
				"request_id", x.event.RequestContext.RequestID,
				"method", x.method(),
				"stack", string(debug.Stack()))
			x.answer.problem(http.StatusInternalServerError)
		}
	}()
	h.ServeHTTP(&x.answer, r)
}
