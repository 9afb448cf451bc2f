// Package images tests pictures, from the upload to what is left of one that is deleted.
package images

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
