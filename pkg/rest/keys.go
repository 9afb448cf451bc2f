package rest

import (
	"context"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
)

// PublishedKeys returns the published keys of a table, which verify tokens and cursors.
func PublishedKeys(a *accounts.Accounts) auth.KeySource { return keySource{a} }

type keySource struct{ accounts *accounts.Accounts }

// Keys returns the published keys, the newest first.
func (p keySource) Keys(ctx context.Context) ([]auth.Key, error) {
	stored, err := p.accounts.SigningKeys(ctx)
	keys := make([]auth.Key, len(stored))
	for i, k := range stored {
		keys[i] = auth.Key{ID: k.ID, Generation: k.Generation, Public: k.Public, Cursor: k.Cursor, NotAfter: k.NotAfter}
	}
	return keys, err
}
