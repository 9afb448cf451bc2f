package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"contacts/tools/simulator"
)

// A reached is the highest rate of a kind of write before the first throttling, per second, multiplied by the divisor.
type reached struct {
	rate      float64
	throttled string // the rate and the partition of the first throttling
	remark    string // what ended the ramp if nothing was throttled
	exhausted bool   // the machine was at its limit
}

const (
	stepTime = 3 * time.Second // per rate; contains two whole seconds
	growth   = 1.1             // from a rate to the next
	enough   = 2500            // the rate at which an unbounded ramp ends, per second
	minShare = 0.85            // share of the rate below which the machine is at its limit
)

// ramp raises the rate of a kind of write until it is throttled twice at one rate: a machine that pauses sends a burst, which may be
// throttled once.
func (b *bench) ramp(ctx context.Context, k kind, found bound, divisor float64) (r reached, err error) {
	top := float64(enough)
	if bound := found.perSecond(); bound > 0 {
		top = min(top, bound*1.5)
	}
	rate := top / 1.5 * 0.85
	if k.required > 0 {
		rate = min(rate, k.required)
	}
	throttled := 0
	for rate <= top*1.01 {
		answered, u, err := b.step(ctx, k, rate, divisor)
		if err != nil {
			return r, err
		}
		if len(u.Throttled) > 0 {
			if throttled++; throttled < 2 {
				continue
			}
			if r.rate == 0 && rate > k.required && rate > top/10 { // it began too high: the cost of a write grew with the earlier ones
				rate, throttled = rate/1.5, 0
				continue
			}
			var names []string
			for _, partition := range slices.SortedFunc(maps.Keys(u.Throttled), func(x, y string) int { return u.Throttled[y] - u.Throttled[x] })[:min(len(u.Throttled), 2)] {
				names = append(names, shown(partition))
			}
			r.throttled = fmt.Sprintf("%.0f, by %s", rate, strings.Join(names, ", "))
			return r, nil
		}
		throttled = 0
		if r.rate = max(r.rate, min(answered, rate)); answered < rate*minShare {
			r.exhausted, r.remark = true, " (this machine makes no more)"
			return r, nil
		}
		rate *= growth
	}
	r.remark = " at least"
	return r, nil
}

// step sends a kind of write at a rate and returns how many were answered in a second, both multiplied by the divisor, and the usage.
func (b *bench) step(ctx context.Context, k kind, rate, divisor float64) (float64, simulator.Usage, error) {
	rows := max(k.rows, 1)
	b.cluster.Simulator.SetLimits(simulator.Limits{})
	n := int(rate / divisor / rows * stepTime.Seconds())
	begun := b.sent[k.name]
	if err := b.prepare(ctx, k, begun+n+1); err != nil {
		return 0, simulator.Usage{}, err
	}
	b.cluster.Simulator.SetLimits(simulator.PerPartition(divisor))
	b.cluster.Simulator.Measure()
	answered, err := b.pace(ctx, k, begun, n)
	b.sent[k.name] += n
	return answered * rows * divisor, b.cluster.Simulator.Measure(), err
}

// pace sends n writes evenly during stepTime and returns how many were answered in a second.
func (b *bench) pace(ctx context.Context, k kind, begun, n int) (float64, error) {
	var writes errgroup.Group
	start := time.Now()
	for i := range n {
		due := start.Add(stepTime * time.Duration(i) / time.Duration(n))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return 0, errors.Join(writes.Wait(), ctx.Err())
		}
		writes.Go(func() error { return b.send(ctx, k, begun+i) })
	}
	if err := writes.Wait(); err != nil {
		return 0, err
	}
	return float64(n) / max(time.Since(start), stepTime).Seconds(), nil
}
