package keys

import (
	"fmt"
	"strings"

	"contacts/pkg/dynamo"
)

// The platform's own records belong to no tenant. No tenant's key begins like theirs.

// Organizations is the partition of all organizations.
func Organizations() string { return "P#ORG" }

// Organization is an organization.
func Organization(org string) dynamo.Key { return key(Organizations(), org) }

// Applications is the partition of all applications.
func Applications() string { return "P#APP" }

// Application is an application.
func Application(name string) dynamo.Key { return key(Applications(), name) }

// Users is the partition of all users.
func Users() string { return "P#USER" }

// User is a user.
func User(name string) dynamo.Key { return key(Users(), name) }

// UserNames is the partition of the names of users by their numbers.
func UserNames() string { return "P#USERNAME" }

// UserName is the name of the user with a number, which other records name the user by.
func UserName(number int64) dynamo.Key { return key(UserNames(), fmt.Sprintf("%010d", number)) }

// FailedLogins counts failed logins of a user, of an address, or of a user at an address. The key has only a hash of these.
func FailedLogins(about ...string) dynamo.Key {
	return key("P#GUESS#"+digest(strings.Join(about, "\x00")), "GUESSES")
}

// Session is a user's session, by the hash of its id.
func Session(session string) dynamo.Key { return key("P#SESSION#"+digest(session), "SESSION") }

// UserCounter is the counter of the users' numbers.
func UserCounter() dynamo.Key { return key("P#COUNTER", "USER") }

// SigningKeys is the partition of the public keys of tokens.
func SigningKeys() string { return "P#KEY" }

// SigningKey is the public key of a generation.
func SigningKey(generation int) dynamo.Key {
	return key(SigningKeys(), fmt.Sprintf("%010d", generation))
}
