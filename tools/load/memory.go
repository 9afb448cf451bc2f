package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"contacts/tools/platform"
)

const every = 500 * time.Millisecond

// A series is the memory of two processes every half second, in bytes.
type series struct{ server, engine []int64 }

// sample measures the memory of the platform during a load.
func sample(ctx context.Context, p *platform.Platform, d time.Duration) (s series) {
	l, _ := p.Now()
	server := l.PID()
	engine, err := platform.ChildOf(server)
	if err != nil {
		engine = 0 // no /proc
	}
	end := time.After(d)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if engine != 0 {
				s.server = append(s.server, resident(server))
				s.engine = append(s.engine, resident(engine))
			}
		case <-end:
			return s
		case <-ctx.Done():
			return s
		}
	}
}

// resident returns a process's memory in bytes, 0 if it has ended.
func resident(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// Memory is flat if its median in the last third of the time exceeds that of the second third by at most a tenth and 8 MiB. The first
// third is for warming up: pools, caches, the first garbage collections.
const (
	growth = 1.1
	room   = 8 << 20
	// minSamples is the least number of samples for a result.
	minSamples = 40
)

func (s series) report(w io.Writer) (failures []string) {
	if len(s.server) == 0 {
		fmt.Fprintln(w, "memory: not measured, there is no /proc here")
		return nil
	}
	for _, process := range []struct {
		name    string
		samples []int64
	}{{"server", s.server}, {"engine", s.engine}} {
		n := len(process.samples)
		middle, last := median(process.samples[n/3:n*2/3]), median(process.samples[n*2/3:])
		fmt.Fprintf(w, "memory of the %s: median %.1f MiB in the second third, %.1f MiB in the last, at most %.1f MiB\n",
			process.name, mebibytes(middle), mebibytes(last), mebibytes(slices.Max(process.samples)))
		if n >= minSamples && float64(last) > float64(middle)*growth+room {
			failures = append(failures, "the memory of the "+process.name+" grew")
		}
	}
	if len(s.server) < minSamples {
		fmt.Fprintf(w, "memory: not minSamples, it takes %s\n", minSamples*every)
	}
	return failures
}

func median(v []int64) int64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
