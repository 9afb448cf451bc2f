package auth

import (
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

// NewRefreshToken returns a fresh refresh token of a user, and the hash to
// store. The token is a secret of [NewSecret] with the user's name behind it,
// so that what is stored doesn't have to tell whose it is: the hash covers both.
func NewRefreshToken(user string) (token string, hash []byte) {
	secret, _ := NewSecret()
	token = secret + "." + base64.RawURLEncoding.EncodeToString([]byte(user))
	return token, HashSecret(token)
}

// RefreshTokenUser returns the name of the user in a refresh token, and false
// for a text that is none. Only the hash tells whether the token counts.
func RefreshTokenUser(token string) (string, bool) {
	_, encoded, _ := strings.Cut(token, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return "", false
	}
	name, err := UserName(string(decoded))
	return name, err == nil
}
