package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"contacts"
)

func openAPI(out io.Writer) *cobra.Command {
	return command("openapi", "Print the API's description, OpenAPI 3.1", noArgs, func(context.Context, []string) error {
		_, err := out.Write(contacts.OpenAPI)
		return err
	})
}
