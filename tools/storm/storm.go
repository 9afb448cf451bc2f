package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"contacts/tools/platform"
	"contacts/tools/simulator"
)

const org = platform.Org

// A storm has all clients and what they share.
type storm struct {
	options
	cluster    *platform.Cluster
	operations platform.Operations
	http       *http.Client
	clients    []*client
	mirror     *mirror
	shared     *shared
	ids        ids
	stopping   chan struct{}

	mu       sync.Mutex
	failures []string
	answers  map[string]map[int]int // by operation and status
	changes  int
	enough   chan struct{} // closed after as many as were asked for
	counts   struct{ twice, broken, replayed, resent, busy, kills atomic.Int64 }
}

func newStorm(ctx context.Context, o options, cluster *platform.Cluster) (*storm, error) {
	operations, err := platform.ReadOperations()
	if err != nil {
		return nil, err
	}
	s := &storm{options: o, cluster: cluster, operations: operations, http: platform.HTTPClient(2*o.clients + 16), stopping: make(chan struct{}), enough: make(chan struct{}),
		answers: map[string]map[int]int{}, ids: ids{owners: map[string]string{}}}
	for i := range o.clients {
		s.clients = append(s.clients, &client{storm: s, number: i + 1, random: rand.New(rand.NewPCG(o.seed, uint64(i)))})
	}
	s.mirror = newMirror(s)
	return s, s.share(ctx)
}

// fail records a failure.
func (s *storm) fail(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

func (s *storm) failed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.failures)
}

// rage runs the clients for the duration, or until they have made enough changes, kills processes meanwhile, and returns when all requests are
// answered.
func (s *storm) rage(ctx context.Context) {
	var working sync.WaitGroup
	for _, c := range s.clients {
		working.Go(func() { c.work(ctx) })
	}
	ended, mirrored := make(chan struct{}), make(chan struct{})
	go func() {
		s.mirror.follow(ctx, ended)
		close(mirrored)
	}()
	end := time.After(s.duration)
	choice := rand.New(rand.NewPCG(s.seed, 1<<32))
	var kill <-chan time.Time
	if s.kills > 0 {
		ticker := time.NewTicker(s.kills)
		defer ticker.Stop()
		kill = ticker.C
	}
	for over := false; !over; {
		select {
		case <-kill:
			victim := s.cluster.Processes[choice.IntN(len(s.cluster.Processes))]
			err := victim.Die(ctx, "server")
			if err == nil {
				err = victim.Start(ctx)
			}
			if err != nil && ctx.Err() == nil {
				s.fail("a process that was killed does not come back: %v", err)
				over = true
			}
			s.counts.kills.Add(1)
		case <-end:
			over = true
		case <-s.enough:
			over = true
		case <-ctx.Done():
			over = true
		}
	}
	close(s.stopping)
	working.Wait()
	close(ended)
	<-mirrored
}

// count counts an answer of an operation by status.
func (s *storm) count(operation string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers[operation] == nil {
		s.answers[operation] = map[int]int{}
	}
	s.answers[operation][status]++
	if s.operations[operation][0] != http.MethodGet && status < 300 {
		if s.changes++; s.changes == s.writes {
			close(s.enough)
		}
	}
}

func (s *storm) report(w io.Writer, u simulator.Usage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	total, reads := 0, 0
	for operation, statuses := range s.answers {
		for _, n := range statuses {
			if total += n; s.operations[operation][0] == http.MethodGet {
				reads += n
			}
		}
	}
	fmt.Fprintf(w, "%d operations were answered, %d of them reads, %.0f in a second\n", total, reads, float64(total)/s.duration.Seconds())
	fmt.Fprintf(w, "%d requests were sent to both processes at once, %d broken off, %d repeated after their answer; %d processes killed\n",
		s.counts.twice.Load(), s.counts.broken.Load(), s.counts.replayed.Load(), s.counts.kills.Load())
	throttled := 0
	for _, n := range u.Throttled {
		throttled += n
	}
	fmt.Fprintf(w, "the simulator refused %d writes for conflicts, %d for throttling; %d requests were sent again since nobody answered, %d since the store was busy\n",
		u.Conflicts, throttled, s.counts.resent.Load(), s.counts.busy.Load())
	for _, operation := range slices.Sorted(maps.Keys(s.answers)) {
		fmt.Fprintf(w, "  %-42s", operation)
		for _, status := range slices.Sorted(maps.Keys(s.answers[operation])) {
			fmt.Fprintf(w, " %d: %d", status, s.answers[operation][status])
		}
		fmt.Fprintln(w)
	}
}

// ids are the assigned ids, by their scope of uniqueness.
type ids struct {
	mu     sync.Mutex
	owners map[string]string
}

// register records the id of a new resource. It returns the resource that had it before, "" for none.
func (i *ids) register(among, id, owner string) (before string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	name := among + " " + id
	if before = i.owners[name]; before == "" || before == owner {
		i.owners[name] = owner
		return ""
	}
	return before
}
