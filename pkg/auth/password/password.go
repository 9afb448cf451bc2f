package password

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// params is the cost of a new hash: the least that OWASP's cheat sheet on password storage recommends for argon2id.
var params = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// maxParams bounds the cost of a stored hash, so that none can exhaust a function.
var maxParams = argon2id.Params{Memory: 64 * 1024, Iterations: 10, Parallelism: 4, SaltLength: 64, KeyLength: 64}

// maxPassword is the greatest length of a password, in bytes.
const maxPassword = 1024

// NoPassword is a hash with the cost of a new one that no password has. A login of an unknown user is compared with it, so that
// both take the same time (see [Check]).
const NoPassword = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// ErrInvalidHash reports that a stored password hash is not a PHC string of argon2id, or exceeds the accepted cost.
var ErrInvalidHash = errors.New("password: invalid password hash")

// Hash returns the argon2id hash of a password with a fresh salt, as a PHC string:
// "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>", m in KiB. The password is compared in Unicode form C (RFC 8265, section
// 4.2.2). The error is for an empty password and for one of more than 1,024 bytes.
func Hash(password string) (string, error) {
	password = norm.NFC.String(password)
	if password == "" || len(password) > maxPassword {
		return "", fmt.Errorf("password: a password must have 1 to %d bytes", maxPassword)
	}
	return argon2id.CreateHash(password, &params)
}

// Matches reports whether the PHC string is a hash of the password, in constant time. It accepts hashes of other costs than those
// of [Hash], up to m=65536 (64 MiB), t=10, p=4; the error is [ErrInvalidHash] for any other string.
func Matches(password, phc string) (bool, error) {
	p, _, _, err := argon2id.DecodeHash(phc)
	if err != nil || !acceptable(*p) {
		return false, ErrInvalidHash
	}
	if password = norm.NFC.String(password); len(password) > maxPassword {
		return false, nil
	}
	return argon2id.ComparePasswordAndHash(password, phc)
}

// acceptable reports whether the cost of a hash is within bounds. The lower bounds are those of RFC 9106, section 3.1, except for
// the key: less than 16 bytes could be guessed.
func acceptable(p argon2id.Params) bool {
	return p.Iterations >= 1 && p.Iterations <= maxParams.Iterations &&
		p.Parallelism >= 1 && p.Parallelism <= maxParams.Parallelism &&
		p.Memory >= 8*uint32(p.Parallelism) && p.Memory <= maxParams.Memory &&
		p.SaltLength >= 8 && p.SaltLength <= maxParams.SaltLength &&
		p.KeyLength >= 16 && p.KeyLength <= maxParams.KeyLength
}

// Check is [Matches] for a login. The phc "" of an unknown user takes as long as any other and never matches.
func Check(password, phc string) (bool, error) {
	return Matches(password, cmp.Or(phc, NoPassword))
}
