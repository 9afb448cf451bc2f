package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"contacts/pkg/auth"
	"contacts/pkg/contact"
)

// A List is a collection, or a page of one.
type List[T any] struct {
	Items    []T           `json:"items"`
	Problems []ListProblem `json:"problems"`
}

// An Items is a collection without problems.
type Items[T any] struct {
	Items []T `json:"items"`
}

// A ListProblem stands for an object that can't be shown, or for an item that failed.
type ListProblem struct {
	Type       string          `json:"type" format:"uri"`
	Title      string          `json:"title"`
	Detail     string          `json:"detail"`
	OnResource string          `json:"on_resource,omitempty" format:"uri-reference"`
	Index      *int            `json:"index,omitempty" minimum:"0"`
	Status     int             `json:"status,omitzero"`
	Errors     []contact.Fault `json:"errors,omitempty"`
	ExistingID string          `json:"existing_id,omitempty"`
}

// CursorParams are the query parameters of a list that is read page after page.
type CursorParams struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"200"`
	Cursor string `query:"cursor" maxLength:"6144"`

	request listRequest
}

// Resolve keeps the request. It implements huma.Resolver.
func (p *CursorParams) Resolve(ctx huma.Context) []error {
	p.request = listRequest{pathOf(ctx), queryOf(ctx)}
	return nil
}

// PageParams are the query parameters of a paginated list.
type PageParams struct {
	CursorParams
	Offset int `query:"offset" minimum:"0" default:"0"`
}

// Resolve refuses a cursor together with an offset. It implements huma.Resolver.
func (p *PageParams) Resolve(ctx huma.Context) []error {
	errs := p.CursorParams.Resolve(ctx)
	if query := p.request.query; query.Has("cursor") && query.Has("offset") {
		errs = append(errs, fault{Fault: contact.Fault{Parameter: "offset", Detail: "can't be combined with cursor"}})
	}
	return errs
}

// Has reports whether the request has a query parameter.
func (p *CursorParams) Has(parameter string) bool { return p.request.query.Has(parameter) }

// Positions returns the parameters for an order of the list in which positions are not ids.
func (p *CursorParams) Positions() *PositionParams { return &PositionParams{p.Cursor, p.request} }

// PositionParams are the query parameters of a list that has no offsets, because its positions are not ids.
type PositionParams struct {
	Cursor string `query:"cursor" maxLength:"6144"`

	request listRequest
}

// Resolve keeps the request. It implements huma.Resolver.
func (p *PositionParams) Resolve(ctx huma.Context) []error {
	p.request = listRequest{pathOf(ctx), queryOf(ctx)}
	return nil
}

// A listRequest is the path and the query of a request for a list.
type listRequest struct {
	path  string
	query url.Values
}

// filters returns the query without what selects a page.
func (r listRequest) filters() url.Values {
	asked := maps.Clone(r.query)
	for _, name := range []string{"limit", "offset", "cursor"} {
		asked.Del(name)
	}
	return asked
}

// scope returns the list that cursors are bound to: path and filters.
func (r listRequest) scope() string { return r.path + "?" + r.filters().Encode() }

// next returns the Link to the next page.
func (r listRequest) next(limit int, cursor string) string {
	asked := r.filters()
	asked.Set("limit", strconv.Itoa(limit))
	asked.Set("cursor", cursor)
	query := strings.ReplaceAll(asked.Encode(), "+", "%20") // LiteralPlus keeps plus signs
	return "<" + r.path + "?" + query + `>; rel="next"`
}

// Position returns the position of the cursor, nil for none. It returns Malformed for a cursor of another list.
func (p *PositionParams) Position(ctx context.Context, keys *auth.Keyring) ([]byte, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	position, err := keys.OpenToken(ctx, p.request.scope(), p.Cursor)
	return position, cursorError(err)
}

// Page returns the response with a page, and with a Link to the next, which begins at a position; nil for none.
func (p *PositionParams) Page(ctx context.Context, keys *auth.Keyring, rows []contact.Record, at Locator, limit int, next []byte) (*PageResponse, error) {
	body, err := pageBody(ctx, rows, at)
	if err != nil || next == nil {
		return &PageResponse{Body: body}, err
	}
	cursor, err := keys.SealToken(ctx, p.request.scope(), next)
	if err != nil {
		return nil, unavailableKeys(err)
	}
	return &PageResponse{Link: p.request.next(limit, cursor), Body: withNext(body, cursor)}, nil
}

// withNext returns the body of a page with the cursor of the next, which needs no escapes.
func withNext(body []byte, cursor string) []byte {
	return append(body[:len(body)-1], `,"next":"`+cursor+`"}`...)
}

// cursorError returns the error for the caller of a cursor that can't be opened.
func cursorError(err error) error {
	switch {
	case errors.Is(err, auth.ErrInvalidCursor):
		return &contact.Error{Reason: contact.Malformed, Detail: "the cursor is not one of this list",
			Faults: []contact.Fault{{Parameter: "cursor", Detail: "must be the next of the page before, with the same filters"}}}
	case err != nil:
		return unavailableKeys(err)
	}
	return nil
}

func unavailableKeys(err error) error {
	return &contact.Error{Reason: contact.Unavailable, Detail: "the keys of cursors can't be read; try again", Cause: err}
}

// TextParam returns a query parameter as normalized text. It returns Malformed beyond so many characters.
func TextParam(parameter, value string, most int) (string, error) {
	text := contact.NormalizeText(value)
	if utf8.RuneCountInString(text) > most {
		return "", &contact.Error{Reason: contact.Malformed, Detail: parameter + " is too long",
			Faults: []contact.Fault{{Parameter: parameter, Detail: fmt.Sprintf("must have at most %d characters", most)}}}
	}
	return text, nil
}

// ExternalIDParam returns a query parameter as an external id, or Malformed.
func ExternalIDParam(parameter, value string) (string, error) {
	_, most := contact.ExternalID("").Bounds()
	text, err := TextParam(parameter, value, most)
	if detail := contact.CheckExternalID(text); err == nil && detail != "" {
		err = &contact.Error{Reason: contact.Malformed, Detail: parameter + " " + detail, Faults: []contact.Fault{{Parameter: parameter, Detail: detail}}}
	}
	return text, err
}

// An EmptyableParam is the normalized value of the query parameter that AllowEmptyValue declares.
type EmptyableParam struct{ Text string }

// Resolve requires the parameter to be present. It implements huma.Resolver.
func (e *EmptyableParam) Resolve(ctx huma.Context) (errs []error) {
	query := queryOf(ctx)
	for _, p := range ctx.Operation().Parameters {
		if !p.AllowEmptyValue {
			continue
		}
		e.Text = contact.NormalizeText(query.Get(p.Name))
		if detail := "required query parameter is missing"; !query.Has(p.Name) {
			errs = append(errs, fault{Fault: contact.Fault{Parameter: p.Name, Detail: detail}})
		}
	}
	return errs
}

// A PageReader returns a page of a list.
type PageReader func(context.Context, string, contact.Query) (contact.Page, error)

// A PageResponse is the response with a page.
type PageResponse struct {
	Link string `header:"Link"`
	Body RawJSON
}

// A Locator returns the path of an object in a list.
type Locator func(contact.ID) string

// Page responds with a page of a list, and with a Link to the next.
func Page(ctx context.Context, keys *auth.Keyring, p *Path, w *PageParams, at Locator, read PageReader) (*PageResponse, error) {
	return w.page(ctx, keys, p, w.Offset, at, read)
}

// PageByCursor responds with a page of a list without offsets, and with a Link to the next.
func PageByCursor(ctx context.Context, keys *auth.Keyring, p *Path, w *CursorParams, at Locator, read PageReader) (*PageResponse, error) {
	return w.page(ctx, keys, p, 0, at, read)
}

func (p *CursorParams) page(ctx context.Context, keys *auth.Keyring, path *Path, offset int, at Locator, read PageReader) (*PageResponse, error) {
	query := contact.Query{Limit: p.Limit, Offset: offset}
	if p.Cursor != "" {
		position, err := keys.OpenCursor(ctx, p.request.scope(), p.Cursor)
		if err != nil {
			return nil, cursorError(err)
		}
		if query.After, err = contact.ParseID(string(position)); err != nil {
			return nil, err
		}
	}
	page, err := read(ctx, path.Org, query)
	if err != nil {
		return nil, err
	}
	body, err := pageBody(ctx, page.Rows, at)
	if err != nil {
		return nil, err
	}
	answer := &PageResponse{Body: body}
	if page.More {
		cursor, err := keys.SealCursor(ctx, p.request.scope(), []byte(page.Rows[len(page.Rows)-1].ID.String()))
		if err != nil {
			return nil, unavailableKeys(err)
		}
		answer.Body, answer.Link = withNext(body, cursor), p.request.next(p.Limit, cursor)
	}
	return answer, nil
}

// All responds with the whole collection of the path.
func All(ctx context.Context, p *Path, rows []contact.Record, err error) (*Response, error) {
	if err != nil {
		return nil, err
	}
	body := listBody(ctx, rows, p.Item, nil)
	return &Response{body}, CheckSize(body)
}

func tooLarge() error { return contact.ErrAnswerTooLarge }

// maxResponse is the maximum size of a response's body: Lambda's 6 MB, less room for headers and envelope.
const maxResponse = 6<<20 - 32<<10

// pageBody returns the JSON of a page, or TooLarge with the largest limit that fits into a response.
func pageBody(ctx context.Context, rows []contact.Record, at Locator) ([]byte, error) {
	body := listBody(ctx, rows, at, nil)
	if len(body) <= maxResponse/2 || escapedLen(body) <= maxResponse {
		return body, nil
	}
	low, high := 0, len(rows)-1 // low rows fit, high+1 don't
	for low < high {
		middle := (low + high + 1) / 2
		if escapedLen(listBody(ctx, rows[:middle], at, nil)) <= maxResponse {
			low = middle
		} else {
			high = middle - 1
		}
	}
	detail := fmt.Sprintf("this page passes the %d bytes that an answer can carry; ask again with limit=%d", maxResponse, low)
	return nil, &contact.Error{Reason: contact.TooLarge, Detail: detail,
		Faults: []contact.Fault{{Parameter: "limit", Detail: fmt.Sprintf("must be at most %d here", low)}}}
}

// escapedLen returns the length of JSON as a string within Lambda's JSON response.
func escapedLen(body []byte) int {
	return len(body) + bytes.Count(body, []byte{'"'}) + bytes.Count(body, []byte{'\\'})
}

// UnreadableProblem returns the problem that stands for an unreadable object.
func UnreadableProblem(ctx context.Context, path string) ListProblem {
	return ListProblem{Type: requestOf(ctx).typeURI(damaged.anchor), Title: damaged.title, Detail: "The stored object is damaged.", OnResource: path}
}

// listBody returns the JSON of a List. An unreadable object becomes a problem.
func listBody(ctx context.Context, rows []contact.Record, at Locator, problems []ListProblem) []byte {
	size := 192 // with room for the next cursor, so that a page need not be copied for it
	for i := range rows {
		size += len(rows[i].Doc) + 1
	}
	body := append(make([]byte, 0, size), `{"items":[`...)
	if problems == nil {
		problems = []ListProblem{}
	}
	first := true
	for _, r := range rows {
		if r.Doc == nil {
			problems = append(problems, UnreadableProblem(ctx, at(r.ID)))
			continue
		}
		if !first {
			body = append(body, ',')
		}
		first = false
		body = append(body, r.Doc...)
	}
	body = append(body, `],"problems":`...)
	encoded, err := json.Marshal(problems)
	if err != nil {
		panic(err) // can't fail: strings and numbers only
	}
	return append(append(body, encoded...), '}')
}
