package rest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"contacts/pkg/apigw"
	"contacts/pkg/contact"
)

// things is a group with a list on a path of each dialect, without authentication.
func things() Group {
	type in struct {
		Path    Path
		Payload RequestBody
	}
	var routes []Route
	for _, path := range []string{"/contacts/org/{org-id}/things", "/rest/things"} {
		routes = append(routes,
			Get("list"+path, path, func(context.Context, *struct{ Path Path }) (*Response, error) { return JSON(struct{}{}) }),
			WithRequestBody[contact.Tag](Post("add"+path, path, func(context.Context, *in) (*Response, error) { return JSON(struct{}{}) })))
	}
	return Group{Name: "things", Access: ByCredentials, Routes: routes}
}

func newTestServer() *Server {
	return NewServer(Config{Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: time.Now}, things())
}

func TestEveryMethodThatAResourceLacksIsAnsweredWithThoseThatItHas(t *testing.T) {
	t.Parallel()
	s := newTestServer()
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PROPFIND", "get", "X"} {
		for path, media := range map[string]string{"/contacts/org/demo/things": ProblemType, "/rest/things": jsonType} {
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, httptest.NewRequest(method, path, nil))
			if answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != "GET, HEAD, POST" || answer.Header().Get("Content-Type") != media {
				t.Errorf("%s %s = %d, %v", method, path, answer.Code, answer.Header())
			}
		}
		answer := httptest.NewRecorder()
		if s.ServeHTTP(answer, httptest.NewRequest(method, "/contacts/org/demo/nothing", nil)); answer.Code != http.StatusNotFound {
			t.Errorf("%s of what there is not = %d", method, answer.Code)
		}
	}
}

func TestAnEventWhoseBodyIsNoBase64IsAnsweredInItsDialect(t *testing.T) {
	t.Parallel()
	f := apigw.New(newTestServer())
	for path, want := range map[string]struct{ media, body string }{
		"/contacts/org/demo/things": {ProblemType, `"type":"https://contacts.example.com/docs/errors#malformed"`},
		"/rest/things":              {jsonType, `{"error":{"code":400,"message":"The request can't be read: `},
	} {
		event, err := json.Marshal(map[string]any{"version": "2.0", "rawPath": path, "body": "no base64!", "isBase64Encoded": true,
			"headers":        map[string]string{"content-type": "application/json"},
			"requestContext": map[string]any{"requestId": "r-1", "domainName": "contacts.example.com", "http": map[string]string{"method": "POST", "path": path}}})
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.Invoke(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			StatusCode int
			Headers    map[string]string
			Body       string
		}
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusBadRequest || answer.Headers["Content-Type"] != want.media || !strings.Contains(answer.Body, want.body) {
			t.Errorf("%s = %s", path, out)
		}
	}
}

// asked returns the context of a request to an origin.
func asked(origin string) context.Context {
	return context.WithValue(context.Background(), requestKey{}, &request{origin: origin})
}

func TestAnObjectThatCannotBeShownIsNamedByItsPath(t *testing.T) {
	t.Parallel()
	p := &Path{self: "/contacts/org/demo/individual/8123/emails"}
	view, err := All(asked("https://contacts.example.com"), p, []contact.Record{{ID: 11, Doc: []byte(`{"id":"11"}`)}, {ID: 15}, {ID: 19, Doc: []byte(`{"id":"19"}`)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"items":[{"id":"11"},{"id":"19"}],"problems":[{"type":"https://contacts.example.com/docs/errors#unreadable",` +
		`"title":"A stored object can't be shown","detail":"The stored object is damaged.","on_resource":"/contacts/org/demo/individual/8123/emails/15"}]}`
	if string(view.Body) != want {
		t.Errorf("%s, want %s", view.Body, want)
	}
}

func TestTheEnforeDialectRefusesParametersThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := newTestServer()
	for target, want := range map[string]int{
		"/contacts/org/demo/things": 200, "/contacts/org/demo/things?": 200, "/contacts/org/demo/things?&": 200,
		"/contacts/org/demo/things?limits=1": 400, "/contacts/org/demo/things?=": 400, "/contacts/org/demo/things?%zz": 400, "/contacts/org/demo/things?%ff=1": 400,
		"/rest/things?x=1": 200,
	} {
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, httptest.NewRequest("GET", target, nil))
		if answer.Code != want || !json.Valid(answer.Body.Bytes()) {
			t.Errorf("%s = %d %s, want %d", target, answer.Code, answer.Body, want)
		}
	}
}
