package main

import (
	"fmt"
	"slices"
	"time"
)

// A series is one figure for each round, in order.
type series []float64

// at returns a quantile of the figures: 0.5 is the median. It is 0 without figures.
func (s series) at(share float64) float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func (s series) median() float64 { return s.at(0.5) }

// over returns the ratio to another series, round by round, because slow periods of the machine affect both.
func (s series) over(t series) series {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / t[i]
	}
	return ratios
}

// spread returns the range of the middle half of the figures.
func (s series) spread() string { return fmt.Sprintf("%.2f–%.2f", s.at(0.25), s.at(0.75)) }

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// inTurns calls a function for 0 to n-1, in reverse order every second round.
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
