// Package faults disturbs each request to the store, and tests that a repetition ends like a clean run.
package faults

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
