package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"contacts/tools/platform"
)

// clients are all clients of the load.
type clients struct {
	platform *platform.Platform
	http     *http.Client
	all      []*client

	stopping chan struct{}
	working  sync.WaitGroup
}

func newClients(p *platform.Platform, n int) *clients {
	c := &clients{platform: p, http: platform.HTTPClient(n)}
	for i := range n {
		c.all = append(c.all, &client{clients: c, number: i + 1, random: rand.New(rand.NewPCG(1, uint64(i)))})
	}
	return c
}

// start runs the clients until stop.
func (c *clients) start(ctx context.Context) {
	c.stopping = make(chan struct{})
	for _, client := range c.all {
		c.working.Go(func() { client.work(ctx) })
	}
}

// stop ends the clients after their last requests.
func (c *clients) stop() {
	close(c.stopping)
	c.working.Wait()
}

// survive kills the server or its engine while the clients run, and restarts the platform.
func (c *clients) survive(ctx context.Context, victim string) error {
	c.start(ctx)
	pause(ctx, aroundKill)
	err := c.platform.Die(ctx, victim)
	if err == nil {
		err = c.platform.Start(ctx)
	}
	if err != nil {
		return err // the clients wait for a platform that does not start: the caller ends
	}
	pause(ctx, aroundKill)
	c.stop()
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (c *clients) report(w io.Writer, d time.Duration) {
	for _, kind := range []struct {
		name string
		of   func(*client) []time.Duration
	}{{"writes", func(c *client) []time.Duration { return c.writes }}, {"reads", func(c *client) []time.Duration { return c.reads }}} {
		all := sortedOf(c, kind.of)
		fmt.Fprintf(w, "%s: %d answered, %.0f in a second, p50 %s, p99 %s, at most %s\n", kind.name, len(all),
			float64(len(all))/d.Seconds(), rounded(quantile(all, 0.5)), rounded(quantile(all, 0.99)), rounded(quantile(all, 1)))
	}
}

func rounded(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

// verify compares all contacts with the ledger.
func (c *clients) verify(ctx context.Context, w io.Writer) (failures []string) {
	known := map[string]*person{}
	var repeated, lostReads, writes int
	for _, client := range c.all {
		failures = append(failures, client.failures...)
		for _, p := range client.people {
			known[p.id] = p
		}
		repeated, lostReads, writes = repeated+client.repeated, lostReads+client.failedAtKill, writes+len(client.writes)
	}
	listed, err := c.listed(ctx)
	if err != nil {
		return append(failures, err.Error())
	}
	lost, doubled, other := 0, 0, 0
	for id, times := range listed {
		if known[id] == nil || times > 1 {
			doubled++
			failures = append(failures, "nobody was told of contact "+id)
		}
	}
	for id := range known {
		if listed[id] == 0 {
			lost++
			failures = append(failures, "contact "+id+" is not listed")
		}
	}
	for _, wrong := range c.compare(ctx) {
		other++
		failures = append(failures, wrong)
	}
	fmt.Fprintf(w, "%d writes were answered; of those that a kill left without an answer %d were sent again with their keys; %d reads had none\n",
		writes, repeated, lostReads)
	fmt.Fprintf(w, "%d contacts held against the ledger: %d lost, %d doubled, %d other than written\n", len(known), lost, doubled, other)
	return failures
}

// listed returns how often each contact is listed, by id.
func (c *clients) listed(ctx context.Context) (map[string]int, error) {
	l, _ := c.platform.Now()
	listed := map[string]int{}
	for offset := 0; ; {
		status, body, err := c.send(ctx, l, http.MethodGet, individuals+"?limit=1000&offset="+strconv.Itoa(offset), "", "")
		if err != nil {
			return nil, err
		}
		if status != http.StatusOK {
			return nil, fmt.Errorf("the list at %d: %d: %s", offset, status, body)
		}
		var page struct {
			Items    []struct{ ID string }
			Problems []json.RawMessage
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, err
		}
		if len(page.Problems) > 0 {
			return nil, fmt.Errorf("the list at %d has problems: %s", offset, page.Problems)
		}
		if len(page.Items) == 0 {
			return listed, nil
		}
		for _, item := range page.Items {
			listed[item.ID]++
		}
		offset += len(page.Items)
	}
}

// compare reads each contact and returns the differences from the ledger.
func (c *clients) compare(ctx context.Context) (wrong []string) {
	l, _ := c.platform.Now()
	var mu sync.Mutex
	var reading sync.WaitGroup
	for _, client := range c.all {
		reading.Go(func() {
			for _, p := range client.people {
				status, body, err := c.send(ctx, l, http.MethodGet, individuals+"/"+p.id+"/full", "", "")
				var d details
				if err == nil {
					err = json.Unmarshal(body, &d)
				}
				difference := p.differs(d)
				if err != nil || status != http.StatusOK {
					difference = fmt.Sprintf("%d, %v: %s", status, err, body)
				}
				if difference != "" {
					mu.Lock()
					wrong = append(wrong, "contact "+p.id+": "+difference)
					mu.Unlock()
				}
			}
		})
	}
	reading.Wait()
	return wrong
}
