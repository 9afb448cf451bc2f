package main

import (
	"context"
	"fmt"
)

// A depth is what a page costs behind an offset.
type depth struct {
	offset int
	query  string
	units  float64 // read units
	calls  int     // of the store
	took   float64 // ms
}

const (
	million  = 1_000_000
	lastPage = 999_800
)

// measureMillion takes pages of a list of 1,000,000 contacts at several depths. Each depth is read once before it is
// measured, because a deep read may leave marks for those behind it.
func (s *stage) measureMillion(ctx context.Context, r *report) error {
	c, err := s.crowdOf(ctx, million)
	if err != nil {
		return err
	}
	f, err := s.startMetered(ctx, individuals)
	if err != nil {
		return err
	}
	defer f.stop()
	progress("reading pages")
	for _, query := range []string{"", "&deleted=false"} {
		for _, offset := range []int{0, 10_000, lastPage} {
			d := depth{offset: offset, query: query}
			event := s.eventOf(c, "GET", "/individual", fmt.Sprintf("limit=200&offset=%d%s", offset, query), nil)
			for range 2 {
				a, used, err := f.ask(ctx, event)
				if err == nil {
					err = a.succeeded()
				}
				if err != nil {
					return fmt.Errorf("offset %d: %w %s", offset, err, used.Cause)
				}
				d.units, d.calls, d.took = used.Read, used.Calls, milliseconds(a.took)
			}
			r.deep = append(r.deep, d)
		}
	}
	return nil
}
