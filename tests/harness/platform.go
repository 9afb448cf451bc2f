// Package harness runs the platform for tests and sends it requests: each passes the gateway that the template describes, becomes an event as
// API Gateway sends it, and reaches the function's handler and the table.
package harness

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"contacts/pkg/auth"
	"contacts/pkg/dynamo"
	"contacts/pkg/local"
	"contacts/pkg/samtemplate"
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/all"
)

// Platform is shared by all tests of the process. Each test has an organization of its own.
var Platform struct {
	Database *wiring.Database
	Name     string
	Store    *dynamodb.Client
	URL      string
	client   *http.Client
	Log      Lines
	Secret   string // what the signing keys are derived from
	Orgs     atomic.Int64
	// notifier sends the events of objects to the functions; Objects is the address of the S3 server.
	notifier *local.Notifier
	events   bucketEvents
	Objects  string
	// Handlers are the functions by group, Routes the group of each route key.
	Handlers map[string]local.Handler
	Routes   map[string]string
}

const Bucket = "contacts-test"

// WebhookSecret is what the secrets of webhooks are derived from.
const WebhookSecret = "what the secrets of webhooks are derived from"

// Main starts the platform, runs the tests of a package and ends the process. TestMain of each package calls it.
func Main(m *testing.M) {
	stop, err := startPlatform()
	if err != nil {
		fmt.Fprintln(os.Stderr, "contacts:", err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

// startPlatform starts the engine, or uses that of AWS_ENDPOINT_URL_DYNAMODB, and runs the functions on it as `contacts serve` does.
func startPlatform() (stop func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	stopEngine := func() {}
	if endpoint == "" {
		engine, err := local.StartEngine(ctx, local.EngineOptions{})
		if err != nil {
			return nil, err
		}
		endpoint, stopEngine = engine.Endpoint(), engine.Stop
	}
	defer func() {
		if err != nil {
			stopEngine()
		}
	}()
	keys := credentials.NewStaticCredentialsProvider("local", "local", "")
	Platform.Name = fmt.Sprintf("contacts-test-%d", time.Now().UnixNano())
	Platform.Database = wiring.Open(dynamo.Options{Name: Platform.Name, Region: "us-east-1", Endpoint: endpoint, Credentials: keys, HTTPClient: wiring.HTTPClient()})
	Platform.Store = dynamodb.New(dynamodb.Options{Region: "us-east-1", Credentials: keys, BaseEndpoint: aws.String(endpoint)})
	if err := Platform.Database.Table.Create(ctx); err != nil {
		return nil, fmt.Errorf("the table can't be made: %w", err)
	}
	Platform.events.held = map[string][]local.Created{}
	objects, err := local.StartObjects(ctx, local.ObjectsOptions{Bucket: Bucket, Keys: map[string]string{"local": "local"},
		Created: Platform.events.created})
	if err != nil {
		return nil, err
	}
	Platform.Objects = objects.Endpoint()
	text, err := os.ReadFile(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		return nil, err
	}
	Platform.Secret, _ = auth.NewSecret()
	template, err := samtemplate.Read(text, map[string]string{
		"ContactsTable": Platform.Name, "ContactsBucket": Bucket, "SigningSecret": Platform.Secret, "WebhookSecret": WebhookSecret,
		"MetricsNamespace": "",
	})
	if err != nil {
		return nil, err
	}
	handlers := map[string]local.Handler{}
	Platform.Handlers, Platform.Routes = handlers, map[string]string{}
	for _, f := range template.Functions {
		build, ok := all.Functions()[f.Group]
		if !ok {
			return nil, fmt.Errorf("no function %s of template.yaml is built in", f.Group)
		}
		around := map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_S3": objects.Endpoint(), "BUCKET_NAME": Bucket,
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
		handlers[f.Group], err = build(func(name string) string { return cmp.Or(around[name], f.Environment[name]) }, &Platform.Log)
		if err != nil {
			return nil, fmt.Errorf("function %s: %w", f.Group, err)
		}
	}
	if Platform.notifier, err = local.NewNotifier(template, handlers, local.NotifierOptions{Retries: []time.Duration{0, 0}}); err != nil {
		return nil, err
	}
	for _, f := range template.Functions {
		for _, route := range f.Routes {
			Platform.Routes[route.Key()] = f.Group
		}
	}
	gateway, err := local.NewGateway(template, handlers, nil)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(gateway)
	Platform.URL = server.URL
	Platform.client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 128}}
	return func() {
		server.Close()
		ended, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		Platform.notifier.Close(ended)
		objects.Stop(ended)
		stopEngine()
	}, nil
}
