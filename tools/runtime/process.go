// Package runtime runs the binary of a Lambda function as Lambda does: it is a stand-in of the Lambda Runtime API on
// loopback, which hands the function its events one by one and takes its answers. What it tells of times and memory is
// for comparisons on one machine.
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

// Options say what is run. Only Binary is needed.
type Options struct {
	Binary string
	// Env is the function's whole environment, but for the address of the Runtime API.
	Env map[string]string
	// StartTimeout is how long the function has until it asks for its first event; 0 is Lambda's 10 s.
	StartTimeout time.Duration
	// Timeout is how long the function has for an event; 0 is 30 s.
	Timeout time.Duration
	// Output takes what the function writes to its standard output, which is its log; nil: nobody does.
	Output io.Writer
	// Quota is the CPU time that the function has; nil: all that the machine gives.
	Quota *Quota
}

// A Process is a function that runs. It has one event at a time; its methods may be called by many goroutines.
type Process struct {
	options Options
	command *exec.Cmd
	server  *http.Server
	startUp time.Duration
	stderr  tail
	exited  chan struct{} // closed when the process is gone

	asked   chan time.Time   // when the function asked for its first event
	refused chan error       // what it reported in place of asking
	events  chan *invocation // taken by a request for an event
	current atomic.Pointer[invocation]
	turn    sync.Mutex // of Invoke
}

// Start starts a function and returns when it asks for its first event. It is an error if it ends before, reports that
// it can't start, or doesn't ask in time; the error has what it wrote to its standard error. ctx bounds the start
// alone; Stop ends the function.
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

// StartUp is the time from the start of the process to its first request for an event.
func (p *Process) StartUp() time.Duration { return p.startUp }

// An Answer is what a function answered to an event.
type Answer struct {
	Payload []byte
	// Took is the time from handing the event to the waiting function until its whole answer was there.
	Took time.Duration
}

// A FunctionError is what a function reported in place of an answer.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string {
	return strings.TrimSpace(e.Type + " " + e.Message)
}

// errTooLarge is the error of an answer that Lambda would not take.
var errTooLarge = errors.New("the answer is larger than the 6 MB that Lambda takes")

// Invoke hands the function an event, in JSON, and returns its answer, or a *FunctionError. A function that ends in place
// of answering is an error with what it wrote to its standard error; one that takes longer than its Timeout is killed, as
// by Lambda.
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
	case o := <-i.done: // it reported why, and then ended
		return o.Answer, o.err
	default:
		return Answer{}, p.ended("in place of answering")
	}
}

// Stop kills the function, as Lambda does. It may be called again.
func (p *Process) Stop() {
	_ = p.command.Process.Kill() // it may be gone
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

// A tail keeps the end of what is written to it.
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
