package local

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"contacts/pkg/samtemplate"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// The limits of an HTTP API and of Lambda.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	maxHeaderBytes  = 10_240 // request line and headers together
	maxRequestBytes = 10 << 20
	maxPayloadBytes = 6_291_556 // of an event, and of an answer
	gatewayTimeout  = 30 * time.Second
)

// A Handler is one Lambda function. What lambda.NewHandler of aws-lambda-go makes is one. It is called by many
// requests at once.
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// A gateway answers HTTP requests as an API Gateway HTTP API does that has the template's routes.
type gateway struct {
	routes   router
	handlers map[string]Handler
	cors     *corsRules
	log      *slog.Logger
}

// NewGateway returns an API Gateway HTTP API with the routes of t. handlers holds a function for each group that has
// routes: a missing one is an error. log, which may be nil, tells of functions that fail, as their log group does.
//
// Each call of a function has the deadline of its Timeout, and an AWS request id (lambdacontext). It goes on when the
// client leaves, as a Lambda function does.
func NewGateway(t samtemplate.Template, handlers map[string]Handler, log *slog.Logger) (http.Handler, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	for _, f := range t.Functions {
		if len(f.Routes) > 0 && handlers[f.Group] == nil {
			return nil, noHandler(f)
		}
	}
	return &gateway{routes: newRouter(t.Functions), handlers: handlers, cors: (*corsRules)(t.CORS), log: log}, nil
}

func noHandler(f samtemplate.Function) error {
	return fmt.Errorf("the template has the function %s, but this program has no group %q", f.LogicalID, f.Group)
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := newRequestID()
	a := g.answer(r, id)
	if a == nil {
		w.Header().Set("Apigw-Requestid", id)
		g.cors.preflight(w, r.Header.Get("Origin"))
		return
	}
	g.cors.decorate(a.header, r.Header.Get("Origin"))
	a.header.Set("Apigw-Requestid", id)
	a.write(w, r.Method)
}

// answer returns what to answer; nil is for a preflight request, which no function sees.
func (g *gateway) answer(r *http.Request, id string) *answer {
	refuse := func(status int, message string) *answer {
		a := gatewayAnswer(status, message)
		return &a
	}
	if headerBytes(r) > maxHeaderBytes {
		return refuse(http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
	}
	if g.cors != nil && isPreflight(r) {
		return nil
	}
	t, parameters, ok := g.routes.find(r.Method, eventPath(r))
	if !ok {
		return refuse(http.StatusNotFound, "Not Found")
	}
	body, err := readBody(r)
	if errors.Is(err, errTooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "Bad Request")
	}
	payload, err := encodeEvent(newEvent(r, t, parameters, body, id, time.Now()))
	if err != nil {
		g.log.Error("the event can't be encoded", "requestId", id, "error", err)
		return refuse(http.StatusInternalServerError, "Internal Server Error")
	}
	if len(payload) > maxPayloadBytes {
		return refuse(http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	}
	output, err := invoke(g.handlers[t.function.Group], t.function, payload, gatewayTimeout)
	if errors.Is(err, errGatewayTimeout) {
		g.log.Error("function took too long", "function", t.function.Group, "requestId", id, "error", err)
		return refuse(http.StatusServiceUnavailable, "Service Unavailable")
	}
	var a answer
	if err == nil {
		a, err = readAnswer(output)
	}
	if err != nil {
		g.log.Error("function failed", "function", t.function.Group, "requestId", id, "error", err)
		return refuse(http.StatusInternalServerError, "Internal Server Error")
	}
	return &a
}

var (
	errTooLarge        = errors.New("too large")
	errFunctionTimeout = errors.New("the function did not answer within its Timeout")
	errGatewayTimeout  = errors.New("the function did not answer within the gateway's 30 seconds")
)

// invoke calls a function once: with its deadline, with a request id, and without the fate of the client. A panic is
// an error with its stack; an answer over Lambda's limit is one too. It returns errFunctionTimeout at the function's
// Timeout, or errGatewayTimeout after patience if that comes first; both leave a function that does not heed its
// context to itself.
func invoke(h Handler, f *samtemplate.Function, payload []byte, patience time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), f.Timeout)
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       newUUID(),
		InvokedFunctionArn: "arn:aws:lambda:" + samtemplate.LocalRegion + ":" + samtemplate.LocalAccount + ":function:" + f.LogicalID,
	})
	type outcome struct {
		output []byte
		err    error
	}
	done := make(chan outcome, 1) // room for the outcome that nobody waits for any more
	go func() {
		defer cancel()
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o = outcome{err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
			}
			done <- o
		}()
		o.output, o.err = h.Invoke(ctx, payload)
	}()
	limit, late := f.Timeout, errFunctionTimeout
	if patience <= limit {
		limit, late = patience, errGatewayTimeout
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case o := <-done:
		if o.err == nil && len(o.output) > maxPayloadBytes {
			return nil, fmt.Errorf("the answer has %d bytes, more than the %d that Lambda takes", len(o.output), maxPayloadBytes)
		}
		return o.output, o.err
	case <-timer.C:
		return nil, late
	}
}

// readBody returns the whole body, or errTooLarge. A client that sends too much is listened to for a while, so that
// it comes to read its answer, unless it waits to be told to send.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > maxRequestBytes && r.Header.Get("Expect") != "" {
		return nil, errTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxRequestBytes {
		_, _ = io.CopyN(io.Discard, r.Body, 4*maxRequestBytes)
		return nil, errTooLarge
	}
	return body, nil
}

// headerBytes counts the request line and the header lines as they came.
func headerBytes(r *http.Request) int {
	const between, end = len(": "), len("\r\n")
	n := len(r.Method) + 1 + len(r.RequestURI) + 1 + len(r.Proto) + end
	n += len("Host") + between + len(r.Host) + end
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + between + len(value) + end
		}
	}
	return n
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// newRequestID looks like API Gateway's: "JKJaXmPLvHcESHA=".
func newRequestID() string { return base64.URLEncoding.EncodeToString(randomBytes(11)) }

// newUUID returns a random UUID, as Lambda's request ids are.
func newUUID() string {
	b := randomBytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
