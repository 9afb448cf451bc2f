// Command console builds the console: it writes what forms know of the API's schemas to console/src/api/schemas.ts, and bundles
// console/src into the files that pkg/console and pkg/docs embed. The packages of console/package.json must be installed: `make console` does so.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "console:", err)
		os.Exit(1)
	}
}

// schemasFile is where the generated TypeScript is, relative to the repository.
const schemasFile = "console/src/api/schemas.ts"

// run builds the console of the repository at root.
func run(root string) error {
	description, err := os.ReadFile(filepath.Join(root, "api", "openapi.yaml"))
	if err != nil {
		return err
	}
	schemas, err := generate(description)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, schemasFile), schemas, 0o644); err != nil {
		return err
	}
	files, err := bundle(root)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, name+".gz"), compressed(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
