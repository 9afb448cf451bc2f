// Command bench compares the built functions with baselines and with the project's targets. Functions run with an implementation of the
// Lambda Runtime API, on the local DynamoDB engine. Compared figures are measured in one run, in turns, round after round: figures of
// different runs can't be compared.
//
//	bench [-functions build] [-baselines build/bench] [-rounds N] [-million] [-sizes] [-growth] [-search] [-write FILE] GROUP…
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// Options configure what is measured, and how often.
type options struct {
	functions, baselines string   // folders with NAME/bootstrap
	groups               []string // of the functions; individuals and auth among them
	rounds               int
	million              bool
	sizes, growth        bool
	search               bool
	write                string // the document to write the tables into, or ""
}

func main() {
	var o options
	flag.StringVar(&o.functions, "functions", "build", "the folder of the built functions")
	flag.StringVar(&o.baselines, "baselines", "build/bench", "the folder of the built baselines: bare, raw, conventional, alike, and their variants")
	flag.IntVar(&o.rounds, "rounds", 20, "how often everything is measured in turn")
	flag.BoolVar(&o.million, "million", false, "also measure pages of a list of 1,000,000 contacts, which takes some minutes to fill")
	flag.BoolVar(&o.sizes, "sizes", false, "also measure functions with the CPU time of Lambda's memory sizes, some minutes; it takes root")
	flag.BoolVar(&o.growth, "growth", false, "also measure operations among 1,000, 100,000 and 1,000,000 contacts, and of contacts with up to 10,000 parts, some minutes more")
	flag.BoolVar(&o.search, "search", false, "also measure searches among 1,000, 100,000 and 1,000,000 contacts, some minutes more")
	flag.StringVar(&o.write, "write", "", "a document whose lines between markers such as "+strings.TrimSpace(begin("targets"))+" become the tables; those not measured stay")
	flag.Parse()
	o.groups = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The baselines. The last two have variants for each of clients.
const (
	bare         = "bare"
	raw          = "raw"
	conventional = "conventional" // built by the command in Lambda's documentation
	alike        = "alike"        // the same, built like the functions
)

// clients are the clients of the SDK, besides that of DynamoDB, that functions link: "conventional-s3" links the same ones as images.
func clients() []string { return []string{"s3", "secretsmanager"} }

func baselines() []string {
	all := []string{bare, raw, conventional, alike}
	for _, client := range clients() {
		all = append(all, conventional+"-"+client, alike+"-"+client)
	}
	return all
}

func isBaseline(name string) bool { return slices.Contains(baselines(), name) }

// run measures everything and prints the report. A missed target is no error.
func run(ctx context.Context, o options) error {
	s, err := newStage(ctx, o)
	if err != nil {
		return err
	}
	defer s.close()
	r := newReport(o)
	for _, part := range []struct {
		wanted  bool
		measure func(context.Context, *report) error
	}{{true, s.measureAll}, {o.sizes, s.measureSizes}, {o.million, s.measureMillion}, {o.growth, s.measureGrowth}, {o.search, s.measureSearch}} {
		if !part.wanted {
			continue
		}
		if err := part.measure(ctx, r); err != nil {
			return err
		}
		if o.write != "" { // the next measurements take long, and may fail
			if err := r.writeInto(o.write); err != nil {
				return err
			}
		}
	}
	fmt.Print(r.text())
	return nil
}

// measureAll measures starts, requests and memory.
func (s *stage) measureAll(ctx context.Context, r *report) error {
	progress("starting %d functions in turns", len(s.groups)+len(baselines()))
	if err := s.measureStarts(ctx, r); err != nil {
		return err
	}
	progress("adding %d contacts", listed)
	if err := s.fill(ctx); err != nil {
		return err
	}
	progress("asking in turns")
	if err := s.measureRequests(ctx, r); err != nil {
		return err
	}
	return s.measureMemory(ctx, r)
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
