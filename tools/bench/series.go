package main

import (
	"fmt"
	"slices"
	"time"
)

// A series is one figure of each round, in the order of the rounds.
type series []float64

// at returns what a share of the figures doesn't pass: 0.5 is the median. Of no figures it is 0.
func (s series) at(share float64) float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func (s series) median() float64 { return s.at(0.5) }

// over is the ratio to another series, round by round: what makes the machine slow for a while concerns both.
func (s series) over(t series) series {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / t[i]
	}
	return ratios
}

// spread is where the middle half of the figures lies.
func (s series) spread() string { return fmt.Sprintf("%.2f–%.2f", s.at(0.25), s.at(0.75)) }

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// inTurns calls each of n things once, the other way round every second round.
func inTurns(round, n int, each func(i int) error) error {
	for i := range n {
		if round%2 == 1 {
			i = n - 1 - i
		}
		if err := each(i); err != nil {
			return err
		}
	}
	return nil
}
