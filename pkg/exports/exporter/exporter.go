// Package exporter writes the files of exports. It reads the contacts in the order of their creation, as they are when it comes to them, and
// writes a file in parts. What is in a part is done: a function that ends, or is killed, goes on after the last part.
package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/exchange/row"
	"contacts/pkg/exports"
	"contacts/pkg/image/bucket"
	"contacts/pkg/job"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// An Exporter writes the files of exports. It is safe for concurrent use, in any number of processes.
type Exporter struct {
	Store   *store.Store
	Exports *exports.Exports
	Files   *bucket.Bucket
	Now     func() time.Time
	Log     *slog.Logger
	// PartSize is how many bytes a part has at least, except the last one: bucket.MinPart, or more.
	PartSize int
	// Progress, if it is set, is called with the number of contacts that were read since the last call.
	Progress func(contacts int)
}

// Runner returns what works on the jobs of exports.
func (x *Exporter) Runner() *job.Runner {
	return &job.Runner{Table: x.Store.Table, Kind: keys.ExportJob, Now: x.Now, Log: x.Log, Work: x.work, Fail: x.fail}
}

// A progress is how far an export has come.
type progress struct {
	// Measured reports whether the layout is complete.
	Measured bool `json:"measured"`
	// Upload is the name of the upload in parts, "" before the first part; Tags are those of the parts.
	Upload string   `json:"upload"`
	Tags   []string `json:"tags"`
	// Kind and After are the position after the last part: the list, and the last contact of it that was looked at.
	Kind  contact.Kind `json:"kind"`
	After contact.ID   `json:"after,omitzero"`
	// Contacts is how many contacts the parts have.
	Contacts int64 `json:"contacts"`
	// Layout is the columns of CSV.
	Layout row.Layout `json:"layout"`
}

const (
	// pageSize is how many contacts are looked at together.
	pageSize = 50
	// concurrent is how many contacts are read at once.
	concurrent = 16
)

// work writes the parts of a file until it is complete or stop is done.
func (x *Exporter) work(ctx, stop context.Context, l *job.Lease) error {
	export, err := x.Exports.Get(ctx, l.Org, l.ID)
	if contact.IsRefused(err, contact.NotFound) { // it has expired
		return x.Exports.Abandon(ctx, l)
	}
	if err != nil {
		return err
	}
	w := &writing{Exporter: x, export: export, lease: l, stop: stop}
	if err := l.State(&w.progress); err != nil {
		return err
	}
	err = w.write(ctx)
	if errors.Is(err, bucket.ErrNoUpload) { // the bucket removes uploads that are not completed for days; or an earlier call has completed it
		if err = l.Save(ctx, progress{}); err == nil {
			err = errors.New("exporter: the upload was removed, the export begins again")
		}
	}
	return err
}

// fail ends an export that can't be written.
func (x *Exporter) fail(ctx context.Context, l *job.Lease, _ error) error {
	export, err := x.Exports.Get(ctx, l.Org, l.ID)
	if err != nil {
		return err
	}
	export.Status, export.Reason = exports.Failed, "the file could not be written; create another export"
	return x.Exports.Finish(ctx, l, export)
}

// A writing is the work on one export by one lease.
type writing struct {
	*Exporter
	export exports.Export
	lease  *job.Lease
	stop   context.Context
	progress
	buffer bytes.Buffer
	// read counts the contacts in the buffer.
	read int64
}

// write writes the file. It returns without an error when stop is done.
func (w *writing) write(ctx context.Context) error {
	if !w.Measured {
		done, err := w.measure(ctx)
		if err != nil || !done {
			return err
		}
		w.Measured, w.Kind, w.After = true, contact.Individual, 0
	}
	encoder := w.encoder()
	if len(w.Tags) == 0 {
		if err := encoder.begin(); err != nil {
			return err
		}
	}
	done, err := w.each(ctx, func(all []exports.Full) error {
		if err := encoder.write(ctx, all); err != nil {
			return err
		}
		w.read += int64(len(all))
		if w.Progress != nil {
			w.Progress(len(all))
		}
		if w.buffer.Len() < w.PartSize {
			return nil
		}
		return w.flush(ctx)
	})
	if err != nil || !done {
		return err
	}
	if err := w.complete(ctx); err != nil {
		return err
	}
	w.export.Status, w.export.Contacts = exports.Done, w.Contacts
	return w.Exports.Finish(ctx, w.lease, w.export)
}

