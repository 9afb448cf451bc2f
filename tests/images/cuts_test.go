package images

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"contacts/tests/harness"
)

func remove(s harness.ImageSandbox, path string) *harness.Answer {
	s.T.Helper()
	return s.Ask(context.Background(), http.DefaultTransport, 0, "DELETE", path, nil)
}

// holds holds the images of the contact to be these, ready, with four objects each and no other.
func holds(s harness.ImageSandbox, paths ...string) {
	s.T.Helper()
	var ids, want []string
	for _, item := range s.Album(s.Owner) {
		ids = append(ids, fmt.Sprint(item["id"], " ", item["status"], " ", item["width"], "x", item["height"]))
	}
	for _, path := range paths {
		want = append(want, harness.LastSegment(path)+" READY 48x32")
	}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		s.T.Errorf("images %q, want %q", ids, want)
	}
	if got, want := s.ObjectsIn(s.Endpoint), renderings(s.Tenant, paths...); !slices.Equal(got, want) {
		s.T.Errorf("objects %q, want %q", got, want)
	}
	if n := len(s.ImageItems(s.Owner)); n != len(paths) {
		s.T.Errorf("%d items, want %d", n, len(paths))
	}
}

// accidents are what becomes of a process at a request: it is killed, as by a time limit, or the network fails it once.
// The request arrives or not.
var accidents = map[string]struct{ killed, arrives bool }{
	"killed before a request": {true, false}, "killed behind a request": {true, true},
	"a request is lost": {false, false}, "an answer is lost": {false, true},
}

// eachCut runs a test once as it is, and once for each accident at each of the requests that this takes. A run is given a
// context that ends with its process.
func eachCut(t *testing.T, test func(t *testing.T, s harness.ImageSandbox, run context.Context, w *harness.CutTransport, killed bool)) {
	t.Helper()
	whole := &harness.CutTransport{}
	t.Run("whole", func(t *testing.T) { test(t, harness.NewImageSandbox(t), t.Context(), whole, false) })
	if whole.Sent < 4 {
		t.Fatalf("%d requests are fewer than it takes", whole.Sent)
	}
	var wait sync.WaitGroup
	for name, accident := range accidents {
		for n := 1; n <= whole.Sent; n++ {
			wait.Go(func() {
				t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
					run, stop := context.WithCancel(t.Context())
					defer stop()
					w := &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
						if accident.arrives {
							if response, err := carry(); err == nil {
								_ = response.Body.Close() // nobody waits for it
							}
						}
						if accident.killed {
							stop()
						}
						return nil, harness.ErrCut
					}}
					if test(t, harness.NewImageSandbox(t), run, w, accident.killed); w.Passed() {
						t.Error("nothing happened")
					}
				})
			})
		}
	}
	wait.Wait()
}
