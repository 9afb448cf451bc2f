package api

import (
	"context"
	"fmt"
	"sync"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
)

// A signer signs tokens with the newest key. It publishes a new one if the newest is retired.
type signer struct {
	accounts *accounts.Accounts
	now      func() time.Time
	secret   func(context.Context) ([]byte, error)

	mu     sync.Mutex
	key    auth.SigningKey
	readAt time.Time
}

// keyDelay is the delay before a new key signs: functions may have cached the published keys for as long.
const keyDelay = 10 * time.Second

// sign returns a token with the claims. Its lifetime begins now, in whole seconds.
func (s *signer) sign(ctx context.Context, c auth.Claims, lifetime time.Duration) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); s.readAt.IsZero() || now.Sub(s.readAt) >= keyDelay {
		key, err := s.current(ctx)
		if err != nil {
			return "", err
		}
		s.key, s.readAt = key, now
	}
	now := s.now()
	c.Expires = now.Add(lifetime)
	return s.key.Sign(c, now)
}

// current returns the newest key, or the one before during keyDelay.
func (s *signer) current(ctx context.Context) (auth.SigningKey, error) {
	secret, err := s.secret(ctx)
	if err != nil {
		return auth.SigningKey{}, fmt.Errorf("signing secret: %w", err)
	}
	for {
		published, err := s.accounts.SigningKeys(ctx)
		if err != nil {
			return auth.SigningKey{}, err
		}
		var own []auth.SigningKey // derived from this secret: it may have been replaced
		for _, k := range published {
			key, err := auth.Derive(secret, k.Generation)
			if err != nil {
				return auth.SigningKey{}, err
			}
			if key.Key().ID == k.ID && (k.NotAfter.IsZero() || k.NotAfter.After(s.now())) {
				own = append(own, key)
			}
		}
		newest := 0
		if len(published) > 0 {
			newest = published[0].Generation
		}
		if newest > 0 && published[0].NotAfter.IsZero() && len(own) > 0 && own[0].Key().ID == published[0].ID {
			if len(own) > 1 && s.now().Sub(published[0].Published) < keyDelay {
				return own[1], nil
			}
			return own[0], nil
		}
		if err := s.publish(ctx, secret, newest+1); err != nil {
			return auth.SigningKey{}, err
		}
	}
}

// publish publishes the key of a generation, unless another instance has.
func (s *signer) publish(ctx context.Context, secret []byte, generation int) error {
	key, err := auth.Derive(secret, generation)
	if err != nil {
		return err
	}
	err = s.accounts.PublishKey(ctx, accounts.SigningKey{
		ID: key.Key().ID, Generation: generation, Public: key.Key().Public, Cursor: key.Key().Cursor, Published: s.now(),
	})
	if contact.IsRefused(err, contact.Taken) {
		return nil
	}
	return err
}
