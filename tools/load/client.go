package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"contacts/tools/platform"
)

// A client sends one request after the other. It writes contacts of its own, which no other client changes.
type client struct {
	*clients
	number, counter int
	random          *rand.Rand
	people          []*person

	writes, reads          []time.Duration // durations of answered requests
	repeated, failedAtKill int
	failures               []string
}

func (c *client) next() int {
	c.counter++
	return c.number*10_000_000 + c.counter
}

func (c *client) unique(what string) string { return what + "-" + strconv.Itoa(c.next()) }

func (c *client) fail(format string, args ...any) {
	c.failures = append(c.failures, fmt.Sprintf(format, args...))
}

// work sends requests, two reads for each write, until it is stopped. It repeats the last write until it is answered.
func (c *client) work(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-c.stopping:
			return
		default:
		}
		if len(c.people) > 0 && c.random.IntN(3) > 0 {
			c.read(ctx)
			continue
		}
		c.carryOut(ctx, c.choose())
	}
}

func (c *client) choose() write {
	var p *person
	if len(c.people) > 0 {
		p = c.people[c.random.IntN(len(c.people))]
	}
	if p == nil || p.deleted {
		return c.add()
	}
	switch n := c.random.IntN(20); {
	case n < 6:
		return c.add()
	case n < 10:
		return c.rename(p)
	case n < 13 && len(p.emails) < 20:
		return c.addEmail(p)
	case n < 15:
		for id := range p.emails {
			return c.removeEmail(p, id)
		}
		return c.addEmail(p)
	case n < 19:
		return c.setOption(p)
	default:
		return c.remove(p)
	}
}

// carryOut sends a write until it is answered. It repeats it only after the platform was killed.
func (c *client) carryOut(ctx context.Context, w write) {
	for again := false; ctx.Err() == nil; again = true {
		if again {
			c.repeated++
		}
		begun := time.Now()
		l, changed := c.platform.Now()
		status, body, err := c.send(ctx, l, w.method, w.path, w.key, w.body)
		if err == nil && status < 300 {
			c.writes = append(c.writes, time.Since(begun))
			if err := w.enter(body); err != nil {
				c.fail("%s %s: %v", w.method, w.path, err)
			}
			return
		}
		if !c.platform.Dying(l) {
			c.fail("%s %s: %d, %v: %s", w.method, w.path, status, err, body)
			return
		}
		c.await(ctx, changed)
	}
}

// read sends a read and compares the answer with the ledger.
func (c *client) read(ctx context.Context) {
	p := c.people[c.random.IntN(len(c.people))]
	path, shows := individuals+"/"+p.id+"/full", func(body []byte) string {
		var d details
		if err := json.Unmarshal(body, &d); err != nil {
			return err.Error()
		}
		return p.differs(d)
	}
	switch c.random.IntN(4) {
	case 0:
		path = individuals + "?limit=50&offset=" + strconv.Itoa(c.random.IntN(1000))
		shows = func([]byte) string { return "" }
	case 1:
		path, shows = individuals+"/"+p.id, holds(p.name)
	case 2:
		if p.option != "" && !p.deleted { // the dialect does not show deleted contacts
			path, shows = contactOptions+p.id+"/options", holds(p.option)
		}
	}
	begun := time.Now()
	l, changed := c.platform.Now()
	status, body, err := c.send(ctx, l, http.MethodGet, path, "", "")
	switch {
	case err == nil && status == http.StatusOK:
		c.reads = append(c.reads, time.Since(begun))
		if wrong := shows(body); wrong != "" {
			c.fail("GET %s: %s", path, wrong)
		}
	case ctx.Err() != nil:
	case c.platform.Dying(l):
		c.failedAtKill++
		c.await(ctx, changed)
	default:
		c.fail("GET %s: %d, %v: %s", path, status, err, body)
	}
}

func holds(text string) func([]byte) string {
	return func(body []byte) string {
		if strings.Contains(string(body), strconv.Quote(text)) {
			return ""
		}
		return fmt.Sprintf("no %q in %s", text, body)
	}
}

func (c *client) await(ctx context.Context, changed <-chan struct{}) {
	select {
	case <-changed:
	case <-ctx.Done():
	}
}

func (c *clients) send(ctx context.Context, l *platform.Life, method, path, key, body string) (status int, answer []byte, err error) {
	a, err := l.Send(ctx, c.http, platform.Request{Method: method, Path: path, Key: key, Body: body})
	if err != nil {
		return 0, nil, err
	}
	return a.Status, a.Body, nil
}

// quantile returns a quantile of sorted durations.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func sortedOf(c *clients, of func(*client) []time.Duration) []time.Duration {
	var all []time.Duration
	for _, client := range c.all {
		all = append(all, of(client)...)
	}
	slices.Sort(all)
	return all
}
