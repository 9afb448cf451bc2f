package auth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"contacts/pkg/auth"
)

func TestASecretMatchesItsHashAlone(t *testing.T) {
	secret, hash := auth.NewSecret()
	other, otherHash := auth.NewSecret()
	sum := sha256.Sum256(nil)
	for name, c := range map[string]struct {
		secret string
		hash   []byte
		want   bool
	}{
		"its own":               {secret, hash, true},
		"another secret":        {other, hash, false},
		"another hash":          {secret, otherHash, false},
		"no hash":               {secret, nil, false},
		"half a hash":           {secret, hash[:16], false},
		"one character less":    {secret[1:], hash, false},
		"nothing":               {"", hash, false},
		"nothing and no hash":   {"", nil, false},
		"nothing and its hash":  {"", sum[:], true},
		"the hash for a secret": {string(hash), hash, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := auth.SecretMatches(c.secret, c.hash); got != c.want {
				t.Errorf("SecretMatches = %v", got)
			}
		})
	}
}

func TestSecretsAre256RandomBits(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		secret, hash := auth.NewSecret()
		if b, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(b) != 32 || len(hash) != 32 {
			t.Fatalf("%d bytes, hash of %d: %v", len(b), len(hash), err)
		}
		if seen[secret] {
			t.Fatal("a secret came twice")
		}
		seen[secret] = true
	}
}
