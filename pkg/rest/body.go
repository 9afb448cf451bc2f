package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// maxDepth is how deep a body may nest. No schema goes deeper than 6.
const maxDepth = 32

// A Payload is the JSON body of a request, read as strictly as the contract asks: no duplicate key, no unknown field,
// no null, nothing behind it. All faults are found at once. Fields that only the platform sets are skipped, so that
// what GET returned can be sent back. Text is brought to Unicode's form C.
type Payload struct{ clean []byte }

// Resolve reads the body; huma calls it.
func (p *Payload) Resolve(ctx huma.Context) []error {
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

// Value returns what was sent, as the type that the route takes. A type with rules of its own beyond its schema has them
// in a method Check.
func Value[T any](p *Payload) (value T, err error) {
	if err = json.Unmarshal(p.clean, &value); err != nil {
		// Its schema takes it and its type does not: checkBody knows no such case.
		f := contact.Fault{Detail: "the body can't be read"}
		if semantic := new(json.SemanticError); errors.As(err, &semantic) {
			f = contact.Fault{Pointer: string(semantic.JSONPointer), Detail: "is not a valid value"}
		}
		return value, &contact.Error{Reason: contact.Malformed, Detail: summary([]contact.Fault{f}), Faults: []contact.Fault{f}}
	}
	if checked, ok := any(&value).(interface{ Check() error }); ok {
		err = checked.Check()
	}
	return value, err
}

func checkHeaders(ctx huma.Context) error {
	if err := checkCoding(ctx); err != nil {
		return err
	}
	return checkMediaType(ctx.Header("Content-Type"))
}

func checkCoding(ctx huma.Context) error {
	if coding := ctx.Header("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return unsupportedMedia.problem("Send the body as it is, without Content-Encoding.")
	}
	return nil
}

// checkMediaType takes JSON in UTF-8, and a body that doesn't say what it is.
func checkMediaType(contentType string) error {
	if contentType == "" {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	if err != nil || media != jsonType || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return unsupportedMedia.problem("Send the body as application/json in UTF-8.")
	}
	return nil
}

const jsonType = "application/json"

// checkBody returns the body as far as its schema knows it, and all that is wrong with it, or with each item of a list in it.
func checkBody(body []byte, op *huma.Operation, byItem bool) (clean []byte, faults []contact.Fault) {
	d := &bodyReader{registry: op.Metadata[registryKey].(huma.Registry), in: jsontext.NewDecoder(bytes.NewReader(body)),
		byItem: byItem, found: map[int]int{}}
	d.out = jsontext.NewEncoder(&d.clean)
	if err := d.value(op.RequestBody.Content[jsonType].Schema, "", 0); err != nil {
		return nil, append(d.faults, syntaxFault(err))
	}
	if _, err := d.in.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, append(d.faults, contact.Fault{Detail: "there is more behind the JSON value"})
	}
	return d.clean.Bytes(), d.faults
}

// A bodyReader copies a body to clean as far as the schema knows it, and gathers what is wrong.
type bodyReader struct {
	registry huma.Registry
	in       *jsontext.Decoder
	out      *jsontext.Encoder
	clean    bytes.Buffer
	faults   []contact.Fault
	byItem   bool        // what is wrong with an item of the body's list is that item's own fault
	found    map[int]int // how many faults, by the item that they are in
}

// maxFaults bounds how many faults are told of one body, or of one item of a list in it.
const maxFaults = 100

func (d *bodyReader) fault(pointer, detail string) {
	row, ok := rowOf(pointer)
	if !ok || !d.byItem {
		row = -1
	}
	if d.found[row]++; d.found[row] <= maxFaults {
		d.faults = append(d.faults, contact.Fault{Pointer: pointer, Detail: detail})
	}
}

// value reads the next value; its error is one of syntax, behind which nothing can be read.
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
		return d.skip()
	}
	return d.scalar(s, pointer)
}

// variant follows a reference, or takes the schema that a value of the kind is meant for: arrays are the last of several.
func (d *bodyReader) variant(s *huma.Schema, kind jsontext.Kind) *huma.Schema {
	switch {
	case s.Ref != "":
		return d.registry.SchemaFromRef(s.Ref)
	case kind == '[':
		return s.OneOf[len(s.OneOf)-1]
	}
	return s.OneOf[0]
}

