// Package externalids tests external ids, their mappings, and upserts by them.
package externalids

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
