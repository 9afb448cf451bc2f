package webhook

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"

	"contacts/pkg/contact"
)

const (
	minKey     = 32 // bytes
	secretSize = 32 // bytes; the specification allows 24 to 64
	// secretPrefix begins the text of a secret.
	//
	// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
	secretPrefix = "whsec_"
)

// A Secret signs what is sent to a webhook. It is derived and never stored. Formatting one shows nothing of it.
type Secret struct{ key []byte }

// DeriveSecret returns the secret of a generation of a webhook. key is the platform's, at least 32 bytes. It is deterministic; the secrets of
// two webhooks or generations are independent.
func DeriveSecret(key []byte, org string, id contact.ID, generation int) (Secret, error) {
	if len(key) < minKey {
		return Secret{}, fmt.Errorf("webhook: the key of secrets has %d bytes, needs %d", len(key), minKey)
	}
	derived, err := hkdf.Key(sha256.New, key, nil, fmt.Sprintf("contacts/webhook/%s/%s/%d", org, id, generation), secretSize)
	if err != nil {
		return Secret{}, fmt.Errorf("webhook: derive secret: %w", err)
	}
	return Secret{derived}, nil
}

// Reveal returns the secret as its receiver is told: whsec_ and base64.
func (s Secret) Reveal() string { return secretPrefix + base64.StdEncoding.EncodeToString(s.key) }

// Key returns the bytes that sign.
func (s Secret) Key() []byte { return s.key }

// Format implements [fmt.Formatter] for every verb.
func (Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, secretPrefix+"…") // fmt has no way to report it
}
