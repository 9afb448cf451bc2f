package harness

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"contacts/pkg/retries"
	"contacts/pkg/wiring"
)

// A StoreFault is what happens to a request to the table or the bucket.
type StoreFault struct {
	Name string
	// Matches reports whether it can happen to a request; nil: to all.
	Matches func(r *http.Request) bool
	// Kills ends the process: it sends nothing further, and answers nobody.
	Kills bool
	// Respond returns what the platform gets instead of the response.
	Respond func(r *http.Request, carry func() (*http.Response, error)) (*http.Response, error)
}

func OfTable(r *http.Request) bool { return r.Header.Get("X-Amz-Target") != "" }

func OfBucket(r *http.Request) bool { return !OfTable(r) }

func Answering(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func Refusing(status int, code string) func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		if OfBucket(r) {
			return Answering(r, status, "<Error><Code>"+code+"</Code><Message>try again</Message></Error>"), nil
		}
		return Answering(r, status, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"try again"}`, code)), nil
	}
}

// A FaultyTransport sends requests. An injected fault happens to the n-th request that it matches.
type FaultyTransport struct {
	mu       sync.Mutex
	fault    *StoreFault
	at, seen int
	happened bool
	ctx      context.Context // the process's; nil: it was never killed
	kill     context.CancelFunc
	late     int // requests that could take longer than the function has, less the time to answer in
}

// endOfFunction is the context key of the time at which the function would be ended.
type endOfFunction struct{}

// Late returns how many requests to the store had a deadline that leaves the function no time to answer.
func (w *FaultyTransport) Late() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.late
}

// Inject lets a fault happen to the n-th request from now on, to all of them if n is 0; nil: none. It reports whether the previous fault has
// happened.
func (w *FaultyTransport) Inject(a *StoreFault, n int) (happened bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	happened = w.happened
	w.fault, w.at, w.seen, w.happened = a, n, 0, false
	w.ctx, w.kill = context.WithCancel(context.Background())
	return happened
}

func (w *FaultyTransport) process() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx == nil {
		return context.Background()
	}
	return w.ctx
}

// errKilled is an error that the SDK does not retry.
type errKilled struct{}

func (errKilled) Error() string { return "the process was killed" }

func (errKilled) CanceledError() bool { return true }

// RoundTrip sends a request, unless the fault happens to it.
func (w *FaultyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	a := w.fault
	hit := false
	if end, ok := r.Context().Value(endOfFunction{}).(time.Time); ok {
		if until, ok := r.Context().Deadline(); !ok || until.After(end.Add(-retries.Margin)) {
			w.late++
		}
	}
	if a != nil && w.happened && a.Kills {
		w.mu.Unlock()
		return nil, errKilled{} // it sends nothing any more
	}
	if a != nil && (a.Matches == nil || a.Matches(r)) {
		w.seen++
		hit = w.seen == w.at || w.at == 0
		w.happened = w.happened || hit
	}
	kill := w.kill
	w.mu.Unlock()
	carry := func() (*http.Response, error) { return functionTransport.RoundTrip(r) }
	if !hit {
		return carry()
	}
	response, err := a.Respond(r, carry)
	if a.Kills {
		kill()
	}
	return response, err
}

// functionTransport is the transport of the functions.
var functionTransport = wiring.HTTPClient().Transport
