// Command phonegen writes table.go, the numbering plans of package phone, into
// the current directory. Run it with "go generate" in pkg/phone after an update
// of github.com/nyaruka/phonenumbers.
package main

import (
	"fmt"
	"os"

	"contacts/tools/phonegen/tablegen"
)

func main() {
	if err := run("table.go"); err != nil {
		fmt.Fprintln(os.Stderr, "phonegen:", err)
		os.Exit(1)
	}
}

// run writes the table to the file named path.
func run(path string) error {
	source, err := tablegen.Source()
	if err != nil {
		return err
	}
	return os.WriteFile(path, source, 0o644)
}
