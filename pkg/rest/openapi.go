package rest

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
)

// An operationAPI is the huma.API and the huma.Adapter of operations: it knows JSON only, and has neither transformers nor middleware. The
// one that huma makes would link the server of its documentation.
type operationAPI struct {
	openAPI *huma.OpenAPI
	// The operation that was registered last, and its handler.
	operation *huma.Operation
	handle    func(huma.Context)
}

func newAPI(registry huma.Registry) *operationAPI {
	return &operationAPI{openAPI: &huma.OpenAPI{OpenAPI: "3.1.0", Info: &huma.Info{}, Components: &huma.Components{Schemas: registry}}}
}

func (a *operationAPI) OpenAPI() *huma.OpenAPI { return a.openAPI }

func (a *operationAPI) Adapter() huma.Adapter { return a }

func (a *operationAPI) Handle(op *huma.Operation, handle func(huma.Context)) {
	a.operation, a.handle = op, handle
}

// Negotiate ignores Accept, which is checked before huma.
func (a *operationAPI) Negotiate(string) (string, error) { return jsonType, nil }

func (a *operationAPI) Transform(_ huma.Context, _ string, v any) (any, error) { return v, nil }

func (a *operationAPI) Marshal(w io.Writer, _ string, v any) error {
	if r, ok := v.(RawJSON); ok {
		_, err := w.Write(r)
		return err
	}
	return json.MarshalWrite(w, v)
}

func (a *operationAPI) Unmarshal(_ string, data []byte, v any) error { return json.Unmarshal(data, v) }

func (a *operationAPI) Middlewares() huma.Middlewares { return nil }

// UseMiddleware is unused, and so is ServeHTTP: chi is the router.
func (a *operationAPI) UseMiddleware(...func(huma.Context, func(huma.Context))) {}
func (a *operationAPI) ServeHTTP(http.ResponseWriter, *http.Request)            {}

// OpenAPI returns what the routes of some groups declare: query parameters and headers, bodies of requests, headers of answers.
// (tools/openapi makes the description of it.)
func OpenAPI(groups ...Group) *huma.OpenAPI {
	setUpHuma()
	registry := NewRegistry()
	api := newAPI(registry)
	for _, g := range groups {
		for _, r := range g.Routes {
			r.register(api, r.operation(registry))
		}
	}
	return api.OpenAPI()
}
