package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"contacts/tools/runtime"
)

// An operation is measured on several functions in turns.
type operation struct {
	name  string
	block int // consecutive requests to each function in a round
	sides []*side
}

// A side is one of the functions, with its measurements.
type side struct {
	name  string
	event func() []byte

	process  *runtime.Process
	p50, cpu series // of each round, ms: median duration, and CPU time per request
	all      series // ms, of each request
}

// of returns the side of a function.
func (o *operation) of(name string) *side {
	for _, side := range o.sides {
		if side.name == name {
			return side
		}
	}
	panic("bench: " + o.name + " has no side " + name)
}

// The operations that are measured.
const (
	getContact    = "GET contact"
	getDetails    = "details of a contact with 40 parts"
	list200       = "list of 200"
	list5000      = "list of 5,000"
	createContact = "create contact"
	zipped        = individuals + ", gzip"
)

// measureRequests sends the same requests to functions and baselines in turns.
func (s *stage) measureRequests(ctx context.Context, r *report) error {
	path, err := s.addContactWithParts(ctx)
	if err != nil {
		return err
	}
	same := func(event []byte) func() []byte { return func() []byte { return event } }
	get, details := same(s.get(path, "")), same(s.get(path+"/full", ""))
	short, long := same(s.get("/individual", "limit=200")), same(s.get("/individual", "limit=5000"))
	gzip := same(s.sample.event(request{method: "GET", path: "/contacts/org/" + org + "/individual", query: "limit=200",
		authorization: "Bearer " + s.token, acceptEncoding: "gzip"}))
	made := listed
	create := func() []byte {
		made++
		return s.create(org, made)
	}
	otherTenant := func() []byte { // the same items, but in no list
		made++
		return s.create("other", made)
	}
	conventionalGet, err := s.firstOfConventional(ctx)
	if err != nil {
		return err
	}
	r.operations = []*operation{
		{getContact, 40, []*side{{name: individuals, event: get}, {name: raw, event: get}, {name: conventional, event: same(conventionalGet)}}},
		{getDetails, 25, []*side{{name: individuals, event: details}, {name: raw, event: details}}},
		{list200, 8, []*side{{name: individuals, event: short}, {name: raw, event: short}, {name: conventional, event: short}, {name: zipped, event: gzip}}},
		{list5000, 2, []*side{{name: individuals, event: long}, {name: raw, event: long}, {name: conventional, event: long}}},
		{createContact, 25, []*side{{name: individuals, event: create}, {name: raw, event: otherTenant}, {name: conventional, event: otherTenant}}},
	}
	for _, o := range r.operations {
		if err := s.measure(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return s.measureFirst(ctx, r)
}

// measure measures the sides of an operation in turns. Each has its own process.
func (s *stage) measure(ctx context.Context, o *operation) error {
	for _, side := range o.sides {
		function, _, _ := strings.Cut(side.name, ",")
		p, err := s.start(ctx, function, nil)
		if err != nil {
			return err
		}
		defer p.Stop()
		side.process = p
	}
	const warmUp = -1
	for round := warmUp; round < s.rounds; round++ {
		if err := inTurns(round, len(o.sides), func(i int) error {
			side := o.sides[i]
			times, cpu, err := side.ask(ctx, o.block)
			if err != nil || round == warmUp {
				return err
			}
			side.p50, side.cpu, side.all = append(side.p50, times.median()), append(side.cpu, cpu), append(side.all, times...)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// ask sends n requests. It returns the duration of each, and the average CPU time, in ms.
func (b *side) ask(ctx context.Context, n int) (times series, cpu float64, err error) {
	before, err := b.process.Usage()
	if err != nil {
		return nil, 0, err
	}
	for range n {
		_, took, err := ask(ctx, b.process, b.event())
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", b.name, err)
		}
		times = append(times, milliseconds(took))
	}
	after, err := b.process.Usage()
	return times, milliseconds(after.CPU-before.CPU) / float64(n), err
}

// measureFirst measures the first request of a process, which also opens the connection to the table.
func (s *stage) measureFirst(ctx context.Context, r *report) error {
	get := r.operations[0]
	r.first = map[string]series{}
	for round := range s.rounds {
		if err := inTurns(round, len(get.sides), func(i int) error {
			side := get.sides[i]
			p, err := s.start(ctx, side.name, nil)
			if err != nil {
				return err
			}
			defer p.Stop()
			_, took, err := ask(ctx, p, side.event())
			r.first[side.name] = append(r.first[side.name], milliseconds(took))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// measureMemory sends a function requests for the largest lists, one after the other.
func (s *stage) measureMemory(ctx context.Context, r *report) error {
	const lists = 20
	p, err := s.start(ctx, individuals, nil)
	if err != nil {
		return err
	}
	defer p.Stop()
	event := s.get("/individual", "limit=5000")
	for range lists {
		if _, _, err := ask(ctx, p, event); err != nil {
			return err
		}
	}
	r.afterLists, err = p.Usage()
	return err
}

// addContactWithParts adds a contact with 40 parts through the function, and returns its path below the tenant's.
func (s *stage) addContactWithParts(ctx context.Context) (string, error) {
	p, err := s.start(ctx, individuals, nil)
	if err != nil {
		return "", err
	}
	defer p.Stop()
	add := func(path string, body any) (id string, err error) {
		answer, _, err := ask(ctx, p, s.post(org, path, body))
		if err != nil {
			return "", err
		}
		var made struct{ ID string }
		err = json.Unmarshal(answer, &made)
		return made.ID, err
	}
	id, err := add("/individual", map[string]string{"name": fullName(0), "external_id": "crm-parts", "date_of_birth": dateOfBirth, "anniversary": anniversary})
	if err != nil {
		return "", err
	}
	path := "/individual/" + id
	for n := range 10 {
		for kind, body := range map[string]any{
			"addresses":     map[string]string{"type": "NOT_QUALIFIED", "full_address": fmt.Sprintf("Musterweg %d, 51063 Köln", n), "usage_context": "PERSONAL"},
			"emails":        map[string]string{"type": "NOT_QUALIFIED", "address": fmt.Sprintf("erika-%d@example.com", n), "usage_context": "PERSONAL"},
			"phones":        map[string]any{"type": "NOT_QUALIFIED", "number": fmt.Sprintf("+49 221 98765%02d", n), "usages": []string{"EVERYTHING"}, "usage_context": "PERSONAL"},
			"web-addresses": map[string]string{"type": "NOT_QUALIFIED", "url": fmt.Sprintf("https://example.com/erika/%d", n), "usage_context": "PERSONAL"},
		} {
			if _, err := add(path+"/"+kind, body); err != nil {
				return "", fmt.Errorf("%s: %w", kind, err)
			}
		}
	}
	return path, nil
}

// firstOfConventional returns the event that reads the first contact of the conventional function's list.
func (s *stage) firstOfConventional(ctx context.Context) ([]byte, error) {
	p, err := s.start(ctx, conventional, nil)
	if err != nil {
		return nil, err
	}
	defer p.Stop()
	answer, _, err := ask(ctx, p, s.get("/individual", "limit=1"))
	if err != nil {
		return nil, err
	}
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(answer, &page); err != nil || len(page.Items) == 0 {
		return nil, fmt.Errorf("the conventional function lists nothing: %w", err)
	}
	return s.get("/individual/"+page.Items[0].ID, ""), nil
}
