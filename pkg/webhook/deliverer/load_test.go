package deliverer

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"contacts/pkg/webhook"
)

// 20 webhooks in each of 5 organizations, and many changes at once.
func TestManyWebhooksLoseNothingInBoundedMemory(t *testing.T) {
	const changesOfEach, contacts = 200, 50
	var worlds []*world
	var orgs []string
	for range 5 {
		w := testWorld(t)
		for range webhook.Max {
			w.hook(webhook.Input{})
		}
		worlds, orgs = append(worlds, w), append(orgs, w.org)
	}
	var changing sync.WaitGroup
	for _, w := range worlds {
		changing.Go(func() {
			for n := range changesOfEach {
				w.change(id(n % contacts))
			}
		})
	}
	changing.Wait()
	before := heap()
	var most atomic.Uint64
	ended := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(50 * time.Millisecond):
				most.Store(max(most.Load(), heap()))
			}
		}
	})
	began := time.Now()
	if err := worlds[0].Deliver(t.Context(), t.Context(), orgs); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	close(ended)
	watching.Wait()
	for _, w := range worlds {
		received := w.posts()
		if len(received) != webhook.Max*changesOfEach {
			t.Errorf("%d posts, want %d", len(received), webhook.Max*changesOfEach)
		}
		times := map[string]int{}
		for _, p := range received {
			times[p.id]++
		}
		for _, made := range w.made {
			if times[made] != webhook.Max {
				t.Errorf("%s was sent %d times", made, times[made])
			}
		}
	}
	t.Logf("%d posts in %v, %d KB of heap more", 5*webhook.Max*changesOfEach, took.Round(time.Millisecond), int64(most.Load()-before)>>10)
}

// heap returns the bytes of the heap that are in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
