package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// NewSecret returns a fresh secret of 256 random bits, as 43 characters of
// base64url, and the hash to store: the SHA-256 of those characters, 32 bytes.
// A plain hash is enough, because there is nothing to guess.
func NewSecret() (secret string, hash []byte) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // documented never to fail
	secret = base64.RawURLEncoding.EncodeToString(random)
	return secret, HashSecret(secret)
}

// SecretMatches reports whether the hash is the secret's, in a time that does
// not depend on either. No secret matches an empty hash.
func SecretMatches(secret string, hash []byte) bool {
	sum := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(sum[:], hash) == 1
}

// HashSecret returns what is stored of a secret: its SHA-256.
func HashSecret(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}
