// Package contacts embeds the files of the repository that a running platform shows.
package contacts

import _ "embed"

// OpenAPI is the description of the API, api/openapi.yaml.
//
//go:embed api/openapi.yaml
var OpenAPI []byte

// Errors describes the types of problems, docs/errors.md.
//
//go:embed docs/errors.md
var Errors []byte
