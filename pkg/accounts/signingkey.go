package accounts

import (
	"context"
	"slices"
	"time"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// SigningKey is the public half of a signing key of tokens, and the key of page cursors that was created with it.
type SigningKey struct {
	ID         string
	Generation int
	Public     []byte
	Cursor     []byte
	Published  time.Time
	NotAfter   time.Time // zero for the current one
}

// signingKeyItem is a SigningKey as it is stored.
type signingKeyItem struct {
	ID         string `dynamodbav:"kid"`
	Generation int    `dynamodbav:"generation"`
	Public     []byte `dynamodbav:"public"`
	Cursor     []byte `dynamodbav:"cursor"`
	Published  int64  `dynamodbav:"created"`             // Unix milliseconds
	NotAfter   int64  `dynamodbav:"not_after,omitempty"` // Unix seconds
}

func (i signingKeyItem) key() SigningKey {
	k := SigningKey{ID: i.ID, Generation: i.Generation, Public: i.Public, Cursor: i.Cursor, Published: time.UnixMilli(i.Published)}
	if i.NotAfter != 0 {
		k.NotAfter = time.Unix(i.NotAfter, 0)
	}
	return k
}

// SigningKeys returns the published keys, the newest first.
func (a *Accounts) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	items, err := list[signingKeyItem](ctx, a, keys.SigningKeys())
	all := make([]SigningKey, 0, len(items))
	for _, i := range slices.Backward(items) {
		all = append(all, i.key())
	}
	return all, err
}

// PublishKey adds the key of a new generation. Taken if that generation exists: read the keys again.
func (a *Accounts) PublishKey(ctx context.Context, k SigningKey) error {
	return a.add(ctx, keys.SigningKey(k.Generation), signingKeyItem{ID: k.ID, Generation: k.Generation, Public: k.Public, Cursor: k.Cursor,
		Published: k.Published.UnixMilli()}, "signing key")
}

// RetireKeys lets the keys of all generations expire at notAfter, unless they expire earlier. The auth function then creates the next
// one.
func (a *Accounts) RetireKeys(ctx context.Context, notAfter time.Time) error {
	all, err := a.SigningKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		if !k.NotAfter.IsZero() {
			continue
		}
		if err := a.update(ctx, keys.SigningKey(k.Generation), "signing key", func(u *dynamo.Update) {
			u.Set("not_after", dynamo.Number(notAfter.Unix()))
		}); err != nil {
			return err
		}
	}
	return nil
}
