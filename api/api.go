// Package api has the description of the API. (Package contacts/pkg/api has its operations.)
package api

import _ "embed"

// Description is api/openapi.yaml, OpenAPI 3.1. tools/openapi writes it.
//
//go:embed openapi.yaml
var Description []byte
