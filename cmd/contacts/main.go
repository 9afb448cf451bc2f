// Command contacts runs the platform on a laptop, and administers one that is deployed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// A command is one that the tool knows: contacts NAME …
type command struct {
	name, arguments, help string
	run                   func(ctx context.Context, args []string, out io.Writer) error
}

func commands() []command {
	return []command{
		{"serve", "[--port N] [--data DIR] [--org NAME]… [--ready-file F]", "run the platform on this machine", serve},
		{"org", "add NAME [--region DE] | list", "organizations: the tenants", org},
		{"app", "create NAME --org ORG… | list | revoke NAME | rotate NAME | grant NAME --org ORG", "applications that may ask for tokens", app},
		{"user", "create NAME --org ORG | list | disable NAME | enable NAME | password NAME", "people that log in; a password is read from standard input, or made", user},
		{"key", "rotate", "the keys that sign tokens", key},
		{"table", "create", "the DynamoDB table", table},
		{"seed", "--contacts N --org ORG [--seed S]", "fill an organization with made-up contacts", seed},
		{"openapi", "", "print the API's description, OpenAPI 3.1", openAPI},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "contacts:", err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		usage(out)
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:], out)
		}
	}
	return fmt.Errorf("there is no command %q; contacts help lists them", args[0])
}

func usage(out io.Writer) {
	fmt.Fprintln(out, "contacts - a contacts platform on DynamoDB")
	fmt.Fprintln(out)
	for _, c := range commands() {
		fmt.Fprintf(out, "  contacts %-8s %s\n  %19s%s\n", c.name, c.arguments, "", c.help)
	}
	fmt.Fprintln(out, "\nAll but serve and openapi take --table NAME for a deployed table, or --data DIR for a local one that is running.")
}
