package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func table(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	create := command("create", "make the table, or give one that is there what it lacks", noArgs, a.createTable)
	create.Long = `Make the table as template.yaml declares it: on-demand, expiry of items, point-in-time recovery, deletion protection,
streams, encryption by KMS. One that is there gets what it lacks. What another engine than AWS's does not know is named.

With --endpoint it has no streams: nobody reads them there, and they would take an engine's time. With --data it is as
contacts serve makes it.`
	c := group("table", "The DynamoDB table", create,
		command("describe", "print how the table is set up, and how large it is", noArgs, a.describeTable))
	a.tableFlags(c.PersistentFlags())
	return c
}

func (a *administration) createTable(ctx context.Context, _ []string) error {
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	if err := t.Table.Create(ctx); err != nil {
		return err
	}
	lacking := []string{}
	if a.data == "" {
		if lacking, err = t.Table.Protect(ctx, !a.isLocal()); err != nil {
			return unfinished(ctx, "the table is there, but not all that protects it", err)
		}
	}
	without := ""
	if len(lacking) > 0 {
		without = "; the engine has no " + strings.Join(lacking, ", no ")
	}
	return a.show(map[string]any{"table": t.Table.Name(), "lacking": lacking}, "table %s is there%s", t.Table.Name(), without)
}

func (a *administration) describeTable(ctx context.Context, _ []string) error {
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	d, err := t.Table.Describe(ctx)
	if err != nil {
		return err
	}
	return a.show(d, `table                   %s
status                  %s
created                 %s
items                   %d, as counted within the last hours
size                    %d bytes
billing                 %s
expiry of items         %s
point-in-time recovery  %s
deletion protection     %s
streams                 %s
encryption key          %s`, d.Table, d.Status, d.Created.Format(time.RFC3339), d.Items, d.Bytes, d.Billing, orNo(d.TTL),
		yesOrNo(d.PointInTimeRecovery), yesOrNo(d.DeletionProtection), yesOrNo(&d.Streams), d.Encryption)
}

func orNo(text string) string {
	if text == "" {
		return "no"
	}
	return "by " + text
}

func yesOrNo(b *bool) string {
	switch {
	case b == nil:
		return "not known to this engine"
	case *b:
		return "yes"
	}
	return "no"
}
