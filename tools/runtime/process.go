// Package runtime runs the binary of a Lambda function. It implements the Lambda Runtime API on loopback, which gives the function
// its events one by one and receives its answers. Its times and memory figures are for comparisons on one machine.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options configure the function. Only Binary is required.
type Options struct {
	Binary string
	// Env is the function's whole environment except the address of the Runtime API.
	Env map[string]string
	// StartTimeout is the limit until the function requests its first event; 0 means 10 s, as in Lambda.
	StartTimeout time.Duration
	// Timeout is the limit for an event; 0 means 30 s.
	Timeout time.Duration
	// Output receives the function's standard output, its log. It may be nil.
	Output io.Writer
	// Quota bounds the CPU time of the function; nil means no bound.
	Quota *Quota
}

// A Process is a running function. It handles one event at a time; its methods may be called concurrently.
type Process struct {
	options Options
	command *exec.Cmd
	server  *http.Server
	startUp time.Duration
	stderr  tail
	exited  chan struct{} // closed when the process has ended

	asked   chan time.Time   // when the function requested its first event
	refused chan error       // the error that it reported instead
	events  chan *invocation // taken by a request for an event
	current atomic.Pointer[invocation]
	turn    sync.Mutex // of Invoke
}

// Start starts a function and returns when it requests its first event. The error, for a function that ends before, reports an error or
// takes too long, contains its standard error. ctx bounds only the start; Stop ends the function.
func Start(ctx context.Context, o Options) (*Process, error) {
	o.StartTimeout = cmp.Or(o.StartTimeout, 10*time.Second)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Process{
		options: o, exited: make(chan struct{}),
		asked: make(chan time.Time, 1), refused: make(chan error, 1), events: make(chan *invocation),
	}
	p.server = &http.Server{Handler: p.api(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(listener) }() // ends with Close

	p.command = exec.Command(o.Binary)
	p.command.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}
	for name, value := range o.Env {
		p.command.Env = append(p.command.Env, name+"="+value)
	}
	p.command.Stdout, p.command.Stderr = o.Output, &p.stderr
	begun := time.Now()
	if err := o.Quota.start(p.command); err != nil {
		_ = p.server.Close()
		return nil, err
	}
	go func() {
		_ = p.command.Wait() // ProcessState says the same
		close(p.exited)
	}()
	if err := p.awaitFirst(ctx, begun); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func (p *Process) awaitFirst(ctx context.Context, begun time.Time) error {
	limit := time.NewTimer(p.options.StartTimeout)
	defer limit.Stop()
	select {
	case at := <-p.asked:
		p.startUp = at.Sub(begun)
		return nil
	case err := <-p.refused:
		return fmt.Errorf("%s can't start: %w", p.options.Binary, err)
	case <-p.exited:
		return p.ended("before it asked for an event")
	case <-limit.C:
		return fmt.Errorf("%s did not ask for an event within %s%s", p.options.Binary, p.options.StartTimeout, p.stderr.said())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// StartUp returns the time from the start of the process to its first request for an event.
func (p *Process) StartUp() time.Duration { return p.startUp }

// An Answer is the answer of a function to an event.
type Answer struct {
	Payload []byte
	// Took is the time from sending the event to the waiting function until its answer was complete.
	Took time.Duration
}

// A FunctionError is an error that a function reported instead of an answer.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string {
	return strings.TrimSpace(e.Type + " " + e.Message)
}

// errTooLarge is the error of an answer that exceeds the limit of Lambda.
var errTooLarge = errors.New("the answer is larger than the 6 MB that Lambda takes")

// Invoke sends the function an event, in JSON, and returns its answer. The error is a *FunctionError, or, for a function that ended,
// contains its standard error. A function that exceeds its Timeout is killed, as in Lambda.
func (p *Process) Invoke(ctx context.Context, event []byte) (Answer, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, p.options.Timeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	i := newInvocation(event, deadline)
	select {
	case p.events <- i:
	case <-p.exited:
		return Answer{}, p.ended("before it asked for the next event")
	case <-ctx.Done():
		return Answer{}, p.tooLate("did not ask for the next event")
	}
	select {
	case o := <-i.done:
		return o.Answer, o.err
	case <-p.exited:
	case <-ctx.Done():
		return Answer{}, p.tooLate("did not answer")
	}
	select {
	case o := <-i.done: // it reported an error, then ended
		return o.Answer, o.err
	default:
		return Answer{}, p.ended("in place of answering")
	}
}

// Stop kills the function, as Lambda does. It may be called again.
func (p *Process) Stop() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.exited
	_ = p.server.Close() // nothing is left to lose
}

func (p *Process) ended(when string) error {
	return fmt.Errorf("%s ended %s, with %s%s", p.options.Binary, when, p.command.ProcessState, p.stderr.said())
}

func (p *Process) tooLate(what string) error {
	p.Stop()
	return fmt.Errorf("%s %s within its time%s", p.options.Binary, what, p.stderr.said())
}

// A tail keeps the end of its output.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 4096

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-tailBytes):]
	return len(b), nil
}

// said is the end of an error's text.
func (t *tail) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.text) == 0 {
		return "; it wrote nothing to its standard error"
	}
	return ": " + strings.TrimSpace(string(t.text))
}
