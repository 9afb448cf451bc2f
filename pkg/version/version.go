// Package version returns the commit that a binary was built from.
package version

// commit is set by the linker: see BUILD in the Makefile.
var commit = "unknown"

// Commit returns the abbreviated Git commit that the binary was built from, with "-dirty" appended if the work tree had changes;
// "unknown" where the build did not set it, as in tests.
func Commit() string { return commit }
