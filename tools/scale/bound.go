package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"contacts/tools/simulator"
)

// A bound is the partition that all writes of a kind share and that they exhaust first.
type bound struct {
	partition string  // "none" if writes share no partition
	units     float64 // that a write consumes of it
	limit     float64 // its units in a second
	reads     bool    // whether they are read units
}

// perSecond returns how many writes of the kind the partition allows in a second, 0 without one.
func (b bound) perSecond() float64 {
	if b.units == 0 {
		return 0
	}
	return b.limit / b.units
}

func (b bound) cost() string {
	switch {
	case b.units == 0:
		return ""
	case b.reads:
		return fmt.Sprintf("%.2g read", b.units)
	}
	return fmt.Sprintf("%.2g write", b.units)
}

func (b bound) rate() string {
	if b.units == 0 {
		return "none"
	}
	return fmt.Sprintf("%.0f", b.perSecond())
}

// probes is how many writes are compared to find the partition that they share.
const probes = 12

// bound finds the partition that bounds a kind of write: of those that at least half of the writes use, the one that is exhausted first.
func (b *bench) bound(ctx context.Context, k kind) (bound, error) {
	b.cluster.Simulator.SetLimits(simulator.Limits{})
	if err := b.prepare(ctx, k, probes); err != nil {
		return bound{}, err
	}
	type use struct {
		times         int
		writes, reads float64
	}
	uses := map[string]*use{}
	for i := range probes {
		b.cluster.Simulator.Measure()
		if err := b.send(ctx, k, i); err != nil {
			return bound{}, err
		}
		u := b.cluster.Simulator.Measure()
		for partition := range u.Writes {
			u.Reads[partition] += 0
		}
		for partition, reads := range u.Reads {
			if uses[partition] == nil {
				uses[partition] = &use{}
			}
			uses[partition].times++
			uses[partition].reads += reads
			uses[partition].writes += u.Writes[partition]
		}
	}
	b.sent[k.name] = probes
	found := bound{partition: "none"}
	writes := probes * max(k.rows, 1)
	for _, partition := range slices.Sorted(maps.Keys(uses)) {
		u := uses[partition]
		if u.times < probes/2 {
			continue
		}
		for _, candidate := range []bound{
			{shown(partition), u.writes / writes, simulator.PartitionWrites, false},
			{shown(partition), u.reads / writes, simulator.PartitionReads, true},
		} {
			if candidate.units/candidate.limit > found.units/max(found.limit, 1) {
				found = candidate
			}
		}
	}
	return found, nil
}

// shown returns the name of a partition as in docs/table-design.md.
func shown(partition string) string {
	return "`" + strings.Replace(partition, "T#"+org+"#", "T#<org>#", 1) + "`"
}
