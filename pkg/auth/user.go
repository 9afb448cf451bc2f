package auth

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"contacts/pkg/contact"
)

// maxName bounds the name of a user or an application, in bytes.
const maxName = 256

// UserName returns a user's name as it is kept: in Unicode's form C. It has 1
// to 256 bytes of UTF-8, no control characters, and no blanks around it.
func UserName(name string) (string, error) { return nameOf("a user", name) }

// ApplicationName returns an application's name as it is kept: that of a user without colons, which end it in Basic
// credentials (RFC 7617).
func ApplicationName(name string) (string, error) {
	name, err := nameOf("an application", name)
	if err == nil && strings.Contains(name, ":") {
		return "", errors.New("an application's name holds no colon: Basic credentials could not carry it")
	}
	return name, err
}

// nameOf returns the name of somebody who has credentials as it is stored, or what is wrong with it.
func nameOf(whom, name string) (string, error) {
	name = contact.NormalizeText(name)
	switch {
	case name == "" || len(name) > maxName:
		return "", fmt.Errorf("%s's name has 1 to 256 bytes", whom)
	case strings.TrimSpace(name) != name:
		return "", fmt.Errorf("%s's name has no blanks around it", whom)
	case strings.ContainsAny(name, "\t\n") || contact.CheckText(name) != "":
		return "", fmt.Errorf("%s's name is UTF-8 without control characters", whom)
	}
	return name, nil
}

// NewSession returns the id of a new session, which nobody can guess.
func NewSession() string { return rand.Text() }

// NewRefreshToken returns a fresh refresh token of a user's session, and the
// hash to store. The token is a secret of [NewSecret], the user's name and the
// session, so that what is stored doesn't have to tell whose it is: the hash
// covers all three.
func NewRefreshToken(user, session string) (token string, hash []byte) {
	secret, _ := NewSecret()
	token = secret + "." + base64.RawURLEncoding.EncodeToString([]byte(user)) + "." + session
	return token, HashSecret(token)
}

// ParseRefreshToken returns the user and the session of a refresh token, and
// false for a text that is none. Only the hash tells whether the token counts.
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
