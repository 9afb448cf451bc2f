package keys

import (
	"fmt"

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

// FailedLogins is the partition of the counts of a user's failed logins. The keys of these and of sessions have hashes only.
func FailedLogins(user string) string { return "P#GUESS#" + digest("USER\x00"+user) }

// FailedLoginsOf counts a user's failed logins at all addresses.
func FailedLoginsOf(user string) dynamo.Key { return key(FailedLogins(user), failedLogins) }

// FailedLoginsOfAt counts a user's failed logins at an address.
func FailedLoginsOfAt(user, address string) dynamo.Key {
	return key(FailedLogins(user), digest(address))
}

// FailedLoginsAt counts the failed logins of all users at an address.
func FailedLoginsAt(address string) dynamo.Key {
	return key("P#GUESS#"+digest("ADDRESS\x00"+address), failedLogins)
}

// failedLogins is the sort key of the counts that are not of a user at an address.
const failedLogins = "GUESSES"

// Sessions is the partition of a user's sessions.
func Sessions(user string) string { return "P#SESSION#" + digest(user) }

// Session is a user's session.
func Session(user, session string) dynamo.Key { return key(Sessions(user), digest(session)) }

// UserCounter is the counter of the users' numbers.
func UserCounter() dynamo.Key { return key("P#COUNTER", "USER") }

// SigningKeys is the partition of the public keys of tokens.
func SigningKeys() string { return "P#KEY" }

// SigningKey is the public key of a generation.
func SigningKey(generation int) dynamo.Key {
	return key(SigningKeys(), fmt.Sprintf("%010d", generation))
}
