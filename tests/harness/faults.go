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

// An StoreFault is what becomes of a request that the platform sends to the table or to the bucket.
type StoreFault struct {
	Name string
	// befalls tells which requests it can happen to; nil: all.
	Matches func(r *http.Request) bool
	// kills tells that the process is gone with it: nothing it was about to do happens, and nobody is answered.
	Kills bool
	// happen is what comes back.
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

// An FaultyTransport carries requests. An accident that is armed happens to the n-th that it can happen to.
type FaultyTransport struct {
	Mu       sync.Mutex
	fault    *StoreFault
	at, seen int
	happened bool
	ctx      context.Context // the process's; nil: it was never killed
	kill     context.CancelFunc
	Late     int // requests that could take longer than the function has, less the time to answer in
}

// endOfFunction is where the context of a request has the time at which the function's time is over.
type endOfFunction struct{}

// Inject lets an accident happen to the n-th request from now on, to all of them if n is 0; nil: none. It tells whether the one before has happened.
func (w *FaultyTransport) Inject(a *StoreFault, n int) (happened bool) {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	happened = w.happened
	w.fault, w.at, w.seen, w.happened = a, n, 0, false
	w.ctx, w.kill = context.WithCancel(context.Background())
	return happened
}

func (w *FaultyTransport) process() context.Context {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	if w.ctx == nil {
		return context.Background()
	}
	return w.ctx
}

// errKilled is what nobody tries again.
type errKilled struct{}

func (errKilled) Error() string { return "the process was killed" }

func (errKilled) CanceledError() bool { return true }

// RoundTrip carries a request, unless its accident happens.
func (w *FaultyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w.Mu.Lock()
	a := w.fault
	hit := false
	if end, ok := r.Context().Value(endOfFunction{}).(time.Time); ok {
		if until, ok := r.Context().Deadline(); !ok || until.After(end.Add(-retries.Margin)) {
			w.Late++
		}
	}
	if a != nil && w.happened && a.Kills {
		w.Mu.Unlock()
		return nil, errKilled{} // it sends nothing any more
	}
	if a != nil && (a.Matches == nil || a.Matches(r)) {
		w.seen++
		hit = w.seen == w.at || w.at == 0
		w.happened = w.happened || hit
	}
	kill := w.kill
	w.Mu.Unlock()
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

// functionTransport is what carries requests in the end: that of the functions.
var functionTransport = wiring.HTTPClient().Transport
