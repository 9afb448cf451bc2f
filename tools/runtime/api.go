package runtime

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxPayload is the greatest size of an answer, in bytes.
//
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxPayload = 6_291_556

// functionARN is the ARN of every function. The account is that of AWS's examples.
const functionARN = "arn:aws:lambda:us-east-1:123456789012:function:local"

// An invocation is an event that the function is handling.
type invocation struct {
	id       string
	trace    string
	event    []byte
	deadline time.Time
	begun    time.Time    // when it was sent to the function
	done     chan outcome // room for one
}

type outcome struct {
	Answer
	err error
}

func newInvocation(event []byte, deadline time.Time) *invocation {
	b := make([]byte, 28)
	_, _ = rand.Read(b) // never fails
	id, trace := b[:16], b[16:]
	return &invocation{
		id:    fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		trace: fmt.Sprintf("Root=1-%08x-%x;Sampled=0", time.Now().Unix(), trace),
		event: event, deadline: deadline, done: make(chan outcome, 1),
	}
}

// api returns the Runtime API.
func (p *Process) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", p.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", p.answered(func(body []byte) outcome {
		return outcome{Answer: Answer{Payload: body}}
	}))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", p.answered(func(body []byte) outcome {
		return outcome{err: functionError(body)}
	}))
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", p.cannotStart)
	return mux
}

// next blocks until there is an event for the function.
func (p *Process) next(w http.ResponseWriter, r *http.Request) {
	select {
	case p.asked <- time.Now():
	default: // not the first time
	}
	select {
	case i := <-p.events:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", functionARN)
		h.Set("Lambda-Runtime-Trace-Id", i.trace)
		h.Set("Content-Length", strconv.Itoa(len(i.event)))
		i.begun = time.Now()
		p.current.Store(i)
		_, _ = w.Write(i.event) // the end of the function is noticed elsewhere
	case <-r.Context().Done():
	}
}

// answered receives the answer to the present event. It refuses that to any other.
func (p *Process) answered(read func(body []byte) outcome) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
		at := time.Now()
		i := p.current.Load()
		switch {
		case err != nil:
			return // the function ended while it answered
		case i == nil || i.id != r.PathValue("id") || !p.current.CompareAndSwap(i, nil):
			reply(w, http.StatusBadRequest, "InvalidRequestID")
		case len(body) > maxPayload:
			i.done <- outcome{err: errTooLarge}
			reply(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge")
		default:
			o := read(body)
			o.Took = at.Sub(i.begun)
			i.done <- o
			reply(w, http.StatusAccepted, "OK")
		}
	}
}

func (p *Process) cannotStart(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	select {
	case p.refused <- functionError(body):
	default: // told before
	}
	reply(w, http.StatusAccepted, "OK")
}

func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"status":%q}`, text)
}

// functionError reads the error that a function reports. Text that is not JSON is quoted.
func functionError(body []byte) error {
	e := new(FunctionError)
	if json.Unmarshal(body, e) != nil || *e == (FunctionError{}) {
		e.Message = string(body)
	}
	return e
}
