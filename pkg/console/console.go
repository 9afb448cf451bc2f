// Package console serves the console, the web application at /console in which people see and change their contacts. The script and the
// style are built by tools/console from the sources in console/, and are embedded.
package console

import (
	_ "embed"
	"net/http"
	"strings"

	"contacts/pkg/web"
)

//go:embed assets/console.js.gz
var script []byte

//go:embed assets/console.css.gz
var style []byte

//go:embed assets/index.html
var page string

//go:embed assets/favicon.svg
var favicon []byte

// New returns the handler of the console. Its pages may also send requests to picturesOrigin, such as "https://bucket.s3.amazonaws.com",
// where the platform keeps its pictures.
func New(picturesOrigin string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/console", http.StatusFound))

	// A name contains a hash of the content, so browsers may keep the file.
	asset := func(name string, f *web.File) string {
		stem, extension, _ := strings.Cut(name, ".")
		path := "/console/assets/" + stem + "-" + f.Hash() + "." + extension
		mux.Handle("GET "+path, f)
		return path
	}
	html := web.NewFile("text/html; charset=utf-8", web.Revalidate, []byte(strings.NewReplacer(
		"/console/console.js", asset("console.js", web.GzippedFile("text/javascript; charset=utf-8", web.Immutable, script)),
		"/console/console.css", asset("console.css", web.GzippedFile("text/css; charset=utf-8", web.Immutable, style)),
		"/console/favicon.svg", asset("favicon.svg", web.NewFile("image/svg+xml", web.Immutable, favicon)),
	).Replace(page)))
	mux.Handle("GET /console", html)
	mux.Handle("GET /console/{page...}", html) // the script shows the page of the address
	mux.Handle("GET /console/assets/", http.NotFoundHandler())
	return web.Secure(securityPolicy(picturesOrigin), mux)
}

// securityPolicy returns the Content-Security-Policy: scripts and styles are files of this origin, no text becomes markup or script, and
// requests go to this origin and to the pictures.
func securityPolicy(picturesOrigin string) string {
	return strings.TrimSpace("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; manifest-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; " +
		"connect-src 'self' " + picturesOrigin)
}
