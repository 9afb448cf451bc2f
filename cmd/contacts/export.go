package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"contacts/pkg/contact"
	"contacts/pkg/exports"
	"contacts/pkg/exports/exporter"
	"contacts/pkg/idempotency"
	"contacts/pkg/image/bucket"
	"contacts/pkg/wiring"
)

// exportFlags are what the flags of an export say.
type exportFlags struct {
	org, out, format, version, kind, tag, since string
}

func exportFile(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var f exportFlags
	c := command("export --org ORG [--out FILE]", "Write an organization's contacts into a file, as vCard, CSV or JSON Lines", noArgs, func(ctx context.Context, _ []string) error {
		return a.export(ctx, f)
	})
	c.Long = `Write an organization's contacts into a file, as vCard, CSV or JSON Lines: the same export that the API makes.
Deleted contacts are left out. The ending of the file says the format: .csv, .vcf or .jsonl.`
	c.Example = "  contacts export --org acme --table $TABLE --bucket $BUCKET\n  contacts export --org demo --out vip.vcf --tag VIP --data .data"
	c.Flags().StringVar(&f.org, "org", "", "the `organization`")
	c.Flags().StringVar(&f.out, "out", "", "the `file`; - for the standard output (default ORG.csv)")
	c.Flags().StringVar(&f.format, "format", "", "`VCARD`, CSV or JSON_LINES (default by the ending of the file)")
	c.Flags().StringVar(&f.version, "version", "", "of vCard: `3.0` or 4.0 (default 3.0)")
	c.Flags().StringVar(&f.kind, "kind", "", "only contacts of a kind: `INDIVIDUAL` or ORGANIZATION")
	c.Flags().StringVar(&f.tag, "tag", "", "only contacts with a `tag`")
	c.Flags().StringVar(&f.since, "changed-since", "", "only contacts that changed since a `time`, such as 2026-01-31T00:00:00Z")
	a.tableFlags(c.Flags())
	a.bucketFlags(c.Flags())
	return c
}

// endings are the formats by the endings of files.
var endings = map[string]exports.Format{".csv": exports.CSV, ".vcf": exports.VCard, ".jsonl": exports.JSONLines}

// order returns what is to be exported, and the file that it goes to.
func (f exportFlags) order() (order exports.Order, file string, err error) {
	file = cmp.Or(f.out, f.org+".csv")
	order = exports.Order{Format: exports.Format(strings.ToUpper(f.format)), CardVersion: f.version, Kind: strings.ToUpper(f.kind), Tag: f.tag}
	if f.format == "" {
		order.Format = endings[strings.ToLower(filepath.Ext(file))]
	}
	switch {
	case !slices.Contains([]exports.Format{exports.VCard, exports.CSV, exports.JSONLines}, order.Format):
		return order, "", errors.New("say which format: --format VCARD, CSV or JSON_LINES, or a file that ends in .vcf, .csv or .jsonl")
	case order.CardVersion != "" && (order.Format != exports.VCard || order.CardVersion != "3.0" && order.CardVersion != "4.0"):
		return order, "", errors.New("--version is 3.0 or 4.0, and for the format VCARD alone")
	case order.Kind != "" && order.Kind != contact.Individual.String() && order.Kind != contact.Organization.String():
		return order, "", errors.New("--kind is INDIVIDUAL or ORGANIZATION")
	case order.Format == exports.VCard:
		order.CardVersion = cmp.Or(order.CardVersion, "3.0")
	}
	if f.since != "" {
		since, err := time.Parse(time.RFC3339Nano, f.since)
		if err != nil {
			return order, "", errors.New("--changed-since is a time such as 2026-01-31T00:00:00Z")
		}
		order.ChangedSince = since.UnixMicro()
	}
	return order, file, nil
}

func (a *administration) export(ctx context.Context, f exportFlags) error {
	order, file, err := f.order()
	if err != nil {
		return err
	}
	t, files, err := a.openBoth(ctx)
	if err != nil {
		return err
	}
	if _, err := organization(ctx, t, f.org); err != nil {
		return err
	}
	if err := files.Ping(ctx); err != nil {
		return err
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already: --out names another file", file)
	}
	e, err := runExport(ctx, t, files, f.org, order)
	if err != nil {
		return unfinished(ctx, "nothing is exported", err)
	}
	if e.Status == exports.Failed {
		return errors.New(e.Reason)
	}
	if file == "-" {
		_, err := files.Copy(ctx, e.Object(), a.out)
		return err
	}
	if err := saveObject(ctx, files, e.Object(), file); err != nil {
		return unfinished(ctx, "nothing is exported", err)
	}
	return a.show(map[string]any{"org": f.org, "file": file, "format": e.Format, "contacts": e.Contacts}, "%s has %d contacts of %s", file, e.Contacts, f.org)
}

// exportPause is how often an export is looked at that a function of the platform writes.
const exportPause = 200 * time.Millisecond

// runExport makes an export and writes its file, unless a function of the platform was quicker. It returns the export when it has ended.
func runExport(ctx context.Context, t *wiring.Database, files *bucket.Bucket, org string, order exports.Order) (e exports.Export, err error) {
	if _, err = t.Exports.Create(ctx, org, idempotency.Write{}, order, func(made exports.Export) (contact.Record, error) {
		e = made
		return contact.Record{}, nil
	}); err != nil {
		return e, err
	}
	bar := progress("contacts", -1)
	defer func() { _ = bar.Finish() }()
	x := &exporter.Exporter{Store: t.Store, Exports: t.Exports, Files: files, Now: time.Now, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), PartSize: bucket.MinPart,
		Progress: func(n int) { _ = bar.Add(n) }} // an error of the progress bar is harmless
	for {
		if err = x.Runner().RunJob(ctx, ctx, e.Job()); err != nil {
			return e, err
		}
		if e, err = t.Exports.Get(ctx, org, e.ID); err != nil || e.Status != exports.Running {
			return e, err
		}
		select {
		case <-time.After(exportPause):
		case <-ctx.Done():
			return e, ctx.Err()
		}
	}
}

// saveObject copies an object into a file, which appears when it is complete.
func saveObject(ctx context.Context, files *bucket.Bucket, key, file string) error {
	part, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // once it is renamed, there is nothing to remove
	if _, err = files.Copy(ctx, key, part); err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), file)
}
