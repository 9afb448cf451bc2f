package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"contacts/tools/platform"
)

type object = map[string]any

// A client sends one request after the other. It has its own contacts, which no other client changes, so it knows their expected state.
type client struct {
	*storm
	number, counter int
	random          *rand.Rand

	people, firms []*contact
	tills         []*contact
	lists         []*customerList
	types         []*optionType
	members       map[string]*member // of shared customer lists: by list and contact
	crowded       *contact           // this client's parts of the contact that all clients share
}

func (c *client) next() int {
	c.counter++
	return c.number*10_000_000 + c.counter
}

func (c *client) unique(what string) string { return what + "-" + strconv.Itoa(c.next()) }

// percent returns true in n of a hundred cases.
func (c *client) percent(n int) bool { return c.random.IntN(100) < n }

func one[T any](c *client, of []T) (picked T, ok bool) {
	if len(of) == 0 {
		return picked, false
	}
	return of[c.random.IntN(len(of))], true
}

// A result is the final answer to a request.
type result struct {
	span
	status int
	header http.Header
	body   []byte
}

func (r *result) ok() bool { return r.status < 300 }

// object returns the answer's JSON.
func (r *result) object() object {
	var o object
	if err := json.Unmarshal(r.body, &o); err != nil {
		return object{}
	}
	return o
}

func (r *result) text(field string) string {
	switch v := r.object()[field].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// work chooses and executes operations until the storm is over.
func (c *client) work(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-c.stopping:
			return
		default:
		}
		c.step(ctx)
	}
}

// write sends a write until it is answered, nil if the storm was interrupted. With its idempotency key it may be sent twice, aborted or
// repeated, as unlucky or impatient callers do.
func (c *client) write(ctx context.Context, operation string, body any, ids ...string) *result {
	return c.writeMatching(ctx, operation, "", body, ids...)
}

func (c *client) writeMatching(ctx context.Context, operation, match string, body any, ids ...string) *result {
	r := c.operations.Request(operation, org, ids...)
	r.Key, r.Match = c.unique("key"), match
	r.Body = encoded(body)
	return c.carryOut(ctx, operation, r)
}

// encoded returns the JSON of a body, "" without one.
func encoded(body any) string {
	if body == nil {
		return ""
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // texts, numbers and lists of them
	}
	return string(text)
}

func (c *client) carryOut(ctx context.Context, operation string, r platform.Request) *result {
	done := result{}
	done.start = time.Now()
	var a *platform.Answer
	switch n := c.random.IntN(100); {
	case n < 8:
		a = c.twice(ctx, r)
	case n < 11:
		c.breakOff(ctx, r)
		a = c.insist(ctx, r, c.random.IntN(2))
	default:
		a = c.insist(ctx, r, c.random.IntN(2))
	}
	if a == nil {
		return nil
	}
	done.end = time.Now()
	done.status, done.header, done.body = a.Status, a.Header, a.Body
	c.count(operation, a.Status)
	if c.percent(3) {
		c.counts.replayed.Add(1)
		if again := c.insist(ctx, r, c.random.IntN(2)); again != nil && (!same(a, again) || again.Header.Get("Idempotent-Replayed") != "true") {
			c.fail("%s %s %s was answered %d %s, and with its key again %d %s", r.Method, r.Path, r.Body, a.Status, a.Body, again.Status, again.Body)
		}
	}
	return &done
}

func same(a, b *platform.Answer) bool { return a.Status == b.Status && bytes.Equal(a.Body, b.Body) }

// twice sends a request to both processes concurrently. It must be executed once, and both answers must be equal.
func (c *client) twice(ctx context.Context, r platform.Request) *platform.Answer {
	c.counts.twice.Add(1)
	var answers [2]*platform.Answer
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() { answers[i] = c.insist(ctx, r, i) })
	}
	wait.Wait()
	a, b := answers[0], answers[1]
	if a == nil || b == nil {
		return nil
	}
	if !same(a, b) || a.Header.Get("Idempotent-Replayed")+b.Header.Get("Idempotent-Replayed") == "" {
		c.fail("%s %s %s, sent twice at once, was answered %d %s (replayed: %q) and %d %s (replayed: %q)", r.Method, r.Path, r.Body,
			a.Status, a.Body, a.Header.Get("Idempotent-Replayed"), b.Status, b.Body, b.Header.Get("Idempotent-Replayed"))
	}
	return a
}

// breakOff sends a request and disconnects before the answer.
func (c *client) breakOff(ctx context.Context, r platform.Request) {
	c.counts.broken.Add(1)
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.random.IntN(30))*time.Millisecond)
	defer cancel()
	l, _ := c.cluster.Processes[c.random.IntN(2)].Now()
	_, _ = l.Send(ctx, c.http, r) // the result is ignored
}

// patience is how long a request is repeated: the key of a killed run is in use for a minute.
const patience = 10 * time.Minute

// insist sends a request to a process, or the other one if it fails, until it has a final answer; nil if the storm was interrupted or
// patience ends.
func (c *client) insist(ctx context.Context, r platform.Request, process int) *platform.Answer {
	begun := time.Now()
	for try := 0; ctx.Err() == nil; try++ {
		p := c.cluster.Processes[(process+try)%len(c.cluster.Processes)]
		l, _ := p.Now()
		a, err := l.Send(ctx, c.http, r)
		why := ""
		switch {
		case err != nil && (p.Dying(l) || ctx.Err() != nil):
			c.counts.resent.Add(1)
		case err != nil:
			c.fail("%s %s: no answer: %v", r.Method, r.Path, err)
			return nil
		case a.Status == http.StatusServiceUnavailable:
			c.counts.busy.Add(1)
			if why = fmt.Sprintf("%d %s", a.Status, a.Body); c.calm && c.kills == 0 {
				c.fail("%s %s %s: %s", r.Method, r.Path, r.Body, why)
			}
		case a.Status >= 500:
			c.fail("%s %s %s: %d %s", r.Method, r.Path, r.Body, a.Status, a.Body)
			return a
		case a.Status == http.StatusConflict && a.Header.Get("Retry-After") != "":
			why = "its key is taken"
		default:
			return a
		}
		if time.Since(begun) > patience {
			c.fail("%s %s %s: not answered for good within %s, at last %s", r.Method, r.Path, r.Body, patience, why)
			return nil
		}
		pause(ctx, time.Duration(min(try+1, 20))*25*time.Millisecond)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// read sends a read, nil if the storm was interrupted.
func (c *client) read(ctx context.Context, operation, query string, ids ...string) *result {
	r := c.operations.Request(operation, org, ids...)
	return c.readPath(ctx, operation, r.Path+query)
}

func (c *client) readPath(ctx context.Context, operation, path string) *result {
	r := platform.Request{Org: org, Method: http.MethodGet, Path: path}
	done := result{}
	done.start = time.Now()
	a := c.insist(ctx, r, c.random.IntN(2))
	if a == nil {
		return nil
	}
	done.end = time.Now()
	done.status, done.header, done.body = a.Status, a.Header, a.Body
	c.count(operation, a.Status)
	return &done
}

// want reports whether a result has one of these statuses, and records any other as a failure.
func (c *client) want(r *result, of *contact, what string, statuses ...int) bool {
	if r == nil {
		return false
	}
	for _, s := range statuses {
		if r.status == s {
			return true
		}
	}
	c.fail("%s: %d %s, want %v%s", what, r.status, r.body, statuses, of.history())
	return false
}
