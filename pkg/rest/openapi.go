package rest

import (
	"io"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
)

// apiConfig configures huma: JSON only, without its default routes and transformers.
func apiConfig(registry huma.Registry) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{},
			Components: &huma.Components{Schemas: registry},
		},
		Formats:       map[string]huma.Format{jsonType: jsonFormat, ProblemType: jsonFormat},
		DefaultFormat: jsonType,
	}
}

var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		if r, ok := v.(RawJSON); ok {
			_, err := w.Write(r)
			return err
		}
		return json.MarshalWrite(w, v)
	},
	Unmarshal: func(data []byte, v any) error { return json.Unmarshal(data, v) },
}

// OpenAPI returns what the routes of some groups declare: parameters, bodies of requests, headers of answers. (tools/openapi makes the
// description of it.)
func OpenAPI(groups ...Group) *huma.OpenAPI {
	setUpHuma()
	registry := NewRegistry()
	api := huma.NewAPI(apiConfig(registry), &boundOperation{})
	for _, g := range groups {
		for _, r := range g.Routes {
			r.register(api, r.describe(g, registry))
		}
	}
	return api.OpenAPI()
}
