package local

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"contacts/pkg/samtemplate"
)

// A Waker calls the functions of a template that the table's stream wakes, after requests that may have written, and on their schedule. It needs no stream,
// which would slow the engine down. The event is always that of the schedule, which names no record.
type Waker struct {
	functions []samtemplate.Function
	handlers  map[string]Handler
	every     time.Duration
	log       *slog.Logger

	wake    chan struct{}
	slots   chan struct{}
	stopped chan struct{}
	running sync.WaitGroup
}

const (
	// wakeEvery is the local schedule; that of the template is long at a keyboard.
	wakeEvery = 5 * time.Second
	// wakePause is the shortest time between two calls, for many writes that follow each other.
	wakePause = 100 * time.Millisecond
	// concurrentWakes is how many calls run at once: one that waits for a slow receiver delays no other.
	concurrentWakes = 16
)

// NewWaker returns a waker for a template, nil if no function has such events. Close ends it.
func NewWaker(t samtemplate.Template, handlers map[string]Handler, log *slog.Logger) (*Waker, error) {
	w := &Waker{handlers: handlers, every: wakeEvery, log: log, wake: make(chan struct{}, 1), slots: make(chan struct{}, concurrentWakes), stopped: make(chan struct{})}
	for _, f := range t.Functions {
		if f.Stream && f.Scheduled {
			if handlers[f.Group] == nil {
				return nil, noHandler(f)
			}
			w.functions = append(w.functions, f)
		}
	}
	if w.functions == nil {
		return nil, nil
	}
	w.running.Go(w.run)
	return w, nil
}

// Wake lets the functions be called soon.
func (w *Waker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // somebody else has woken them, and they have not been called yet
	}
}

// run calls the functions until Close.
func (w *Waker) run() {
	schedule := time.NewTicker(w.every)
	defer schedule.Stop()
	for {
		select {
		case <-w.wake:
		case <-schedule.C:
		case <-w.stopped:
			return
		}
		for i := range w.functions {
			select {
			case w.slots <- struct{}{}:
				w.running.Go(func() {
					defer func() { <-w.slots }()
					w.call(&w.functions[i])
				})
			case <-w.stopped:
				return
			}
		}
		select {
		case <-time.After(wakePause):
		case <-w.stopped:
			return
		}
	}
}

// call calls a function as a schedule of EventBridge does.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
func (w *Waker) call(f *samtemplate.Function) {
	event, err := encodeEvent(map[string]any{
		"version": "0", "id": newUUID(), "detail-type": "Scheduled Event", "source": "aws.events", "account": samtemplate.LocalAccount,
		"time": time.Now().UTC().Format(time.RFC3339), "region": samtemplate.LocalRegion, "resources": []string{}, "detail": struct{}{},
	})
	if err == nil {
		_, err = invoke(w.handlers[f.Group], f, event, noGateway)
	}
	if err != nil {
		w.log.Error("function failed", "function", f.Group, "error", err)
	}
}

// Close ends the schedule and waits for running calls until ctx ends.
func (w *Waker) Close(ctx context.Context) {
	close(w.stopped)
	idle := make(chan struct{})
	go func() {
		w.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// afterWrites wakes after each request that may have written.
func (w *Waker) afterWrites(h http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(out, r)
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
		default:
			w.Wake()
		}
	})
}

// A wakingHandler wakes after each call of a function.
type wakingHandler struct {
	Handler
	waker *Waker
}

// Invoke calls the function.
func (h wakingHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	defer h.waker.Wake()
	return h.Handler.Invoke(ctx, payload)
}

// afterObjects returns the handlers such that those of S3 events wake after each call.
func (w *Waker) afterObjects(t samtemplate.Template, handlers map[string]Handler) map[string]Handler {
	waking := map[string]Handler{}
	for _, f := range t.Functions {
		if waking[f.Group] = handlers[f.Group]; len(f.ObjectEvents) > 0 {
			waking[f.Group] = wakingHandler{handlers[f.Group], w}
		}
	}
	return waking
}
