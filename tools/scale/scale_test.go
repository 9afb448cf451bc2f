package main

import (
	"context"
	"path/filepath"
	"testing"

	"contacts/tools/platform"
)

// The short form of `make scale` counts the units that single writes take of the partition that they share. What rate a partition takes
// follows from that; whether it does is measured by the long form.
func TestNoPartitionBoundsAKindOfWriteBelowItsRequiredRate(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "contacts")
	if err := platform.Build(t.Context(), binary); err != nil {
		t.Fatal(err)
	}
	b, err := newBench(t.Context(), binary)
	if err != nil {
		t.Fatal(err)
	}
	defer b.cluster.Stop(context.Background())
	for _, k := range kinds {
		found, err := b.bound(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %s takes %s of it, %s a second", k.name, found.partition, found.cost(), found.rate())
		if rate := found.perSecond(); rate != 0 && rate < k.required {
			t.Errorf("%s: %s bounds it to %.0f a second, required are %.0f", k.name, found.partition, rate, k.required)
		}
	}
}
