package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"contacts/pkg/auth"
	"contacts/pkg/dynamo"
	"contacts/pkg/phone"
)

// An administration is one run of a command on a table.
type administration struct {
	flags    *flag.FlagSet
	table    string
	endpoint string
	data     string
	orgs     names
	region   string
	json     bool
	out      io.Writer
}

// newAdministration reads a subcommand with its flags, which may stand before or behind its words.
func newAdministration(name string, args []string, out io.Writer) (*administration, []string, error) {
	a := administrationOf(name, out)
	words, err := a.parse(args)
	if err == nil && len(words) == 0 {
		err = fmt.Errorf("%s needs a word: contacts help shows which", name)
	}
	return a, words, err
}

// administrationOf is a run of a command with the flags that all of them take.
func administrationOf(name string, out io.Writer) *administration {
	a := &administration{flags: flag.NewFlagSet("contacts "+name, flag.ContinueOnError), out: out}
	a.flags.StringVar(&a.table, "table", "", "name of a deployed table")
	a.flags.StringVar(&a.endpoint, "endpoint", "", "address of DynamoDB, if not AWS's own")
	a.flags.StringVar(&a.data, "data", "", "data folder of a local platform that is running")
	a.flags.Var(&a.orgs, "org", "organization; can be repeated")
	a.flags.StringVar(&a.region, "region", "DE", "where the organization's telephone numbers are dialled, ISO 3166-1 alpha-2")
	a.flags.BoolVar(&a.json, "json", false, "print JSON")
	return a
}

// parse reads flags, and returns the words between them.
func (a *administration) parse(args []string) (words []string, err error) {
	for len(args) > 0 {
		if err := a.flags.Parse(args); err != nil {
			return nil, err
		}
		if args = a.flags.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	return words, nil
}

// open returns the table that the flags name.
func (a *administration) open(ctx context.Context) (*dynamo.Table, error) {
	if a.data != "" {
		text, err := os.ReadFile(filepath.Join(a.data, "services.json"))
		var running struct{ DynamoDB string }
		if err == nil {
			err = json.Unmarshal(text, &running)
		}
		if err != nil {
			return nil, fmt.Errorf("no platform runs on %s: start it with contacts serve --data %[1]s", a.data)
		}
		return dynamo.Open(localOptions(running.DynamoDB)), nil
	}
	if a.table == "" {
		return nil, errors.New("say which table: --table NAME, or --data DIR for a local platform")
	}
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("the AWS configuration can't be read: %w", err)
	}
	if c.Region == "" {
		return nil, errors.New("say which region: set AWS_REGION")
	}
	return dynamo.Open(dynamo.Options{Name: a.table, Endpoint: a.endpoint, Region: c.Region, Credentials: c.Credentials}), nil
}

func (a *administration) name(words []string, noun string) (string, error) {
	if len(words) != 2 {
		return "", fmt.Errorf("%s needs one name of %s", words[0], noun)
	}
	return words[1], nil
}

// show prints what was done, as words or as JSON.
func (a *administration) show(v any, format string, args ...any) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(v)
	}
	_, err := fmt.Fprintf(a.out, format+"\n", args...)
	return err
}

