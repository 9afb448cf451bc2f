package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// maxDepth is the maximum nesting of a body. The deepest schema has 6 levels.
const maxDepth = 32

// A RequestBody is the JSON body of a request. It is read strictly: no duplicate or unknown fields, no null, no trailing
// data. All faults are reported at once. Read-only fields are skipped, so that clients can send back what GET returned. Text
// is normalized by contact.NormalizeText.
type RequestBody struct{ clean []byte }

// Resolve reads the body. It implements huma.Resolver.
func (p *RequestBody) Resolve(ctx huma.Context) []error {
	if err := checkHeaders(ctx); err != nil {
		return []error{err}
	}
	clean, faults := checkBody(requestOf(ctx.Context()).body, ctx.Operation(), false)
	p.clean = clean
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = fault{f, clean == nil}
	}
	return errs
}

// Decode returns the body as the type that the route declares.
func Decode[T any](p *RequestBody) (value T, err error) {
	if err = json.Unmarshal(p.clean, &value); err != nil {
		// Valid by its schema, invalid by its type: checkBody should leave no such case.
		f := contact.Fault{Detail: "the body can't be read"}
		if semantic := new(json.SemanticError); errors.As(err, &semantic) {
			f = contact.Fault{Pointer: string(semantic.JSONPointer), Detail: "is not a valid value"}
		}
		return value, &contact.Error{Reason: contact.Malformed, Detail: summary([]contact.Fault{f}, "errors"), Faults: []contact.Fault{f}}
	}
	return value, nil
}

func checkHeaders(ctx huma.Context) error {
	if err := checkEncoding(ctx); err != nil {
		return err
	}
	return checkMediaType(ctx.Header("Content-Type"))
}

// checkEncoding refuses compressed bodies, with the header that names the supported encoding (RFC 9110, section 15.5.16).
func checkEncoding(ctx huma.Context) error {
	if coding := ctx.Header("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return unsupportedMedia.problem("Send the body as it is, without Content-Encoding.").withHeader("Accept-Encoding", "identity")
	}
	return nil
}

// checkMediaType accepts JSON in UTF-8, and bodies without a Content-Type.
func checkMediaType(contentType string) error {
	if contentType == "" {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	if err != nil || media != jsonType || !isUTF8(charset) {
		return unsupportedMedia.problem("Send the body as application/json in UTF-8.").withHeader("Accept", jsonType)
	}
	return nil
}

// isUTF8 reports whether a charset names UTF-8 or is absent.
func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

const (
	jsonType = "application/json"
	// byteOrderMark may precede a body; readers may ignore it (RFC 8259, section 8.1).
	byteOrderMark = "\ufeff"
)

// checkBody returns the known fields of a body, and its faults. With byItem, faults are counted per item.
func checkBody(body []byte, op *huma.Operation, byItem bool) (clean []byte, faults []contact.Fault) {
	d := newBodyReader(body, op, byItem, false)
	err := d.read(op.RequestBody.Content[jsonType].Schema)
	if errors.Is(err, jsontext.ErrDuplicateName) { // the decoder stopped there: read the rest leniently
		d = newBodyReader(body, op, byItem, true)
		err = d.read(op.RequestBody.Content[jsonType].Schema)
	}
	switch {
	case err != nil:
		return nil, append(d.reported(), d.syntaxFault(err))
	case d.lenient:
		return nil, d.reported()
	}
	return d.clean.Bytes(), d.reported()
}

// A bodyReader copies the known fields of a body to clean, and collects the faults.
type bodyReader struct {
	registry        huma.Registry
	body            []byte
	in              *jsontext.Decoder
	out             *jsontext.Encoder
	clean           bytes.Buffer
	faults          []contact.Fault
	byItem          bool        // faults within an item refuse only that item
	faultCounts     map[int]int // number of faults by item; -1 for those outside all items
	isPlentymarkets bool        // the body is in the plentymarkets dialect
	lenient         bool        // a duplicate field is a fault like others, and reading continues
}

func newBodyReader(body []byte, op *huma.Operation, byItem, lenient bool) *bodyReader {
	d := &bodyReader{registry: op.Metadata[registryKey].(huma.Registry), body: body, byItem: byItem, faultCounts: map[int]int{}, lenient: lenient,
		isPlentymarkets: strings.HasPrefix(op.Path, plentymarkets),
		in:              jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(lenient))}
	d.out = jsontext.NewEncoder(&d.clean)
	return d
}

// read reads the whole body. It returns syntax errors.
func (d *bodyReader) read(s *huma.Schema) error {
	if err := d.value(s, "", 0); err != nil {
		return err
	}
	if _, err := d.in.ReadToken(); !errors.Is(err, io.EOF) {
		return errTrailingData
	}
	return nil
}

