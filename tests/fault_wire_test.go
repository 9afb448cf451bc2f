package tests

import (
	"bytes"
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

// An accident is what becomes of a request that the platform sends to the table or to the bucket.
type accident struct {
	name string
	// befalls tells which requests it can happen to; nil: all.
	befalls func(r *http.Request) bool
	// kills tells that the process is gone with it: nothing it was about to do happens, and nobody is answered.
	kills bool
	// happen is what comes back.
	happen func(r *http.Request, carry func() (*http.Response, error)) (*http.Response, error)
}

// accidentsOfStore are all that can happen to one request, once.
var accidentsOfStore = []accident{
	{"killed before", nil, true, lost},
	{"killed behind", nil, true, unheard},
	{"the request is lost", nil, false, lost},
	{"the answer is lost", nil, false, unheard},
	{"the answer breaks off", nil, false, broken},
	{"throttled", ofTable, false, refusing(400, "ProvisionedThroughputExceededException")},
	{"too many requests", ofTable, false, refusing(400, "RequestLimitExceeded")},
	{"throttled as a whole", ofTable, false, refusing(400, "ThrottlingException")},
	{"failed before", ofTable, false, refusing(500, "InternalServerError")},
	{"failed behind", ofTable, false, behind(refusing(500, "InternalServerError"))},
	{"unavailable", nil, false, refusing(503, "ServiceUnavailable")},
	{"slowed down", ofBucket, false, refusing(503, "SlowDown")},
	{"meets a transaction", ofTarget("PutItem", "UpdateItem", "DeleteItem"), false, refusing(400, "TransactionConflictException")},
	{"is under way", ofTarget("TransactWriteItems"), false, refusing(400, "TransactionInProgressException")},
	{"cancelled for a conflict", ofTarget("TransactWriteItems"), false, cancelling("TransactionConflict")},
	{"cancelled for throttling", ofTarget("TransactWriteItems"), false, cancelling("ThrottlingError")},
	{"cancelled for throughput", ofTarget("TransactWriteItems"), false, cancelling("ProvisionedThroughputExceeded")},
	{"nothing of it processed", ofTarget("BatchGetItem"), false, unprocessed},
}

func ofTable(r *http.Request) bool { return r.Header.Get("X-Amz-Target") != "" }

func ofBucket(r *http.Request) bool { return !ofTable(r) }

func ofTarget(operations ...string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		for _, o := range operations {
			if o == operation {
				return true
			}
		}
		return false
	}
}

func lost(*http.Request, func() (*http.Response, error)) (*http.Response, error) { return nil, errCut }

func unheard(_ *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
	if response, err := carry(); err == nil {
		_, _ = io.Copy(io.Discard, response.Body) // the store is through with it
		_ = response.Body.Close()
	}
	return nil, errCut
}

// broken answers half of the answer.
func broken(_ *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
	response, err := carry()
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), failing{}))
	return response, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errCut }

func answering(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func refusing(status int, code string) func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		if ofBucket(r) {
			return answering(r, status, "<Error><Code>"+code+"</Code><Message>try again</Message></Error>"), nil
		}
		return answering(r, status, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"try again"}`, code)), nil
	}
}

func behind(happen func(*http.Request, func() (*http.Response, error)) (*http.Response, error)) func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return func(r *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
		_, _ = unheard(r, carry)
		return happen(r, carry)
	}
}

// cancelling refuses a transaction for its first item.
func cancelling(code string) func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		reasons := fmt.Sprintf(`{"Code":%q,"Message":"try again"}`, code) + strings.Repeat(`,{"Code":"None"}`, strings.Count(string(text), `"TableName"`)-1)
		return answering(r, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"cancelled","CancellationReasons":[`+reasons+`]}`), nil
	}
}

// unprocessed gives all of a BatchGetItem back.
func unprocessed(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	asked := string(text)
	at := strings.Index(asked, `"RequestItems":`) + len(`"RequestItems":`)
	end := strings.LastIndex(asked, `,"ReturnConsumedCapacity"`)
	if end < at {
		end = len(asked) - 1
	}
	return answering(r, 200, `{"Responses":{},"UnprocessedKeys":`+asked[at:end]+`}`), nil
}

// An accidentalWire carries requests. An accident that is armed happens to the n-th that it can happen to.
type accidentalWire struct {
	mu       sync.Mutex
	accident *accident
	at, seen int
	happened bool
	ctx      context.Context // the process's; nil: it was never killed
	kill     context.CancelFunc
	late     int // requests that could take longer than the function has, less the time to answer in
}

// endOfFunction is where the context of a request has the time at which the function's time is over.
type endOfFunction struct{}

// wasLate returns how many requests so far could take longer than the function has.
func (w *accidentalWire) wasLate() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.late
}

// arm lets an accident happen to the n-th request from now on, to all of them if n is 0; nil: none. It tells whether the one before has happened.
func (w *accidentalWire) arm(a *accident, n int) (happened bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	happened = w.happened
	w.accident, w.at, w.seen, w.happened = a, n, 0, false
	w.ctx, w.kill = context.WithCancel(context.Background())
	return happened
}

func (w *accidentalWire) process() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx == nil {
		return context.Background()
	}
	return w.ctx
}

// errKilled is what nobody tries again.
type errKilled struct{}

func (errKilled) Error() string       { return "the process was killed" }
func (errKilled) CanceledError() bool { return true }

// RoundTrip carries a request, unless its accident happens.
func (w *accidentalWire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	a := w.accident
	hit := false
	if end, ok := r.Context().Value(endOfFunction{}).(time.Time); ok {
		if until, ok := r.Context().Deadline(); !ok || until.After(end.Add(-retries.Margin)) {
			w.late++
		}
	}
	if a != nil && w.happened && a.kills {
		w.mu.Unlock()
		return nil, errKilled{} // it sends nothing any more
	}
	if a != nil && (a.befalls == nil || a.befalls(r)) {
		w.seen++
		hit = w.seen == w.at || w.at == 0
		w.happened = w.happened || hit
	}
	kill := w.kill
	w.mu.Unlock()
	carry := func() (*http.Response, error) { return stageTransport.RoundTrip(r) }
	if !hit {
		return carry()
	}
	response, err := a.happen(r, carry)
	if a.kills {
		kill()
	}
	return response, err
}

// stageTransport is what carries requests in the end: that of the functions.
var stageTransport = wiring.HTTPClient().Transport
