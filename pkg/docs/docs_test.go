package docs_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"contacts"
	"contacts/pkg/apigw"
	"contacts/pkg/docs"
)

// get sends a GET with headers, given as name and value in turn.
func get(h http.Handler, path string, headers ...string) *http.Response {
	return send(h, http.MethodGet, path, headers...)
}

func send(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
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

func TestTheDescriptionIsServedAsItIsInTheRepository(t *testing.T) {
	t.Parallel()
	h := docs.New()
	plain := get(h, "/openapi.yaml")
	if got := body(t, plain); got != string(contacts.OpenAPI) || plain.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("/openapi.yaml is answered with %d bytes of %q", len(got), plain.Header.Get("Content-Type"))
	}
	packed := get(h, "/openapi.yaml", "Accept-Encoding", "gzip")
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(unpacked); err != nil || string(got) != string(contacts.OpenAPI) {
		t.Errorf("compressed it is something else: %v", err)
	}
	if plain.Header.Get("ETag") == packed.Header.Get("ETag") {
		t.Error("both forms have one ETag")
	}
}

// assets returns the addresses of the files that the reference loads.
func assets(t *testing.T, h http.Handler) []string {
	t.Helper()
	var found []string
	for _, m := range regexp.MustCompile(`(?:src|href)="(/docs/[^"]+)"`).FindAllStringSubmatch(body(t, get(h, "/docs")), -1) {
		found = append(found, m[1])
	}
	if len(found) < 4 {
		t.Fatalf("the reference loads %q", found)
	}
	return found
}

func TestFilesOfTheReferenceAreKeptByBrowsersAndComparedByETag(t *testing.T) {
	t.Parallel()
	h := docs.New()
	for _, path := range append(assets(t, h), "/openapi.yaml") {
		first := get(h, path, "Accept-Encoding", "gzip")
		etag, cache := first.Header.Get("ETag"), first.Header.Get("Cache-Control")
		if first.StatusCode != http.StatusOK || etag == "" || first.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s is answered %d, %v", path, first.StatusCode, first.Header)
		}
		if kept := strings.Contains(cache, "immutable"); kept == (path == "/openapi.yaml") {
			t.Errorf("%s has Cache-Control %q", path, cache)
		}
		if again := get(h, path, "Accept-Encoding", "gzip", "If-None-Match", etag); again.StatusCode != http.StatusNotModified || body(t, again) != "" {
			t.Errorf("%s with its ETag is answered %d", path, again.StatusCode)
		}
		if head := send(h, http.MethodHead, path, "Accept-Encoding", "gzip"); head.StatusCode != http.StatusOK || head.Header.Get("ETag") != etag || body(t, head) != "" {
			t.Errorf("HEAD %s is answered %d, ETag %q", path, head.StatusCode, head.Header.Get("ETag"))
		}
	}
}

func TestEveryAnswerForbidsFramesReferrersAndOtherOrigins(t *testing.T) {
	t.Parallel()
	h := docs.New()
	for _, path := range append(assets(t, h), "/docs", "/openapi.yaml", "/docs/none") {
		header := get(h, path).Header
		policy := header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %q", path, policy, want)
			}
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s has the headers %v", path, header)
		}
	}
}

func TestTheNonceOfStylesIsUsedOnce(t *testing.T) {
	t.Parallel()
	h := docs.New()
	seen := map[string]bool{}
	for range 2 {
		r := get(h, "/docs")
		nonce := regexp.MustCompile(`style-src 'self' 'nonce-([A-Z0-9]{26})'`).FindStringSubmatch(r.Header.Get("Content-Security-Policy"))
		if nonce == nil || seen[nonce[1]] || !strings.Contains(body(t, r), `content="`+nonce[1]+`"`) || r.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("nonce %q, headers %v", nonce, r.Header)
		}
		seen[nonce[1]] = true
	}
}

func TestOtherPathsAndMethodsAreRefused(t *testing.T) {
	t.Parallel()
	h := docs.New()
	for path, want := range map[string]int{"/docs/none": 404, "/docs/scalar.js": 404, "/docs/../template.yaml": 307, "/docs/": 404} {
		if r := get(h, path); r.StatusCode != want {
			t.Errorf("GET %s is answered %d, want %d", path, r.StatusCode, want)
		}
	}
	if r := send(h, http.MethodPost, "/docs"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /docs is answered %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
}

// Lambda takes answers of up to 6 MB, in JSON.
func TestEveryFileFitsIntoAnAnswerOfLambda(t *testing.T) {
	t.Parallel()
	const limit = 6 << 20
	h := docs.New()
	f := apigw.New(h)
	for _, path := range append(assets(t, h), "/docs", "/openapi.yaml") {
		for _, encoding := range []string{"gzip", "identity"} {
			answer, err := f.Invoke(t.Context(), []byte(`{"version":"2.0","rawPath":"`+path+`","headers":{"accept-encoding":"`+encoding+`"},"requestContext":{"http":{"method":"GET","path":"`+path+`"}}}`))
			if err != nil || len(answer) > limit || !strings.HasPrefix(string(answer), `{"statusCode":200`) {
				t.Errorf("%s (%s): %d bytes, %v, %.60s", path, encoding, len(answer), err, answer)
			}
		}
	}
}
