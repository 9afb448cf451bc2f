// Command phonegen writes codes.txt and plans.txt, the tables of package phone, into
// the current directory. Run it with "go generate" in pkg/phone after an update
// of github.com/nyaruka/phonenumbers.
package main

import (
	"errors"
	"fmt"
	"os"

	"contacts/tools/phonegen/tablegen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "phonegen:", err)
		os.Exit(1)
	}
}

func run() error {
	codes, plans, err := tablegen.Tables()
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile("codes.txt", []byte(codes), 0o644), os.WriteFile("plans.txt", []byte(plans), 0o644))
}
