// Package functions tests the functions as they are deployed: cost, permissions, events, logs.
package functions

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
