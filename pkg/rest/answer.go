package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
)

// RawJSON is JSON that is written unchanged: stored resources are answered without decoding. The route declares its schema;
// a response type per resource would add 40 KB of huma to each function.
type RawJSON []byte

// Schema is empty: the route declares the schema.
func (RawJSON) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// MarshalJSON returns the JSON unchanged.
func (r RawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// A ResourceResponse is the response with one resource.
type ResourceResponse struct {
	ETag string `header:"ETag"`
	Body RawJSON
}

// Show responds with a stored resource.
func Show(r contact.Record, err error) (*ResourceResponse, error) {
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{recordETag(r), r.Doc}, nil
}

// A CreatedResponse is the response to a POST that created a resource: 201.
type CreatedResponse struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     RawJSON
}

// Create responds with the resource that write created in the collection of the path.
func Create(ctx context.Context, p *Path, write func(idempotency.Write) (contact.Record, error)) (*CreatedResponse, error) {
	location := func(r contact.Record) string { return p.Item(r.ID) }
	w := writeOf(ctx, contact.Precondition{}, func(r contact.Record) idempotency.Answer {
		return idempotency.Answer{Status: http.StatusCreated, ETag: recordETag(r), Location: location(r), ContentType: jsonType, Body: r.Doc}
	})
	r, err := write(w)
	if err != nil {
		return nil, err
	}
	return &CreatedResponse{location(r), recordETag(r), r.Doc}, nil
}

// Replace responds with the resource that write returns.
func Replace(ctx context.Context, require contact.Precondition, write func(idempotency.Write) (contact.Record, error)) (*ResourceResponse, error) {
	w := writeOf(ctx, require, func(r contact.Record) idempotency.Answer {
		return idempotency.Answer{Status: http.StatusOK, ETag: recordETag(r), ContentType: jsonType, Body: r.Doc}
	})
	return Show(write(w))
}

// Accept responds with the resource whose change write began: 202.
func Accept(ctx context.Context, write func(idempotency.Write) (contact.Record, error)) (*ResourceResponse, error) {
	w := writeOf(ctx, contact.Precondition{}, func(r contact.Record) idempotency.Answer {
		return idempotency.Answer{Status: http.StatusAccepted, ETag: recordETag(r), ContentType: jsonType, Body: r.Doc}
	})
	return Show(write(w))
}

// AcceptJSON responds with the JSON of what write began: 202.
func AcceptJSON(ctx context.Context, write func(idempotency.Write) ([]byte, error)) (*Response, error) {
	return answerJSON(ctx, contact.Precondition{}, http.StatusAccepted, write)
}

// An UpsertResponse is the response with a resource that was created, 201, or replaced, 200.
type UpsertResponse struct {
	Status   int
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     RawJSON
}

// Upsert responds with the resource that write created or replaced in the collection of the path.
func Upsert(ctx context.Context, p *Path, require contact.Precondition, write func(idempotency.Write) (contact.Record, error)) (*UpsertResponse, error) {
	answer := func(r contact.Record) *UpsertResponse {
		if r.Version == 1 {
			return &UpsertResponse{http.StatusCreated, p.Item(r.ID), ETag(r.Version), r.Doc}
		}
		return &UpsertResponse{http.StatusOK, "", ETag(r.Version), r.Doc}
	}
	w := writeOf(ctx, require, func(r contact.Record) idempotency.Answer {
		a := answer(r)
		return idempotency.Answer{Status: a.Status, ETag: a.ETag, Location: a.Location, ContentType: jsonType, Body: a.Body}
	})
	r, err := write(w)
	if err != nil {
		return nil, err
	}
	return answer(r), nil
}

// Remove responds to a deletion: 204.
func Remove(ctx context.Context, require contact.Precondition, write func(idempotency.Write) error) (*struct{}, error) {
	w := writeOf(ctx, require, func(contact.Record) idempotency.Answer { return idempotency.Answer{Status: http.StatusNoContent} })
	if err := write(w); err != nil {
		return nil, err
	}
	return &struct{}{}, nil
}

