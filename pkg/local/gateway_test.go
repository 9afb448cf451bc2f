package local

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"contacts/pkg/samtemplate"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

type handlerFunc func(ctx context.Context, payload []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// echo answers 200 with the event that it got as the body.
func echo(_ context.Context, payload []byte) ([]byte, error) {
	return json.Marshal(map[string]any{
		"statusCode": 200, "body": string(payload), "headers": map[string]string{"Content-Type": "application/json"},
	})
}

// gatewayOf returns a running gateway with one function for these routes.
func gatewayOf(t *testing.T, h handlerFunc, keys ...string) *httptest.Server {
	t.Helper()
	return serveTemplate(t, templateOf(keys...), h)
}

func templateOf(keys ...string) samtemplate.Template {
	f := samtemplate.Function{LogicalID: "EchoFunction", Group: "echo", Timeout: 10 * time.Second, MemoryMB: 128}
	for _, key := range keys {
		method, path, _ := strings.Cut(key, " ")
		if key == samtemplate.DefaultRoute {
			method, path = "", key
		}
		f.Routes = append(f.Routes, samtemplate.Route{Method: method, Path: path})
	}
	return samtemplate.Template{Functions: []samtemplate.Function{f}}
}

func serveTemplate(t *testing.T, template samtemplate.Template, h handlerFunc) *httptest.Server {
	t.Helper()
	gateway, err := NewGateway(template, map[string]Handler{"echo": h}, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(gateway)
	server.Config.DisableGeneralOptionsHandler = true // as Serve has it
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// raw sends a request exactly as written (with \n for line ends) and returns the answer with its body.
func raw(t *testing.T, server *httptest.Server, request string) (*http.Response, string) {
	t.Helper()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	head, body, _ := strings.Cut(request, "\n\n")
	if _, err := io.WriteString(connection, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// eventFor sends a request and returns the event that the function got.
func eventFor(t *testing.T, server *httptest.Server, request string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	response, body := raw(t, server, request)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s\n%s", response.Status, body)
	}
	var event events.APIGatewayV2HTTPRequest
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return event
}

func TestTheEventIsWhatAPIGatewaySends(t *testing.T) {
	server := gatewayOf(t, echo, "PUT /contacts/org/{org-id}/{proxy+}")
	before := time.Now()
	_, body := raw(t, server, `PUT /contacts/org/acme/individual/1?tag=a&tag=b%20c&empty&x=1+2 HTTP/1.1
Host: api.example.com:3000
User-Agent: curl/8.0
X-Many: one
x-many: two
COOKIE: a=1; b=2
Content-Type: application/json; charset=utf-8
Content-Length: 14
X-Forwarded-For: 192.0.2.1
X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793
Connection: close
Keep-Alive: 5

{"name": "é"}`)
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	// What differs from call to call is checked by itself.
	request := got["requestContext"].(map[string]any)
	epoch := time.UnixMilli(int64(request["timeEpoch"].(float64)))
	if epoch.Before(before.Truncate(time.Millisecond)) || epoch.After(time.Now()) {
		t.Errorf("timeEpoch is %v", epoch)
	}
	if written, err := time.Parse("02/Jan/2006:15:04:05 +0000", request["time"].(string)); err != nil || written.Unix() != epoch.Unix() {
		t.Errorf("time is %v for %v", request["time"], epoch)
	}
	if id := request["requestId"].(string); len(id) != 16 || !strings.HasSuffix(id, "=") {
		t.Errorf("requestId is %q", id)
	}
	for _, name := range []string{"time", "timeEpoch", "requestId"} {
		delete(request, name)
	}
	want := map[string]any{
		"version": "2.0", "routeKey": "PUT /contacts/org/{org-id}/{proxy+}",
		"rawPath": "/contacts/org/acme/individual/1", "rawQueryString": "tag=a&tag=b%20c&empty&x=1+2",
		"cookies": []any{"a=1", "b=2"},
		"headers": map[string]any{
			"host": "api.example.com:3000", "user-agent": "curl/8.0", "x-many": "one,two",
			"content-type": "application/json; charset=utf-8", "content-length": "14",
			"x-forwarded-for": "192.0.2.1, 127.0.0.1", "x-forwarded-port": "3000", "x-forwarded-proto": "http",
			"x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
		},
		"queryStringParameters": map[string]any{"tag": "a,b c", "empty": "", "x": "1 2"},
		"pathParameters":        map[string]any{"org-id": "acme", "proxy": "individual/1"},
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": "local", "domainName": "api.example.com", "domainPrefix": "api",
			"routeKey": "PUT /contacts/org/{org-id}/{proxy+}", "stage": "$default",
			"http": map[string]any{
				"method": "PUT", "path": "/contacts/org/acme/individual/1", "protocol": "HTTP/1.1",
				"sourceIp": "127.0.0.1", "userAgent": "curl/8.0",
			},
		},
		"body": `{"name": "é"}`, "isBase64Encoded": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestABareRequestHasOnlyTheFieldsThatAPIGatewayThenSends(t *testing.T) {
	server := gatewayOf(t, echo, "GET /")
	_, body := raw(t, server, "GET / HTTP/1.1\nHost: localhost\n")
	var got map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cookies", "queryStringParameters", "pathParameters", "body", "stageVariables"} {
		if value, ok := got[name]; ok {
			t.Errorf("%s is there: %s", name, value)
		}
	}
	event := eventFor(t, server, "GET / HTTP/1.1\nHost: localhost\n")
	delete(event.Headers, "x-amzn-trace-id")
	want := map[string]string{
		"host": "localhost", "content-length": "0", "x-forwarded-for": "127.0.0.1", "x-forwarded-port": "80", "x-forwarded-proto": "http",
	}
	if diff := cmp.Diff(want, event.Headers); diff != "" {
		t.Error(diff)
	}
}

func TestThePathIsDecodedAndCutAtADecodedQuestionMark(t *testing.T) {
	server := gatewayOf(t, echo, "GET /{proxy+}")
	for _, c := range []struct{ target, path, query, proxy string }{
		{"/a%20b", "/a b", "", "a b"},
		{"/a+b", "/a+b", "", "a+b"},
		{"/a%2Fb", "/a/b", "", "a/b"},
		{"/a%252Fb", "/a%2Fb", "", "a%2Fb"},
		{"/a%25", "/a%", "", "a%"},
		{"/%C3%A4?q=%C3%A4", "/ä", "q=%C3%A4", "ä"},
		{"/a%3Fb?c=d", "/a", "c=d", "a"},
		{"/a%23b", "/a#b", "", "a#b"},
		{"/a//b/", "/a//b/", "", "a//b/"},
		{"/a/../b/./c", "/a/../b/./c", "", "a/../b/./c"},
		{"//a?b?c", "//a", "b?c", "/a"},
	} {
		event := eventFor(t, server, "GET "+c.target+" HTTP/1.1\nHost: localhost\n")
		got := []string{event.RawPath, event.RequestContext.HTTP.Path, event.RawQueryString, event.PathParameters["proxy"]}
		if diff := cmp.Diff([]string{c.path, c.path, c.query, c.proxy}, got); diff != "" {
			t.Errorf("%s: %s", c.target, diff)
		}
	}
}

func TestADecodedSlashSplitsASegment(t *testing.T) {
	server := gatewayOf(t, echo, "GET /a/{id}", "GET /a/{id}/b")
	if event := eventFor(t, server, "GET /a/1%2Fb HTTP/1.1\nHost: localhost\n"); event.RouteKey != "GET /a/{id}/b" {
		t.Errorf("went to %s", event.RouteKey)
	}
}

func TestABodyIsTextOnlyWhenItsTypeIsTextAndItIsUTF8(t *testing.T) {
	server := gatewayOf(t, echo, "POST /")
	for _, c := range []struct {
		contentType, body, want string
		encoded                 bool
	}{
		{"application/json", `{"a":"<&>"}`, `{"a":"<&>"}`, false},
		{"application/merge-patch+json", "{}", "{}", false},
		{"APPLICATION/JSON ; charset=utf-8", "{}", "{}", false},
		{"text/csv", "a,b", "a,b", false},
		{"application/xml", "<a/>", "<a/>", false},
		{"image/svg+xml", "<a/>", "<a/>", false},
		{"application/javascript", "1", "1", false},
		{"text/plain; broken", "a", "a", false},
		{"text/plain", "", "", false},
		{"text/plain", "\xff\xfe", "//4=", true},
		{"application/json", "\x1f\x8b", "H4s=", true},
		{"application/x-www-form-urlencoded", "a=b", "YT1i", true},
		{"multipart/form-data; boundary=x", "--x", "LS14", true},
		{"image/png", "\x89PNG", "iVBORw==", true},
		{"", "abc", "YWJj", true},
		{"application/jsonx", "abc", "YWJj", true},
	} {
		request := "POST / HTTP/1.1\nHost: localhost\nContent-Length: " + strconv.Itoa(len(c.body)) + "\n"
		if c.contentType != "" {
			request += "Content-Type: " + c.contentType + "\n"
		}
		event := eventFor(t, server, request+"\n"+c.body)
		if event.Body != c.want || event.IsBase64Encoded != c.encoded {
			t.Errorf("%s %q: got %q %v", c.contentType, c.body, event.Body, event.IsBase64Encoded)
		}
	}
}

func TestAChunkedBodyArrivesWithItsLength(t *testing.T) {
	server := gatewayOf(t, echo, "POST /")
	event := eventFor(t, server, "POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\nContent-Type: text/plain\n\n"+
		"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
	if event.Body != "abcde" || event.Headers["content-length"] != "5" || event.Headers["transfer-encoding"] != "" {
		t.Errorf("got %+v", event)
	}
}

func TestEveryRequestHasItsOwnRequestIDWhichTheAnswerShows(t *testing.T) {
	server := gatewayOf(t, echo, "GET /")
	seen := map[string]bool{}
	for range 50 {
		response, body := raw(t, server, "GET / HTTP/1.1\nHost: localhost\n")
		var event events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			t.Fatal(err)
		}
		id := event.RequestContext.RequestID
		if seen[id] || id == "" || response.Header.Get("Apigw-Requestid") != id {
			t.Fatalf("%q, seen: %v, the answer says %q", id, seen[id], response.Header.Get("Apigw-Requestid"))
		}
		seen[id] = true
	}
}

func TestARouteThatTheTemplateLacksIsNotFound(t *testing.T) {
	server := gatewayOf(t, echo, "GET /a")
	for _, request := range []string{"GET /b", "POST /a", "GET /a/", "OPTIONS *"} {
		response, body := raw(t, server, request+" HTTP/1.1\nHost: localhost\n")
		if response.StatusCode != 404 || body != `{"message":"Not Found"}` ||
			response.Header.Get("Content-Type") != "application/json" || response.Header.Get("Apigw-Requestid") == "" {
			t.Errorf("%s: %s %v %s", request, response.Status, response.Header, body)
		}
	}
}

func TestTheDefaultRouteTakesTheRest(t *testing.T) {
	server := gatewayOf(t, echo, "$default")
	for _, request := range []string{"GET /", "DELETE /a/b", "OPTIONS *", "BREW /coffee"} {
		if event := eventFor(t, server, request+" HTTP/1.1\nHost: localhost\n"); event.RouteKey != "$default" || event.PathParameters != nil {
			t.Errorf("%s: %+v", request, event)
		}
	}
}

func TestAFunctionWithoutAHandlerIsAnError(t *testing.T) {
	_, err := NewGateway(templateOf("GET /"), map[string]Handler{}, nil)
	if err == nil || err.Error() != `the template has the function EchoFunction, but this program has no group "echo"` {
		t.Errorf("got %v", err)
	}
}

// FuzzGateway sends any path, query, header and body through the whole way to an echo and back.
func FuzzGateway(f *testing.F) {
	f.Add("/contacts/org/acme/individual/1", "limit=5&offset=%zz&&=", "a=b; c", "text/plain", []byte("x"))
	f.Add("/%3F%2F%00%ff", "%", "", "application/json", []byte{0xff})
	f.Add("*", "?", ";", "+json", []byte(nil))
	gateway, err := NewGateway(templateOf("GET /a/{b}/{c+}", "ANY /a/{b}", "$default"), map[string]Handler{"echo": handlerFunc(echo)}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, query, cookie, contentType string, body []byte) {
		var head bytes.Buffer
		fmt.Fprintf(&head, "POST %s?%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n", path, query, len(body))
		fmt.Fprintf(&head, "Cookie: %s\r\nContent-Type: %s\r\n\r\n", cookie, contentType)
		head.Write(body)
		request, err := http.ReadRequest(bufio.NewReader(&head))
		if err != nil {
			return // net/http answers 400 by itself
		}
		recorder := httptest.NewRecorder()
		gateway.ServeHTTP(recorder, request)
		if recorder.Code >= 500 || !json.Valid(recorder.Body.Bytes()) {
			t.Fatalf("%d %s", recorder.Code, recorder.Body)
		}
	})
}
