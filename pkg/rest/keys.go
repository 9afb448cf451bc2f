package rest

import (
	"context"

	"contacts/pkg/auth"
	"contacts/pkg/dynamo"
)

// PublishedKeys returns the published keys of a table, which verify tokens and cursors.
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
