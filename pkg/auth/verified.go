package auth

import (
	"crypto/sha256"
	"sync"
)

// A signed is what the signature of a token has proved once: what it says, and
// the id of the key, which is the thumbprint of the key itself. Neither ever
// changes; whether the key and the times count is asked anew each time.
type signed struct {
	payload payload
	kid     string
}

// signatures remembers tokens whose signatures were right, by their SHA-256. A
// client sends the same token many times, and to verify it is half of all that
// a function computes for a GET of one contact (make bench). Wrong tokens are
// not remembered, so nobody can fill it who can't sign.
type signatures struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]signed
}

// maxSignatures bounds how many tokens are remembered, some hundred bytes each.
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
		s.known = map[[sha256.Size]byte]signed{} // those in use come back with their next request
	}
	s.known[digest] = t
}
