package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The bytes of a cursor: its version, the beginning of the key's id, the
// position, and the beginning of an HMAC-SHA256.
const (
	cursorVersion = 1
	cursorKeyID   = 4  // 24 bits tell apart the few keys that are valid at once
	cursorMAC     = 16 // 128 bits, the least that RFC 2104 recommends of SHA-256

	cursorHead = 1 + cursorKeyID
	maxCursor  = 512 // characters
	maxToken   = 6144
)

// MaxPosition bounds the position in a cursor, in bytes, so that the cursor
// has at most 512 characters.
const MaxPosition = maxCursor/4*3 - cursorHead - cursorMAC

// ErrInvalidCursor reports that a cursor was altered, is of another scope, or
// was sealed with a key that has expired. It is wrapped with a reason for logs.
var ErrInvalidCursor = errors.New("auth: invalid cursor")

// SealCursor returns a cursor, base64url without padding, from which
// [Keyring.OpenCursor] returns the position for the same scope only. The scope
// has to name all that the position depends on: tenant, collection, filters. The
// position is authenticated, not encrypted.
//
// The error is [ErrKeysUnavailable] if there is no key, another one for a
// position longer than [MaxPosition].
func (r *Keyring) SealCursor(ctx context.Context, scope string, position []byte) (string, error) {
	return r.seal(ctx, scope, position, maxCursor)
}

// SealToken is [Keyring.SealCursor] for a position of up to 4 KB, whose token
// never expires.
func (r *Keyring) SealToken(ctx context.Context, scope string, position []byte) (string, error) {
	return r.seal(ctx, scope, position, maxToken)
}

func (r *Keyring) seal(ctx context.Context, scope string, position []byte, most int) (string, error) {
	if longest := most/4*3 - cursorHead - cursorMAC; len(position) > longest {
		return "", fmt.Errorf("auth: position has %d bytes, more than %d", len(position), longest)
	}
	keys, err := r.Keys(ctx)
	if err != nil {
		return "", err
	}
	if len(keys) == 0 {
		return "", unavailable(errors.New("none is published"))
	}
	raw := slices.Concat([]byte{cursorVersion}, shortID(keys[0]), position)
	raw = append(raw, seal(keys[0], scope, raw)...)
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// OpenCursor returns the position of a cursor that was sealed for the scope with
// a valid key.
//
// The error is [ErrInvalidCursor] for a cursor that was altered, is of another
// scope or longer than 512 characters, and [ErrKeysUnavailable] if the keys can't
// be read.
func (r *Keyring) OpenCursor(ctx context.Context, scope, cursor string) ([]byte, error) {
	return r.open(ctx, scope, cursor, maxCursor, r.find)
}

// OpenToken is [Keyring.OpenCursor] for a token that was sealed with any key
// that was ever published.
func (r *Keyring) OpenToken(ctx context.Context, scope, token string) ([]byte, error) {
	return r.open(ctx, scope, token, maxToken, r.findAny)
}

func (r *Keyring) open(ctx context.Context, scope, cursor string, most int, find func(context.Context, func(Key) bool) ([]Key, error)) ([]byte, error) {
	if len(cursor) > most {
		return nil, invalidCursor("too long")
	}
	raw, ok := decodeExact(base64.RawURLEncoding, cursor)
	if !ok || len(raw) < cursorHead+cursorMAC || raw[0] != cursorVersion {
		return nil, invalidCursor("malformed")
	}
	sealed, mac := raw[:len(raw)-cursorMAC], raw[len(raw)-cursorMAC:]
	keys, err := find(ctx, func(k Key) bool {
		return string(shortID(k)) == string(sealed[1:cursorHead])
	})
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if hmac.Equal(mac, seal(k, scope, sealed)) {
			return sealed[cursorHead:], nil
		}
	}
	return nil, invalidCursor("altered, of another scope or of an expired key")
}

func shortID(k Key) []byte { return []byte(k.ID[:cursorKeyID]) }

// seal returns the MAC of a cursor's head and position for a scope. The length
// of the scope comes first, so that no other split of the same bytes has the
// same MAC.
func seal(k Key, scope string, sealed []byte) []byte {
	mac := hmac.New(sha256.New, k.Cursor)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(scope))))
	mac.Write([]byte(scope))
	mac.Write(sealed)
	return mac.Sum(nil)[:cursorMAC]
}

// decodeExact decodes only the canonical encoding. The decoder itself is laxer:
// it skips line breaks and ignores spare bits.
func decodeExact(encoding *base64.Encoding, s string) ([]byte, bool) {
	b, err := encoding.DecodeString(s)
	return b, err == nil && encoding.EncodeToString(b) == s
}

func invalidCursor(reason string) error {
	return fmt.Errorf("%w: %s", ErrInvalidCursor, reason)
}
