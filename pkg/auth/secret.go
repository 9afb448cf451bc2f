package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// NewSecret returns a new secret of 256 random bits, as 43 characters of
// base64url, and the hash to store: the SHA-256 of those characters, 32 bytes.
// A plain hash suffices, because the secret can't be guessed.
func NewSecret() (secret string, hash []byte) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // documented never to fail
	secret = base64.RawURLEncoding.EncodeToString(random)
	return secret, HashSecret(secret)
}

// SecretMatches reports whether the hash is that of the secret, in constant time.
// No secret matches an empty hash.
func SecretMatches(secret string, hash []byte) bool {
	sum := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(sum[:], hash) == 1
}

// HashSecret returns the hash of a secret to store, its SHA-256.
func HashSecret(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}
