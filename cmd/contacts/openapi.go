package main

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
	"github.com/swaggest/swgui/v5emb"

	description "contacts/api"
)

func openAPI(out io.Writer) *cobra.Command {
	return command("openapi", "Print the API's description, OpenAPI 3.1", noArgs, func(context.Context, []string) error {
		_, err := out.Write(description.Description)
		return err
	})
}

// withDocumentation adds the API reference at /docs, and the description that it loads. It loads nothing from other hosts.
func withDocumentation(gateway http.Handler) http.Handler {
	reference := v5emb.New("contacts", "/openapi.yaml", "/docs/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/docs":
			http.Redirect(w, r, "/docs/", http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/docs/"):
			reference.ServeHTTP(w, r)
		case r.URL.Path == "/openapi.yaml":
			w.Header().Set("Content-Type", "application/yaml")
			w.Write(description.Description)
		default:
			gateway.ServeHTTP(w, r)
		}
	})
}
