package exporter

import (
	"context"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/csvfile"
	"contacts/pkg/details"
	"contacts/pkg/exchange/card"
	"contacts/pkg/exports"
	"contacts/pkg/vcard"
)

// An encoder writes contacts in the format of a file.
type encoder interface {
	// begin writes what comes before the first contact.
	begin() error
	write(ctx context.Context, all []exports.Full) error
}

func (w *writing) encoder() encoder {
	switch w.export.Format {
	case exports.VCard:
		return cards{w}
	case exports.CSV:
		return rows{w}
	}
	return lines{w}
}

// measure makes the layout of CSV, which follows from all contacts. done is false if stop ended it.
func (w *writing) measure(ctx context.Context) (done bool, err error) {
	if w.export.Format != exports.CSV {
		return true, nil
	}
	reader, pages := &exports.Reader{Store: w.Store}, 0
	return w.each(ctx, func(all []exports.Full) error {
		contacts, err := reader.Contacts(ctx, w.export.Org, all)
		if err != nil {
			return err
		}
		for i := range contacts {
			w.Layout.Add(&contacts[i])
		}
		if pages++; pages%pagesPerSave == 0 {
			return w.lease.Save(ctx, w.progress)
		}
		return nil
	})
}

// pagesPerSave is how many pages are measured until the position is stored.
const pagesPerSave = 20

// lines are JSON Lines: each contact as details show it, with its tags.
type lines struct{ *writing }

func (lines) begin() error { return nil }

func (l lines) write(_ context.Context, all []exports.Full) error {
	for _, full := range all {
		show := details.Individual
		if full.Resource.ID.Kind() == contact.Organization {
			show = details.Organization
		}
		doc, err := json.Marshal(show(full.Details))
		if err != nil {
			return err
		}
		line, err := json.Marshal(struct {
			Details jsontext.Value `json:",embed"`
			Tags    []string       `json:"tags"`
		}{doc, full.Tags})
		if err != nil {
			return err
		}
		l.buffer.Write(line)
		l.buffer.WriteByte('\n')
	}
	return nil
}

// cards are vCards.
type cards struct{ *writing }

func (cards) begin() error { return nil }

func (c cards) write(ctx context.Context, all []exports.Full) error {
	contacts, err := (&exports.Reader{Store: c.Store}).Contacts(ctx, c.export.Org, all)
	if err != nil {
		return err
	}
	for i := range contacts {
		if err := vcard.Write(&c.buffer, card.ToCard(&contacts[i], vcard.Version(c.export.CardVersion))); err != nil {
			return err
		}
	}
	return nil
}

// rows are the rows of CSV.
type rows struct{ *writing }

func (r rows) begin() error {
	w := csvfile.NewWriter(&r.buffer, csvfile.Export)
	if err := w.Begin(); err != nil {
		return err
	}
	if err := w.Write(r.Layout.Headings()); err != nil {
		return err
	}
	return w.Flush()
}

func (r rows) write(ctx context.Context, all []exports.Full) error {
	contacts, err := (&exports.Reader{Store: r.Store}).Contacts(ctx, r.export.Org, all)
	if err != nil {
		return err
	}
	w := csvfile.NewWriter(&r.buffer, csvfile.Export)
	for i := range contacts {
		for _, cells := range r.Layout.Rows(&contacts[i]) {
			if err := w.Write(cells); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}
