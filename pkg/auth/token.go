package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// Issuer and Audience are the exact "iss" and "aud" of every token.
	Issuer   = "contacts-auth"
	Audience = "contacts-api"

	// Leeway is the accepted difference of two clocks: a token is valid from
	// that much before its "nbf" until that much after its "exp".
	Leeway = 5 * time.Second

	// MaxToken is the greatest length of a token, in bytes. Most have a few hundred.
	MaxToken = 4096

	// tokenType is not RFC 9068's "at+jwt", because that profile requires a
	// client_id, which a user does not have.
	tokenType = "JWT"
)

// payload is the second part of a token.
type payload struct {
	jwt.RegisteredClaims

	Organization string `json:"org"`
	Scope        string `json:"scope,omitempty"`
	Region       string `json:"region,omitempty"`
	Session      string `json:"sid,omitempty"`
	User         int64  `json:"uid,omitempty"`
}

// claims converts a payload whose signature and times have been checked.
func (p payload) claims() (Claims, error) {
	if len(p.Audience) != 1 {
		return Claims{}, errors.New("several audiences")
	}
	c := Claims{
		Organization: p.Organization,
		Subject:      p.Subject,
		Region:       p.Region,
		Session:      p.Session,
		User:         p.User,
		Expires:      p.ExpiresAt.UTC(),
	}
	if p.Scope != "" {
		c.Scopes = strings.Split(p.Scope, " ")
	}
	return c, c.check()
}

// Sign returns a token for the claims: a JWT signed with EdDSA (RFC 8037),
// valid from now until c.Expires, which is cut to whole seconds. Each token
// has an id of its own ("jti").
//
// The error is for claims that no keyring would accept: a malformed organization,
// scope or region, an empty subject, an end that is not in the future, or a token
// of more than [MaxToken] bytes.
func (k SigningKey) Sign(c Claims, now time.Time) (string, error) {
	if err := c.check(); err != nil {
		return "", fmt.Errorf("auth: sign: %w", err)
	}
	if !c.Expires.Truncate(time.Second).After(now) {
		return "", errors.New("auth: sign: the claims have expired already")
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, payload{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    Issuer,
			Subject:   c.Subject,
			Audience:  jwt.ClaimStrings{Audience},
			ExpiresAt: jwt.NewNumericDate(c.Expires),
			NotBefore: jwt.NewNumericDate(now),
			IssuedAt:  jwt.NewNumericDate(now),
			ID:        rand.Text(),
		},
		Organization: c.Organization,
		Scope:        strings.Join(c.Scopes, " "),
		Region:       c.Region,
		Session:      c.Session,
		User:         c.User,
	})
	token.Header["typ"] = tokenType
	token.Header["kid"] = k.key.ID
	signed, err := token.SignedString(k.private)
	if err != nil {
		return "", fmt.Errorf("auth: sign: %w", err)
	}
	if len(signed) > MaxToken {
		return "", fmt.Errorf("auth: sign: token would have %d bytes, more than %d", len(signed), MaxToken)
	}
	return signed, nil
}