// complete stores the rest of the file, and makes it readable. A file of less than a part is stored as a whole.
func (w *writing) complete(ctx context.Context) error {
	if w.Upload == "" {
		w.Contacts += w.read
		return w.Files.PutFile(ctx, w.export.Object(), w.export.ContentType(), w.export.FileName(), w.buffer.Bytes())
	}
	if w.buffer.Len() > 0 {
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
	return w.Files.CompleteFile(ctx, w.export.Object(), w.Upload, w.Tags)
}

// flush stores what was written as a part.
func (w *writing) flush(ctx context.Context) (err error) {
	if w.Upload == "" {
		if w.Upload, err = w.Files.BeginFile(ctx, w.export.Object(), w.export.ContentType(), w.export.FileName()); err != nil {
			return err
		}
	}
	if len(w.Tags) == bucket.MaxParts {
		return fmt.Errorf("exporter: the file has more than %d parts", bucket.MaxParts)
	}
	tag, err := w.Files.PutPart(ctx, w.export.Object(), w.Upload, int32(len(w.Tags)+1), w.buffer.Bytes()) //nolint:gosec // at most MaxParts
	if err != nil {
		return err
	}
	w.Tags, w.Contacts = append(w.Tags, tag), w.Contacts+w.read
	w.buffer.Reset()
	w.read = 0
	return w.lease.Save(ctx, w.progress)
}

// each calls do with the contacts that follow the position, some at a time, and moves it. done is false if stop ended it.
func (w *writing) each(ctx context.Context, do func([]exports.Full) error) (done bool, err error) {
	reader := &exports.Reader{Store: w.Store}
	if w.export.Format == exports.VCard {
		reader.Pictures = w.Files
	}
	for ; w.Kind <= contact.Organization; w.Kind, w.After = w.Kind+1, 0 {
		if w.export.Kind != "" && w.export.Kind != w.Kind.String() {
			continue
		}
		for last := contact.ID(-1); last != 0; {
			if job.Over(w.stop) {
				return false, nil
			}
			if err := w.lease.Renew(ctx); err != nil {
				return false, err
			}
			var ids []contact.ID
			ids, last, err = w.Store.Select(ctx, w.export.Org, w.selection(), w.After, pageSize)
			if err != nil {
				return false, err
			}
			all, err := w.readAll(ctx, reader, ids)
			if err != nil {
				return false, err
			}
			if last != 0 {
				w.After = last
			} else if len(ids) > 0 {
				w.After = ids[len(ids)-1]
			}
			if err := do(all); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func (w *writing) selection() store.Selection {
	return store.Selection{Kind: w.Kind, Tag: w.export.Tag, ChangedSince: w.export.ChangedSince}
}

// readAll reads contacts. It leaves out those that can't be read, or can't be shown by an answer either.
func (w *writing) readAll(ctx context.Context, reader *exports.Reader, ids []contact.ID) ([]exports.Full, error) {
	found := make([]*exports.Full, len(ids))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(concurrent)
	for i, id := range ids {
		group.Go(func() error {
			full, err := reader.Read(within, w.export.Org, id)
			switch {
			case errors.As(err, new(*contact.Error)) && !contact.IsRefused(err, contact.Unavailable), store.IsUnreadable(err):
				w.Log.Error("a contact can't be exported", "org", w.export.Org, "contact", id, "cause", err)
			case err != nil:
				return err
			case !full.Deleted: // since it was selected
				found[i] = &full
			}
			return nil
		})
	}
	err := group.Wait()
	all := make([]exports.Full, 0, len(ids))
	for _, full := range found {
		if full != nil {
			all = append(all, *full)
		}
	}
	return all, err
}
