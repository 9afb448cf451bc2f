package main

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A span is the time from a request to its answer.
type span struct{ start, end time.Time }

// A register is a value that several clients write and read concurrently; each write has a different value. The answers must be
// linearizable: there must be an order in which each request takes effect at one moment of its span.
type register struct {
	name string

	mu     sync.Mutex
	first  string // the initial value
	writes map[string]access
	reads  map[string][]access
}

type access struct {
	span
	answered bool // an unanswered write may have happened or not
}

func newRegister(name, first string) *register {
	return &register{name: name, first: first, writes: map[string]access{first: {answered: true}}, reads: map[string][]access{}}
}

func (r *register) wrote(value string, s span, answered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes[value] = access{span: s, answered: answered}
}

func (r *register) read(value string, s span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads[value] = append(r.reads[value], access{span: s, answered: true})
}

// A zone is the time in which a value was that of the register, by its write and its reads. If one of them ended before another began
// (forward), it was the value for the whole time between; else at some moment from from to till.
type zone struct {
	value      string
	from, till time.Time
	forward    bool
}

// violations returns why there is no such order, none if there is one. If all writes differ, this is exact: no forward zones overlap, and
// no other zone is within one (Gibbons and Korach, Testing Shared Memories, SIAM Journal on Computing 26, 1997).
func (r *register) violations() (wrong []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var zones []zone
	for value, reads := range r.reads {
		if _, ok := r.writes[value]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s: %q was read %d times, and never written", r.name, value, len(reads)))
		}
	}
	for value, write := range r.writes {
		reads := r.reads[value]
		if !write.answered && len(reads) == 0 {
			continue
		}
		z := zone{value: value, from: write.start, till: write.end}
		if !write.answered {
			z.till = reads[0].end
		}
		firstEnd, lastStart := z.till, z.from
		for _, read := range reads {
			if read.end.Before(write.start) {
				wrong = append(wrong, fmt.Sprintf("%s: %q was read before it was written", r.name, value))
			}
			if read.end.Before(firstEnd) {
				firstEnd = read.end
			}
			if read.start.After(lastStart) {
				lastStart = read.start
			}
		}
		z.from, z.till, z.forward = lastStart, firstEnd, firstEnd.Before(lastStart)
		if z.forward {
			z.from, z.till = firstEnd, lastStart
		}
		zones = append(zones, z)
	}
	slices.SortFunc(zones, func(a, b zone) int { return cmp.Or(a.from.Compare(b.from), b.till.Compare(a.till)) })
	var open *zone // the forward zone so far that ends last
	for i := range zones {
		z := &zones[i]
		switch {
		case open != nil && z.forward && z.from.Before(open.till):
			wrong = append(wrong, fmt.Sprintf("%s: %q and %q were both there for a time: a write was lost, or a read was stale", r.name, open.value, z.value))
		case open != nil && !z.forward && z.till.Before(open.till):
			wrong = append(wrong, fmt.Sprintf("%s: %q was written and answered while %q was there throughout: a write was lost", r.name, z.value, open.value))
		}
		if z.forward && (open == nil || z.till.After(open.till)) {
			open = z
		}
	}
	return wrong
}
