package dynamo

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/go-json-experiment/json/jsontext"
)

// The SDK decodes an answer twice: into maps of any, then into attributes. For reads, whose answers can have thousands of items,
// its step of decoding is replaced by one that keeps the answer's text, which then becomes items in one pass. A list of 5,000 contacts
// takes a function a quarter of the CPU time for it (make bench). What comes before that step stays the SDK's: signing, tries,
// the checksum of the answer; and refusals are read by the SDK's own step.

// An answer is the text of DynamoDB's answer to a read. It is given back with free.
type answer struct{ text *bytes.Buffer }

var answers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keptBuffer is how large a buffer may be to be used again: an answer has at most 1 MB of items, whose names and quotes come on top.
const keptBuffer = 4 << 20

func newAnswer() *answer {
	text := answers.Get().(*bytes.Buffer)
	text.Reset()
	return &answer{text}
}

func (a *answer) free() {
	if a.text.Cap() <= keptBuffer {
		answers.Put(a.text)
	}
}

// keep makes a call of the SDK leave its answer's text here. result is what the SDK returns in place of what it would have decoded.
func (a *answer) keep(result any) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			k := &keeper{answer: a, result: result}
			var err error
			k.decode, err = stack.Deserialize.Swap(k.ID(), k)
			return err
		})
	}
}

// A keeper takes the place of the SDK's step that decodes an answer.
type keeper struct {
	answer *answer
	result any
	decode middleware.DeserializeMiddleware // the step that it replaces
}

// ID is that of the step that it replaces.
func (*keeper) ID() string { return "OperationDeserializer" }

// HandleDeserialize keeps the text of a success. A try whose answer breaks off begins anew.
func (k *keeper) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
) {
	out, metadata, err = next.HandleDeserialize(ctx, in)
	if err != nil {
		return out, metadata, err
	}
	response, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok || response.StatusCode < 200 || response.StatusCode > 299 {
		return k.decode.HandleDeserialize(ctx, in, answered{out, metadata})
	}
	k.answer.text.Reset()
	_, err = k.answer.text.ReadFrom(response.Body)
	err = errors.Join(err, response.Body.Close()) // which holds the text against its checksum
	if err != nil {
		return out, metadata, &smithy.DeserializationError{Err: fmt.Errorf("the answer broke off: %w", err)}
	}
	out.Result = k.result
	return out, metadata, nil
}

// answered hands on what was answered.
type answered struct {
	out      middleware.DeserializeOutput
	metadata middleware.Metadata
}

// HandleDeserialize returns it.
func (a answered) HandleDeserialize(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
	return a.out, a.metadata, nil
}

// read takes an answer apart: each item as it comes, and what is said of all of them. An item that each returns false for is the last
// one that is taken.
func (a *answer) read(each func(Item) bool) (last Item, consumed *types.ConsumedCapacity, err error) {
	// What DynamoDB sends has no name twice; to make sure would take a fifth of the time.
	d := jsontext.NewDecoder(a.text, jsontext.AllowDuplicateNames(true))
	taken := true
	err = eachMember(d, func(name string) error {
		switch name {
		case "Items":
			return eachElement(d, func() error {
				if !taken {
					return d.SkipValue()
				}
				item, err := readItem(d)
				if err == nil {
					taken = each(item)
				}
				return err
			})
		case "Item":
			item, err := readItem(d)
			if err == nil {
				each(item)
			}
			return err
		case "LastEvaluatedKey":
			last, err = readItem(d)
			return err
		case "ConsumedCapacity":
			consumed = new(types.ConsumedCapacity)
			return eachMember(d, func(name string) error {
				if name != "CapacityUnits" {
					return d.SkipValue()
				}
				number, err := d.ReadToken()
				if err != nil {
					return err
				}
				units, err := number.Float()
				consumed.CapacityUnits = &units
				return err
			})
		}
		return d.SkipValue()
	})
	if err != nil {
		err = fmt.Errorf("dynamo: the store's answer can't be read: %w", err)
	}
	return last, consumed, err
}

