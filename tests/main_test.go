// Package tests drives the platform through its whole way: an HTTP request to the gateway that the template describes,
// the event that API Gateway makes of it, the function's own handler, and the table behind it.
package tests

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/dynamo"
	"contacts/pkg/local"
	"contacts/pkg/samtemplate"
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/all"
)

// platform is the one that all tests of the process share. Each test has an organization of its own.
var platform struct {
	table  *wiring.Database
	name   string
	store  *dynamodb.Client
	url    string
	client *http.Client
	log    lines
	secret string // what the signing keys are derived from
	orgs   atomic.Int64
	// notifier tells the functions of objects; objects is where they are.
	notifier *local.Notifier
	objects  string
	// handlers are the functions by their group, routes the group of each route key.
	handlers map[string]local.Handler
	routes   map[string]string
}

const bucket = "contacts-test"

func TestMain(m *testing.M) {
	stop, err := startPlatform()
	if err != nil {
		fmt.Fprintln(os.Stderr, "contacts:", err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	if all := flag.Lookup("test.run").Value.String() == ""; all && code == 0 {
		if err := everyOperationWasSeen(); err != nil {
			fmt.Fprintln(os.Stderr, "contacts:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// everyOperationWasSeen holds that each operation of the table succeeded in some scenario: on its way it went through a
// route of the template.
func everyOperationWasSeen() error {
	table, err := os.ReadFile(filepath.Join("..", "api", "operations.tsv"))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for text := range strings.Lines(platform.log.all()) {
		var l logLine
		if err := json.Unmarshal([]byte(text), &l); err == nil && l.Status < 400 {
			seen[l.Operation] = true
		}
	}
	var missing []string
	for line := range strings.Lines(string(table)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if fields[0] != "operation" && !seen[fields[0]] {
			missing = append(missing, fields[0])
		}
	}
	if missing != nil {
		return fmt.Errorf("no scenario shows these operations at work: %s", strings.Join(missing, ", "))
	}
	return nil
}

// startPlatform starts the engine, or uses that of AWS_ENDPOINT_URL_DYNAMODB, and puts the functions in front of it as
// `contacts serve` does.
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
	platform.name = fmt.Sprintf("contacts-test-%d", time.Now().UnixNano())
	platform.table = wiring.Open(dynamo.Options{Name: platform.name, Region: "us-east-1", Endpoint: endpoint, Credentials: keys, HTTPClient: wiring.HTTPClient()})
	platform.store = dynamodb.New(dynamodb.Options{Region: "us-east-1", Credentials: keys, BaseEndpoint: aws.String(endpoint)})
	if err := platform.table.Table.Create(ctx); err != nil {
		return nil, fmt.Errorf("the table can't be made: %w", err)
	}
	objects, err := local.StartObjects(ctx, local.ObjectsOptions{Bucket: bucket, Keys: map[string]string{"local": "local"},
		Created: func(c local.Created) { platform.notifier.Created(c) }})
	if err != nil {
		return nil, err
	}
	platform.objects = objects.Endpoint()
	text, err := os.ReadFile(filepath.Join("..", "template.yaml"))
	if err != nil {
		return nil, err
	}
	platform.secret, _ = auth.NewSecret()
	template, err := samtemplate.Read(text, map[string]string{
		"ContactsTable": platform.name, "ContactsBucket": bucket, "SigningSecret": platform.secret, "MetricsNamespace": "",
	})
	if err != nil {
		return nil, err
	}
	handlers := map[string]local.Handler{}
	platform.handlers, platform.routes = handlers, map[string]string{}
	for _, f := range template.Functions {
		build, ok := all.Functions()[f.Group]
		if !ok {
			return nil, fmt.Errorf("no function %s of template.yaml is built in", f.Group)
		}
		around := map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_S3": objects.Endpoint(), "BUCKET_NAME": bucket,
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
		handlers[f.Group], err = build(func(name string) string { return cmp.Or(around[name], f.Environment[name]) }, &platform.log)
		if err != nil {
			return nil, fmt.Errorf("function %s: %w", f.Group, err)
		}
	}
	if platform.notifier, err = local.NewNotifier(template, handlers, local.NotifierOptions{Retries: []time.Duration{0, 0}}); err != nil {
		return nil, err
	}
	for _, f := range template.Functions {
		for _, route := range f.Routes {
			platform.routes[route.Key()] = f.Group
		}
	}
	gateway, err := local.NewGateway(template, handlers, nil)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(gateway)
	platform.url = server.URL
	platform.client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 128}}
	return func() {
		server.Close()
		ended, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		platform.notifier.Close(ended)
		objects.Stop(ended)
		stopEngine()
	}, nil
}

// lines keeps what the functions log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// A logLine is what a function says of one request.
type logLine struct {
	RequestID  string  `json:"request_id"`
	Org        string  `json:"org"`
	Operation  string  `json:"operation"`
	Method     string  `json:"method"`
	Status     int     `json:"status"`
	ReadUnits  float64 `json:"read_units"`
	WriteUnits float64 `json:"write_units"`
	StoreCalls int     `json:"store_calls"`
	Cause      string  `json:"cause"`
}

// A tenant is an organization of one test, with an application and a token for it.
type tenant struct {
	t                       testing.TB
	org, app, secret, token string
	carry                   func(method, target string, body any, headers ...string) (*answer, error) // nil: try
}

func newTenant(t testing.TB) *tenant {
	t.Helper()
	n := platform.orgs.Add(1)
	x := &tenant{t: t, org: fmt.Sprintf("org-%d", n), app: fmt.Sprintf("app-%d", n)}
	x.secret, _ = auth.NewSecret()
	ctx := context.Background()
	if err := platform.table.AddOrganization(ctx, accounts.Organization{ID: x.org, Region: "DE"}); err != nil {
		t.Fatal(err)
	}
	if err := platform.table.AddApplication(ctx, accounts.Application{Name: x.app, SecretHash: auth.HashSecret(x.secret), Scopes: auth.PlainScopes()}); err != nil {
		t.Fatal(err)
	}
	if err := platform.table.GrantApplication(ctx, x.app, x.org); err != nil {
		t.Fatal(err)
	}
	x.token = x.authorize("")
	return x
}

// newBulkTenant returns a tenant whose records go when the test ends: checks scan the table, and many records would make all of them slow.
func newBulkTenant(t testing.TB) *tenant {
	t.Helper()
	x := newTenant(t)
	t.Cleanup(func() {
		ctx := context.Background()
		pages := dynamodb.NewScanPaginator(platform.store, &dynamodb.ScanInput{TableName: &platform.name, ProjectionExpression: aws.String("pk, sk"),
			FilterExpression:          aws.String("begins_with(pk, :pk)"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "T#" + x.org + "#"}}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			for items := range slices.Chunk(page.Items, 25) {
				var writes []types.WriteRequest
				for _, i := range items {
					writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: i}})
				}
				if _, err := platform.store.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{platform.name: writes}}); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	return x
}

func basicAuth(name, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+secret))
}

