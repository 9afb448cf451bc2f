// Package docs serves the documentation of a running platform: the API reference at /docs, the types of problems at
// /docs/errors, and the API's description at /openapi.yaml. All it serves is embedded.
package docs

import (
	_ "embed"
	"net/http"
	"strings"

	"contacts"
)

//go:embed assets/scalar.js.gz
var scalar []byte

//go:embed assets/reference.js
var script []byte

//go:embed assets/reference.css
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
	html := strings.NewReplacer(
		"/docs/scalar.js", asset("scalar.js", gzippedFile(javascript, immutable, scalar)),
		"/docs/reference.js", asset("reference.js", newFile(javascript, immutable, script)),
		"/docs/reference.css", asset("reference.css", newFile("text/css; charset=utf-8", immutable, style)),
		"/docs/favicon.svg", asset("favicon.svg", newFile("image/svg+xml", immutable, favicon)),
	).Replace(page)
	mux.Handle("GET /docs/errors", errorsPage())
	mux.Handle("GET /docs", newFile("text/html; charset=utf-8", revalidate, []byte(html)))
	return secured(mux)
}

// contentSecurityPolicy lets pages load what this package serves, and call the API.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
