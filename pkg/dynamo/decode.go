package dynamo

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json/jsontext"
)

// A Decoder decodes DynamoDB's JSON.
type Decoder struct {
	jsontext.Decoder
	// names are those of attributes and types, kept by their quoted form: most items have the same ones.
	names map[string]string
}

// Bounds of the names that a Decoder keeps: those that are data, such as the keys of a map, are longer.
const (
	maxNames      = 64
	maxNameLength = 16
)

// name returns a name that is quoted.
func (d *Decoder) name(quoted jsontext.Value) (string, error) {
	if name, ok := d.names[string(quoted)]; ok {
		return name, nil
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	name := string(text)
	if err == nil && len(name) <= maxNameLength && len(d.names) < maxNames {
		if d.names == nil {
			d.names = map[string]string{}
		}
		d.names[string(quoted)] = name
	}
	return name, err
}

// read decodes an answer; item reads each of its items. last is the LastEvaluatedKey.
func (a *answer) read(item func(*Decoder) error) (last Item, consumed *types.ConsumedCapacity, err error) {
	d := &a.decoder
	// DynamoDB sends no name twice; checking that would take a fifth of the time.
	d.Reset(&a.text, jsontext.AllowDuplicateNames(true))
	err = EachMember(d, func(name string) error {
		switch name {
		case "Items":
			return eachElement(d, func() error { return item(d) })
		case "Item":
			return item(d)
		case "LastEvaluatedKey":
			last, err = ReadItem(d)
			return err
		case "ConsumedCapacity":
			consumed, err = readConsumed(d)
			return err
		}
		return d.SkipValue()
	})
	if err != nil {
		err = fmt.Errorf("dynamo: the store's answer can't be read: %w", err)
	}
	return last, consumed, err
}

func readConsumed(d *Decoder) (*types.ConsumedCapacity, error) {
	consumed := new(types.ConsumedCapacity)
	err := EachMember(d, func(name string) error {
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
	return consumed, err
}

// EachMember reads a JSON object; member reads the value of each name.
func EachMember(d *Decoder, member func(name string) error) error {
	if err := begin(d, '{'); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadValue()
		if err != nil {
			return err
		}
		text, err := d.name(name)
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
func eachElement(d *Decoder, element func() error) error {
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

func begin(d *Decoder, kind jsontext.Kind) error {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("%q where %q is expected", token.Kind(), kind)
	}
	return err
}

// ReadScalar reads the text of an attribute of a type, "S" or "N"; nil if it is of another type.
func ReadScalar(d *Decoder, wanted string) (text []byte, err error) {
	err = EachMember(d, func(kind string) error {
		value, err := d.ReadValue()
		if err == nil && kind == wanted && value.Kind() == '"' {
			text, err = jsontext.AppendUnquote(make([]byte, 0, len(value)), value)
		}
		return err
	})
	return text, err
}

// ReadItem reads an item, {"name": {"S": "…"}, …}.
func ReadItem(d *Decoder) (Item, error) {
	item := Item{}
	err := EachMember(d, func(name string) error {
		value, err := ReadValue(d)
		item[name] = value
		return err
	})
	return item, err
}

// ReadValue reads a value, {"S": "…"} or another of DynamoDB's types.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html#Programming.LowLevelAPI.DataTypeDescriptors
func ReadValue(d *Decoder) (value types.AttributeValue, err error) {
	err = EachMember(d, func(kind string) error {
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
			all, err := readAll(d, ReadValue)
			value = &types.AttributeValueMemberL{Value: all}
			return err
		case "M":
			members, err := ReadItem(d)
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

func readAll[T any](d *Decoder, one func(*Decoder) (T, error)) (all []T, err error) {
	err = eachElement(d, func() error {
		v, err := one(d)
		all = append(all, v)
		return err
	})
	return all, err
}

func readText(d *Decoder) (string, error) {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != '"' {
		err = fmt.Errorf("%q where a text is expected", token.Kind())
	}
	if err != nil {
		return "", err
	}
	return token.String(), nil
}

func readBytes(d *Decoder) ([]byte, error) {
	text, err := readText(d)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}