// value reads the next value. It returns syntax errors, after which nothing can be read.
func (d *bodyReader) value(s *huma.Schema, pointer string, depth int) error {
	kind := d.in.PeekKind()
	for s.Ref != "" || s.OneOf != nil {
		s = d.variant(s, kind)
	}
	if depth > maxDepth {
		return errTooDeep
	}
	switch {
	case kind == '{' && s.Type == huma.TypeObject:
		return d.object(s, pointer, depth)
	case kind == '[' && s.Type == huma.TypeArray:
		return d.array(s, pointer, depth)
	case kind == '{' || kind == '[':
		d.fault(pointer, "must be "+article(s.Type))
		return d.skip(pointer)
	}
	return d.scalar(s, pointer)
}

// variant resolves a reference, or selects the schema for a value of this kind: by the object's discriminator, else the
// first; for arrays the last.
func (d *bodyReader) variant(s *huma.Schema, kind jsontext.Kind) *huma.Schema {
	switch {
	case s.Ref != "":
		return d.registry.SchemaFromRef(s.Ref)
	case s.Discriminator != nil:
		if ref, named := s.Discriminator.Mapping[d.peekField(s.Discriminator.PropertyName)]; named {
			return d.registry.SchemaFromRef(ref)
		}
		return s.OneOf[0]
	case kind == '[':
		return s.OneOf[len(s.OneOf)-1]
	}
	return s.OneOf[0]
}

// peekField returns a string field of the next object, "" if absent, without consuming it.
func (d *bodyReader) peekField(name string) string {
	next := bytes.TrimLeft(d.body[d.in.InputOffset():], " \t\r\n:,")
	in := jsontext.NewDecoder(bytes.NewReader(next), jsontext.AllowDuplicateNames(true))
	if begin, err := in.ReadToken(); err != nil || begin.Kind() != '{' {
		return ""
	}
	for in.PeekKind() == '"' {
		key, err := in.ReadToken()
		switch {
		case err != nil:
			return ""
		case key.String() != name:
			if in.SkipValue() != nil {
				return ""
			}
		case in.PeekKind() != '"':
			return ""
		default:
			value, _ := in.ReadToken() // a syntax error is reported when the object is read
			return value.String()
		}
	}
	return ""
}

func (d *bodyReader) object(s *huma.Schema, pointer string, depth int) error {
	if err := d.copyToken(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for d.in.PeekKind() != '}' {
		name, err := d.in.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		at := pointer + "/" + escapePointer(key)
		property, known := s.Properties[key]
		switch {
		case seen[key]:
			d.fault(at, duplicateField)
			err = d.skip(at)
		case known && property.ReadOnly, !known && d.isIgnored(s, key, depth):
			err = d.skip(at)
		case !known:
			d.fault(at, "unknown field")
			err = d.skip(at)
		case d.isPlentymarkets && d.in.PeekKind() == 'n':
			if err = d.in.SkipValue(); err == nil {
				continue // like absent
			}
		default:
			if err = d.out.WriteToken(jsontext.String(key)); err == nil {
				err = d.value(property, at, depth+1)
			}
		}
		if err != nil {
			return err
		}
		seen[key] = true
	}
	for _, name := range s.Required {
		if !s.Properties[name].ReadOnly && !seen[name] {
			d.fault(pointer+"/"+escapePointer(name), "is required")
		}
	}
	return d.copyToken()
}

func (d *bodyReader) array(s *huma.Schema, pointer string, depth int) error {
	if err := d.copyToken(); err != nil {
		return err
	}
	n := 0
	for ; d.in.PeekKind() != ']'; n++ {
		var err error
		if s.MaxItems != nil && n >= *s.MaxItems {
			err = d.skip(pointer) // excess items are not validated
		} else {
			err = d.value(s.Items, pointer+"/"+strconv.Itoa(n), depth+1)
		}
		if err != nil {
			return err
		}
	}
	if s.MinItems != nil && n < *s.MinItems {
		d.fault(pointer, fmt.Sprintf("must have at least %d items", *s.MinItems))
	}
	if s.MaxItems != nil && n > *s.MaxItems {
		d.fault(pointer, fmt.Sprintf("must have at most %d items", *s.MaxItems))
	}
	return d.copyToken()
}

func (d *bodyReader) scalar(s *huma.Schema, pointer string) error {
	token, err := d.in.ReadToken()
	if err != nil {
		return err
	}
	if d.isPlentymarkets {
		if token = plentymarketsToken(s, token); isCleared(s, token) {
			return d.out.WriteToken(jsontext.Null)
		}
	}
	switch token.Kind() {
	case 'n':
		d.fault(pointer, "must be "+article(s.Type)+"; leave the field out instead of null")
	case '"':
		text := contact.NormalizeText(token.String())
		d.text(s, pointer, text)
		token = jsontext.String(text)
	case '0':
		number, err := token.Float()
		if len(token.String()) > contact.MaxDecimal {
			d.fault(pointer, fmt.Sprintf("must have at most %d characters", contact.MaxDecimal))
		} else if err != nil {
			d.fault(pointer, "is out of the range of numbers")
		} else {
			d.validate(s, pointer, number)
			if whole := int64(number); s.Type == huma.TypeInteger && math.Abs(number) < 1<<53 && float64(whole) == number {
				token = jsontext.Int(whole) // 2.0 and 2e0 are integers too
			}
		}
	default:
		d.validate(s, pointer, token.Bool())
	}
	return d.out.WriteToken(token)
}

// text validates a string: as text, by its format, and by its schema.
func (d *bodyReader) text(s *huma.Schema, pointer, text string) {
	before := len(d.faults)
	if s.Type == huma.TypeString {
		if detail := contact.CheckText(text); detail != "" {
			d.fault(pointer, detail)
			return
		}
		if s.Pattern == nonBlank && text == "" {
			d.fault(pointer, "must hold more than blanks")
			return
		}
		if check := contact.FormatCheck(s.Format); check != nil {
			if detail := check(text); detail != "" {
				d.fault(pointer, detail)
				return
			}
			plain := *s
			plain.Format = "" // contact.Formats is authoritative
			s = &plain
		}
	}
	d.validate(s, pointer, text)
	if _, err := contact.ParseID(text); s.Pattern == IDPattern && err != nil && len(d.faults) == before {
		d.fault(pointer, "must be an id, below 2^53")
	}
}

// validate validates a scalar against its schema.
func (d *bodyReader) validate(s *huma.Schema, pointer string, value any) {
	var found huma.ValidateResult
	huma.Validate(d.registry, s, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, value, &found)
	for _, err := range found.Errors {
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			d.fault(pointer, detail.Message)
			return // one fault per value suffices
		}
	}
}

