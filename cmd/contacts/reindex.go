package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"contacts/pkg/fsck"
)

func reindex(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	c := command("reindex ORG", "Write the entries anew by which contacts are found", oneArg("an organization"), func(ctx context.Context, args []string) error {
		return a.reindex(ctx, args[0])
	})
	c.Long = `Write the entries anew by which contacts are found and listed: words of names, names in their order, email addresses, phone numbers, tags and
options. Missing entries are written, and those that no contact has are removed. Do it after a version that reads or sorts names in another way.

It runs next to the traffic: each entry is written in a transaction that changes nothing if its contact has changed meanwhile. Started again
after an interruption, it writes what is left.`
	c.Example = "  contacts reindex acme --table $TABLE"
	a.tableFlags(c.Flags())
	return c
}

func (a *administration) reindex(ctx context.Context, org string) error {
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	if _, err := organization(ctx, t, org); err != nil {
		return err
	}
	written := 0
	for pass, again := 1, true; again && pass < maxPasses; pass++ {
		before := written
		if again, err = reindexOnce(ctx, survey{database: t, org: org}, &written); err != nil {
			return fmt.Errorf("%w; run the same command again to continue", explain(err))
		}
		again = again || written > before // links that are right now have their entries to be written
	}
	return a.show(struct {
		Written int `json:"written"`
	}{written}, "%d entries and links written", written)
}

// reindexOnce corrects the links and lookup entries of an organization while they are checked, and counts them. again reports whether some have
// changed meanwhile.
func reindexOnce(ctx context.Context, s survey, written *int) (again bool, err error) {
	found := make(chan fsck.Finding, 100)
	bar := progress("items read", -1)
	defer func() { _ = bar.Finish() }()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(found)
		c := fsck.NewCheck(s.database.Store, time.Now, s.org, func(f fsck.Finding) {
			if f.Fix != nil && (f.Kind == fsck.FoundLinks || f.Kind == fsck.FoundLookup) {
				select {
				case found <- f:
				case <-ctx.Done():
				}
			}
		})
		c.Progress = func(n int64) { _ = bar.Set64(n) } // an error of the progress bar is harmless
		return c.Run(ctx)
	})
	group.Go(func() error {
		for f := range found {
			switch err := f.Fix(ctx); {
			case err == nil:
				*written++
			case errors.Is(err, fsck.ErrOutdated):
				again = true
			default:
				return fmt.Errorf("%s: %w", f.Key, err)
			}
		}
		return nil
	})
	return again, group.Wait()
}
