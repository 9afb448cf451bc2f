// Package changes tests the feed of changes through real requests.
package changes

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }
