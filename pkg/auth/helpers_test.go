package auth_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"contacts/pkg/auth"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A source publishes keys and counts how often it is asked.
type source struct {
	mu    sync.Mutex
	keys  []auth.Key
	err   error
	calls int
	wait  func(context.Context) error // nil: answer at once
}

func (s *source) Keys(ctx context.Context) ([]auth.Key, error) {
	s.mu.Lock()
	s.calls++
	keys, err, wait := s.keys, s.err, s.wait
	s.mu.Unlock()
	if wait != nil {
		if err := wait(ctx); err != nil {
			return nil, err
		}
	}
	return keys, err
}

func (s *source) publish(keys ...auth.Key) { s.set(func() { s.keys = keys }) }
func (s *source) fail(err error)           { s.set(func() { s.err = err }) }

func (s *source) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *source) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ring returns a keyring over the keys, its source and its clock, at noon.
func ring(keys ...auth.Key) (*auth.Keyring, *source, *clock) {
	s, c := &source{keys: keys}, &clock{now: noon}
	return auth.NewKeyring(s, c.Now), s, c
}

func secret(letter string) []byte { return []byte(strings.Repeat(letter, 32)) }

func derive(t testing.TB, generation int) auth.SigningKey {
	t.Helper()
	k, err := auth.Derive(secret("s"), generation)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func claims() auth.Claims {
	return auth.Claims{
		Organization: "acme",
		Subject:      "app:shop",
		Scopes:       []string{auth.ReadScope, auth.WriteScope},
		Region:       "DE",
		Expires:      noon.Add(auth.AuthorizeLifetime),
	}
}

func sign(t testing.TB, k auth.SigningKey, c auth.Claims, now time.Time) string {
	t.Helper()
	token, err := k.Sign(c, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

type object = map[string]any

// edited returns a copy in which the changes are made; nil takes a member away.
func edited(o, changes object) object {
	o = maps.Clone(o)
	for name, value := range changes {
		if value == nil {
			delete(o, name)
		} else {
			o[name] = value
		}
	}
	return o
}

// rightHeader and rightPayload are those of a token that is accepted at noon.
func rightHeader(k auth.SigningKey) object {
	return object{"alg": "EdDSA", "typ": "JWT", "kid": k.Key().ID}
}

func rightPayload() object {
	return object{
		"iss": auth.Issuer, "aud": auth.Audience, "sub": "app:shop", "org": "acme",
		"scope": "contacts:read contacts:write", "region": "DE", "jti": "1",
		"iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
	}
}

// tokenOf makes a token by hand, so that it can be wrong in any way. The same
// arguments give the same token.
func tokenOf(header, payload object, signature func(text string) []byte) string {
	text := segment(header) + "." + segment(payload)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature(text))
}

func segment(o object) string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func signedBy(k auth.SigningKey) func(string) []byte {
	return func(text string) []byte { return ed25519.Sign(k.Private(), []byte(text)) }
}

func wantInvalidToken(t testing.TB, r *auth.Keyring, token string) {
	t.Helper()
	c, err := r.Verify(context.Background(), token)
	if !errors.Is(err, auth.ErrInvalidToken) || errors.Is(err, auth.ErrKeysUnavailable) {
		t.Fatalf("Verify = %+v, %v; want ErrInvalidToken alone", c, err)
	}
}
