package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"contacts/pkg/backup"
	"contacts/pkg/image/bucket"
	"contacts/pkg/wiring"
)

func backups(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var org, folder string
	c := command("backup --org ORG [--out DIR]", "Copy an organization with its pictures into a folder", noArgs, func(ctx context.Context, _ []string) error {
		return a.backup(ctx, org, cmp.Or(folder, org+".backup"))
	})
	c.Long = `Copy an organization with its pictures into a folder: records.jsonl, one JSON object per line, and the pictures as files.

Run the same command again to continue an interrupted backup. Once the backup is complete, records.jsonl exists, and its last line
has counts and a digest. Two backups of equal organizations have the same digest.

The table is read during writes: a record that changes meanwhile is copied as it was before or after the change. For the state
of one instant use point-in-time recovery. A backup has no applications, users, answers of Idempotency-Keys or pending pictures.`
	c.Example = "  contacts backup --org acme --table $TABLE --bucket $BUCKET\n  contacts backup --org demo --data .data --out demo-monday"
	c.Flags().StringVar(&org, "org", "", "the `organization`")
	c.Flags().StringVar(&folder, "out", "", "the `folder`, created if missing (default ORG.backup)")
	a.tableFlags(c.Flags())
	a.bucketFlags(c.Flags())
	return c
}

func (a *administration) backup(ctx context.Context, name, folder string) error {
	t, objects, err := a.openBoth(ctx)
	if err != nil {
		return err
	}
	org, err := organization(ctx, t, name)
	if err != nil {
		return err
	}
	if err := objects.Ping(ctx); err != nil {
		return err
	}
	bar := progress("items", -1)
	b := &backup.Backup{Organization: org, Source: t.Table.Name(), Tenant: backup.NewTenant(t.Store, name), Objects: objects,
		Progress: func(n int64) { _ = bar.Add64(n) }} // an error of the progress bar is harmless
	result, err := b.Run(ctx, folder)
	_ = bar.Finish()
	if errors.Is(err, backup.ErrComplete) || errors.Is(err, backup.ErrOtherBackup) || errors.Is(err, backup.ErrLocked) {
		return err
	}
	if err != nil {
		return unfinished(ctx, "the backup is incomplete", err)
	}
	if err := a.show(struct {
		Org    string `json:"org"`
		Folder string `json:"folder"`
		backup.Result
	}{name, folder, result}, "%s is in %s: %d items, %d pictures\nsha256 %s", name, folder, result.Items, result.Objects, result.SHA256); err != nil {
		return err
	}
	if result.Missing > 0 {
		return fault{fmt.Errorf("%d pictures were not in the bucket: contacts check --org %s lists them", result.Missing, name)}
	}
	return nil
}

// openBoth returns the table and its bucket.
func (a *administration) openBoth(ctx context.Context) (*wiring.Database, *bucket.Bucket, error) {
	t, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	b, err := a.openBucket(ctx)
	return t, b, err
}
