package apigw_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/apigw"
)

var _ lambda.Handler = (*apigw.Function)(nil)

// members are changes to an event, each named by its path ("headers.accept"); nil removes the member.
type members map[string]any

// event returns the event of testdata/<name>.json with changes.
func event(t testing.TB, name string, changes members) []byte {
	t.Helper()
	sample, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(sample, &whole); err != nil {
		t.Fatal(err)
	}
	for path, value := range changes {
		at, names := whole, strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			at = at[name].(map[string]any)
		}
		at[names[len(names)-1]] = value
		if value == nil {
			delete(at, names[len(names)-1])
		}
	}
	payload, err := json.Marshal(whole, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// answer is all that a function may return in payload format 2.0.
type answer struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Cookies         []string          `json:"cookies"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

func invoke(t testing.TB, h http.HandlerFunc, payload []byte) answer {
	t.Helper()
	out, err := apigw.New(h).Invoke(t.Context(), payload)
	if err != nil {
		t.Fatalf("Invoke: %v", err)
	}
	return parse(t, out)
}

func parse(t testing.TB, out []byte) answer {
	t.Helper()
	var a answer
	if err := json.Unmarshal(out, &a, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("no answer of payload format 2.0: %v\n%s", err, out)
	}
	return a
}

// arriving returns the request that reaches the handler, and its body.
func arriving(t testing.TB, payload []byte) (*http.Request, string) {
	t.Helper()
	var request *http.Request
	var body []byte
	invoke(t, func(w http.ResponseWriter, r *http.Request) {
		request = r
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			t.Errorf("body: %v", err)
		}
	}, payload)
	if request == nil {
		t.Fatal("no request reached the handler")
	}
	return request, string(body)
}

// logged collects what is logged until the test ends.
func logged(t *testing.T) *bytes.Buffer {
	var out bytes.Buffer
	logger, writer, flags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(writer)
		log.SetFlags(flags)
	})
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	return &out
}

func TestContextOfTheInvocationReachesTheHandler(t *testing.T) {
	type key struct{}
	deadline := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), key{}, "value"), deadline)
	defer cancel()

	var got context.Context
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.Context() })
	if _, err := apigw.New(h).Invoke(ctx, event(t, "aws", nil)); err != nil {
		t.Fatal(err)
	}

	if d, ok := got.Deadline(); !ok || !d.Equal(deadline) {
		t.Errorf("deadline %v, want %v", d, deadline)
	}
	if got.Value(key{}) != "value" {
		t.Error("a value of the context is missing")
	}
	cancel()
	if !errors.Is(got.Err(), context.Canceled) {
		t.Error("the request outlives its invocation")
	}
}

func TestPanicIsAnsweredAsOpaque500AndLoggedOnce(t *testing.T) {
	for name, panicValue := range map[string]any{
		"error":       errors.New("secret"),
		"string":      "secret",
		"abort":       http.ErrAbortHandler,
		"nil pointer": nil,
	} {
		t.Run(name, func(t *testing.T) {
			log := logged(t)
			got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Half", "done")
				w.WriteHeader(http.StatusCreated)
				io.WriteString(w, "half an answer")
				if panicValue == nil {
					_ = *(*int)(nil)
				}
				panic(panicValue)
			}, event(t, "aws", nil))

			wantProblem(t, got, http.StatusInternalServerError)
			if _, half := got.Headers["X-Half"]; half {
				t.Error("a header of the broken answer went out")
			}
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			if len(lines) != 1 {
				t.Fatalf("%d log lines, want 1:\n%s", len(lines), log)
			}
			for _, want := range []string{"apigw_test.go", `"request_id":"bzN5hhJUliAEPvQ="`, `"level":"ERROR"`} {
				if !strings.Contains(lines[0], want) {
					t.Errorf("the log line lacks %s:\n%s", want, lines[0])
				}
			}
		})
	}
}

func TestStatusThatTheGatewayRefusesIsAnOpaque500(t *testing.T) {
	for _, status := range []int{-1, 0, 99, 600, 1000} {
		logged(t)
		got := invoke(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }, event(t, "aws", nil))
		wantProblem(t, got, http.StatusInternalServerError)
	}
}

func TestPayloadThatIsNoEventIsAnError(t *testing.T) {
	whole := string(event(t, "aws", nil))
	for name, payload := range map[string]string{
		"nothing":         "",
		"null":            "null",
		"a list":          "[]",
		"a number":        "1",
		"an empty object": "{}",
		"no JSON":         "GET / HTTP/1.1",
		"cut off":         whole[:len(whole)/2],
		"trailing data":   whole + "{}",
		"no method":       string(event(t, "aws", members{"requestContext.http.method": nil})),
		"no context":      string(event(t, "aws", members{"requestContext": nil})),
		"a bad method":    string(event(t, "aws", members{"requestContext.http.method": "GET /x"})),
		"wrong types":     string(event(t, "aws", members{"headers": "none"})),
		"payload 1.0": `{"version":"1.0","resource":"/a","path":"/a","httpMethod":"GET","headers":{},
			"multiValueHeaders":{},"requestContext":{"httpMethod":"GET","path":"/a"},"body":null,"isBase64Encoded":false}`,
		"payload 1.0 with a method": string(event(t, "aws", members{"version": "1.0"})),
		"S3": `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put",
			"s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
			out, err := apigw.New(h).Invoke(t.Context(), []byte(payload))
			if err == nil {
				t.Errorf("answered %s, want an error", out)
			}
		})
	}
}

func TestABodyThatIsNotBase64CannotBeRead(t *testing.T) {
	got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			t.Errorf("the handler read %q", body)
		}
		w.WriteHeader(http.StatusBadRequest)
	}, event(t, "aws", members{"body": "not base64!", "isBase64Encoded": true}))
	if got.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", got.StatusCode)
	}
}

func wantProblem(t *testing.T, got answer, status int) {
	t.Helper()
	var problem struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
	}
	if err := json.Unmarshal([]byte(got.Body), &problem, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("body %q: %v", got.Body, err)
	}
	if problem.Type != "about:blank" || problem.Title != http.StatusText(status) || problem.Status != status {
		t.Errorf("problem %+v", problem)
	}
	if got.StatusCode != status || got.Headers["Content-Type"] != "application/problem+json" || got.IsBase64Encoded {
		t.Errorf("status %d, headers %v", got.StatusCode, got.Headers)
	}
}
