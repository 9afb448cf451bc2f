package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"contacts/pkg/dynamo"
	"contacts/pkg/local"
	"contacts/pkg/samtemplate"
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/all"
)

// localTable and localBucket are the names of the template's resources in the local run.
const (
	localTable  = "contacts-local"
	localBucket = "contacts-local"
)

type serving struct {
	host         string
	port, s3Port int
	data         string
	orgs         []string
	readyFile    string
	backingOnly  bool
	servicesHost string
	allowLocal   bool
}

func serve(out io.Writer) *cobra.Command {
	var s serving
	c := command("serve", "Run the platform on this machine", noArgs, func(ctx context.Context, _ []string) error {
		for _, org := range s.orgs {
			if _, err := organizationName(org); err != nil {
				return err
			}
		}
		return s.run(ctx, out)
	})
	c.Flags().StringVar(&s.host, "host", "127.0.0.1", "`address` to listen on; 0.0.0.0 lets other machines in, with the credentials that are printed")
	c.Flags().IntVar(&s.port, "port", 3000, "port of the API; 0 is a free one")
	c.Flags().IntVar(&s.s3Port, "s3-port", 0, "port that pictures are read from and sent to; 0 is a free one")
	c.Flags().StringVar(&s.data, "data", ".data", "`folder` that keeps the records, the pictures and the local secret")
	c.Flags().StringArrayVar(&s.orgs, "org", []string{"demo"}, "`organization` to create, unless it exists; can be repeated")
	c.Flags().StringVar(&s.readyFile, "ready-file", "", "`file` that appears, with address and credentials as JSON, when all is ready")
	c.Flags().BoolVar(&s.backingOnly, "backing-only", false, "run DynamoDB and S3 alone, for sam local")
	c.Flags().BoolVar(&s.allowLocal, "allow-local-webhooks", false, "let webhooks send to this machine, and without TLS")
	c.Flags().StringVar(&s.servicesHost, "services-host", "", "`address` on which DynamoDB and S3 listen (default 127.0.0.1, and --host for S3)")
	return c
}

func (s *serving) run(ctx context.Context, out io.Writer) error {
	var known credentials
	options := local.ServeOptions{
		Host: s.host, Port: s.port, S3Port: s.s3Port, Data: s.data, Bucket: localBucket, ServicesHost: s.servicesHost,
		Keys:     localKeys(),
		DynamoDB: os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), S3: os.Getenv("AWS_ENDPOINT_URL_S3"),
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Functions: func(ctx context.Context, services local.Services) (samtemplate.Template, map[string]local.Handler, error) {
			var err error
			if known, err = s.prepare(ctx, services); err != nil {
				return samtemplate.Template{}, nil, err
			}
			return compose(services, known, s.allowLocal)
		},
		Owned: s.removeReadyFile,
		Ready: func(ctx context.Context, r local.Running) error {
			known.URL = r.URL
			known.announce(out)
			return known.writeReady(s.readyFile)
		},
	}
	if s.backingOnly {
		options.Functions = nil
		options.Ready = func(ctx context.Context, r local.Running) error {
			var err error
			if known, err = s.prepare(ctx, r.Services); err != nil {
				return err
			}
			known.DynamoDB, known.S3 = r.Services.DynamoDB, r.Services.S3
			known.SigningSecret, known.WebhookSecret = known.signingSecret, known.webhookSecret
			fmt.Fprintf(out, "DynamoDB %s\nS3       %s\n", r.Services.DynamoDB, r.Services.S3)
			return known.writeReady(s.readyFile)
		}
	}
	return local.Serve(ctx, options)
}

// removeReadyFile removes the ready file of an earlier run, which has ended because this run has locked the data.
func (s *serving) removeReadyFile() error {
	if s.readyFile == "" {
		return nil
	}
	if err := os.Remove(s.readyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the ready file can't be replaced: %w", err)
	}
	return nil
}

// prepare creates the table, the organizations, the application and the user, unless they exist.
func (s *serving) prepare(ctx context.Context, services local.Services) (credentials, error) {
	known, err := loadCredentials(s.data)
	if err != nil {
		return known, err
	}
	t := wiring.Open(localOptions(services.DynamoDB))
	if err := t.Table.Create(ctx); err != nil {
		return known, fmt.Errorf("the table can't be made: %w", err)
	}
	// Commands with --data read this file to find the engine.
	if s.data != "" {
		if err := writeAtomically(filepath.Join(s.data, "services.json"), services); err != nil {
			return known, err
		}
	}
	known.Org, known.Orgs = s.orgs[0], s.orgs
	return known, known.enroll(ctx, t)
}

// compose builds the functions of the template from their environment, as Lambda does.
func compose(services local.Services, known credentials, allowLocal bool) (samtemplate.Template, map[string]local.Handler, error) {
	text, err := readTemplate()
	if err != nil {
		return samtemplate.Template{}, nil, err
	}
	template, err := samtemplate.Read(text, map[string]string{
		"ContactsTable": localTable, "ContactsBucket": services.Bucket, "SigningSecret": known.signingSecret, "WebhookSecret": known.webhookSecret,
		"MetricsNamespace": "",
	})
	if err != nil {
		return template, nil, err
	}
	handlers := map[string]local.Handler{}
	for _, f := range template.Functions {
		build, ok := all.Functions()[f.Group]
		if !ok {
			return template, nil, fmt.Errorf("template.yaml: no function %s is built in", f.Group)
		}
		f.Environment["WEBHOOKS_ALLOW_LOCAL"] = strconv.FormatBool(allowLocal)
		if handlers[f.Group], err = build(localEnvironment(services, f.Environment), os.Stderr); err != nil {
			return template, nil, fmt.Errorf("function %s: %w", f.Group, err)
		}
	}
	return template, handlers, nil
}

// localEnvironment adds the variables that Lambda sets.
func localEnvironment(services local.Services, own map[string]string) func(string) string {
	return func(name string) string {
		if name == "BUCKET_NAME" && services.Bucket != "" {
			return services.Bucket // the template has only the stack's name
		}
		if name == "PICTURES_ORIGIN" && services.S3 != "" {
			return services.S3
		}
		if v, ok := own[name]; ok {
			return v
		}
		switch name {
		case "AWS_ENDPOINT_URL_DYNAMODB":
			return services.DynamoDB
		case "AWS_ENDPOINT_URL_S3":
			return services.S3
		case "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN":
			if v := os.Getenv(name); v != "" {
				return v
			}
			return map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}[name]
		}
		return ""
	}
}

// localKeys are the credentials of the local functions.
func localKeys() map[string]string {
	getenv := localEnvironment(local.Services{}, nil)
	return map[string]string{getenv("AWS_ACCESS_KEY_ID"): getenv("AWS_SECRET_ACCESS_KEY")}
}

// localOptions returns the options of the local table, equal to those of the functions: some engines separate tables by
// region and access key.
func localOptions(endpoint string) dynamo.Options {
	getenv := localEnvironment(local.Services{}, nil)
	return dynamo.Options{Name: localTable, Endpoint: endpoint, Region: wiring.Region(getenv), Credentials: wiring.Credentials(getenv)}
}

// readTemplate finds template.yaml in this folder or above.
func readTemplate() ([]byte, error) {
	folder, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "template.yaml"))
		if err == nil && bytes.Contains(text, []byte("Transform")) {
			return text, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return nil, errors.New("template.yaml is not here or above: start contacts in its repository")
		}
		folder = parent
	}
}
