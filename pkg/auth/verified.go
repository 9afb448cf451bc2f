package auth

import (
	"crypto/sha256"
	"sync"
)

// A signed is the payload of a token with a correct signature, and the id of its
// key, which is the key's thumbprint. Neither ever changes; the validity of the
// key and the times of the token are checked each time.
type signed struct {
	payload payload
	kid     string
}

// signatures caches tokens with correct signatures, by their SHA-256. Clients send
// the same token many times, and verifying it takes half of the CPU time of a GET
// of one contact (make bench). Other tokens are not cached, so the cache can't be
// filled without a valid token.
type signatures struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]signed
}

// maxSignatures is the size of the cache, in tokens of some hundred bytes each.
const maxSignatures = 256

func (s *signatures) find(token string) (signed, bool) {
	digest := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.known[digest]
	return t, ok
}

func (s *signatures) remember(token string, t signed) {
	digest := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxSignatures {
		s.known = map[[sha256.Size]byte]signed{} // tokens in use come back with their next request
	}
	s.known[digest] = t
}
