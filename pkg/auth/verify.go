package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ErrInvalidToken reports that a token is not valid. It is wrapped with a reason
// for logs, which never contains a part of the token.
var ErrInvalidToken = errors.New("auth: invalid token")

// rules are the checks of a token's claims.
func rules(now func() time.Time) []jwt.ParserOption {
	return []jwt.ParserOption{
		jwt.WithIssuer(Issuer),
		jwt.WithAudience(Audience),
		jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(),
		jwt.WithLeeway(Leeway),
		jwt.WithTimeFunc(now),
	}
}

func newParser(now func() time.Time) *jwt.Parser {
	return jwt.NewParser(append(rules(now),
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithStrictDecoding(),
	)...)
}

// Verify returns the claims of a token for this API that was signed with a valid
// published key and has begun and not expired, with a tolerance of [Leeway].
//
// The error is [ErrInvalidToken] for any other token, and [ErrKeysUnavailable] if
// the keys can't be read.
func (r *Keyring) Verify(ctx context.Context, token string) (Claims, error) {
	switch {
	case token == "":
		return Claims{}, invalidToken("empty")
	case len(token) > MaxToken:
		return Claims{}, invalidToken("too long")
	case strings.ContainsAny(token, "\r\n"):
		// encoding/base64 skips them, so one token would have many encodings.
		return Claims{}, invalidToken("malformed")
	}
	p, err := r.payload(ctx, token)
	if err != nil {
		return Claims{}, err
	}
	claims, err := p.claims()
	if err != nil {
		return Claims{}, invalidToken(err.Error())
	}
	return claims, nil
}

// payload returns the payload of a valid token.
func (r *Keyring) payload(ctx context.Context, token string) (payload, error) {
	if known, ok := r.signatures.find(token); ok {
		if _, err := r.key(ctx, known.kid); err != nil {
			return payload{}, err
		}
		if err := r.validator.Validate(known.payload); err != nil {
			return payload{}, invalidToken(reason(err))
		}
		return known.payload, nil
	}
	var proved signed
	var fault error
	_, err := r.parser.ParseWithClaims(token, &proved.payload, func(t *jwt.Token) (any, error) {
		var k Key
		k, fault = r.verifier(ctx, t.Header)
		proved.kid = k.ID
		return k.Public, fault
	})
	switch {
	case fault != nil:
		return payload{}, fault
	case err != nil:
		return payload{}, invalidToken(reason(err))
	}
	r.signatures.remember(token, proved)
	return proved.payload, nil
}

// verifier returns the key that the header of a token names. It ignores keys in
// the header itself ("jwk", "jku", "x5u").
func (r *Keyring) verifier(ctx context.Context, header map[string]any) (Key, error) {
	if _, ok := header["crit"]; ok {
		// RFC 7515, section 4.1.11: critical extensions must be understood, and
		// none is.
		return Key{}, invalidToken("critical extension")
	}
	if header["typ"] != tokenType {
		return Key{}, invalidToken("of another type")
	}
	kid, _ := header["kid"].(string)
	if kid == "" {
		return Key{}, invalidToken("no key id")
	}
	return r.key(ctx, kid)
}

// key returns the valid key with an id.
func (r *Keyring) key(ctx context.Context, kid string) (Key, error) {
	keys, err := r.find(ctx, func(k Key) bool { return k.ID == kid })
	if err != nil {
		return Key{}, err
	}
	if len(keys) == 0 {
		return Key{}, invalidToken("unknown or expired key")
	}
	return keys[0], nil
}

// reason returns a text for the parser's error, whose own text may quote the
// token.
func reason(err error) string {
	for _, r := range []struct {
		kind error
		text string
	}{
		{jwt.ErrTokenMalformed, "malformed"},
		{jwt.ErrTokenUnverifiable, "unknown algorithm"},
		{jwt.ErrTokenSignatureInvalid, "wrong algorithm or signature"},
		{jwt.ErrTokenRequiredClaimMissing, "required claim missing"},
		{jwt.ErrTokenExpired, "expired"},
		{jwt.ErrTokenNotValidYet, "not valid yet"},
		{jwt.ErrTokenInvalidIssuer, "another issuer"},
		{jwt.ErrTokenInvalidAudience, "another audience"},
	} {
		if errors.Is(err, r.kind) {
			return r.text
		}
	}
	return "refused"
}

func invalidToken(reason string) error {
	return fmt.Errorf("%w: %s", ErrInvalidToken, reason)
}
