package main

import (
	"contacts/pkg/wiring"
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func table(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	create := command("create", "Create the table, or add what an existing one lacks", noArgs, a.onTable(a.createTable))
	create.Long = `Create the table as template.yaml declares it: on-demand, expiry of items, point-in-time recovery, deletion protection,
streams, encryption by KMS. An existing table gets the settings that it lacks. Settings that the engine does not support are named.

With --endpoint the table has no streams: nobody reads them there, and they slow the engine down. With --data it is like that of
contacts serve.`
	return a.group("table", "The DynamoDB table", create,
		command("describe", "Print how the table is set up, and how large it is", noArgs, a.onTable(a.describeTable)))
}

func (a *administration) createTable(ctx context.Context, t *wiring.Database) (err error) {
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

func (a *administration) describeTable(ctx context.Context, t *wiring.Database) error {
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