func org(ctx context.Context, args []string, out io.Writer) error {
	a, words, err := newAdministration("org", args, out)
	if err != nil {
		return err
	}
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	switch words[0] {
	case "add":
		name, err := a.name(words, "an organization")
		if err != nil {
			return err
		}
		if !validOrganization(name) {
			return fmt.Errorf("%q can't be an organization: 1 to 64 letters, digits, _ and -", name)
		}
		if !phone.Known(a.region) {
			return fmt.Errorf("%q is no region with telephone numbers: give ISO 3166-1 alpha-2, such as DE", a.region)
		}
		if err := t.AddOrganization(ctx, dynamo.Organization{ID: name, Region: a.region}); err != nil {
			return err
		}
		return a.show(map[string]string{"org": name, "region": a.region}, "organization %s added, region %s", name, a.region)
	case "list":
		orgs, err := t.Organizations(ctx)
		if err != nil {
			return err
		}
		for _, o := range orgs {
			if err := a.show(map[string]string{"org": o.ID, "region": o.Region}, "%s\t%s", o.ID, o.Region); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("org knows add and list, not %q", words[0])
}

func app(ctx context.Context, args []string, out io.Writer) error {
	a, words, err := newAdministration("app", args, out)
	if err != nil {
		return err
	}
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	if words[0] == "list" {
		apps, err := t.Applications(ctx)
		for _, p := range apps {
			state := "active"
			if p.Revoked {
				state = "revoked"
			}
			err = errors.Join(err, a.show(map[string]any{"app": p.Name, "orgs": p.Organizations, "state": state}, "%s\t%s\t%s", p.Name, state, strings.Join(p.Organizations, " ")))
		}
		return err
	}
	name, err := a.name(words, "an application")
	if err != nil {
		return err
	}
	secret, hash := auth.NewSecret()
	switch words[0] {
	case "create":
		if err := a.existing(ctx, t); err != nil {
			return err
		}
		if strings.ContainsRune(name, ':') {
			return errors.New("an application's name holds no colon: Basic credentials could not carry it")
		}
		if err := t.AddApplication(ctx, dynamo.Application{Name: name, SecretHash: hash, Organizations: a.orgs}); err != nil {
			return err
		}
	case "rotate":
		if err := t.SetApplicationSecret(ctx, name, hash); err != nil {
			return err
		}
	case "grant":
		if err := a.existing(ctx, t); err != nil {
			return err
		}
		for _, o := range a.orgs {
			if err := t.GrantApplication(ctx, name, o); err != nil {
				return err
			}
		}
		return a.show(map[string]any{"app": name, "granted": a.orgs}, "%s may use %s", name, strings.Join(a.orgs, ", "))
	case "revoke":
		if err := t.RevokeApplication(ctx, name); err != nil {
			return err
		}
		return a.show(map[string]string{"app": name, "state": "revoked"}, "%s gets no more tokens; those it has end within an hour", name)
	default:
		return fmt.Errorf("app knows create, list, revoke, rotate and grant, not %q", words[0])
	}
	return a.show(map[string]string{"app": name, "secret": secret}, "application %s\nsecret      %s\n\nThe secret is shown this once; what is stored is its hash.", name, secret)
}

// existing makes sure that the organizations of --org are there.
func (a *administration) existing(ctx context.Context, t *dynamo.Table) error {
	if len(a.orgs) == 0 {
		return errors.New("say which organization: --org NAME")
	}
	for _, o := range a.orgs {
		if _, err := t.Organization(ctx, o); err != nil {
			return fmt.Errorf("organization %s: %w; contacts org add makes it", o, err)
		}
	}
	return nil
}

func key(ctx context.Context, args []string, out io.Writer) error {
	a, words, err := newAdministration("key", args, out)
	if err != nil {
		return err
	}
	if words[0] != "rotate" {
		return fmt.Errorf("key knows rotate, not %q", words[0])
	}
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	// A token that is signed while the next key settles lives a little beyond its lifetime from now.
	end := time.Now().Add(auth.LoginLifetime + time.Minute)
	if err := t.RetireKeys(ctx, end); err != nil {
		return err
	}
	return a.show(map[string]string{"former_key_ends": end.UTC().Format(time.RFC3339)}, "tokens are signed with a new key within half a minute; the former one is valid until %s", end.UTC().Format(time.RFC3339))
}

func table(ctx context.Context, args []string, out io.Writer) error {
	a, words, err := newAdministration("table", args, out)
	if err != nil {
		return err
	}
	if words[0] != "create" {
		return fmt.Errorf("table knows create, not %q", words[0])
	}
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	if err := t.Create(ctx); err != nil {
		return err
	}
	return a.show(map[string]string{"table": a.table}, "the table is there")
}
