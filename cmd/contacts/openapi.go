package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

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
