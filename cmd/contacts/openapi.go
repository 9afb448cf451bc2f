package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/swaggest/swgui/v5emb"

	"contacts/pkg/api"
	"contacts/pkg/rest"
)

// describe returns the OpenAPI description, as in api/openapi.yaml.
func describe() ([]byte, error) {
	c := api.Config{Config: rest.Config{Now: time.Now}}
	groups := append(api.Auth(c, nil, nil), api.Images(c, nil, nil))
	for _, name := range slices.Sorted(maps.Keys(api.Groups())) {
		groups = append(groups, api.Groups()[name](c))
	}
	return rest.OpenAPI(groups...).YAML()
}

func openAPI(out io.Writer) *cobra.Command {
	return command("openapi", "Print the API's description, OpenAPI 3.1", noArgs, func(context.Context, []string) error {
		text, err := describe()
		if err != nil {
			return fmt.Errorf("the description can't be made: %w", err)
		}
		_, err = out.Write(text)
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
			text, err := describe()
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/yaml")
			w.Write(text)
		default:
			gateway.ServeHTTP(w, r)
		}
	})
}