func (d *bodyReader) copyToken() error {
	token, err := d.in.ReadToken()
	if err != nil {
		return err
	}
	return d.out.WriteToken(token)
}

// skipChecked skips a value, and reports the duplicate fields that a lenient decoder accepts.
func (d *bodyReader) skipChecked(pointer string) error {
	outside := d.in.StackDepth()
	if !d.lenient {
		return skipWithin(d.in, maxDepth+1)
	}
	passed, err := d.in.ReadValue()
	if err != nil {
		return err
	}
	err = skipWithin(jsontext.NewDecoder(bytes.NewReader(passed)), maxDepth+1-outside)
	if errors.Is(err, jsontext.ErrDuplicateName) {
		f := syntaxFault(err)
		d.fault(pointer+f.Pointer, f.Detail)
		return nil
	}
	return err
}

// skipWithin skips a value. It returns errTooDeep below this many levels.
func skipWithin(in *jsontext.Decoder, levels int) error {
	for outside := in.StackDepth(); ; {
		if _, err := in.ReadToken(); err != nil {
			return err
		}
		switch depth := in.StackDepth(); {
		case depth == outside:
			return nil
		case depth > levels:
			return errTooDeep
		}
	}
}

// skip skips a value, and writes null where the output requires a value. The fault prevents decoding it.
func (d *bodyReader) skip(pointer string) error {
	if err := d.skipChecked(pointer); err != nil {
		return err
	}
	if kind, _ := d.out.StackIndex(d.out.StackDepth()); kind != '{' {
		return d.out.WriteToken(jsontext.Null)
	}
	if _, length := d.out.StackIndex(d.out.StackDepth()); length%2 == 1 {
		return d.out.WriteToken(jsontext.Null)
	}
	return nil
}

func article(schemaType string) string {
	switch schemaType {
	case huma.TypeObject, huma.TypeArray, huma.TypeInteger:
		return "an " + schemaType
	}
	return "a " + schemaType
}

// readBody reads a request's body, up to max bytes, without its byte order mark.
func readBody(r *http.Request, max int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, max+1))
	switch {
	case err != nil:
		p, _ := joinProblems([]error{unreadableBody("the body could not be read")})
		return nil, p
	case int64(len(body)) > max:
		return nil, contact.Refuse(contact.TooLarge, "the body exceeds the %d bytes that the operation accepts", max)
	}
	return bytes.TrimPrefix(body, []byte(byteOrderMark)), nil
}
