// Package auth makes and checks credentials: access and refresh tokens, signing
// keys, page cursors and application secrets.
//
// It knows neither the table nor HTTP: published keys come from a [KeySource],
// the time from a function.
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

// PlainScopes returns the default scopes: those of an application or user made
// without scopes, and of a token requested without.
func PlainScopes() []string { return []string{ReadScope, WriteScope} }

// ParseScopes returns the named scopes in the order of AllScopes, each once. The
// error of an unknown name lists all scopes.
func ParseScopes(names []string) ([]string, error) {
	all := AllScopes()
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("%q is not a scope: there are %s", name, strings.Join(all, ", "))
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

// Lifetimes of access tokens. LoginLifetime is the longest, so a replaced key
// stays valid for that long: its [Key.NotAfter] is the time of the rotation plus
// LoginLifetime.
const (
	AuthorizeLifetime = time.Hour
	LoginLifetime     = 24 * time.Hour
)

// RefreshLifetime is the lifetime of a refresh token, which can be used once.
const RefreshLifetime = 30 * 24 * time.Hour

// Claims are the claims of an access token.
type Claims struct {
	// Organization is the tenant that the token gives access to: 1 to 64 ASCII
	// letters, digits, "_" and "-" ("org" in the token).
	Organization string
	// Subject is the application or user, with a prefix for its kind:
	// "app:…" or "user:…". Never empty ("sub").
	Subject string
	// User is the user's number, 0 for an application ("uid"). Records name a user
	// by it, because the name in Subject is personal data.
	User int64
	// Scopes are in the order of the token; nil if it has none ("scope", space
	// separated as in RFC 8693, section 4.2).
	Scopes []string
	// Session is the user's session in which the token was issued, empty for an
	// application ("sid"). A logout ends the session, not the token.
	Session string
	// Region is the organization's default region for phone numbers, two
	// capital letters of ISO 3166, or empty ("region").
	Region string
	// Expires is the end of the token, in UTC and whole seconds ("exp").
	Expires time.Time
}

// Allows reports whether the claims have a scope. Scopes don't imply one
// another: a bearer that may write but not read has WriteScope only.
func (c Claims) Allows(scope string) bool {
	return slices.Contains(c.Scopes, scope)
}

// check is applied to claims before signing and after verification, so that
// both sides accept the same. Its errors are logged, so they name the rule and
// never the value.
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
