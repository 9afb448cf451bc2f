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

// A Handler is a Lambda function, as lambda.NewHandler of aws-lambda-go returns it. It is called concurrently.
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// A gateway answers HTTP requests like an API Gateway HTTP API with the routes of the template.
type gateway struct {
	routes   router
	handlers map[string]Handler
	cors     *corsRules
	log      *slog.Logger
}

// NewGateway returns an API Gateway HTTP API with the routes of t. handlers has a function for each group with routes: a missing one
// is an error. Failures of functions are written to log, which may be nil.
//
// Each call of a function has the deadline of its Timeout and an AWS request id (lambdacontext). It continues when the client
// disconnects, as a Lambda function does.
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

// answer returns the answer to a request, nil for a preflight request, which no function sees.
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

// invoke calls a function once, with its deadline and a request id, independent of the client. A panic is an error with its stack, and
// so is an answer over Lambda's limit. It returns errFunctionTimeout at the function's Timeout, or errGatewayTimeout after patience
// if that comes first; a function that ignores its context then runs on.
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
	done := make(chan outcome, 1) // buffered for an outcome that nobody waits for
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
			return nil, fmt.Errorf("the answer has %d bytes, more than the %d that Lambda accepts", len(o.output), maxPayloadBytes)
		}
		return o.output, o.err
	case <-timer.C:
		return nil, late
	}
}

// readBody returns the whole body, or errTooLarge. It reads on for a while if the client sends too much, so that the client comes to
// read the answer, unless it waits for 100 Continue.
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

// headerBytes returns the size of the request line and the header lines as sent.
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

// newRequestID returns an id like those of API Gateway: "JKJaXmPLvHcESHA=".
func newRequestID() string { return base64.URLEncoding.EncodeToString(randomBytes(11)) }

// newUUID returns a random UUID, like the request ids of Lambda.
func newUUID() string {
	b := randomBytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
