package password

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// What new hashes cost: the least that the OWASP cheat sheet on password
// storage recommends of argon2id.
const (
	hashMemory  = 19 * 1024 // KiB
	hashTime    = 2
	hashThreads = 1
	hashSalt    = 16 // bytes
	hashSize    = 32 // bytes
)

// What a stored hash may cost, so that none can exhaust a function.
const (
	maxHashMemory  = 64 * 1024 // KiB
	maxHashTime    = 10
	maxHashThreads = 4
	maxHashText    = 256 // characters
	maxPassword    = 1024
)

// NoPassword is a hash that costs as much as any and that no password has. A
// login compares with it when there is no such user, so that its answer takes
// as long as for one who exists (see [Check]).
const NoPassword = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// ErrInvalidHash says that a stored password hash is not a PHC string of
// argon2id, or asks for more memory or time than is ever granted.
var ErrInvalidHash = errors.New("password: invalid password hash")

// Hash returns the argon2id hash of a password with a fresh salt, as
// a PHC string: "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>", m in KiB.
// However its characters are composed, it is the same password (RFC 8265,
// section 4.2.2). It returns an error for one that is empty or over 1,024 bytes.
func Hash(password string) (string, error) {
	password = norm.NFC.String(password)
	if password == "" || len(password) > maxPassword {
		return "", fmt.Errorf("password: a password has 1 to %d bytes", maxPassword)
	}
	h := hash{memory: hashMemory, time: hashTime, threads: hashThreads, salt: make([]byte, hashSalt)}
	_, _ = rand.Read(h.salt) // documented never to fail
	h.sum = h.of(password, hashSize)
	return h.phc(), nil
}

// Matches reports whether the PHC string is a hash of the password, by
// a comparison in constant time. Hashes of other costs than those of
// [Hash] are taken up to m=65536 (64 MiB), t=10, p=4. It returns
// [ErrInvalidHash] for any other string.
func Matches(password, phc string) (bool, error) {
	h, ok := parseHash(phc)
	if !ok {
		return false, ErrInvalidHash
	}
	if password = norm.NFC.String(password); len(password) > maxPassword {
		return false, nil
	}
	return subtle.ConstantTimeCompare(h.of(password, uint32(len(h.sum))), h.sum) == 1, nil
}

// Check is [Matches] for a log-in: "" is the hash of nobody, which takes as
// long as any and which no password has.
func Check(password, phc string) (bool, error) {
	return Matches(password, cmp.Or(phc, NoPassword))
}

// hash is a PHC string in its parts.
type hash struct {
	memory, time uint32 // KiB, passes
	threads      uint8
	salt, sum    []byte
}

func (h hash) of(password string, size uint32) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, size)
}

func (h hash) phc() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, h.time, h.threads, encode(h.salt), encode(h.sum))
}

// parseHash takes the one spelling that phc writes, within the bounds.
func parseHash(phc string) (hash, bool) {
	if len(phc) > maxHashText {
		return hash{}, false
	}
	parts := strings.Split(phc, "$")
	if len(parts) != 6 {
		return hash{}, false
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return hash{}, false
	}
	h := hash{
		memory:  cost(costs[0], "m=", maxHashMemory),
		time:    cost(costs[1], "t=", maxHashTime),
		threads: uint8(cost(costs[2], "p=", maxHashThreads)),
	}
	h.salt, _ = base64.RawStdEncoding.DecodeString(parts[4])
	h.sum, _ = base64.RawStdEncoding.DecodeString(parts[5])
	// The least values are those of RFC 9106, section 3.1, but for the sum:
	// fewer than 16 bytes would be worth guessing.
	ok := h.time >= 1 && h.threads >= 1 && h.memory >= 8*uint32(h.threads) &&
		len(h.salt) >= 8 && len(h.sum) >= 16
	// What the parts above don't hold (version, leading zeros, text around
	// them) shows when they are put together again.
	return h, ok && h.phc() == phc
}

// cost returns the number behind the name, or 0 where it is none or too large.
func cost(s, name string, limit uint32) uint32 {
	digits, _ := strings.CutPrefix(s, name)
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || n > uint64(limit) {
		return 0
	}
	return uint32(n)
}
