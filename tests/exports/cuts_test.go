package exports

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/exports"
	"contacts/pkg/exports/exporter"
	"contacts/pkg/idempotency"
	"contacts/tests/harness"
)

// A writer writes exports by a transport, with a clock that is ahead, in parts of one page.
type writer struct {
	harness.ImageSandbox
	transport http.RoundTripper
	ahead     time.Duration
}

// run writes the file of an export.
func (w writer) run(ctx context.Context, e exports.Export) error {
	database, files := w.Clients(w.transport, w.ahead)
	now := func() time.Time { return time.Now().Add(w.ahead) }
	x := &exporter.Exporter{Store: database.Store, Exports: database.Exports, Files: files, Now: now, Log: slog.New(slog.DiscardHandler), PartSize: 1}
	return x.Runner().RunJob(ctx, ctx, e.Job())
}

// began creates an export.
func began(t *testing.T, s harness.ImageSandbox, order exports.Order) exports.Export {
	t.Helper()
	var made exports.Export
	if _, err := harness.Platform.Database.Exports.Create(t.Context(), s.Org, idempotency.Write{}, order, func(e exports.Export) (contact.Record, error) {
		made = e
		return contact.Record{ID: e.ID}, nil
	}); err != nil {
		t.Fatal(err)
	}
	return made
}

// fileOf returns the file of an export, which must be DONE.
func fileOf(t *testing.T, s harness.ImageSandbox, made exports.Export) string {
	t.Helper()
	database, files := s.Clients(http.DefaultTransport, 0)
	e, err := database.Exports.Get(t.Context(), s.Org, made.ID)
	if err != nil || e.Status != exports.Done {
		t.Fatalf("the export is %+v, %v", e, err)
	}
	var file bytes.Buffer
	if _, err := files.Copy(t.Context(), e.Object(), &file); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// A function that writes an export is killed at each of its requests, before it is sent or before its answer comes: the next one, once the
// lease is over, writes the same file.
func TestAnExportIsCompletedWhereverItsFunctionIsKilled(t *testing.T) { // not next to tests that run all jobs
	for name, test := range map[string]struct {
		order exports.Order
		lost  bool
	}{"before": {exports.Order{Format: exports.CSV}, false}, "after": {exports.Order{Format: exports.JSONLines}, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewImageSandbox(t)
			for range 2 { // a part for each kind
				s.CreateIndividual("Max")
				s.CreateOrganization("Acme")
			}
			made := began(t, s, test.order)
			if err := (writer{s, http.DefaultTransport, 0}).run(t.Context(), made); err != nil {
				t.Fatal(err)
			}
			want := fileOf(t, s, made)
			for at, done := 1, false; !done; at++ {
				ctx, kill := context.WithCancel(t.Context())
				cut := &harness.CutTransport{At: at, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
					defer kill()
					if test.lost {
						if response, err := carry(); err == nil {
							_ = response.Body.Close()
						}
					}
					return nil, harness.ErrCut
				}}
				made := began(t, s, test.order)
				_ = (writer{s, cut, 0}).run(ctx, made) // killed
				kill()
				next := writer{s, http.DefaultTransport, 2 * time.Minute}
				if err := next.run(t.Context(), made); err != nil { // its file was complete: it begins again
					next.ahead *= 2
					err = next.run(t.Context(), made)
					if err != nil {
						t.Fatal(err)
					}
				}
				if got := fileOf(t, s, made); got != want {
					t.Fatalf("killed at request %d, the file has %d bytes, want %d", at, len(got), len(want))
				}
				done = cut.Untouched()
			}
		})
	}
}
