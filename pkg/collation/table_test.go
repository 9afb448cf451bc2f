package collation_test

import (
	"bytes"
	"os"
	"testing"

	"contacts/tools/collationgen/tablegen"
)

func TestTheTableIsWhatTheGeneratorMakesOfTheLibrary(t *testing.T) {
	t.Parallel()
	want, err := tablegen.Table()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("root.bin"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("root.bin is stale, run go generate in pkg/collation (%v)", err)
	}
}
