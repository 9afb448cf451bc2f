package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/image/bucket"
	"contacts/pkg/local"
	"contacts/pkg/wiring"
)

// asTool makes the test binary run as the tool, so that a test can start it as a process, and kill it.
const asTool = "CONTACTS_TEST_AS_TOOL"

func TestMain(m *testing.M) {
	if os.Getenv(asTool) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A platform runs on this machine, with an in-memory engine.
type platform struct {
	t        *testing.T
	c        credentials
	data     string
	services local.Services
	token    string
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	engine, err := local.StartEngine(t.Context(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": engine.Endpoint(), "AWS_REGION": "us-east-1", "AWS_PROFILE": "",
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": ""} {
		t.Setenv(name, value)
	}
	h := &platform{t: t}
	h.c, h.data = servePlatform(t)
	if h.services, err = (&administration{data: h.data}).services(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.token = token(t, h.c)
	return h
}

// run runs a command line and returns its output.
func (h *platform) run(line string, args ...any) string {
	h.t.Helper()
	out, err := h.tries(line, args...)
	if err != nil {
		h.t.Fatalf("contacts "+line+": %v", append(args, err)...)
	}
	return out
}

func (h *platform) tries(line string, args ...any) (string, error) {
	var out bytes.Buffer
	err := run(context.Background(), append(strings.Fields(fmt.Sprintf(line, args...)), "--data", h.data), &out)
	return out.String(), err
}

// request sends a request for the organization.
func (h *platform) request(method, path string, body any) (int, map[string]any) {
	h.t.Helper()
	status, answer, err := h.tryRequest(method, path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	return status, answer
}

// tryRequest is request for other goroutines than the test's own.
func (h *platform) tryRequest(method, path string, body any) (status int, answer map[string]any, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	if !strings.HasPrefix(path, "/rest/") {
		path = "/contacts/org/" + h.c.Org + path
	}
	request, err := http.NewRequest(method, h.c.URL+path, bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+h.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	var shown any
	if err := json.NewDecoder(response.Body).Decode(&shown); err != nil && !errors.Is(err, io.EOF) {
		return response.StatusCode, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	answer, _ = shown.(map[string]any)
	return response.StatusCode, answer, nil
}

// create creates a resource and returns its path.
func (h *platform) create(path string, body map[string]any) string {
	h.t.Helper()
	status, answer := h.request("POST", path, body)
	if status != http.StatusCreated {
		h.t.Fatalf("POST %s: %d %v", path, status, answer)
	}
	return path + "/" + answer["id"].(string)
}

// picture returns a PNG that is unique to the number.
func picture(n int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 90, 60))
	for i := range m.Pix {
		m.Pix[i] = byte(i * (n + 1) >> 3)
	}
	m.Set(n%90, 0, color.White)
	var text bytes.Buffer
	if err := png.Encode(&text, m); err != nil {
		panic(err)
	}
	return text.Bytes()
}

func (h *platform) table() *wiring.Database { return wiring.Open(localOptions(h.services.DynamoDB)) }

func (h *platform) bucket() *bucket.Bucket {
	where := localOptions("")
	return bucket.Open(bucket.Options{Name: h.services.Bucket, Region: where.Region, Endpoint: h.services.S3, Credentials: where.Credentials,
		HTTPClient: wiring.HTTPClient()})
}

// content returns all data of an organization in the table and in the bucket, by key without the organization's name, except
// what expires after a day or is rebuilt on reads.
func (h *platform) content(table, org string) map[string]string {
	h.t.Helper()
	content := map[string]string{}
	o := localOptions(h.services.DynamoDB)
	client := dynamodb.New(dynamodb.Options{Region: o.Region, Credentials: o.Credentials, BaseEndpoint: &o.Endpoint})
	for pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			h.t.Fatal(err)
		}
		for _, item := range page.Items {
			pk, ofIt := strings.CutPrefix(item["pk"].(*types.AttributeValueMemberS).Value, "T#"+org+"#")
			if !ofIt || strings.HasPrefix(pk, "KEY#") || strings.HasSuffix(pk, "#RUN") || strings.HasSuffix(pk, "#OFFSETS") || strings.HasPrefix(pk, "LOG#") {
				continue
			}
			sk := item["sk"].(*types.AttributeValueMemberS).Value
			if strings.HasPrefix(sk, "hist#") {
				continue
			}
			key := pk + " " + sk
			item = maps.Clone(item)
			delete(item, "pk")
			delete(item, "unkept") // the history of a restored contact begins anew
			for name, value := range item {
				if set, ok := value.(*types.AttributeValueMemberSS); ok {
					item[name] = &types.AttributeValueMemberSS{Value: slices.Sorted(slices.Values(set.Value))}
				}
			}
			text, err := json.Marshal(item)
			if err != nil {
				h.t.Fatal(err)
			}
			content[key] = string(text)
		}
	}
	for _, folder := range []string{"images/", "incoming/"} {
		if err := h.bucket().Each(context.Background(), folder+org+"/", func(key string, _ time.Time) error {
			var data bytes.Buffer
			kind, err := h.bucket().Copy(context.Background(), key, &data)
			content[folder+strings.TrimPrefix(key, folder+org+"/")] = kind + data.String()
			return err
		}); err != nil {
			h.t.Fatal(err)
		}
	}
	return content
}

// An engineProxy is a proxy of the engine that intervenes between calls: it kills a process, or changes the table.
type engineProxy struct {
	url   string
	mu    sync.Mutex
	left  int
	kill  func()
	calls int64
	// meanwhile, unless nil, is called before each call is forwarded.
	meanwhile func(call int64)
}

func newWire(t *testing.T, endpoint string) *engineProxy {
	t.Helper()
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	w := &engineProxy{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) } // the process is gone
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		w.mu.Lock()
		if w.calls++; w.meanwhile != nil {
			w.meanwhile(w.calls)
		}
		if w.left--; w.left == 0 {
			w.kill()
		}
		w.mu.Unlock()
		proxy.ServeHTTP(out, in)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// process runs the tool as a process that is killed at its nth call of DynamoDB, and reports whether it completed before.
func (h *platform) process(w *engineProxy, n int, line string, args ...any) (ended bool, stderr string) {
	h.t.Helper()
	c := exec.Command(os.Args[0], append(strings.Fields(fmt.Sprintf(line, args...)), "--table", localTable, "--endpoint", w.url)...)
	if !strings.HasPrefix(line, "user ") {
		c.Args = append(c.Args, "--bucket", h.services.Bucket, "--s3-endpoint", h.services.S3)
	}
	c.Env = append(os.Environ(), asTool+"=1", "NO_PROXY=127.0.0.1")
	var told bytes.Buffer
	c.Stderr = &told
	w.mu.Lock()
	w.left, w.kill = n, func() { _ = c.Process.Kill() }
	err := c.Start()
	w.mu.Unlock()
	if err != nil {
		h.t.Fatal(err)
	}
	err = c.Wait()
	return err == nil, told.String()
}
