// Command contacts runs the platform locally, and administers deployed ones.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"contacts/pkg/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "contacts:", err)
	}
	os.Exit(exitCode(err))
}

// A fault means that a command has completed and found something wrong.
type fault struct{ error }

// exitCode returns 0 for done, 1 for done with findings, 2 for not done, as grep and diff do.
func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(fault)):
		return 1
	}
	return 2
}

// run runs a command line. out is its standard output.
func run(ctx context.Context, args []string, out io.Writer) error {
	root := rootCommand(out)
	root.SetArgs(args)
	return explain(root.ExecuteContext(ctx))
}

// rootCommand returns the tree of all commands.
func rootCommand(out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "contacts",
		Short: "A contacts platform on DynamoDB: run it on this machine, and administer it anywhere",
		Long: `A contacts platform on DynamoDB: run it on this machine, and administer it anywhere.

All commands but serve, openapi and completion work on a deployed table (--table NAME, with the credentials
and the region that AWS's own tools would use) or on a local platform that is running (--data DIR).

Exit codes: 0 done; 1 done, and something is wrong (check found faults); 2 not done: the message says why.`,
		Version:       version.Commit(),
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, words []string) error {
			if len(words) > 0 {
				return unknown(words)
			}
			return c.Help()
		},
	}
	root.SetOut(out)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; %s --help shows what there is", err, c.CommandPath())
	})
	for _, command := range []func(io.Writer) *cobra.Command{
		serve, org, app, user, key, table, seed, check, erase, backups, restores, openAPI,
	} {
		root.AddCommand(command(out))
	}
	strictHelp(root)
	return root
}

func unknown(words []string) error {
	return fmt.Errorf("there is no command %q; contacts help lists them", strings.Join(words, " "))
}

// strictHelp makes cobra's help refuse unknown commands, for which it would print another command's help.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"}) // InitDefaultHelpCmd added it
	show := help.Run
	help.Run = nil
	help.RunE = func(c *cobra.Command, words []string) error {
		if _, left, err := root.Find(words); err != nil || len(left) > 0 {
			return unknown(words)
		}
		show(c, words)
		return nil
	}
}

// group returns a command that has only subcommands, listed in this order.
func group(name, short string, below ...*cobra.Command) *cobra.Command {
	var names []string
	for _, c := range below {
		names = append(names, c.Name())
	}
	last := len(names) - 1
	known := names[last]
	if last > 0 {
		known = strings.Join(names[:last], ", ") + " and " + known
	}
	g := &cobra.Command{Use: name, Short: short, Args: cobra.ArbitraryArgs, RunE: func(c *cobra.Command, words []string) error {
		if len(words) > 0 {
			return fmt.Errorf("%s knows %s, not %q", name, known, words[0])
		}
		return fmt.Errorf("%s needs one more word: it knows %s", name, known)
	}}
	g.AddCommand(below...)
	return g
}

// oneArg requires exactly one argument.
func oneArg(noun string) cobra.PositionalArgs {
	return func(c *cobra.Command, words []string) error {
		if len(words) != 1 {
			return fmt.Errorf("%s needs one name of %s", c.Name(), noun)
		}
		return nil
	}
}

// noArgs requires that there are no arguments.
func noArgs(c *cobra.Command, words []string) error {
	if len(words) > 0 {
		return fmt.Errorf("%s takes flags only, not %q", c.Name(), words[0])
	}
	return nil
}

// noCompletion disables completion of file names.
func noCompletion(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}
