package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"contacts/tools/simulator"
)

// A reached is the highest rate of a kind of write before the first throttling, a second, multiplied by the divisor.
type reached struct {
	rate      float64
	throttled string // the rate and the partition of the first throttling
	remark    string // what ended the ramp if nothing was throttled
}

const (
	stepTime = 3 * time.Second // of a rate; the windows of a second are wholly in it twice
	growth   = 1.1             // from a rate to the next
	enough   = 2500            // where the ramp of what nothing bounds ends, a second
	behind   = 0.85            // of the rate asked for: what answers less is at the machine's end
)

// ramp raises the rate of a kind of write until it is throttled.
func (b *bench) ramp(ctx context.Context, k kind, found bound, divisor float64) (r reached, err error) {
	top := float64(enough)
	if bound := found.perSecond(); bound > 0 {
		top = min(top, bound*1.5)
	}
	first := min(top/1.5*0.85, max(k.required, top/1.5*0.85))
	if k.required > 0 && k.required < top {
		first = min(first, k.required)
	}
	begun := probes
	for rate := first; rate <= top*1.01; rate *= growth {
		b.cluster.Simulator.SetLimits(simulator.Limits{})
		n := int(rate / divisor / max(k.rows, 1) * stepTime.Seconds())
		if err := b.prepare(ctx, k, begun+n+1); err != nil {
			return r, err
		}
		b.cluster.Simulator.SetLimits(simulator.PerPartition(divisor))
		b.cluster.Simulator.Measure()
		answered, err := b.pace(ctx, k, begun, n)
		if err != nil {
			return r, err
		}
		begun += n
		answered *= max(k.rows, 1) * divisor
		if u := b.cluster.Simulator.Measure(); len(u.Throttled) > 0 {
			var names []string
			for _, partition := range slices.SortedFunc(maps.Keys(u.Throttled), func(x, y string) int { return u.Throttled[y] - u.Throttled[x] })[:min(len(u.Throttled), 2)] {
				names = append(names, shown(partition))
			}
			r.throttled, r.remark = fmt.Sprintf("%.0f, by %s", rate, strings.Join(names, ", ")), ""
			return r, nil
		}
		if r.rate = max(r.rate, min(answered, rate)); answered < rate*behind {
			r.remark = " (this machine makes no more)"
			return r, nil
		}
	}
	r.remark = " at least"
	return r, nil
}

// pace sends n writes in even steps over stepTime, and returns how many were answered in a second.
func (b *bench) pace(ctx context.Context, k kind, begun, n int) (float64, error) {
	var wait sync.WaitGroup
	var failed atomic.Pointer[error]
	start := time.Now()
	for i := range n {
		due := start.Add(stepTime * time.Duration(i) / time.Duration(n))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		wait.Go(func() {
			if err := b.send(ctx, k, begun+i); err != nil {
				failed.CompareAndSwap(nil, &err)
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(n) / max(time.Since(start), stepTime).Seconds(), nil
}
