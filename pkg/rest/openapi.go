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

// OpenAPI returns the description of all operations of some groups.
func OpenAPI(groups ...Group) *huma.OpenAPI {
	setUpHuma()
	registry := newRegistry()
	config := apiConfig(registry)
	config.Info = &huma.Info{
		Title: "contacts", Version: "0.11.0",
		Description: "Contacts are entities that the organization has dealings with: human persons and other organizations. One set of records behind two published APIs.",
		License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
	}
	config.Servers = []*huma.Server{{URL: "/"}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token of the organization."},
		"basic":  {Type: "http", Scheme: "basic", Description: "An application's name and secret."},
	}
	api := huma.NewAPI(config, &boundOperation{})
	for _, g := range groups {
		config.Tags = append(config.Tags, &huma.Tag{Name: g.Name, Description: g.Description})
		for _, r := range g.Routes {
			r.register(api, r.describe(g, registry))
		}
	}
	describeText(api.OpenAPI())
	return api.OpenAPI()
}
