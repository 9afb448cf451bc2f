// Package plentymarkets tests the dialect of plentymarkets: contacts, options and their types.
package plentymarkets

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
