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
	return s.Send(context.Background(), http.DefaultTransport, 0, "DELETE", path, nil)
}

// wantImages requires the contact to have exactly these images, ready, with four objects each.
func wantImages(s harness.ImageSandbox, paths ...string) {
	s.T.Helper()
	var ids, want []string
	for _, item := range s.ListImages(s.Owner) {
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
	if got, want := s.ObjectsIn(s.Endpoint), objectKeys(s.Tenant, paths...); !slices.Equal(got, want) {
		s.T.Errorf("objects %q, want %q", got, want)
	}
	if n := len(s.ImageItems(s.Owner)); n != len(paths) {
		s.T.Errorf("%d items, want %d", n, len(paths))
	}
}

// interruptions happen at a request: the process is killed, as by a time limit, or the network fails once. The request arrives or not.
var interruptions = map[string]struct{ killed, arrives bool }{
	"killed before a request": {true, false}, "killed after a request": {true, true},
	"a request is lost": {false, false}, "an answer is lost": {false, true},
}

// interruptAtEachRequest runs a test undisturbed, and then with each interruption at each of its requests. The context of a run ends with its
// process.
func interruptAtEachRequest(t *testing.T, test func(t *testing.T, s harness.ImageSandbox, run context.Context, w *harness.CutTransport, killed bool)) {
	t.Helper()
	whole := &harness.CutTransport{}
	t.Run("whole", func(t *testing.T) { test(t, harness.NewImageSandbox(t), t.Context(), whole, false) })
	if whole.Sent < 4 {
		t.Fatalf("%d requests are fewer than it takes", whole.Sent)
	}
	var wait sync.WaitGroup
	for name, interruption := range interruptions {
		for n := 1; n <= whole.Sent; n++ {
			wait.Go(func() {
				t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
					run, stop := context.WithCancel(t.Context())
					defer stop()
					w := &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
						if interruption.arrives {
							if response, err := carry(); err == nil {
								_ = response.Body.Close() // nobody waits for it
							}
						}
						if interruption.killed {
							stop()
						}
						return nil, harness.ErrCut
					}}
					if test(t, harness.NewImageSandbox(t), run, w, interruption.killed); w.Untouched() {
						t.Error("nothing happened")
					}
				})
			})
		}
	}
	wait.Wait()
}
