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
	"github.com/spf13/pflag"

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
	if len(args) > 0 && args[0] == cobra.ShellCompRequestCmd {
		plainUsage(root)
	}
	return explain(root.ExecuteContext(ctx))
}

// rootCommand returns the tree of all commands.
func rootCommand(out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "contacts",
		Short: "A contacts platform on DynamoDB: run it on this machine, and administer it anywhere",
		Long: `A contacts platform on DynamoDB: run it on this machine, and administer it anywhere.

Commands for accounts and data work on a deployed table (--table NAME, with the credentials and the region that
AWS's own tools would use) or on a local platform that is running (--data DIR).

Exit codes: 0 done; 1 done, and something is wrong (check has findings); 2 not done: the message says why.`,
		Version:       version.Commit(),
		SilenceErrors: true, SilenceUsage: true,
		SuggestionsMinimumDistance: 2,
		Args:                       cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, words []string) error {
			if len(words) > 0 {
				return unknownCommand(c, words[0])
			}
			return c.Help()
		},
	}
	root.SetOut(out)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if wrong := new(pflag.InvalidValueError); errors.As(err, &wrong) {
			err = fmt.Errorf("%q is no value for --%s, which takes %s", wrong.GetValue(), wrong.GetFlag().Name, valuesOf(wrong.GetFlag()))
		}
		return fmt.Errorf("%w; %s --help shows what there is", err, c.CommandPath())
	})
	for _, section := range []struct {
		title    string
		commands []func(io.Writer) *cobra.Command
	}{
		{"Run it:", []func(io.Writer) *cobra.Command{serve, seed, openAPI}},
		{"Accounts:", []func(io.Writer) *cobra.Command{org, app, user, key}},
		{"Data:", []func(io.Writer) *cobra.Command{table, check, reindex, feed, erase, exportFile, backups, restores}},
		{"This tool:", []func(io.Writer) *cobra.Command{completion}},
	} {
		root.AddGroup(&cobra.Group{ID: section.title, Title: section.title})
		for _, command := range section.commands {
			c := command(out)
			c.GroupID = section.title
			root.AddCommand(c)
		}
	}
	root.SetHelpCommandGroupID("This tool:")
	strictHelp(root)
	completeFlags(root)
	return root
}

// valuesOf describes the values that a flag takes.
func valuesOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "duration":
		return "a duration, such as 90m"
	}
	return "a whole number"
}

// unknownCommand returns the error for a word that is no subcommand, with those that may be meant.
func unknownCommand(c *cobra.Command, word string) error {
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return fmt.Errorf("there is no command %q; did you mean %s?", c.CommandPath()+" "+word, strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no command %q; %s --help lists all", c.CommandPath()+" "+word, c.CommandPath())
}

// strictHelp makes cobra's help refuse unknown commands, for which it would print another command's help.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"}) // InitDefaultHelpCmd added it
	show := help.Run
	help.Run = nil
	help.RunE = func(c *cobra.Command, words []string) error {
		if found, left, _ := root.Find(words); len(left) > 0 { // there are no errors: all commands check their arguments
			return unknownCommand(found, left[0])
		}
		show(c, words)
		return nil
	}
}

// oneArg requires exactly one argument.
func oneArg(noun string) cobra.PositionalArgs {
	return func(c *cobra.Command, words []string) error {
		if len(words) != 1 {
			return fmt.Errorf("%s needs one name of %s", c.CommandPath(), noun)
		}
		return nil
	}
}

// noArgs requires that there are no arguments.
func noArgs(c *cobra.Command, words []string) error {
	if len(words) > 0 {
		return fmt.Errorf("%s takes flags only, not %q", c.CommandPath(), words[0])
	}
	return nil
}
