package docs

import (
	"bytes"
	_ "embed"
	"net/http"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"contacts"
	"contacts/pkg/web"
)

//go:embed assets/errors.html
var errorsTemplate string

// errorsPage returns the page of docs/errors.md, which is rendered into its template at the first request. The type of a problem is the address of this
// page with the anchor of a heading.
func errorsPage(template string) http.Handler {
	page := sync.OnceValue(func() *web.File {
		var html bytes.Buffer
		markdown := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
		if err := markdown.Convert(contacts.Errors, &html); err != nil {
			panic(err) // can't fail: in memory
		}
		return web.NewFile("text/html; charset=utf-8", web.Revalidate, []byte(strings.Replace(template, "<!-- errors -->", html.String(), 1)))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page().ServeHTTP(w, r) })
}
