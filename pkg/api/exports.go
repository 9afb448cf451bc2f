package api

import (
	"context"
	"io"
	"time"

	"github.com/go-json-experiment/json"

	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/exchange/card"
	"contacts/pkg/exports"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/vcard"
)

const exportsPath = contacts + "/exports"

// Exports returns the group of the exports, and of the vCards of single contacts.
func Exports(c Config, files Files) rest.Group {
	f := exportGroup{c, files}
	return rest.Group{
		Name: "exports",
		Routes: []rest.Route{
			rest.Get("listExports", exportsPath, f.list),
			rest.WithRequestBody[ExportInput](rest.Post("createExport", exportsPath, f.create)).WithScope(auth.ReadScope),
			rest.Get("getExport", exportsPath+"/{export-id}", f.get),
			rest.Get("getIndividualVCard", individual+"/vcard", f.card(contact.Individual)).Responds(cardType),
			rest.Get("getOrganizationVCard", organization+"/vcard", f.card(contact.Organization)).Responds(cardType),
		},
	}
}

// cardType is the media type of vCards.
const cardType = "text/vcard"

// Files is the interface of bucket.Bucket that exports use, so that only the functions that use it link S3.
type Files interface {
	exports.Pictures
	FileURL(ctx context.Context, key, contentType, name string) (string, error)
}

type exportGroup struct {
	Config
	files Files
}

type (
	// An Export is a file with the contacts of an organization.
	Export struct {
		ID           contact.ID   `json:"id" readOnly:"true"`
		Format       string       `json:"format" enum:"VCARD,CSV,JSON_LINES"`
		Version      string       `json:"version,omitempty" enum:"3.0,4.0"`
		Kind         string       `json:"kind,omitempty" enum:"INDIVIDUAL,ORGANIZATION"`
		Tag          string       `json:"tag,omitempty" minLength:"1" maxLength:"256"`
		ChangedSince string       `json:"changed_since,omitempty" format:"date-time"`
		Status       string       `json:"status" enum:"RUNNING,DONE,FAILED" readOnly:"true"`
		Reason       string       `json:"reason,omitempty" readOnly:"true"`
		Contacts     int64        `json:"contacts,omitzero" minimum:"0" readOnly:"true"`
		Created      contact.Time `json:"created" readOnly:"true"`
		Finished     contact.Time `json:"finished,omitempty" readOnly:"true"`
		URL          string       `json:"url,omitempty" maxLength:"4096" readOnly:"true"`
	}
	// An ExportInput says what an export is to have.
	ExportInput struct {
		Format       string `json:"format" enum:"VCARD,CSV,JSON_LINES"`
		Version      string `json:"version,omitempty" enum:"3.0,4.0"`
		Kind         string `json:"kind,omitempty" enum:"INDIVIDUAL,ORGANIZATION"`
		Tag          string `json:"tag,omitempty" minLength:"1" maxLength:"256"`
		ChangedSince string `json:"changed_since,omitempty" format:"date-time"`
	}
	// An exportsInput selects a page of exports.
	exportsInput struct {
		rest.CursorParams
		Path rest.Path
	}
	// A cardInput identifies a contact, and a version of vCard.
	cardInput struct {
		Path    rest.Path
		Version string `query:"version" enum:"3.0,4.0" default:"3.0"`
	}
)

// order returns what the body of a request asks for, or Malformed.
func (in ExportInput) order() (exports.Order, error) {
	order := exports.Order{Format: exports.Format(in.Format), CardVersion: in.Version, Kind: in.Kind, Tag: in.Tag}
	switch {
	case order.Format != exports.VCard && in.Version != "":
		return order, contact.RefuseAt(contact.Malformed, "/version", "is for the format VCARD alone")
	case order.Format == exports.VCard && in.Version == "":
		order.CardVersion = string(vcard.V3)
	}
	if in.ChangedSince != "" {
		since, err := time.Parse(time.RFC3339Nano, in.ChangedSince)
		if err != nil {
			return order, contact.RefuseAt(contact.Malformed, "/changed_since", "must be a date-time of RFC 3339")
		}
		order.ChangedSince = since.UnixMicro()
	}
	return order, nil
}

// showExport returns the record of an export. Its version leaves out the url, which is new with each GET.
func showExport(e exports.Export, url string) (contact.Record, error) {
	shown := Export{ID: e.ID, Format: string(e.Format), Version: e.CardVersion, Kind: e.Kind, Tag: e.Tag, Status: string(e.Status), Reason: e.Reason,
		Contacts: e.Contacts, Created: contact.TimeOf(e.Created), Finished: contact.TimeOf(e.Finished), URL: url}
	if e.ChangedSince != 0 {
		shown.ChangedSince = time.UnixMicro(e.ChangedSince).UTC().Format(time.RFC3339Nano)
	}
	doc, err := json.Marshal(shown)
	return contact.Record{ID: e.ID, Version: e.Version, Doc: doc}, err
}

func (f exportGroup) create(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
	body, err := rest.Decode[ExportInput](&in.RequestBody)
	if err != nil {
		return nil, err
	}
	order, err := body.order()
	if err != nil {
		return nil, err
	}
	return rest.Create(ctx, &in.Path, func(w idempotency.Write) (contact.Record, error) {
		return f.Exports.Create(ctx, in.Path.Org, w, order, func(made exports.Export) (contact.Record, error) { return showExport(made, "") })
	})
}

func (f exportGroup) get(ctx context.Context, in *itemInput) (*rest.ResourceResponse, error) {
	e, err := f.Exports.Get(ctx, in.Path.Org, in.Path.Last())
	if err != nil {
		return nil, err
	}
	url := ""
	if e.HasFile(f.Now()) {
		if url, err = f.files.FileURL(ctx, e.Object(), e.ContentType(), e.FileName()); err != nil {
			return nil, err
		}
	}
	return rest.Show(showExport(e, url))
}

func (f exportGroup) list(ctx context.Context, in *exportsInput) (*rest.PageResponse, error) {
	return rest.PageByCursor(ctx, f.Keys, &in.Path, &in.CursorParams, in.Path.Item, func(ctx context.Context, org string, q contact.Query) (page contact.Page, err error) {
		all, more, err := f.Exports.List(ctx, org, q.After, q.Limit)
		if err != nil {
			return page, err
		}
		page.More = more
		for _, e := range all {
			row := contact.Record{ID: e.ID}
			if e.Version > 0 { // else it can't be read
				if row, err = showExport(e, ""); err != nil {
					return page, err
				}
			}
			page.Rows = append(page.Rows, row)
		}
		return page, nil
	})
}

// card returns the handler that responds with the vCard of a contact of a kind.
func (f exportGroup) card(kind contact.Kind) rest.Handler[cardInput, rest.TextResponse] {
	reader := &exports.Reader{Store: f.Store, Pictures: f.files}
	return func(ctx context.Context, in *cardInput) (*rest.TextResponse, error) {
		o, err := contactOwner(kind)(ctx, &in.Path)
		if err != nil {
			return nil, err
		}
		full, err := reader.Read(ctx, o.Org, o.Contact)
		if err != nil {
			return nil, err
		}
		contacts, err := reader.Contacts(ctx, o.Org, []exports.Full{full})
		if err != nil {
			return nil, err
		}
		return rest.Text(cardType+"; charset=utf-8", o.Contact.String()+".vcf", func(w io.Writer) error {
			return vcard.Write(w, card.ToCard(&contacts[0], vcard.Version(in.Version)))
		})
	}
}
