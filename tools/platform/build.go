package platform

import (
	"context"
	"fmt"
	"os/exec"
)

// Build builds the command line tool for tests of tools that run it.
func Build(ctx context.Context, to string) error {
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", to, "contacts/cmd/contacts").CombinedOutput(); err != nil {
		return fmt.Errorf("contacts can't be built: %w: %s", err, out)
	}
	return nil
}
