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
	"contacts/pkg/web"
)

//go:embed assets/scalar.js.gz
var scalar []byte

// The scripts and the style of the pages are built by tools/console from the sources in console/.
//
//go:embed assets/reference.js.gz
var script []byte

//go:embed assets/errors.js.gz
var errorsScript []byte

//go:embed assets/docs.css.gz
var style []byte

//go:embed assets/favicon.svg
var favicon []byte

//go:embed assets/reference.html
var page string

// New returns the handler of the documentation.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /openapi.yaml", web.NewFile("application/yaml", web.Revalidate, contacts.OpenAPI))

	// A name contains a hash of the content, so browsers may keep the file.
	asset := func(name string, f *web.File) string {
		stem, extension, _ := strings.Cut(name, ".")
		path := "/docs/" + stem + "-" + f.Hash() + "." + extension
		mux.Handle("GET "+path, f)
		return path
	}
	const javascript = "text/javascript; charset=utf-8"
	addresses := strings.NewReplacer(
		"/docs/scalar.js", asset("scalar.js", web.GzippedFile(javascript, web.Immutable, scalar)),
		"/docs/reference.js", asset("reference.js", web.GzippedFile(javascript, web.Immutable, script)),
		"/docs/errors.js", asset("errors.js", web.GzippedFile(javascript, web.Immutable, errorsScript)),
		"/docs/docs.css", asset("docs.css", web.GzippedFile("text/css; charset=utf-8", web.Immutable, style)),
		"/docs/favicon.svg", asset("favicon.svg", web.NewFile("image/svg+xml", web.Immutable, favicon)),
	)
	html := addresses.Replace(page)
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) { serveReference(w, html) })
	mux.Handle("GET /docs/errors", errorsPage(addresses.Replace(errorsTemplate)))
	return web.Secure(securityPolicy, mux)
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