// eachMember reads an object; member reads the value of each name.
func eachMember(d *jsontext.Decoder, member func(name string) error) error {
	if err := begin(d, '{'); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadValue()
		if err != nil {
			return err
		}
		text, err := unquoted(name)
		if err == nil {
			err = member(text)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// eachElement reads an array; element reads each value.
func eachElement(d *jsontext.Decoder, element func() error) error {
	if err := begin(d, '['); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func begin(d *jsontext.Decoder, kind jsontext.Kind) error {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("%q where %q is expected", token.Kind(), kind)
	}
	return err
}

// unquoted is a name. Those that most items have take no memory of their own.
func unquoted(name jsontext.Value) (string, error) {
	switch string(name) {
	case `"sk"`:
		return "sk", nil
	case `"pk"`:
		return "pk", nil
	case `"doc"`:
		return attrDoc, nil
	case `"v"`:
		return attrVersion, nil
	case `"created"`:
		return attrCreated, nil
	case `"updated"`:
		return attrUpdated, nil
	case `"claims"`:
		return attrClaims, nil
	case `"finds"`:
		return attrFinds, nil
	case `"S"`:
		return "S", nil
	case `"N"`:
		return "N", nil
	case `"SS"`:
		return "SS", nil
	}
	text, err := jsontext.AppendUnquote(nil, name)
	return string(text), err
}

// readItem reads {"name": {"S": "…"}, …}.
func readItem(d *jsontext.Decoder) (Item, error) {
	item := Item{}
	err := eachMember(d, func(name string) error {
		value, err := readAttribute(d)
		item[name] = value
		return err
	})
	return item, err
}

// readAttribute reads {"S": "…"} or another of DynamoDB's types.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html#Programming.LowLevelAPI.DataTypeDescriptors
func readAttribute(d *jsontext.Decoder) (value types.AttributeValue, err error) {
	err = eachMember(d, func(kind string) error {
		switch kind {
		case "S":
			s, err := readText(d)
			value = &types.AttributeValueMemberS{Value: s}
			return err
		case "N":
			s, err := readText(d)
			value = &types.AttributeValueMemberN{Value: s}
			return err
		case "BOOL":
			token, err := d.ReadToken()
			value = &types.AttributeValueMemberBOOL{Value: token.Kind() == 't'}
			return err
		case "B":
			b, err := readBytes(d)
			value = &types.AttributeValueMemberB{Value: b}
			return err
		case "SS":
			texts, err := readAll(d, readText)
			value = &types.AttributeValueMemberSS{Value: texts}
			return err
		case "NS":
			texts, err := readAll(d, readText)
			value = &types.AttributeValueMemberNS{Value: texts}
			return err
		case "BS":
			all, err := readAll(d, readBytes)
			value = &types.AttributeValueMemberBS{Value: all}
			return err
		case "L":
			all, err := readAll(d, readAttribute)
			value = &types.AttributeValueMemberL{Value: all}
			return err
		case "M":
			members, err := readItem(d)
			value = &types.AttributeValueMemberM{Value: members}
			return err
		case "NULL":
			value = &types.AttributeValueMemberNULL{Value: true}
		}
		return d.SkipValue()
	})
	if err == nil && value == nil {
		err = errors.New("an attribute of no known type")
	}
	return value, err
}

func readAll[T any](d *jsontext.Decoder, one func(*jsontext.Decoder) (T, error)) (all []T, err error) {
	err = eachElement(d, func() error {
		v, err := one(d)
		all = append(all, v)
		return err
	})
	return all, err
}

func readText(d *jsontext.Decoder) (string, error) {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != '"' {
		err = fmt.Errorf("%q where a text is expected", token.Kind())
	}
	if err != nil {
		return "", err
	}
	return token.String(), nil
}

func readBytes(d *jsontext.Decoder) ([]byte, error) {
	text, err := readText(d)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}
