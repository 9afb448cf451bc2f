package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
)

// Starts are the measurements of a binary's starts.
type starts struct {
	name       string
	variant    string // of the baselines that link the same clients of the SDK: "-s3"; "" for DynamoDB's alone
	size       int64  // bytes
	warm, cold series // ms until the request for its first event
	idle       series // memory at that time, in bytes
}

// startsPerRound is how often each is started in a round, because a start is short and a busy machine affects it.
const startsPerRound = 5

// measureStarts starts all functions and baselines in turns, with their binary in the page cache and, if the machine allows it,
// without.
func (s *stage) measureStarts(ctx context.Context, r *report) error {
	for _, name := range append(baselines(), s.groups...) {
		info, err := os.Stat(s.binary(name))
		if err != nil {
			return fmt.Errorf("%s is not built: %w", name, err)
		}
		variant, err := variantOf(s.binary(name))
		if err != nil {
			return err
		}
		r.starts = append(r.starts, &starts{name: name, variant: variant, size: info.Size()})
	}
	drop, how := cacheDropper(s.binary(bare))
	r.dropped = how
	for round := range startsPerRound * s.rounds {
		if err := inTurns(round, len(r.starts), func(i int) error { return s.startWarm(ctx, r.starts[i]) }); err != nil {
			return err
		}
		if drop == nil {
			continue
		}
		if err := inTurns(round, len(r.starts), func(i int) error { return s.startCold(ctx, r.starts[i], drop) }); err != nil {
			return err
		}
	}
	return nil
}

// variantOf returns the suffix of the baselines that link the same clients of the SDK as a binary.
func variantOf(binary string) (string, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", err
	}
	for _, client := range clients() {
		if slices.ContainsFunc(info.Deps, func(m *debug.Module) bool { return m.Path == "github.com/aws/aws-sdk-go-v2/service/"+client }) {
			return "-" + client, nil
		}
	}
	return "", nil
}

func (s *stage) startWarm(ctx context.Context, b *starts) error {
	p, err := s.start(ctx, b.name, nil)
	if err != nil {
		return err
	}
	defer p.Stop()
	u, err := p.Usage()
	b.warm, b.idle = append(b.warm, milliseconds(p.StartUp())), append(b.idle, float64(u.Resident))
	return err
}

func (s *stage) startCold(ctx context.Context, b *starts, drop func(file string) error) error {
	if err := drop(s.binary(b.name)); err != nil {
		return err
	}
	p, err := s.start(ctx, b.name, nil)
	if err != nil {
		return err
	}
	p.Stop()
	b.cold = append(b.cold, milliseconds(p.StartUp()))
	return nil
}
