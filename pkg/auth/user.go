package auth

import (
	"encoding/base64"
	"errors"
	"strings"

	"contacts/pkg/contact"
)

// maxUserName bounds a user's name, in bytes.
const maxUserName = 256

// UserName returns a user's name as it is kept: in Unicode's form C. It has 1
// to 256 bytes of UTF-8, no control characters, and no blanks around it.
func UserName(name string) (string, error) {
	name = contact.NormalizeText(name)
	switch {
	case name == "" || len(name) > maxUserName:
		return "", errors.New("a user's name has 1 to 256 bytes")
	case strings.TrimSpace(name) != name:
		return "", errors.New("a user's name has no blanks around it")
	case strings.ContainsAny(name, "\t\n") || contact.CheckText(name) != "":
		return "", errors.New("a user's name is UTF-8 without control characters")
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
