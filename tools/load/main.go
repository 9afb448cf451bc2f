// Command load loads the platform on this machine with reads and writes of many concurrent clients, kills it meanwhile, and compares
// the stored contacts with a ledger of all answers.
//
//	load [-clients N] [-duration D] [-kills server,engine] [-binary bin/contacts]
//
// The platform is a child process with its own data folder, on 127.0.0.1. The command fails if a request was answered with an error, an
// answered write is missing, a write was made twice, or memory grew.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"contacts/tools/platform"
)

type options struct {
	binary   string
	clients  int
	duration time.Duration
	kills    []string
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/contacts", "the command line tool")
	flag.IntVar(&o.clients, "clients", 64, "how many clients there are")
	flag.DurationVar(&o.duration, "duration", time.Minute, "how long they work before the first kill")
	kills := flag.String("kills", "server,engine", "what is killed, in its order: server, engine; `names` with commas between")
	flag.Parse()
	o.kills = strings.FieldsFunc(*kills, func(r rune) bool { return r == ',' })
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// aroundKill is how long the clients run before a kill and after the restart.
const aroundKill = 3 * time.Second

func run(ctx context.Context, o options) error {
	for _, k := range o.kills {
		if !slices.Contains([]string{"server", "engine"}, k) {
			return fmt.Errorf("-kills: there is no %q, only server and engine", k)
		}
	}
	folder, err := os.MkdirTemp("", "contacts-load-")
	if err != nil {
		return err
	}
	data := filepath.Join(folder, "data")
	p := platform.New(platform.Options{Binary: o.binary, Data: data, Ready: filepath.Join(folder, "ready.json")})
	if err := p.Start(ctx); err != nil {
		return err
	}
	defer p.Kill()
	failures := work(ctx, o, p)
	if err := ctx.Err(); err != nil {
		return errors.New("interrupted")
	}
	if failures = append(failures, check(ctx, o.binary, data)...); failures != nil {
		return fmt.Errorf("%d failures, its data is in %s:\n%s", len(failures), data, strings.Join(failures[:min(len(failures), 20)], "\n"))
	}
	p.Kill()
	return os.RemoveAll(folder)
}

// work runs the clients, kills processes meanwhile, and returns the failures.
func work(ctx context.Context, o options, p *platform.Platform) []string {
	fmt.Printf("%d clients for %s\n", o.clients, o.duration)
	all := newClients(p, o.clients)
	all.start(ctx)
	memory := sample(ctx, p, o.duration)
	all.stop()
	all.report(os.Stdout, o.duration)
	failures := memory.report(os.Stdout)
	for _, victim := range o.kills {
		if err := all.survive(ctx, victim); err != nil {
			return append(failures, err.Error())
		}
		fmt.Printf("killed the %s at work, and started again\n", victim)
	}
	return append(failures, all.verify(ctx, os.Stdout)...)
}

// check runs `contacts check`.
func check(ctx context.Context, binary, data string) []string {
	out, err := exec.CommandContext(ctx, binary, "check", "--data", data).CombinedOutput()
	if err != nil {
		return []string{fmt.Sprintf("contacts check: %v: %s", err, out)}
	}
	fmt.Printf("contacts check: %s", out)
	return nil
}
