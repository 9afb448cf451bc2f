package rest

import (
	"context"

	"contacts/pkg/auth"
	"contacts/pkg/dynamo"
)

// PublishedKeys is the table as the source of the keys that tokens and cursors are checked with.
func PublishedKeys(t *dynamo.Table) auth.KeySource { return keySource{t} }

type keySource struct{ table *dynamo.Table }

// Keys returns the published keys, the newest first.
func (p keySource) Keys(ctx context.Context) ([]auth.Key, error) {
	stored, err := p.table.SigningKeys(ctx)
	keys := make([]auth.Key, len(stored))
	for i, k := range stored {
		keys[i] = auth.Key{ID: k.ID, Generation: k.Generation, Public: k.Public, Cursor: k.Cursor, NotAfter: k.NotAfter}
	}
	return keys, err
}
