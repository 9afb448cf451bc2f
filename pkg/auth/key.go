package auth

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	minSecret     = 32 // bytes
	cursorKeySize = 32 // bytes, the output size of SHA-256
)

// A Key is the published part of a signing key: it verifies tokens and can't
// sign them. It is not public though, because Cursor can forge page cursors.
type Key struct {
	// ID is the "kid" of tokens: the JWK thumbprint of Public (RFC 7638).
	ID string
	// Generation counts the rotations, from 1.
	Generation int
	// Public verifies the tokens.
	Public ed25519.PublicKey
	// Cursor authenticates page cursors, 32 bytes.
	Cursor []byte
	// NotAfter is the end of the key's validity, zero for the current key.
	NotAfter time.Time
}

// validAt reports whether the key is valid at a time. There is no leeway:
// NotAfter is a whole token lifetime after the last use of the key.
func (k Key) validAt(now time.Time) bool {
	return k.NotAfter.IsZero() || !now.After(k.NotAfter)
}

// check returns an error for a key that [Derive] can't have made.
func (k Key) check() error {
	switch {
	case k.Generation < 1:
		return fmt.Errorf("key %q: generation %d is below 1", k.ID, k.Generation)
	case len(k.Public) != ed25519.PublicKeySize:
		return fmt.Errorf("key %q: public key has %d bytes", k.ID, len(k.Public))
	case len(k.Cursor) != cursorKeySize:
		return fmt.Errorf("key %q: cursor key has %d bytes", k.ID, len(k.Cursor))
	case k.ID != thumbprint(k.Public):
		return fmt.Errorf("key %q: id is not the thumbprint of the public key", k.ID)
	}
	return nil
}

// thumbprint returns the SHA-256 thumbprint of RFC 7638 in base64url, over
// the members that RFC 8037, section 2 requires of an Ed25519 key, in
// lexicographic order and without white space.
func thumbprint(public ed25519.PublicKey) string {
	encode := base64.RawURLEncoding.EncodeToString
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + encode(public) + `"}`))
	return encode(sum[:])
}

// A SigningKey signs tokens. Formatting one, or a struct that exports it, shows
// only its id, so that it can't leak through a log.
type SigningKey struct {
	key     Key
	private ed25519.PrivateKey
}

// Derive returns the signing key of a generation. It is deterministic; the keys
// of two generations are independent.
//
// The error is for a secret of less than 32 bytes or a generation below 1.
func Derive(secret []byte, generation int) (SigningKey, error) {
	if len(secret) < minSecret {
		return SigningKey{}, fmt.Errorf("auth: secret has %d bytes, needs %d", len(secret), minSecret)
	}
	if generation < 1 {
		return SigningKey{}, errors.New("auth: generations are counted from 1")
	}
	// The purpose and the generation are in the info string (RFC 5869,
	// section 3.2), so the two keys of a generation are independent as well.
	expand := func(purpose string, size int) ([]byte, error) {
		info := fmt.Sprintf("contacts/%s/%d", purpose, generation)
		return hkdf.Key(sha256.New, secret, nil, info, size)
	}
	seed, err := expand("ed25519-seed", ed25519.SeedSize)
	if err != nil {
		return SigningKey{}, fmt.Errorf("auth: derive signing key: %w", err)
	}
	cursor, err := expand("cursor-mac", cursorKeySize)
	if err != nil {
		return SigningKey{}, fmt.Errorf("auth: derive cursor key: %w", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	public := private.Public().(ed25519.PublicKey)
	return SigningKey{
		key:     Key{ID: thumbprint(public), Generation: generation, Public: public, Cursor: cursor},
		private: private,
	}, nil
}

// Key returns the part to publish, without a NotAfter.
func (k SigningKey) Key() Key { return k.key }

// Format implements [fmt.Formatter] for every verb.
func (k SigningKey) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "signing key "+k.key.ID) // fmt has no way to report it
}
