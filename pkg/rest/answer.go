package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Raw is JSON that is answered as it is: a stored resource is shown without decoding. Its route says of which type it
// is; an answer with a type of its own would cost each function 40 KB of huma for each.
type RawJSON []byte

// Schema is filled in by the route.
func (RawJSON) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// MarshalJSON returns the JSON itself.
func (r RawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// A Resource is the answer that shows one.
type ResourceResponse struct {
	ETag string `header:"ETag" doc:"Names this version of the resource, for If-Match and If-None-Match." example:"\"1\""`
	Body RawJSON
}

// Show answers with a stored resource.
func Show(r contact.Record, err error) (*ResourceResponse, error) {
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{ETag(r.Version), r.Doc}, nil
}

// A Creation is the answer to a POST that made a resource.
type CreatedResponse struct {
	Location string `header:"Location" doc:"Where the resource is."`
	ETag     string `header:"ETag" doc:"Names this version of the resource, for If-Match and If-None-Match." example:"\"1\""`
	Body     RawJSON
}

// Create answers with what write made in the collection that the path names.
func Create(ctx context.Context, p *Path, write func(context.Context) (contact.Record, error)) (*CreatedResponse, error) {
	location := func(r contact.Record) string { return p.Item(r.ID) }
	dynamo.Compose(ctx, func(r contact.Record) dynamo.Answer {
		return dynamo.Answer{Status: http.StatusCreated, ETag: ETag(r.Version), Location: location(r), ContentType: jsonType, Body: r.Doc}
	})
	r, err := write(ctx)
	if err != nil {
		return nil, err
	}
	return &CreatedResponse{location(r), ETag(r.Version), r.Doc}, nil
}

// Replace answers with the resource as write left it.
func Replace(ctx context.Context, write func(context.Context) (contact.Record, error)) (*ResourceResponse, error) {
	dynamo.Compose(ctx, func(r contact.Record) dynamo.Answer {
		return dynamo.Answer{Status: http.StatusOK, ETag: ETag(r.Version), ContentType: jsonType, Body: r.Doc}
	})
	return Show(write(ctx))
}

// An Upsertion is the answer that shows a resource which was made, 201, or replaced, 200.
type UpsertResponse struct {
	Status   int
	Location string `header:"Location" doc:"Where the resource is, if it is new."`
	ETag     string `header:"ETag" doc:"Names this version of the resource, for If-Match and If-None-Match." example:"\"1\""`
	Body     RawJSON
}

// Upsert answers with the resource that write made or replaced in the collection that the path names.
func Upsert(ctx context.Context, p *Path, write func(context.Context) (contact.Record, error)) (*UpsertResponse, error) {
	answer := func(r contact.Record) *UpsertResponse {
		if r.Version == 1 {
			return &UpsertResponse{http.StatusCreated, p.Item(r.ID), ETag(r.Version), r.Doc}
		}
		return &UpsertResponse{http.StatusOK, "", ETag(r.Version), r.Doc}
	}
	dynamo.Compose(ctx, func(r contact.Record) dynamo.Answer {
		a := answer(r)
		return dynamo.Answer{Status: a.Status, ETag: a.ETag, Location: a.Location, ContentType: jsonType, Body: a.Body}
	})
	r, err := write(ctx)
	if err != nil {
		return nil, err
	}
	return answer(r), nil
}

// Remove answers that what write removed is gone.
func Remove(ctx context.Context, write func(context.Context) error) (*struct{}, error) {
	dynamo.Compose(ctx, func(contact.Record) dynamo.Answer { return dynamo.Answer{Status: http.StatusNoContent} })
	if err := write(ctx); err != nil {
		return nil, err
	}
	return &struct{}{}, nil
}

// Change answers with the JSON that write made of a change.
func Change(ctx context.Context, write func(context.Context) ([]byte, error)) (*Response, error) {
	dynamo.Compose(ctx, func(r contact.Record) dynamo.Answer {
		return dynamo.Answer{Status: http.StatusOK, ContentType: jsonType, Body: r.Doc}
	})
	body, err := write(ctx)
	if err != nil {
		return nil, err
	}
	return &Response{body}, CheckSize(body)
}

// ChangeWhole answers with the JSON of a resource that is put together, as write left it; its ETag is the one that GET shows.
func ChangeComposed(ctx context.Context, write func(context.Context) ([]byte, error)) (*ResourceResponse, error) {
	dynamo.Compose(ctx, func(r contact.Record) dynamo.Answer {
		return dynamo.Answer{Status: http.StatusOK, ETag: digestETag(r.Doc), ContentType: jsonType, Body: r.Doc}
	})
	body, err := write(ctx)
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{digestETag(body), body}, nil
}

// Done answers, without a body, that what write changed is so.
func Done(ctx context.Context, write func(context.Context) error) (*struct{}, error) {
	dynamo.Compose(ctx, func(contact.Record) dynamo.Answer { return dynamo.Answer{Status: http.StatusOK} })
	if err := write(ctx); err != nil {
		return nil, err
	}
	return &struct{}{}, nil
}

// A View is the answer that shows what was put together for it.
type Response struct{ Body RawJSON }

// Together answers with the JSON of v.
func JSON(v any) (*Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &Response{body}, CheckSize(body)
}

// ShowWhole answers with the JSON of a resource that is put together; its ETag is the one that GET shows.
func ShowComposed(v any) (*ResourceResponse, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{digestETag(body), body}, CheckSize(body)
}

// ShowPart answers with part of a resource that is put together; its ETag is that of the whole.
func ShowPart(part, whole []byte, err error) (*ResourceResponse, error) {
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{digestETag(whole), part}, CheckSize(part)
}

// ShowSelection is ShowWhole of a selection of a resource that the request named: its ETag is for a later request that names the
// same.
func ShowSelection(v any) (*ResourceResponse, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{`"` + selectionDigest(body) + `"`, body}, CheckSize(body)
}

// Fits refuses a body that an answer can't carry.
func CheckSize(body []byte) error {
	if escapedLen(body) > maxResponse {
		return tooLarge()
	}
	return nil
}

// Docs are stored resources, to be put together with others. One that can't be read is left out.
func Docs(records []contact.Record) []RawJSON {
	docs := make([]RawJSON, 0, len(records))
	for _, r := range records {
		if r.Doc != nil {
			docs = append(docs, r.Doc)
		}
	}
	return docs
}

// A Secret is an answer that nobody may keep.
type SecretResponse struct {
	CacheControl string `header:"Cache-Control" doc:"no-store"`
	Body         RawJSON
}

// KeepSecret answers with the JSON of a secret.
func Secret(v any) (*SecretResponse, error) {
	body, err := json.Marshal(v)
	return &SecretResponse{noStore, body}, err
}

// A Redirection is the answer that leads elsewhere.
type RedirectResponse struct {
	Location     string `header:"Location" doc:"Where it is."`
	ETag         string `header:"ETag" doc:"Names this version of the resource, for If-Match." example:"\"1\""`
	CacheControl string `header:"Cache-Control" doc:"How long the address works."`
}
