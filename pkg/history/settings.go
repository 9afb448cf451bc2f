package history

import (
	"context"
	"sync"
	"time"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Attribute, M, is the setting of an organization, on its record. Without it, entries are kept for DefaultDays.
const Attribute = "history"

// Settings reads the settings of organizations. It is safe for concurrent use.
type Settings struct {
	table *dynamo.Table
	now   func() time.Time

	mu    sync.Mutex
	cache map[string]cached
}

type cached struct {
	Setting
	until time.Time
}

// NewSettings returns the settings in a table.
func NewSettings(table *dynamo.Table, now func() time.Time) *Settings {
	return &Settings{table: table, now: now, cache: map[string]cached{}}
}

// maxCached is the most settings in memory, of some 100 bytes each.
const maxCached = 10_000

// Recent returns the setting of an organization as it is, or was at most CacheTime ago.
func (s *Settings) Recent(ctx context.Context, org string) (Setting, error) {
	s.mu.Lock()
	known, ok := s.cache[org]
	s.mu.Unlock()
	if ok && s.now().Before(known.until) {
		return known.Setting, nil
	}
	return s.Read(ctx, org)
}

// Read returns the setting of an organization. It costs a read unit.
func (s *Settings) Read(ctx context.Context, org string) (Setting, error) {
	now := s.now()
	item, err := s.table.Get(ctx, keys.Organization(org))
	if err != nil {
		return Setting{}, err
	}
	record, err := dynamo.Decode[struct {
		History *Setting `dynamodbav:"history"`
	}](item)
	if err != nil {
		return Setting{}, err
	}
	setting := Setting{Days: DefaultDays}
	if record.History != nil {
		setting = *record.History
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cache) >= maxCached {
		clear(s.cache)
	}
	s.cache[org] = cached{setting, now.Add(CacheTime)}
	return setting, nil
}
