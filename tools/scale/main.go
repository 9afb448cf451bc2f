// Command scale measures how many writes of each kind a tenant can make in a second before DynamoDB throttles them, and which
// partition is throttled.
//
//	scale [-divisor 10] [-only NAME] [-binary bin/contacts]
//
// The platform runs on a local engine and a simulator of DynamoDB's limits. The limits are divided, because a local engine makes about a
// thousand transactions a second; reported rates are multiplied again. A kind of write that this machine can't do at the required rate is
// measured again with a larger divisor. The command fails if a kind of write is throttled below its required rate.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

type options struct {
	binary  string
	only    string
	divisor float64
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/contacts", "the command line tool")
	flag.StringVar(&o.only, "only", "", "only kinds of write whose `name` holds this")
	flag.Float64Var(&o.divisor, "divisor", 10, "what limits and rates are divided by")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, w io.Writer) error {
	b, err := newBench(ctx, o.binary)
	if err != nil {
		return err
	}
	defer b.cluster.Stop(context.WithoutCancel(ctx))
	var failures []string
	fmt.Fprintf(w, "limits of a partition and rates divided by %g, shown multiplied again; all for one tenant\n\n", o.divisor)
	fmt.Fprintln(w, "| write | bounding partition | units of it a write | bound a second | unthrottled a second | throttled at |")
	fmt.Fprintln(w, "|---|---|---:|---:|---:|---|")
	for _, k := range kinds {
		if !strings.Contains(k.name, o.only) {
			continue
		}
		found, err := b.bound(ctx, k)
		if err != nil {
			return err
		}
		reached, err := b.ramp(ctx, k, found, o.divisor)
		for divisor := o.divisor * 2; err == nil && reached.exhausted && reached.rate < k.required && divisor <= o.divisor*8; divisor *= 2 {
			if reached, err = b.ramp(ctx, k, found, divisor); reached.remark == " at least" || reached.throttled != "" {
				reached.remark += fmt.Sprintf(" (divided by %g)", divisor)
			}
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %.0f%s | %s |\n", k.name, found.partition, found.cost(), found.rate(), reached.rate, reached.remark, reached.throttled)
		if reached.rate < k.required {
			failures = append(failures, fmt.Sprintf("%s: %.0f a second, required are %.0f%s", k.name, reached.rate, k.required, reached.remark))
		}
	}
	if failures != nil {
		return errors.New(strings.Join(failures, "\n"))
	}
	return nil
}
