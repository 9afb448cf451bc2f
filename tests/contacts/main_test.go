// Package contacts tests individuals, organizations, and what all resources have in common.
package contacts

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
