package auth

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"contacts/pkg/contact"
)

// maxName is the greatest length of a user's or an application's name, in bytes.
const maxName = 256

// UserName returns a user's name in the form in which it is stored: Unicode's
// form C. The error is for a name that has not 1 to 256 bytes, is not UTF-8, has
// control characters, or begins or ends with blanks.
func UserName(name string) (string, error) { return nameOf("a user", name) }

// ApplicationName is like UserName for an application, whose name must not
// contain colons, because a colon ends it in Basic credentials (RFC 7617).
func ApplicationName(name string) (string, error) {
	name, err := nameOf("an application", name)
	if err == nil && strings.Contains(name, ":") {
		return "", errors.New("an application's name must not contain a colon: Basic credentials could not carry it")
	}
	return name, err
}

// nameOf normalizes a name and checks the rules of all names; owner begins its errors.
func nameOf(owner, name string) (string, error) {
	name = contact.NormalizeText(name)
	switch {
	case name == "" || len(name) > maxName:
		return "", fmt.Errorf("%s's name must have 1 to 256 bytes", owner)
	case strings.TrimSpace(name) != name:
		return "", fmt.Errorf("%s's name must not begin or end with blanks", owner)
	case strings.ContainsAny(name, "\t\n") || contact.CheckText(name) != "":
		return "", fmt.Errorf("%s's name must be UTF-8 without control characters", owner)
	}
	return name, nil
}

// NewSession returns the id of a new session, which can't be guessed.
func NewSession() string { return rand.Text() }

// NewRefreshToken returns a new refresh token for a user's session, and the hash
// to store. The token consists of a secret of [NewSecret], the user's name and the
// session; the hash covers all three.
func NewRefreshToken(user, session string) (token string, hash []byte) {
	secret, _ := NewSecret()
	token = secret + "." + base64.RawURLEncoding.EncodeToString([]byte(user)) + "." + session
	return token, HashSecret(token)
}

// ParseRefreshToken returns the user and the session of a refresh token, ok false
// for any other text. Whether the token is valid follows only from its hash.
func ParseRefreshToken(token string) (user, session string, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[2] == "" {
		return "", "", false
	}
	decoded, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", "", false
	}
	user, err = UserName(string(decoded))
	return user, parts[2], err == nil
}
