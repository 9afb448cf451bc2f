// Command collationgen writes root.bin, the table of package collation, into the current directory. Run it with "go generate" in pkg/collation
// after an update of golang.org/x/text.
package main

import (
	"fmt"
	"os"

	"contacts/tools/collationgen/tablegen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "collationgen:", err)
		os.Exit(1)
	}
}

func run() error {
	table, err := tablegen.Table()
	if err != nil {
		return err
	}
	return os.WriteFile("root.bin", table, 0o644)
}
