// Package auth makes and checks what stands for an identity: access tokens,
// the keys behind them, page cursors, application secrets and user passwords.
//
// It is pure. It knows no table and no HTTP; published keys reach it through
// [KeySource], the time through a function.
package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The scopes that a token can carry. None of them implies another.
const (
	ReadScope  = "contacts:read"
	WriteScope = "contacts:write"
	AdminScope = "contacts:admin"
	EraseScope = "contacts:erase"
)

// AllScopes returns every scope, in the order in which tokens carry them.
func AllScopes() []string { return []string{ReadScope, WriteScope, AdminScope, EraseScope} }

// PlainScopes returns the scopes that are granted where none are named, and
// the only ones that an application's token carries unasked.
func PlainScopes() []string { return []string{ReadScope, WriteScope} }

// ParseScopes returns named scopes in their order, each once. It returns an
// error that lists all scopes if one of the names is none.
func ParseScopes(names []string) ([]string, error) {
	all := AllScopes()
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("%q is no scope: there are %s", name, strings.Join(all, ", "))
		}
	}
	return Both(all, names), nil
}

// Both returns the scopes that are in both lists, in the order of the first.
func Both(scopes, others []string) (both []string) {
	for _, s := range scopes {
		if slices.Contains(others, s) {
			both = append(both, s)
		}
	}
	return both
}

// How long tokens live. LoginLifetime is the longest, so a key that is
// replaced has to stay valid for that long: its [Key.NotAfter] is the moment
// of the rotation plus LoginLifetime.
const (
	AuthorizeLifetime = time.Hour
	LoginLifetime     = 24 * time.Hour
)

// RefreshLifetime is how long a refresh token can be used, once.
const RefreshLifetime = 30 * 24 * time.Hour

// Claims are what a token says about its bearer.
type Claims struct {
	// Organization is the one tenant that the token opens: 1 to 64 letters,
	// digits, "_" and "-" of ASCII ("org" in the token).
	Organization string
	// Subject is the application or user, with a prefix for its kind:
	// "app:…" or "user:…". Never empty ("sub").
	Subject string
	// Scopes are what the bearer may do, in the order of the token; nil when
	// it carries none ("scope", space separated as in RFC 8693, section 4.2).
	Scopes []string
	// Session is the user's session that the token was given out in, empty for
	// an application's ("sid"). It ends with a logout; the token doesn't.
	Session string
	// Region is the organization's default region for phone numbers, two
	// capital letters of ISO 3166, or empty ("region").
	Region string
	// Expires is the end of the token, in UTC and whole seconds ("exp").
	Expires time.Time
}

// Allows reports whether the claims carry the scope. The scopes don't imply
// one another: a bearer that may write but not read carries WriteScope alone.
func (c Claims) Allows(scope string) bool {
	return slices.Contains(c.Scopes, scope)
}

// check holds for what is signed and for what is accepted, so that neither
// side can be talked into a shape that the other doesn't know. Its errors
// name the rule and never the value: they end up in logs.
func (c Claims) check() error {
	switch {
	case !isOrganization(c.Organization):
		return errors.New("organization is malformed")
	case c.Subject == "" || !utf8.ValidString(c.Subject):
		return errors.New("subject is empty or not UTF-8")
	case slices.ContainsFunc(c.Scopes, func(s string) bool { return !isScope(s) }):
		return errors.New("scope is malformed")
	case c.Region != "" && !isRegion(c.Region):
		return errors.New("region is malformed")
	}
	return nil
}

func isOrganization(s string) bool {
	return 1 <= len(s) && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-')
	})
}

// isScope follows the scope-token of RFC 6749, section 3.3: visible ASCII
// without quotation mark and backslash.
func isScope(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '\\'
	})
}

func isRegion(s string) bool {
	return len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z'
}
