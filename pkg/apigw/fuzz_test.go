package apigw_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"contacts/pkg/apigw"
)

// echo answers with what it was asked, through everything that a handler uses of a request.
func echo(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/") || r.URL.RawPath != "" || !strings.HasPrefix(r.RequestURI, "/") {
			t.Errorf("URL %#v, RequestURI %q", r.URL, r.RequestURI)
		}
		_, _ = r.URL.Query(), r.Cookies()
		for name, values := range r.Header {
			w.Header()[name] = values
			if strings.HasPrefix(strings.ToLower(name), "x-golambdaproxy-") {
				t.Errorf("a header of the adapter: %q", name)
			}
		}
		w.Header().Del("Content-Encoding")
		w.Header().Add("Set-Cookie", r.Header.Get("Cookie"))
		body, err := io.ReadAll(r.Body)
		if err != nil { // it was not base64
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if int64(len(body)) != r.ContentLength {
			t.Errorf("%d bytes of body, ContentLength %d: %v", len(body), r.ContentLength, err)
		}
		w.Write(body)
	}
}

func FuzzInvoke(f *testing.F) {
	for _, sample := range []string{"aws", "sam-local"} {
		f.Add(event(f, sample, nil))
		f.Add(event(f, sample, members{"rawPath": "/100%", "body": "/w==", "isBase64Encoded": true}))
	}
	f.Add([]byte("null"))
	f.Add([]byte(`{"version":"2.0","requestContext":{"http":{"method":"GET"}}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := apigw.New(echo(t)).Invoke(t.Context(), payload)
		if err != nil {
			return
		}
		if a := parse(t, out); a.StatusCode != http.StatusOK && a.StatusCode != http.StatusBadRequest {
			t.Errorf("status %d", a.StatusCode)
		}
	})
}

// FuzzInvokeParts is FuzzInvoke with events that are always JSON of the right shape.
func FuzzInvokeParts(f *testing.F) {
	f.Add("GET", "/a/b", "a=1&a=2", "accept", "text/html, */*", "a=b", []byte(""), 200, false)
	f.Add("POST", "/100%", "%zz", "X-GoLambdaProxy-ApiGw-Context", "{}", "", []byte("\xff\x00"), 500, true)
	f.Add("HEAD", "//a?b#c", "q=a b", "content-type", "image/png", "a=,;", []byte(`{"a":"<\u2028>"}`), 1, false)
	f.Fuzz(func(t *testing.T, method, path, query, name, value, cookie string, body []byte, status int, binary bool) {
		logged(t) // an invalid status is a logged panic
		for _, text := range []*string{&method, &path, &query, &name, &value, &cookie} {
			*text = strings.ToValidUTF8(*text, "?")
		}
		sent := strings.ToValidUTF8(string(body), "?")
		if binary {
			sent = base64.StdEncoding.EncodeToString(body)
		}
		payload := event(t, "aws", members{
			"requestContext.http.method": method,
			"rawPath":                    path,
			"rawQueryString":             query,
			"headers":                    map[string]string{name: value},
			"cookies":                    []string{cookie},
			"body":                       sent,
			"isBase64Encoded":            binary,
		})
		h := func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != query || strings.HasPrefix(path, "/") && r.URL.Path != path {
				t.Errorf("path %q, query %q, want %q, %q", r.URL.Path, r.URL.RawQuery, path, query)
			}
			if status != 0 {
				w.WriteHeader(status)
			}
			echo(t)(w, r)
		}
		out, err := apigw.New(http.HandlerFunc(h)).Invoke(t.Context(), payload)
		if err != nil {
			return
		}

		a := parse(t, out)
		if a.StatusCode < 100 || a.StatusCode > 599 {
			t.Errorf("status %d", a.StatusCode)
		}
		valid := status == 0 || status >= 100 && status <= 599
		if !valid && a.StatusCode != http.StatusInternalServerError {
			t.Errorf("status %d for %d", a.StatusCode, status)
		}
		if bodiless := method == "HEAD" || a.StatusCode == 204 || a.StatusCode == 304; bodiless && a.Body != "" {
			t.Errorf("body %q", a.Body)
		} else if got := decoded(t, a); valid && !bodiless && (binary && got != string(body) || !binary && got != sent) {
			t.Errorf("body %q, want %q", got, body)
		}
	})
}
