// Package wiring builds the functions from their environment.
package wiring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"contacts/pkg/accounts"
	"contacts/pkg/api"
	"contacts/pkg/apigw"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/exports"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
	"contacts/pkg/version"
	"contacts/pkg/webhook"
)

// GroupsOf returns the resource groups of a function. getenv reads its environment.
type GroupsOf func(c api.Config, getenv func(string) string) []rest.Group

// Group returns a GroupsOf for one group, which requires only a rest.Config.
func Group(g func(api.Config) rest.Group) GroupsOf {
	return func(c api.Config, _ func(string) string) []rest.Group { return []rest.Group{g(c)} }
}

// Start runs groups as this process's Lambda function. It does not return.
func Start(g GroupsOf) { StartHandler(Function(g, os.Getenv, os.Stdout)) }

// StartHandler runs a handler as this process's Lambda function, or exits with err. It does not return.
func StartHandler(h lambda.Handler, err error) {
	if err != nil {
		slog.Error("start", "cause", err)
		os.Exit(1)
	}
	lambda.Start(h)
}

// Function returns the Lambda handler of some groups. It logs to log.
func Function(g GroupsOf, getenv func(string) string, log io.Writer) (lambda.Handler, error) {
	c, err := Config(getenv, log)
	if err != nil {
		return nil, err
	}
	return apigw.New(rest.NewServer(c.Config, g(c, getenv)...)), nil
}

// Config returns the configuration in an environment.
func Config(getenv func(string) string, log io.Writer) (api.Config, error) {
	name := getenv("TABLE_NAME")
	if name == "" {
		return api.Config{}, errors.New("TABLE_NAME is not set: it names the DynamoDB table")
	}
	var level slog.Level
	if text := getenv("LOG_LEVEL"); text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return api.Config{}, fmt.Errorf("LOG_LEVEL %q is not one of DEBUG, INFO, WARN, ERROR", text)
		}
	}
	d := Open(dynamo.Options{
		Name: name, Region: Region(getenv), Endpoint: getenv("AWS_ENDPOINT_URL_DYNAMODB"),
		Credentials: Credentials(getenv), HTTPClient: HTTPClient(), TraceDaemon: getenv("AWS_XRAY_DAEMON_ADDRESS"),
	})
	c := d.Config(time.Now)
	c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: level})).With("commit", version.Commit())
	c.Metrics = getenv("METRICS_NAMESPACE")
	return c, nil
}

// A Database is the platform's table with what is kept in it.
type Database struct {
	*accounts.Accounts
	Store    *store.Store
	Webhooks *webhook.Webhooks
	Exports  *exports.Exports
	Answers  *idempotency.Answers
	Table    *dynamo.Table
}

// Open returns the database of a table, without a call of it.
func Open(o dynamo.Options) *Database { return NewDatabase(dynamo.Open(o), time.Now, ids) }

// NewDatabase returns what is kept in a table. ids makes the ids of all that is created.
func NewDatabase(t *dynamo.Table, now func() time.Time, ids *contact.Sequence) *Database {
	return &Database{
		Table: t, Accounts: accounts.New(t, now), Store: store.New(t, now, ids), Webhooks: webhook.New(t, now, ids), Exports: exports.New(t, now, ids),
		Answers: idempotency.New(t, now, func() contact.ID { return ids.Next(contact.Part) }),
	}
}

// Config is the configuration of the database's functions, without a log.
func (d *Database) Config(now func() time.Time) api.Config {
	return api.Config{Store: d.Store, Accounts: d.Accounts, Webhooks: d.Webhooks, Exports: d.Exports, Config: rest.Config{
		Answers: d.Answers, Keys: auth.NewKeyring(rest.PublishedKeys(d.Accounts), now), Now: now,
	}}
}

// ids is shared by all functions of a process, on a laptop all of them, so that ids increase in the order of creation even within a
// millisecond.
var ids = contact.NewSequence(time.Now)

// Region returns the AWS region of an environment.
func Region(getenv func(string) string) string {
	if region := getenv("AWS_REGION"); region != "" {
		return region
	}
	return "us-east-1" // local engines accept any
}

// Credentials returns Lambda's credentials in the environment, which live as long as the process. The SDK's default chain
// would delay the start.
func Credentials(getenv func(string) string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken: getenv("AWS_SESSION_TOKEN"), Source: "environment",
		}, nil
	})
}

// HTTPClient returns a client for many requests to one host: it keeps connections, and its timeouts leave time for a retry.
func HTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   3 * time.Second,
		ResponseHeaderTimeout: 5 * time.Second,
		MaxIdleConns:          128,
		MaxIdleConnsPerHost:   128,
		IdleConnTimeout:       90 * time.Second,
		ForceAttemptHTTP2:     false,
		DisableCompression:    true,
	}}
}
