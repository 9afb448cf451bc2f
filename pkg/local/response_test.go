package local

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"contacts/pkg/samtemplate"

	"github.com/google/go-cmp/cmp"
)

// answering returns a function that always answers this.
func answering(output string) handlerFunc {
	return func(context.Context, []byte) ([]byte, error) { return []byte(output), nil }
}

func TestAnAnswerArrivesAsTheFunctionGaveIt(t *testing.T) {
	for name, c := range map[string]struct {
		output, request string
		status          int
		header          map[string][]string
		body            string
	}{
		"all fields": {
			output: `{"statusCode":201,"headers":{"location":"/a","ETag":"\"1\"","X-N":5},"cookies":["a=1; HttpOnly","b=2"],"body":"{}"}`,
			status: 201,
			header: map[string][]string{"Location": {"/a"}, "Etag": {`"1"`}, "X-N": {"5"}, "Set-Cookie": {"a=1; HttpOnly", "b=2"}, "Content-Length": {"2"}},
			body:   "{}",
		},
		"base64":           {output: `{"statusCode":200,"body":"H4sA","isBase64Encoded":true,"headers":{"content-encoding":"x"}}`, status: 200, body: "\x1f\x8b\x00"},
		"status as text":   {output: `{"statusCode":"404"}`, status: 404, header: map[string][]string{"Content-Length": {"0"}}},
		"no content":       {output: `{"statusCode":204,"body":"x","headers":{"Content-Length":"1"}}`, status: 204, header: map[string][]string{"Content-Length": nil, "Content-Type": nil}},
		"not modified":     {output: `{"statusCode":304,"headers":{"ETag":"\"1\""}}`, status: 304, header: map[string][]string{"Etag": {`"1"`}}},
		"untyped body":     {output: `{"statusCode":200,"body":"<b>"}`, status: 200, header: map[string][]string{"Content-Type": {"text/plain;charset=UTF-8"}}, body: "<b>"},
		"connection's own": {output: `{"statusCode":200,"headers":{"Connection":"close","Transfer-Encoding":"chunked","Content-Length":"77"},"body":"abc"}`, status: 200, header: map[string][]string{"Content-Length": {"3"}, "Transfer-Encoding": nil, "Connection": nil}, body: "abc"},
		"short: object":    {output: ` {"message": "hello"} `, status: 200, header: map[string][]string{"Content-Type": {"application/json"}}, body: `{"message": "hello"}`},
		"short: text":      {output: `"hello \u00e4"`, status: 200, header: map[string][]string{"Content-Type": {"application/json"}}, body: "hello ä"},
		"short: null":      {output: `null`, status: 200, body: "null"},
		"short: list":      {output: `[1]`, status: 200, body: "[1]"},
		"HEAD":             {output: `{"statusCode":200,"body":"abc","headers":{"Content-Type":"text/plain"}}`, request: "HEAD", status: 200, header: map[string][]string{"Content-Length": {"3"}, "Content-Type": {"text/plain"}}},
		"HEAD with length": {output: `{"statusCode":200,"headers":{"Content-Length":"77"}}`, request: "HEAD", status: 200, header: map[string][]string{"Content-Length": {"77"}}},
	} {
		t.Run(name, func(t *testing.T) {
			server := gatewayOf(t, answering(c.output), "ANY /")
			method := c.request
			if method == "" {
				method = "GET"
			}
			response, body := raw(t, server, method+" / HTTP/1.1\nHost: localhost\n")
			if response.StatusCode != c.status || body != c.body {
				t.Errorf("got %s %q", response.Status, body)
			}
			for name, want := range c.header {
				if diff := cmp.Diff(want, response.Header[name]); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

func corsServer(t *testing.T, c samtemplate.CORS) func(request string) (*http.Response, string) {
	t.Helper()
	template := templateOf("GET /a", "OPTIONS /own")
	template.CORS = &c
	server := serveTemplate(t, template, answering(`{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"https://evil","X":"1"},"body":"own"}`))
	return func(request string) (*http.Response, string) {
		t.Helper()
		return raw(t, server, strings.Replace(request, "\n", " HTTP/1.1\nHost: localhost\n", 1))
	}
}

// accessControl returns the Access-Control headers alone, by the ends of their names.
func accessControl(h http.Header) map[string]string {
	got := map[string]string{}
	for name := range h {
		if end, ok := strings.CutPrefix(name, "Access-Control-"); ok {
			got[end] = h.Get(name)
		}
	}
	return got
}

func TestAPreflightIsAnsweredByTheGatewayItself(t *testing.T) {
	send := corsServer(t, samtemplate.CORS{
		AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"authorization", "if-match"},
		ExposeHeaders: []string{"etag"}, AllowCredentials: true, MaxAge: 600,
	})
	for _, path := range []string{"/a", "/own", "/nowhere"} {
		response, body := send("OPTIONS " + path + "\nOrigin: https://example.com\nAccess-Control-Request-Method: PUT\n")
		want := map[string]string{
			"Allow-Origin": "https://example.com", "Allow-Methods": "GET,PUT", "Allow-Headers": "authorization,if-match",
			"Expose-Headers": "etag", "Allow-Credentials": "true", "Max-Age": "600",
		}
		if diff := cmp.Diff(want, accessControl(response.Header)); diff != "" || response.StatusCode != 204 || body != "" {
			t.Errorf("%s: %s %q %s", path, response.Status, body, diff)
		}
	}
	response, _ := send("OPTIONS /a\nOrigin: https://other.com\nAccess-Control-Request-Method: PUT\n")
	if got := accessControl(response.Header); response.StatusCode != 204 || len(got) != 0 {
		t.Errorf("a foreign origin got %s %v", response.Status, got)
	}
	if response, body := send("OPTIONS /own\n"); response.StatusCode != 200 || body != "own" {
		t.Errorf("OPTIONS that is no preflight got %s %q", response.Status, body)
	}
}

func TestAnswersToAnAllowedOriginSaySoAndTheFunctionsOwnCORSHeadersAreIgnored(t *testing.T) {
	send := corsServer(t, samtemplate.CORS{AllowOrigins: []string{"https://example.com", "http://*"}, ExposeHeaders: []string{"etag", "link"}})
	for origin, want := range map[string]map[string]string{
		"https://example.com":    {"Allow-Origin": "https://example.com", "Expose-Headers": "etag,link"},
		"http://localhost:8080":  {"Allow-Origin": "http://localhost:8080", "Expose-Headers": "etag,link"},
		"https://example.com.me": {},
		"":                       {},
	} {
		response, _ := send("GET /a\nOrigin: " + origin + "\n")
		if diff := cmp.Diff(want, accessControl(response.Header)); diff != "" || response.Header.Get("X") != "1" {
			t.Errorf("%q: %s", origin, diff)
		}
	}
	if response, _ := send("GET /nowhere\nOrigin: https://example.com\n"); response.StatusCode != 404 || response.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a browser can't read %s", response.Status)
	}
}

func TestAnyOriginIsAStarUnlessCredentialsAreAllowed(t *testing.T) {
	any := corsRules{AllowOrigins: []string{"*"}}
	if got := any.allowed("https://a"); got != "*" {
		t.Error(got)
	}
	any.AllowCredentials = true
	if got := any.allowed("https://a"); got != "https://a" {
		t.Error(got)
	}
}

func TestWithoutCORSInTheTemplateTheFunctionAnswersForItself(t *testing.T) {
	server := gatewayOf(t, answering(`{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"}}`), "OPTIONS /a")
	response, _ := raw(t, server, "OPTIONS /a HTTP/1.1\nHost: localhost\nOrigin: https://a\nAccess-Control-Request-Method: GET\n")
	if response.StatusCode != 200 || response.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error(response.Status, response.Header)
	}
}
