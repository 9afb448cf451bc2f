package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/image/bucket"
	"contacts/pkg/local"
	"contacts/pkg/wiring"
)

// An administration is one run of a command on a table, and possibly its bucket.
type administration struct {
	table, endpoint    string
	bucket, s3Endpoint string
	profile, data      string
	json               bool
	orgs, scopes       []string
	yes                bool
	out                io.Writer
}

// tableFlags adds the flags that locate the table.
func (a *administration) tableFlags(flags *pflag.FlagSet) {
	flags.StringVar(&a.table, "table", "", "name of a deployed `table`; with --data, of another one there")
	flags.StringVar(&a.data, "data", "", "data `folder` of a local platform that is running")
	flags.StringVar(&a.endpoint, "endpoint", "", "`address` of DynamoDB, if not AWS's own (default $AWS_ENDPOINT_URL_DYNAMODB)")
	flags.StringVar(&a.profile, "profile", "", "`name` of a profile of AWS's configuration (default $AWS_PROFILE)")
	flags.BoolVar(&a.json, "json", false, "print JSON, one object per line")
}

// yesFlag adds the flag that confirms a deletion.
func (a *administration) yesFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.yes, "yes", false, "delete without asking")
	return c
}

// group returns a command whose subcommands, listed in this order, work on a table.
func (a *administration) group(name, short string, below ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: name, Short: short, Args: cobra.ArbitraryArgs, SuggestionsMinimumDistance: 2,
		RunE: func(c *cobra.Command, words []string) error {
			if len(words) > 0 {
				return unknownCommand(c, words[0])
			}
			return fmt.Errorf("say what to do with %s; contacts %[1]s --help lists the commands", name)
		}}
	g.AddCommand(below...)
	a.tableFlags(g.PersistentFlags())
	return g
}

// synonyms are words of other tools, for which commands are suggested.
var synonyms = map[string][]string{"create": {"add", "new", "make"}, "delete": {"remove", "rm", "drop"}, "list": {"ls", "show", "get"},
	"describe": {"show", "get"}, "serve": {"run", "start"}, "check": {"fsck", "repair"}}

// bucketFlags adds the flags that locate the bucket.
func (a *administration) bucketFlags(flags *pflag.FlagSet) {
	flags.StringVar(&a.bucket, "bucket", "", "`name` of the bucket that goes with the table")
	flags.StringVar(&a.s3Endpoint, "s3-endpoint", "", "`address` of S3, if not AWS's own (default $AWS_ENDPOINT_URL_S3)")
}

// command returns a command, or a subcommand of a group, that works on a table.
func command(use, short string, words cobra.PositionalArgs, do func(ctx context.Context, words []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: words, SuggestFor: synonyms[strings.Fields(use)[0]], ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, words []string) error { return do(c.Context(), words) }}
}

// open returns the table of the flags.
func (a *administration) open(ctx context.Context) (*wiring.Database, error) {
	if a.data != "" {
		s, err := a.services(ctx)
		if err != nil {
			return nil, err
		}
		where := localOptions(s.DynamoDB)
		where.Name = cmp.Or(a.table, where.Name)
		return wiring.Open(where), nil
	}
	if a.table == "" {
		return nil, errors.New("say which table: --table NAME, or --data DIR for a local platform")
	}
	where, err := a.aws(ctx)
	if err != nil {
		return nil, err
	}
	if where.Endpoint, err = address("--endpoint", a.endpoint, "AWS_ENDPOINT_URL_DYNAMODB"); err != nil {
		return nil, err
	}
	where.Name = a.table
	return wiring.Open(where), nil
}

// address returns the address of a service from a flag, or else a variable; "" for AWS's own.
func address(flag, given, variable string) (string, error) {
	if given == "" {
		flag, given = variable, os.Getenv(variable)
	}
	u, err := url.Parse(given)
	if given != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return "", fmt.Errorf("%s is %q, which is no address: give one such as http://127.0.0.1:8000", flag, given)
	}
	return given, nil
}