// authorize returns a token; query narrows it.
func (x *tenant) authorize(query string) string {
	x.t.Helper()
	a := send(x.t, "GET", "/auth/authorize/"+x.org+query, nil, "Authorization", basicAuth(x.app, x.secret)).want(200)
	return a.text("accessToken")
}

// do sends a request below the tenant's own path. A body that is no string or []byte is sent as its JSON.
func (x *tenant) do(method, path string, body any, headers ...string) *answer {
	x.t.Helper()
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Authorization" {
			return send(x.t, method, x.path(path), body, headers...)
		}
	}
	return x.ask(method, x.path(path), body, headers...)
}

// ask sends a request with the tenant's token.
func (x *tenant) ask(method, target string, body any, headers ...string) *answer {
	x.t.Helper()
	a, err := x.tryAsk(method, target, body, headers...)
	if err != nil {
		x.t.Fatal(err)
	}
	a.t = x.t
	return a
}

// tryAsk is ask for other goroutines than the test's own.
func (x *tenant) tryAsk(method, target string, body any, headers ...string) (*answer, error) {
	carry := try
	if x.carry != nil {
		carry = x.carry
	}
	return carry(method, target, body, append([]string{"Authorization", "Bearer " + x.token}, headers...)...)
}

func (x *tenant) path(path string) string { return "/contacts/org/" + x.org + path }

func (x *tenant) get(path string, headers ...string) *answer {
	x.t.Helper()
	return x.do("GET", path, nil, headers...)
}

// individual adds a contact and returns its path below the tenant's.
func (x *tenant) individual(name string) string {
	x.t.Helper()
	return "/individual/" + x.do("POST", "/individual", object{"name": name}).want(201).text("id")
}

// object is JSON that is sent.
type object = map[string]any

// payload is a body as it is sent: one that is no string or []byte as its JSON.
func payload(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(b), nil
	case []byte:
		return b, nil
	}
	return json.Marshal(body)
}

// An answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