func (d *bodyReader) object(s *huma.Schema, pointer string, depth int) error {
	if err := d.copyToken(); err != nil {
		return err
	}
	var seen []string
	for d.in.PeekKind() != '}' {
		name, err := d.in.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		at := pointer + "/" + escapePointer(key)
		property, known := s.Properties[key]
		switch {
		case !known:
			d.fault(at, "there is no such field")
			err = d.skip()
		case property.ReadOnly:
			err = d.skip()
		default:
			seen = append(seen, key)
			if err = d.out.WriteToken(jsontext.String(key)); err == nil {
				err = d.value(property, at, depth+1)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, name := range s.Required {
		if !s.Properties[name].ReadOnly && !slices.Contains(seen, name) {
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
			err = d.skip() // they are too many: what they are doesn't matter
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
			d.leaf(s, pointer, number)
			if whole := int64(number); s.Type == huma.TypeInteger && math.Abs(number) < 1<<53 && float64(whole) == number {
				token = jsontext.Int(whole) // however it was spelled: 2.0 is an integer, 2e0 too
			}
		}
	default:
		d.leaf(s, pointer, token.Bool())
	}
	return d.out.WriteToken(token)
}

// text holds a string against the rules of all text, its format, and its schema.
func (d *bodyReader) text(s *huma.Schema, pointer, text string) {
	before := len(d.faults)
	if s.Type == huma.TypeString {
		if detail := contact.CheckText(text); detail != "" {
			d.fault(pointer, detail)
			return
		}
		if check := contact.Formats(s.Format); check != nil {
			if detail := check(text); detail != "" {
				d.fault(pointer, detail)
				return
			}
			plain := *s
			plain.Format = "" // the domain's check is the one that counts
			s = &plain
		}
	}
	d.leaf(s, pointer, text)
	if _, err := contact.ParseID(text); s.Pattern == idPattern && err != nil && len(d.faults) == before {
		d.fault(pointer, "must be an id, below 2^53")
	}
	if s.Pattern == nonBlank && len(d.faults) == before && strings.TrimSpace(text) == "" {
		d.fault(pointer, "must hold more than blanks")
	}
}

// leaf holds a scalar against its schema.
func (d *bodyReader) leaf(s *huma.Schema, pointer string, value any) {
	var found huma.ValidateResult
	huma.Validate(d.registry, s, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, value, &found)
	for _, err := range found.Errors {
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			d.fault(pointer, detail.Message)
			return // the first says enough of one value
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

// skip reads a value that is not kept, and puts null where one is needed. What follows would not be decoded anyway.
func (d *bodyReader) skip() error {
	for outside := d.in.StackDepth(); ; {
		if _, err := d.in.ReadToken(); err != nil {
			return err
		}
		if d.in.StackDepth() == outside {
			break
		}
		if d.in.StackDepth() > maxDepth+1 { // the depth of what is in it
			return errTooDeep
		}
	}
	if kind, _ := d.out.StackIndex(d.out.StackDepth()); kind != '{' {
		return d.out.WriteToken(jsontext.Null)
	}
	if _, length := d.out.StackIndex(d.out.StackDepth()); length%2 == 1 {
		return d.out.WriteToken(jsontext.Null)
	}
	return nil
}

var errTooDeep = errors.New("the JSON nests too deep")

// syntaxFault says where a body stops being JSON. The decoder's own words are kept out: they quote the body.
func syntaxFault(err error) contact.Fault {
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return contact.Fault{Detail: "the body is empty or ends before its JSON does"}
		}
		return contact.Fault{Detail: errTooDeep.Error()}
	}
	pointer := string(syntactic.JSONPointer)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return contact.Fault{Pointer: pointer, Detail: "the field is there twice"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return contact.Fault{Pointer: pointer, Detail: "the body ends before its JSON does"}
	}
	return contact.Fault{Pointer: pointer, Detail: fmt.Sprintf("is not valid JSON in UTF-8, at byte %d", syntactic.ByteOffset)}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func escapePointer(name string) string { return pointerEscapes.Replace(name) }

func article(schemaType string) string {
	switch schemaType {
	case huma.TypeObject, huma.TypeArray, huma.TypeInteger:
		return "an " + schemaType
	}
	return "a " + schemaType
}

// readBody reads a request's body whole, up to max bytes.
func readBody(r *http.Request, max int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, max+1))
	switch {
	case err != nil:
		return nil, contact.Refuse(contact.Malformed, "the body can't be read")
	case int64(len(body)) > max:
		return nil, contact.Refuse(contact.TooLarge, "the body is larger than the %d bytes that the operation takes", max)
	}
	return body, nil
}