// isLocal reports whether the table is at another address than AWS's own.
func (a *administration) isLocal() bool {
	return a.data != "" || a.endpoint != "" || os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != ""
}

// openBucket returns the table's bucket.
func (a *administration) openBucket(ctx context.Context) (*bucket.Bucket, error) {
	o := bucket.Options{HTTPClient: wiring.HTTPClient()}
	if a.data != "" {
		s, err := a.services(ctx)
		if err != nil {
			return nil, err
		}
		where := localOptions("")
		o.Name, o.Endpoint, o.Region, o.Credentials = cmp.Or(a.bucket, s.Bucket), s.S3, where.Region, where.Credentials
		return bucket.Open(o), nil
	}
	if a.bucket == "" {
		return nil, errors.New("say which bucket has the pictures: --bucket NAME, the stack's output Bucket")
	}
	where, err := a.aws(ctx)
	if err != nil {
		return nil, err
	}
	if o.Endpoint, err = address("--s3-endpoint", a.s3Endpoint, "AWS_ENDPOINT_URL_S3"); err != nil {
		return nil, err
	}
	o.Name, o.Region, o.Credentials = a.bucket, where.Region, where.Credentials
	return bucket.Open(o), nil
}

// aws returns region and credentials as AWS's own tools find them: environment, profile, single sign-on, instance role.
func (a *administration) aws(ctx context.Context) (dynamo.Options, error) {
	c, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(a.profile), config.WithLogger(logging.Nop{}))
	if err != nil {
		return dynamo.Options{}, fmt.Errorf("the AWS configuration can't be read: %w", err)
	}
	if c.Region == "" {
		return dynamo.Options{}, errors.New("say which region: set AWS_REGION, or region in the profile")
	}
	if _, err := c.Credentials.Retrieve(ctx); err != nil {
		return dynamo.Options{}, fmt.Errorf("there are no AWS credentials that work: log in (aws sso login, aws configure) or set AWS_PROFILE; %w", root(err))
	}
	return dynamo.Options{Region: c.Region, Credentials: c.Credentials, HTTPClient: wiring.HTTPClient()}, nil
}

// services returns the addresses of the local platform that is running.
func (a *administration) services(ctx context.Context) (s local.Services, err error) {
	text, err := os.ReadFile(filepath.Join(a.data, "services.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	var engine *url.URL
	if err == nil {
		engine, err = url.Parse(s.DynamoDB)
	}
	if err == nil { // a platform that was killed leaves its file behind
		var c net.Conn
		if c, err = (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", engine.Host); err == nil {
			err = c.Close()
		}
	}
	if err != nil {
		return s, fmt.Errorf("no platform runs on %s: start it with contacts serve --data %[1]s", a.data)
	}
	return s, nil
}

// onTable returns a command's function that opens the table.
func (a *administration) onTable(do func(context.Context, *wiring.Database) error) func(context.Context, []string) error {
	return func(ctx context.Context, _ []string) error {
		t, err := a.open(ctx)
		if err != nil {
			return err
		}
		return do(ctx, t)
	}
}

// An account is a kind of account that commands name: its noun, the group of its commands, and the rule of its names.
type account struct {
	noun, group string
	parse       func(string) (string, error)
}

// command returns a command for the account that its argument names.
func (k account) command(a *administration, use, short string, do func(ctx context.Context, t *wiring.Database, name string) error) *cobra.Command {
	return command(use, short, oneArg(k.noun), func(ctx context.Context, words []string) error {
		name, err := k.parse(words[0])
		if err != nil {
			return err
		}
		t, err := a.open(ctx)
		if err != nil {
			return err
		}
		if err = do(ctx, t, name); contact.IsRefused(err, contact.NotFound) {
			err = fmt.Errorf("there is no %s %s; contacts %s list shows all", k.noun, name, k.group)
		}
		return err
	})
}
