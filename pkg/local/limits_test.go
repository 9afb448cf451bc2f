package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// post sends a body of n times c and returns the status and the answer's body.
func post(t *testing.T, url, contentType string, n int, c byte) (int, string) {
	t.Helper()
	response, err := http.Post(url, contentType, bytes.NewReader(bytes.Repeat([]byte{c}, n)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// size answers with the length of the event.
func size(_ context.Context, payload []byte) ([]byte, error) {
	return fmt.Appendf(nil, `{"size":%d}`, len(payload)), nil
}

func TestABodyOver10MBOrAnEventOver6MBIsTooLarge(t *testing.T) {
	server := gatewayOf(t, size, "POST /")
	var around int // what an event has around its body
	_, answer := post(t, server.URL, "text/plain", 1_000_000, 'x')
	if _, err := fmt.Sscanf(answer, `{"size":%d}`, &around); err != nil {
		t.Fatal(err)
	}
	around -= 1_000_000
	for _, c := range []struct {
		name, contentType string
		n                 int
		c                 byte
		want              int
	}{
		{"text up to the event's limit", "text/plain", 6_291_556 - around - 8, 'x', 200}, // 8: digits of the length may vary
		{"text over the event's limit", "text/plain", 6_291_556 - around + 8, 'x', 413},
		{"text whose escapes pass the limit", "text/plain", 4_000_000, '"', 413},
		{"binary that fits in base64", "image/png", 4_700_000, 'x', 200},
		{"binary that does not fit in base64", "image/png", 4_800_000, 'x', 413},
		{"over 10 MB", "text/plain", 10<<20 + 1, 'x', 413},
		{"far over 10 MB", "text/plain", 30 << 20, 'x', 413},
	} {
		status, answer := post(t, server.URL, c.contentType, c.n, c.c)
		if status != c.want || status == 413 && answer != `{"message":"Request Entity Too Large"}` {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
}

func TestAClientThatAsksFirstIsToldAtOnceThatItSendsTooMuch(t *testing.T) {
	server := gatewayOf(t, size, "POST /")
	response, _ := raw(t, server, "POST / HTTP/1.1\nHost: localhost\nContent-Length: 99999999\nExpect: 100-continue\n")
	if response.StatusCode != 413 {
		t.Error(response.Status)
	}
}

func TestABrokenBodyIsABadRequest(t *testing.T) {
	server := gatewayOf(t, size, "POST /")
	response, body := raw(t, server, "POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\nzz\r\n")
	if response.StatusCode != 400 || body != `{"message":"Bad Request"}` {
		t.Error(response.Status, body)
	}
}

func TestHeadersOver10240BytesAreRefused(t *testing.T) {
	server := gatewayOf(t, size, "GET /")
	const line = "GET / HTTP/1.1\nHost: localhost\nX-Long: \n" // with \r\n for each \n, 3 bytes more
	for n, want := range map[int]int{10_240 - len(line) - 3: 200, 10_240 - len(line) - 2: 431} {
		response, body := raw(t, server, "GET / HTTP/1.1\nHost: localhost\nX-Long: "+strings.Repeat("x", n)+"\n")
		if response.StatusCode != want {
			t.Errorf("%d: %s %s", n, response.Status, body)
		}
	}
}

func TestAFunctionThatFailsIsAnInternalServerErrorWithoutItsReason(t *testing.T) {
	for name, h := range map[string]handlerFunc{
		"error":         func(context.Context, []byte) ([]byte, error) { return nil, errors.New("secret reason") },
		"panic":         func(context.Context, []byte) ([]byte, error) { panic("secret reason") },
		"no answer":     func(context.Context, []byte) ([]byte, error) { return nil, nil },
		"no JSON":       func(context.Context, []byte) ([]byte, error) { return []byte("secret"), nil },
		"answer > 6 MB": func(context.Context, []byte) ([]byte, error) { return bytes.Repeat([]byte("1"), 6_291_557), nil },
		"strange status": func(context.Context, []byte) ([]byte, error) {
			return []byte(`{"statusCode":1000}`), nil
		},
		"broken base64": func(context.Context, []byte) ([]byte, error) {
			return []byte(`{"statusCode":200,"body":"*","isBase64Encoded":true}`), nil
		},
		"body is no text": func(context.Context, []byte) ([]byte, error) {
			return []byte(`{"statusCode":200,"body":{"a":1}}`), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			gateway, err := NewGateway(templateOf("GET /"), map[string]Handler{"echo": h}, slog.New(slog.NewJSONHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			recorder := httptest.NewRecorder()
			gateway.ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
			if recorder.Code != 500 || recorder.Body.String() != `{"message":"Internal Server Error"}` {
				t.Errorf("%d %s", recorder.Code, recorder.Body)
			}
			if !strings.Contains(log.String(), recorder.Header().Get("Apigw-Requestid")) {
				t.Errorf("the log does not tell of it: %s", &log)
			}
		})
	}
}

func TestAnAnswerOfExactlyTheLimitPasses(t *testing.T) {
	server := gatewayOf(t, func(context.Context, []byte) ([]byte, error) {
		return append(append([]byte{'"'}, bytes.Repeat([]byte("x"), 6_291_554)...), '"'), nil
	}, "POST /")
	if status, body := post(t, server.URL, "text/plain", 1, 'x'); status != 200 || len(body) != 6_291_554 {
		t.Error(status, len(body))
	}
}

func TestATimeOutIs500AtTheFunctionsLimitAnd503AtTheGateways(t *testing.T) {
	heedless := func(context.Context, []byte) ([]byte, error) {
		time.Sleep(time.Hour)
		return nil, nil
	}
	obedient := func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for _, c := range []struct {
		timeout time.Duration
		h       handlerFunc
		status  int
		after   time.Duration
	}{
		{3 * time.Second, heedless, 500, 3 * time.Second},
		{3 * time.Second, obedient, 500, 3 * time.Second},
		{29 * time.Second, heedless, 500, 29 * time.Second},
		{30 * time.Second, heedless, 503, 30 * time.Second},
		{time.Minute, obedient, 503, 30 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			template := templateOf("GET /")
			template.Functions[0].Timeout = c.timeout
			gateway, err := NewGateway(template, map[string]Handler{"echo": c.h}, nil)
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			recorder := httptest.NewRecorder()
			gateway.ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
			if recorder.Code != c.status || time.Since(begun) != c.after {
				t.Errorf("Timeout %s: %d %s after %s", c.timeout, recorder.Code, recorder.Body, time.Since(begun))
			}
			want := map[int]string{500: `{"message":"Internal Server Error"}`, 503: `{"message":"Service Unavailable"}`}[c.status]
			if recorder.Body.String() != want {
				t.Errorf("Timeout %s: %s", c.timeout, recorder.Body)
			}
			time.Sleep(2 * time.Hour) // lets the function end (in the bubble's time)
		})
	}
}

func TestAFunctionHasTheDeadlineOfItsTimeoutAndAnAWSRequestID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var left time.Duration
		ids := map[string]bool{}
		gateway, err := NewGateway(templateOf("GET /"), map[string]Handler{"echo": handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
			deadline, _ := ctx.Deadline()
			left = deadline.Sub(begun)
			lambda, ok := lambdacontext.FromContext(ctx)
			if !ok || lambda.InvokedFunctionArn != "arn:aws:lambda:us-east-1:123456789012:function:EchoFunction" {
				t.Errorf("lambdacontext is %+v", lambda)
			}
			ids[lambda.AwsRequestID] = true
			return []byte("{}"), nil
		})}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			gateway.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		}
		if left != 10*time.Second || len(ids) != 2 {
			t.Errorf("%s left, ids %v", left, ids)
		}
	})
}

func TestAFunctionGoesOnWhenTheClientLeaves(t *testing.T) {
	client, leave := context.WithCancel(t.Context())
	gateway, err := NewGateway(templateOf("GET /"), map[string]Handler{"echo": handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		leave()
		return []byte("{}"), ctx.Err()
	})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	gateway.ServeHTTP(recorder, httptest.NewRequestWithContext(client, "GET", "/", nil))
	if recorder.Code != 200 {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
}