func send(t testing.TB, method, target string, body any, headers ...string) *answer {
	t.Helper()
	a, err := try(method, target, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	a.t = t
	return a
}

// try is send for other goroutines than the test's own.
func try(method, target string, body any, headers ...string) (*answer, error) {
	content, err := payload(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(method, platform.url+target, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := platform.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a := &answer{what: method + " " + target, status: response.StatusCode, header: response.Header}
	a.body, err = io.ReadAll(response.Body)
	return a, err
}

// want holds the answer to a status. One that fails is held to be a problem in full.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		cause := ""
		if a.status == 500 {
			cause = " because of " + a.log().Cause
		}
		a.t.Fatalf("%s = %d %s%s, want %d", a.what, a.status, a.body, cause, status)
	}
	return a
}

func (a *answer) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		a.t.Fatalf("%s answered %q: %v", a.what, a.body, err)
	}
}

func (a *answer) object() object {
	a.t.Helper()
	var o object
	a.decode(&o)
	return o
}

func (a *answer) text(field string) string {
	a.t.Helper()
	s, ok := a.object()[field].(string)
	if !ok {
		a.t.Fatalf("%s answered %s, without a text %q", a.what, a.body, field)
	}
	return s
}

// log is the line that the function logged for the request.
func (a *answer) log() logLine {
	a.t.Helper()
	id := a.header.Get("Apigw-Requestid")
	for text := range strings.Lines(platform.log.all()) {
		var l logLine
		if err := json.Unmarshal([]byte(text), &l); err == nil && l.RequestID == id && id != "" {
			return l
		}
	}
	a.t.Fatalf("%s: no line is logged for request %q", a.what, id)
	return logLine{}
}

type fault struct{ Pointer, Parameter, Detail string }

type problem struct {
	Type, Title, Detail, Instance string
	Status                        int
	Errors                        []fault
	ExistingID                    string `json:"existing_id"`
}

// problem holds the answer to be a problem of a status, whole, and returns it.
func (a *answer) problem(status int) problem {
	a.t.Helper()
	a.want(status)
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Fatalf("%s: Content-Type %q, want application/problem+json", a.what, got)
	}
	var p problem
	a.decode(&p)
	if p.Status != status || p.Title == "" || p.Detail == "" ||
		!strings.HasPrefix(p.Type, "https://") || !strings.HasPrefix(p.Instance, "urn:request:") {
		a.t.Fatalf("%s: the problem is not whole: %s", a.what, a.body)
	}
	if (status == 400 || status == 422) && len(p.Errors) == 0 {
		a.t.Fatalf("%s: the problem has no errors: %s", a.what, a.body)
	}
	for _, f := range p.Errors {
		if f.Detail == "" {
			a.t.Fatalf("%s: a fault says nothing: %s", a.what, a.body)
		}
	}
	return p
}

// faults holds the answer to have exactly these faults, each a pointer or "?" and a parameter, in any order.
func (a *answer) faults(status int, want ...string) {
	a.t.Helper()
	p := a.problem(status)
	open := map[string]int{}
	for _, w := range want {
		open[w]++
	}
	for _, f := range p.Errors {
		at := f.Pointer
		if f.Parameter != "" {
			at = "?" + f.Parameter
		}
		open[at]--
	}
	for at, n := range open {
		if n != 0 {
			a.t.Fatalf("%s: faults %+v, want %q (at %q)", a.what, p.Errors, want, at)
		}
	}
}

// A page is a list as it is answered.
type page struct {
	Items    []object
	Problems []object
}

func (a *answer) page() page {
	a.t.Helper()
	a.want(200)
	var p page
	a.decode(&p)
	if p.Items == nil || p.Problems == nil {
		a.t.Fatalf("%s: items and problems must both be arrays: %s", a.what, a.body)
	}
	return p
}

// texts is one field of all items.
func (p page) texts(field string) []string {
	values := []string{}
	for _, item := range p.Items {
		values = append(values, fmt.Sprint(item[field]))
	}
	return values
}

// together runs n requests at once and returns their answers.
func together(t testing.TB, n int, request func(i int) (*answer, error)) []*answer {
	t.Helper()
	answers := make([]*answer, n)
	errs := make([]error, n)
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-start
			answers[i], errs[i] = request(i)
		})
	}
	close(start)
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
		answers[i].t = t
	}
	return answers
}

// statuses counts the answers of each status.
func statuses(answers []*answer) map[int]int {
	counts := map[int]int{}
	for _, a := range answers {
		counts[a.status]++
	}
	return counts
}
