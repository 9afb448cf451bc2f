package console_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"contacts/pkg/apigw"
	"contacts/pkg/console"
)

const pictures = "https://pictures.example.com"

func get(path string, headers ...string) *http.Response {
	return send(http.MethodGet, path, headers...)
}

// send sends a request with headers, given as name and value in turn.
func send(method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	console.New(pictures).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// files returns the addresses of the files that the page loads.
func files(t *testing.T) (found []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?:src|href)="(/console/[^"]+)"`).FindAllStringSubmatch(body(t, get("/console")), -1) {
		found = append(found, m[1])
	}
	if len(found) != 3 {
		t.Fatalf("the page loads %q", found)
	}
	return found
}

func TestTheRootLeadsToTheConsole(t *testing.T) {
	t.Parallel()
	if r := get("/"); r.StatusCode != http.StatusFound || r.Header.Get("Location") != "/console" {
		t.Errorf("/ is answered %d, Location %q", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestEveryAddressBelowTheConsoleIsItsPage(t *testing.T) {
	t.Parallel()
	page := body(t, get("/console"))
	for _, path := range []string{"/console/", "/console/individuals/8123", "/console/no-such-page"} {
		if r := get(path); r.StatusCode != http.StatusOK || body(t, r) != page {
			t.Errorf("%s is answered %d", path, r.StatusCode)
		}
	}
	if r := get("/console/assets/none.js"); r.StatusCode != http.StatusNotFound {
		t.Errorf("a missing file is answered %d", r.StatusCode)
	}
	if r := send(http.MethodPost, "/console"); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered %d", r.StatusCode)
	}
}

func TestFilesAreKeptByBrowsersAndThePageIsComparedByETag(t *testing.T) {
	t.Parallel()
	for _, path := range append(files(t), "/console") {
		first := get(path, "Accept-Encoding", "gzip")
		etag := first.Header.Get("ETag")
		if first.StatusCode != http.StatusOK || etag == "" || first.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is answered %d, %v", path, first.StatusCode, first.Header)
		}
		if kept := strings.Contains(first.Header.Get("Cache-Control"), "immutable"); kept == (path == "/console") {
			t.Errorf("%s has Cache-Control %q", path, first.Header.Get("Cache-Control"))
		}
		if again := get(path, "Accept-Encoding", "gzip", "If-None-Match", etag); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s with its ETag is answered %d", path, again.StatusCode)
		}
	}
}

func TestThePolicyAllowsFilesOfThisOriginAndPicturesOnly(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' blob:", "connect-src": "'self' " + pictures, "manifest-src": "'self'",
		"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "'none'",
	}
	for _, path := range append(files(t), "/", "/console", "/console/assets/none.js") {
		header := get(path).Header
		for directive := range strings.SplitSeq(header.Get("Content-Security-Policy"), "; ") {
			if name, sources, _ := strings.Cut(directive, " "); want[name] != sources {
				t.Errorf("%s: %q", path, directive)
			}
		}
		if n := strings.Count(header.Get("Content-Security-Policy"), ";"); n != len(want)-1 {
			t.Errorf("%s: the policy has %d directives", path, n+1)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s has the headers %v", path, header)
		}
	}
}

func TestLambdaServesTheConsole(t *testing.T) {
	t.Parallel()
	f := apigw.New(console.New(pictures))
	for _, path := range append(files(t), "/console") {
		answer, err := f.Invoke(t.Context(), []byte(`{"version":"2.0","rawPath":"`+path+`","headers":{"accept-encoding":"gzip"},"requestContext":{"http":{"method":"GET","path":"`+path+`"}}}`))
		if err != nil || !strings.HasPrefix(string(answer), `{"statusCode":200`) {
			t.Errorf("%s: %v, %.60s", path, err, answer)
		}
	}
}
