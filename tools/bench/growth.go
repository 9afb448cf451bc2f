package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Growth is the cost of operations with growing numbers of contacts in the tenant, and of parts of a contact.
type growth struct{ contacts, parts grown }

// Grown has a cell for each operation and size.
type grown struct {
	sizes []int
	rows  []grownRow
}

type grownRow struct {
	name  string
	cells []cell
}

// A cell is the cost of an operation at one size.
type cell struct {
	times   series // ms
	used    usage  // of the last request
	refused string // the status and the reason of an unsuccessful answer, or ""
}

// A probe is an operation at one size.
type probe struct {
	name, function string
	requests       int // how many; fewer if they take long
	event          func(n int) []byte
}

// probeTime is the time limit of a probe.
const probeTime = 5 * time.Second

// measureGrowth measures the main operations in tenants with growing numbers of contacts, and on contacts with growing numbers of parts.
func (s *stage) measureGrowth(ctx context.Context, r *report) error {
	g := &growth{contacts: grown{sizes: []int{1000, 100_000, million}}, parts: grown{sizes: []int{1, 100, 10_000}}}
	if err := s.grow(ctx, &g.contacts, s.probesOfCrowd); err != nil {
		return err
	}
	if err := s.grow(ctx, &g.parts, s.probesOfParts); err != nil {
		return err
	}
	r.growth = g
	return nil
}

// grow measures the same probes, in the same order, at each size.
func (s *stage) grow(ctx context.Context, g *grown, probes func(ctx context.Context, size int) ([]probe, error)) error {
	bySize := make([][]probe, len(g.sizes))
	for i, size := range g.sizes {
		var err error
		if bySize[i], err = probes(ctx, size); err != nil {
			return err
		}
	}
	for n, first := range bySize[0] {
		progress("asking for %s", first.name)
		row := grownRow{first.name, make([]cell, len(g.sizes))}
		f, err := s.startMetered(ctx, first.function)
		if err != nil {
			return err
		}
		for begun, turn := time.Now(), 0; err == nil && turn < first.requests && (turn < 2 || time.Since(begun) < probeTime); turn++ {
			err = inTurns(turn, len(g.sizes), func(i int) error { return row.cells[i].ask(ctx, f, bySize[i][n].event(turn)) })
		}
		f.stop()
		if err != nil {
			return fmt.Errorf("%s: %w", first.name, err)
		}
		g.rows = append(g.rows, row)
	}
	return nil
}

func (c *cell) ask(ctx context.Context, f *metered, event []byte) error {
	a, used, err := f.ask(ctx, event)
	if err != nil {
		return err
	}
	c.times, c.used = append(c.times, milliseconds(a.took)), used
	if a.succeeded() != nil {
		var problem struct {
			Detail string
			Error  struct{ Message string } // in the plentymarkets dialect
		}
		_ = json.Unmarshal(a.body, &problem) // an answer without JSON has no reason
		c.refused = fmt.Sprintf("%d: %s", a.status, cmp.Or(used.Cause, problem.Detail+problem.Error.Message))
	}
	return nil
}

// tables returns a table of contacts and one of parts.
func (g *growth) tables() string {
	if g == nil {
		return ""
	}
	var t table
	t.line("The same operations, in tenants of more and more contacts: median in ms, then read and write units.\n")
	g.contacts.write(&t)
	t.line("\nThe same of a contact with more and more parts, all of them emails, of 150 bytes where nothing else is said:\n")
	g.parts.write(&t)
	return t.String()
}

func (g grown) write(t *table) {
	head := "operation"
	for _, size := range g.sizes {
		head += fmt.Sprintf(" | %s, ms | units", thousands(size))
	}
	t.head(head)
	var refused []string
	for _, row := range g.rows {
		cells := []string{row.name}
		for i, c := range row.cells {
			mark := ""
			if c.refused != "" {
				refused = append(refused, fmt.Sprintf("%s at %s: %s", row.name, thousands(g.sizes[i]), c.refused))
				mark = fmt.Sprintf(" (%s)", c.refused[:len("413")])
			}
			cells = append(cells, inMilliseconds(c.median())+mark, c.used.String())
		}
		t.row(cells...)
	}
	if refused != nil {
		t.line("\nRefused:\n")
	}
	for _, line := range refused {
		t.line("- %s", line)
	}
}

// median returns the median of all requests except the first, which opens connections.
func (c cell) median() float64 { return c.times[min(1, len(c.times)-1):].median() }

// thousands formats a number with commas.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
