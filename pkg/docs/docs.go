// Package docs serves the documentation of a running platform: the API reference at /docs, the types of problems at
// /docs/errors, and the API's description at /openapi.yaml. All it serves is embedded.
package docs

import (
	"crypto/rand"
	_ "embed"
	"io"
	"net/http"
	"strings"

	"contacts"
)

//go:embed assets/scalar.js.gz
var scalar []byte

//go:embed assets/reference.js
var script []byte

//go:embed assets/docs.css
var style []byte

//go:embed assets/favicon.svg
var favicon []byte

//go:embed assets/reference.html
var page string

// New returns the handler of the documentation.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/docs", http.StatusFound))
	mux.Handle("GET /openapi.yaml", newFile("application/yaml", revalidate, contacts.OpenAPI))

	// A name contains a hash of the content, so browsers may keep the file.
	asset := func(name string, f *file) string {
		stem, extension, _ := strings.Cut(name, ".")
		path := "/docs/" + stem + "-" + f.hash[:16] + "." + extension
		mux.Handle("GET "+path, f)
		return path
	}
	const javascript = "text/javascript; charset=utf-8"
	addresses := strings.NewReplacer(
		"/docs/scalar.js", asset("scalar.js", gzippedFile(javascript, immutable, scalar)),
		"/docs/reference.js", asset("reference.js", newFile(javascript, immutable, script)),
		"/docs/docs.css", asset("docs.css", newFile("text/css; charset=utf-8", immutable, style)),
		"/docs/favicon.svg", asset("favicon.svg", newFile("image/svg+xml", immutable, favicon)),
	)
	html := addresses.Replace(page)
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) { serveReference(w, html) })
	mux.Handle("GET /docs/errors", errorsPage(addresses.Replace(errorsTemplate)))
	return secured(mux)
}

// serveReference answers the page of the reference, with a nonce for the styles that Scalar makes by script. Scalar sets style
// attributes too, for which no nonce exists.
func serveReference(w http.ResponseWriter, html string) {
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Security-Policy", securityPolicy+" 'nonce-"+nonce+"'; style-src-attr 'unsafe-inline'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")                                 // a nonce is used once
	_, _ = io.WriteString(w, strings.Replace(html, "NONCE", nonce, 1)) // the client may have disconnected
}

// securityPolicy lets a page load and call its own origin alone. What follows it are further sources of styles.
const securityPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'; style-src 'self'"

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", securityPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
