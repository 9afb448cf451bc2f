package api

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// historyRoute returns the operation that lists the history of a contact of a kind.
func (f changeFeed) historyRoute(noun, path string, kind contact.Kind) rest.Route {
	return rest.Get("list"+noun+"History", path+"/history",
		func(ctx context.Context, in *historyInput) (*rest.PageResponse, error) {
			o, err := contactOwner(kind)(ctx, &in.Path)
			if err != nil {
				return nil, err
			}
			at := func(contact.ID) string { return strings.TrimSuffix(in.Path.Item(0), "/0") }
			return rest.PageByCursor(ctx, f.Keys, &in.Path, &in.CursorParams, at, func(ctx context.Context, _ string, q contact.Query) (contact.Page, error) {
				entries, more, err := f.Store.History(ctx, o, q)
				if err != nil {
					return contact.Page{}, err
				}
				rows, err := f.showHistory(ctx, entries)
				return contact.Page{Rows: rows, More: more}, err
			})
		})
}

type (
	// A historyInput selects a page of the history of a contact.
	historyInput struct {
		rest.CursorParams
		Path rest.Path
	}
	// A historyEntry is a change of a contact with what was there before.
	historyEntry struct {
		At        string          `json:"at"`
		Type      string          `json:"type"`
		By        *ChangedBy      `json:"by,omitempty"`
		Operation string          `json:"operation,omitempty"`
		RequestID string          `json:"request_id,omitempty"`
		Changes   []historyChange `json:"changes"`
	}
	// A historyChange is a part of a contact that changed.
	historyChange struct {
		Part       string       `json:"part"`
		ID         contact.ID   `json:"id,omitzero"`
		IdentityID contact.ID   `json:"identity_id,omitzero"`
		Before     rest.RawJSON `json:"before,omitzero"`
	}
)

// showHistory returns the rows of a page, whose ids are the times of the changes.
func (f changeFeed) showHistory(ctx context.Context, entries []store.HistoryEntry) ([]contact.Record, error) {
	shown := make([]Change, len(entries))
	for i, e := range entries {
		shown[i] = showChange(e.Change)
	}
	if err := f.nameCallers(ctx, shown); err != nil {
		return nil, err
	}
	rows := make([]contact.Record, len(entries))
	for i, e := range entries {
		rows[i].ID = contact.ID(e.At)
		if e.Damaged {
			continue // shown as a problem
		}
		c := shown[i]
		entry := historyEntry{At: c.ChangedAt, Type: c.Type, By: c.By, Operation: c.Operation, RequestID: c.RequestID, Changes: make([]historyChange, len(e.Before))}
		for n, was := range e.Before {
			entry.Changes[n] = historyChange{Part: string(was.Part), ID: was.ID, IdentityID: was.Identity, Before: was.Doc}
		}
		var err error
		if rows[i].Doc, err = json.Marshal(entry); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// A detailsInput identifies a contact, now or as it was.
type detailsInput struct {
	Path rest.Path
	AsOf string `query:"as_of" format:"date-time" maxLength:"64"`
}
