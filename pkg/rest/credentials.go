package rest

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// Credentials are sent as JSON, as a form, or as query parameters. Other fields are ignored, as OAuth requires (RFC 6749,
// section 3.2).
type Credentials struct {
	// Source is the client's IP address as the gateway reports it. No header changes it.
	Source string

	values url.Values
}

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

// Get returns the value of a field, or of one of its synonyms: "" if it is absent, duplicate or not a string.
func (c *Credentials) Get(names ...string) string {
	var values []string
	for _, name := range names {
		values = append(values, c.values[name]...)
	}
	if len(values) == 1 {
		return values[0]
	}
	return ""
}

// Resolve reads query and body. It implements huma.Resolver.
func (c *Credentials) Resolve(ctx huma.Context) []error {
	c.Source = ctx.RemoteAddr()
	u := ctx.URL()
	query, err := url.ParseQuery(u.RawQuery)
	if c.values = query; err != nil {
		err = unreadableBody("the query is not percent-encoded")
	} else if err = checkEncoding(ctx); err == nil {
		err = c.readBody(requestOf(ctx.Context()).body, ctx.Header("Content-Type"))
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

// readBody reads the body's fields. An empty body is accepted with any Content-Type.
func (c *Credentials) readBody(body []byte, contentType string) error {
	if len(body) == 0 {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(cmp.Or(contentType, jsonType))
	if err != nil || !isUTF8(parameters["charset"]) {
		media = ""
	}
	switch media {
	case jsonType:
		return c.readJSON(body)
	case formType:
		return c.readForm(string(body))
	case multipartType:
		return c.readParts(multipart.NewReader(bytes.NewReader(body), parameters["boundary"]))
	}
	return unsupportedMedia.problem("Send credentials as application/json, as "+formType+" or as "+multipartType+", in UTF-8.").
		withHeader("Accept", jsonType+", "+formType+", "+multipartType)
}

// readJSON reads an object's fields. Any other JSON value has none.
func (c *Credentials) readJSON(body []byte) error {
	twice := jsontext.AllowDuplicateNames(true) // Get ignores duplicate fields
	d := jsontext.NewDecoder(bytes.NewReader(body), twice)
	if d.PeekKind() == '{' {
		if err := c.readObject(d); err != nil {
			return unreadableBody(syntaxFault(err).Detail)
		}
	} else if err := d.SkipValue(); err != nil {
		return unreadableBody(syntaxFault(err).Detail)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return unreadableBody("there is data after the JSON value")
	}
	return nil
}

// readObject reads the next value, an object. Values that are not strings count as empty.
func (c *Credentials) readObject(d *jsontext.Decoder) error {
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != '}' {
		var name, value jsontext.Token
		if name, err = d.ReadToken(); err != nil {
			break
		}
		field, text := name.String(), ""
		if d.PeekKind() != '"' {
			err = d.SkipValue()
		} else if value, err = d.ReadToken(); err == nil {
			text = value.String()
		}
		c.values.Add(field, text)
	}
	if err == nil {
		_, err = d.ReadToken()
	}
	return err
}

func (c *Credentials) readForm(body string) error {
	form, err := url.ParseQuery(body)
	if err != nil {
		return unreadableBody("the form is not percent-encoded")
	}
	for name, values := range form {
		c.values[name] = append(c.values[name], values...)
	}
	return nil
}

func (c *Credentials) readParts(r *multipart.Reader) error {
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var text []byte
		if err == nil {
			text, err = io.ReadAll(part)
		}
		if err != nil {
			return unreadableBody("the body is not valid multipart/form-data")
		}
		c.values.Add(part.FormName(), string(text))
	}
}

func unreadableBody(detail string) error { return fault{contact.Fault{Detail: detail}, true} }

// An OAuthError is the response to wrong credentials, as in RFC 6749. All other errors of the dialect are Envelopes.
type OAuthError struct {
	Code    string `json:"error"`
	Message string `json:"message"`
}

// Error implements huma.StatusError.
func (e *OAuthError) Error() string { return e.Message }

// GetStatus implements huma.StatusError.
func (*OAuthError) GetStatus() int { return http.StatusUnauthorized }

// ContentType implements huma.ContentTypeFilter: it is not a problem+json.
func (*OAuthError) ContentType(string) string { return jsonType }

// GetHeaders implements huma.HeadersError.
func (*OAuthError) GetHeaders() http.Header {
	return http.Header{"Cache-Control": {noStore}, "Www-Authenticate": {bearerChallenge}}
}
