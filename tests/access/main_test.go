// Package access tests who may do what: tokens, logins, and that no organization reaches another's records.
package access

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
