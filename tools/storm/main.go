// Command storm checks the platform against a model: many clients send random operations of both dialects to two processes with one
// engine, and all stored data is compared with the answers.
//
//	storm [-duration 30m] [-clients 32] [-seed N] [-kills 20s] [-calm] [-binary bin/contacts]
//
// Some requests are sent to both processes with the same Idempotency-Key, some are aborted and some repeated; processes are killed and
// restarted. A simulator between processes and engine enforces DynamoDB's limits of a partition and its transaction conflicts. The seed
// determines what each client sends, as far as it does not depend on others; with -clients 1 -kills 0 a run is exactly reproducible.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"time"

	"contacts/tools/platform"
	"contacts/tools/simulator"
)

type options struct {
	binary   string
	duration time.Duration
	writes   int
	clients  int
	seed     uint64
	kills    time.Duration
	calm     bool
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/contacts", "the command line tool")
	flag.DurationVar(&o.duration, "duration", time.Minute, "how long the clients work")
	flag.IntVar(&o.writes, "writes", 0, "end before that after so many successful writes; 0 for no limit")
	flag.IntVar(&o.clients, "clients", 32, "how many clients there are")
	flag.Uint64Var(&o.seed, "seed", rand.Uint64N(1_000_000), "what their choices follow from")
	flag.DurationVar(&o.kills, "kills", 20*time.Second, "how often one of the two processes is killed; 0 for never")
	flag.BoolVar(&o.calm, "calm", false, "leave out what the simulator refuses")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		os.Exit(1)
	}
}

// weather are the options of the simulator: limits that a storm reaches, conflicts, and an occasional lost answer.
var weather = simulator.Options{Limits: simulator.Limits{Write: 100, Read: 1500}, Conflicts: true, Latency: 2 * time.Millisecond, Lost: 0.002}

func run(ctx context.Context, o options, w io.Writer) error {
	fmt.Fprintf(w, "seed %d: %d clients for %s\n", o.seed, o.clients, o.duration)
	simulated := weather
	if o.calm {
		simulated = simulator.Options{}
	}
	cluster, err := platform.StartCluster(ctx, platform.ClusterOptions{Binary: o.binary, Processes: 2, Simulator: simulated})
	if err != nil {
		return err
	}
	defer cluster.Stop(context.WithoutCancel(ctx))
	s, err := newStorm(ctx, o, cluster)
	if err != nil {
		return err
	}
	s.rage(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", ctx.Err())
	}
	s.report(w, cluster.Simulator.Measure())
	cluster.Simulator.SetLimits(simulator.Limits{})
	s.verify(ctx, w)
	s.mirror.verify(ctx, w)
	if said, err := cluster.Check(ctx); err != nil {
		s.fail("contacts check: %v: %s", err, said)
	} else {
		fmt.Fprintf(w, "contacts check: %s", said)
	}
	if failures := s.failed(); len(failures) > 0 {
		return fmt.Errorf("seed %d: %d failures\n%s", o.seed, len(failures), strings.Join(failures[:min(len(failures), 40)], "\n"))
	}
	fmt.Fprintln(w, "nothing was found")
	return nil
}
