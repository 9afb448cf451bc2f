package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"contacts/pkg/accounts"
	"contacts/pkg/backup"
	"contacts/pkg/history"
	"contacts/pkg/image/bucket"
	"contacts/pkg/wiring"
)

func restores(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var org, as string
	c := command("restore DIR [--org ORG] [--as NAME]", "Restore a backup into a table", nil, func(ctx context.Context, words []string) error {
		return a.restore(ctx, words[0], org, as)
	})
	c.Args = func(_ *cobra.Command, words []string) error {
		if len(words) != 1 {
			return errors.New("say which backup: contacts restore DIR, the folder that contacts backup made")
		}
		return nil
	}
	c.Long = `Restore a backup into a table of the same or of another platform, under the organization's own name or another.

The organization is created with its region, or must be empty. Everything stays as it was: ids, versions and ETags, times,
account numbers, references, pictures. Nobody gets a token for the organization until the restore is
complete; run the same command again to continue an interrupted one. The whole backup is verified before anything is
written, and the restored organization is checked, as by contacts check, before it is opened.

Webhooks are disabled, so that a copy sends nothing to the receivers of its original, and start at the restore.

Applications and users are not in a backup: use contacts app create (or app grant) and contacts user create.`
	c.Example = "  contacts restore acme.backup --table $TABLE --bucket $BUCKET\n  contacts restore acme.backup --as acme-copy --data .data"
	c.ValidArgsFunction = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	c.Flags().StringVar(&org, "org", "", "the `organization` that the backup has to be of")
	c.Flags().StringVar(&as, "as", "", "another `name` for the organization (default its own)")
	a.tableFlags(c.Flags())
	a.bucketFlags(c.Flags())
	return c
}

func (a *administration) restore(ctx context.Context, folder, org, as string) error {
	t, objects, err := a.openBoth(ctx)
	if err != nil {
		return err
	}
	bar := progress("lines verified", -1)
	archive, err := backup.Open(folder, func(n int64) { _ = bar.Add64(n) })
	_ = bar.Finish()
	if err != nil {
		return err
	}
	defer archive.Close()
	if org != "" && org != archive.Organization {
		return fmt.Errorf("%s is a backup of organization %s, not of %s: --as gives it another name", folder, archive.Organization, org)
	}
	if as == "" {
		as = archive.Organization
	}
	if _, err := organizationName(as); err != nil {
		return err
	}
	// Check table and bucket before any change.
	if _, err := t.Organizations(ctx); err != nil {
		return err
	}
	if err := objects.Ping(ctx); err != nil {
		return err
	}
	run, err := backup.BeginRestore(ctx, t.Store, t.Accounts, accounts.Organization{ID: as, Region: archive.Region, History: &history.Setting{Days: archive.HistoryDays}}, archive.SHA256)
	if err != nil {
		return err
	}
	found, err := a.restoreLines(ctx, t, run, archive, as, objects)
	if err != nil {
		return unfinished(ctx, "organization "+as+" is half restored", err)
	}
	if err := a.show(struct {
		Org    string `json:"org"`
		Folder string `json:"folder"`
		backup.Summary
		Repaired int `json:"repaired"`
		Faults   int `json:"faults"`
	}{as, folder, archive.Summary, found.repaired, found.left}, "%s is restored from %s: %d items, %d pictures, %d repaired",
		as, folder, archive.Items, archive.Objects, found.repaired); err != nil {
		return err
	}
	if found.left > 0 {
		return fault{fmt.Errorf("%d contradictions in it need a decision: contacts check --org %s names them", found.left, as)}
	}
	return nil
}

// restoreLines restores the lines of a backup into a tenant, checks it, and opens it.
func (a *administration) restoreLines(ctx context.Context, t *wiring.Database, run *backup.Restore, archive *backup.Archive, org string, objects *bucket.Bucket) (found summary, err error) {
	bar := progress("lines", archive.Lines())
	_ = bar.Add64(run.Restored)
	err = archive.Restore(ctx, run, org, objects, func(n int64) { _ = bar.Add64(n) })
	_ = bar.Finish()
	if err == nil {
		found, err = survey{database: t, objects: objects, org: org, repair: true, restoring: true}.run(ctx, func(result) error { return nil })
	}
	if err == nil {
		err = run.End(ctx)
	}
	return found, err
}
