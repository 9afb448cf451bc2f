// Package customers tests roles, placeholder customers, customer lists and the configuration.
package customers

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
