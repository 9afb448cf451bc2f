// Package exports has the exports of organizations: files with their contacts. Its item has what was asked for and what became of it;
// package exporter writes the file.
package exports

import (
	"context"
	"fmt"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/job"
	"contacts/pkg/keys"
)

// A Format is the format of a file.
type Format string

// The formats.
const (
	VCard     Format = "VCARD"
	CSV       Format = "CSV"
	JSONLines Format = "JSON_LINES"
)

// A Status is what became of an export.
type Status string

// The statuses.
const (
	Running Status = "RUNNING"
	Done    Status = "DONE"
	Failed  Status = "FAILED"
)

// An Order is what an export is to have.
type Order struct {
	Format Format `dynamodbav:"format"`
	// CardVersion is the version of vCard, "" unless Format is VCard.
	CardVersion string `dynamodbav:"card_version,omitempty"`
	// Kind selects the contacts of a kind, INDIVIDUAL or ORGANIZATION; "" for both.
	Kind string `dynamodbav:"of_kind,omitempty"`
	Tag  string `dynamodbav:"of_tag,omitempty"` // selects those with a tag; "" for any
	// ChangedSince selects those that changed since, Unix microseconds; 0 for any.
	ChangedSince int64 `dynamodbav:"changed_since,omitempty"`
}

// An Export is a file with an organization's contacts.
type Export struct {
	Org     string     `dynamodbav:"-"`
	ID      contact.ID `dynamodbav:"-"`
	Version int64      `dynamodbav:"v"`
	Order
	Status   Status `dynamodbav:"status"`
	Reason   string `dynamodbav:"reason,omitempty"`   // why it failed
	Contacts int64  `dynamodbav:"contacts,omitempty"` // how many the file has
	Created  int64  `dynamodbav:"created"`            // Unix milliseconds
	Finished int64  `dynamodbav:"finished,omitempty"` // Unix milliseconds, 0 while it runs
	Expires  int64  `dynamodbav:"expires"`            // Unix seconds: when the item is deleted
}

const (
	// FileKept is how long a file can be read, from the end of its export.
	FileKept = 24 * time.Hour
	// kept is how long an export is listed.
	kept = 30 * 24 * time.Hour
)

// HasFile reports whether the file can be read at a time.
func (e Export) HasFile(now time.Time) bool {
	return e.Status == Done && now.Before(time.UnixMilli(e.Finished).Add(FileKept))
}

// Object returns the key of the file in the bucket.
func (e Export) Object() string {
	return fmt.Sprintf("%s%s/%s", Prefix, e.Org, e.FileName())
}

// Prefix begins the keys of all files.
const Prefix = "exports/"

// FileName returns the name under which the file is saved.
func (e Export) FileName() string {
	return e.ID.String() + map[Format]string{VCard: ".vcf", CSV: ".csv", JSONLines: ".jsonl"}[e.Format]
}

// ContentType returns the media type of the file.
func (e Export) ContentType() string {
	return map[Format]string{VCard: "text/vcard; charset=utf-8", CSV: "text/csv; charset=utf-8; header=present", JSONLines: "application/x-ndjson"}[e.Format]
}

// Of returns the export of an item.
func Of(item dynamo.Item) (Export, error) {
	p := keys.Parse(item.Key())
	if p.Kind != keys.KindExport {
		return Export{}, fmt.Errorf("exports: %v is not the key of an export", item.Key())
	}
	e, err := dynamo.Decode[Export](item)
	e.Org, e.ID = p.Org, p.File
	return e, err
}

func (e Export) item() (dynamo.Item, error) { return dynamo.Encode(keys.Export(e.Org, e.ID), e) }

// Exports are the exports in a table.
type Exports struct {
	table *dynamo.Table
	now   func() time.Time
	ids   *contact.Sequence
}

// New returns the exports of a table. ids makes the ids of all that is created.
func New(table *dynamo.Table, now func() time.Time, ids *contact.Sequence) *Exports {
	return &Exports{table, now, ids}
}

// A Show returns the record that an export is shown as.
type Show func(Export) (contact.Record, error)

// Create adds an export, which is RUNNING until the exporter has written its file.
func (s *Exports) Create(ctx context.Context, org string, w idempotency.Write, order Order, show Show) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		now := s.now()
		made := Export{Org: org, ID: s.ids.Next(contact.Part), Version: 1, Order: order, Status: Running, Created: now.UnixMilli(), Expires: now.Add(kept).Unix()}
		item, err := made.item()
		if err != nil {
			return contact.Record{}, err
		}
		record, err := show(made)
		if err != nil {
			return contact.Record{}, err
		}
		tx := s.table.Begin()
		tx.Put(item, dynamo.NotExists())
		made.Job().Begin(tx)
		return record, idempotency.Refusal(w.Commit(ctx, tx, record))
	})
}

// Job returns the job that writes the file.
func (e Export) Job() job.Job { return job.Job{Kind: keys.ExportJob, Org: e.Org, ID: e.ID} }

// Get returns an export. NotFound if there is none.
func (s *Exports) Get(ctx context.Context, org string, id contact.ID) (Export, error) {
	item, err := s.table.Get(ctx, keys.Export(org, id))
	if err == nil && (item == nil || item.Number(dynamo.AttrExpires) <= s.now().Unix()) {
		err = contact.Refuse(contact.NotFound, "export not found")
	}
	if err != nil {
		return Export{}, err
	}
	return Of(item)
}

// List returns the exports before another one, at most limit, the newest first; before 0 those of all. more reports whether there are others.
// Of a damaged one it returns the id alone.
func (s *Exports) List(ctx context.Context, org string, before contact.ID, limit int) (all []Export, more bool, err error) {
	query := s.table.Query(keys.Exports(org)).Prefix("").Backwards()
	if before != 0 {
		query.After(keys.Export(org, before))
	}
	err = query.Filter(dynamo.GreaterThan(dynamo.AttrExpires, s.now().Unix())).Read(ctx, limit+1, func(i dynamo.Item) {
		e, unreadable := Of(i)
		if unreadable != nil {
			e = Export{ID: keys.LastID(i.String("sk"))}
		}
		all = append(all, e)
	})
	more = len(all) > limit
	return all[:min(limit, len(all))], more, err
}

// Finish ends an export whose job has the lease.
func (s *Exports) Finish(ctx context.Context, l *job.Lease, e Export) error {
	now := s.now()
	e.Version++
	e.Finished, e.Expires = now.UnixMilli(), now.Add(kept).Unix()
	item, err := e.item()
	if err != nil {
		return err
	}
	tx := s.table.Begin()
	tx.Put(item, dynamo.Exists(job.ErrLost))
	return l.End(ctx, tx)
}

// Abandon ends the job of an export that is no longer there.
func (s *Exports) Abandon(ctx context.Context, l *job.Lease) error {
	return l.End(ctx, s.table.Begin())
}