// Change responds with the JSON that write returns.
func Change(ctx context.Context, require contact.Precondition, write func(idempotency.Write) ([]byte, error)) (*Response, error) {
	return answerJSON(ctx, require, http.StatusOK, write)
}

func answerJSON(ctx context.Context, require contact.Precondition, status int, write func(idempotency.Write) ([]byte, error)) (*Response, error) {
	w := writeOf(ctx, require, func(r contact.Record) idempotency.Answer {
		return idempotency.Answer{Status: status, ContentType: jsonType, Body: r.Doc}
	})
	body, err := write(w)
	if err != nil {
		return nil, err
	}
	return &Response{body}, CheckSize(body)
}

// ChangeComposed responds with the JSON of a composed resource that write returns. The ETag equals that of GET.
func ChangeComposed(ctx context.Context, require contact.Precondition, write func(idempotency.Write) ([]byte, error)) (*ResourceResponse, error) {
	w := writeOf(ctx, require, func(r contact.Record) idempotency.Answer {
		return idempotency.Answer{Status: http.StatusOK, ETag: digestETag(r.Doc), ContentType: jsonType, Body: r.Doc}
	})
	body, err := write(w)
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{digestETag(body), body}, nil
}

// Done responds to a change without a body: 200.
func Done(ctx context.Context, require contact.Precondition, write func(idempotency.Write) error) (*struct{}, error) {
	w := writeOf(ctx, require, func(contact.Record) idempotency.Answer { return idempotency.Answer{Status: http.StatusOK} })
	if err := write(w); err != nil {
		return nil, err
	}
	return &struct{}{}, nil
}

// A Response is the response with a body that has no ETag of its own.
type Response struct{ Body RawJSON }

// JSON responds with the JSON of v.
func JSON(v any) (*Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &Response{body}, CheckSize(body)
}

// ShowComposed responds with the JSON of a composed resource. The ETag is a digest of it.
func ShowComposed(v any) (*ResourceResponse, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{digestETag(body), body}, CheckSize(body)
}

// ShowPart responds with part of a composed resource. The ETag is that of the whole.
func ShowPart(part, whole []byte, err error) (*ResourceResponse, error) {
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{digestETag(whole), part}, CheckSize(part)
}

// ShowSelection responds with the JSON of a selection of a composed resource. The ETag is valid for requests with the same
// selection.
func ShowSelection(v any) (*ResourceResponse, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &ResourceResponse{`"` + selectionDigest(body) + `"`, body}, CheckSize(body)
}

// CheckSize refuses a body that is too large for a response.
func CheckSize(body []byte) error {
	if escapedLen(body) > maxResponse {
		return tooLarge()
	}
	return nil
}

// A NoStoreResponse is a response that must not be cached.
type NoStoreResponse struct {
	CacheControl string `header:"Cache-Control"`
	Body         RawJSON
}

// NoStore responds with the JSON of v, which must not be cached.
func NoStore(v any) (*NoStoreResponse, error) {
	body, err := json.Marshal(v)
	return &NoStoreResponse{noStore, body}, err
}

// A TextResponse is the response with a text in another format than JSON, which is saved as a file.
type TextResponse struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	ETag               string `header:"ETag"`
	Body               []byte
}

// Text responds with the text that write writes, to be saved under a name. The ETag is a digest of it.
func Text(contentType, name string, write func(io.Writer) error) (*TextResponse, error) {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return nil, err
	}
	return &TextResponse{contentType, fmt.Sprintf("attachment; filename=%q", name), digestETag(body.Bytes()), body.Bytes()}, CheckSize(body.Bytes())
}

// A RedirectResponse is a redirect to a temporary address.
type RedirectResponse struct {
	Location     string `header:"Location"`
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
}
