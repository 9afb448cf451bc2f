package main

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"contacts/tools/platform"
)

// The short form of `make storm`. Nothing is killed: what a killed process was at keeps its Idempotency-Key for a minute.
func TestWhatManyClientsWereAnsweredByTwoProcessesIsThere(t *testing.T) {
	t.Parallel()
	o := options{binary: filepath.Join(t.TempDir(), "contacts"), duration: 6 * time.Second, clients: 12, seed: 1}
	if err := platform.Build(t.Context(), o.binary); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	err := run(t.Context(), o, &told)
	t.Logf("%s", told.Bytes())
	if err != nil {
		t.Fatal(err)
	}
}
