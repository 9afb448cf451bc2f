// Package store keeps contacts in one DynamoDB table. It enforces the rules that span items: each is a condition inside a transaction,
// never a read before a write. It knows nothing of HTTP.
//
// A refusal that the caller can do something about is a *contact.Error. An error that wraps a *dynamo.UnavailableError says that a later
// try may succeed. Any other error is an internal one.
package store

import (
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/store/offset"
)

// Store is the platform's records of contacts.
type Store struct {
	*dynamo.Table
	now     func() time.Time
	ids     *contact.Sequence
	offsets *offset.Indexes
	// histories say for how long organizations keep the history of their contacts.
	histories *history.Settings
	// fullOrganizations are organizations whose items had no room for another representative.
	fullOrganizations keySet
}

// New returns the store of a table. ids makes the ids of all that is created.
func New(table *dynamo.Table, now func() time.Time, ids *contact.Sequence) *Store {
	return &Store{Table: table, now: now, ids: ids, offsets: offset.New(table, now, offset.DefaultSizes), histories: history.NewSettings(table, now)}
}

// Histories returns for how long organizations keep the history of their contacts.
func (s *Store) Histories() *history.Settings { return s.histories }

// Offsets returns the offset indexes of the lists.
func (s *Store) Offsets() *offset.Indexes { return s.offsets }
