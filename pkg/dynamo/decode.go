package dynamo

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json/jsontext"
)

// read takes an answer apart: item reads each of its items, the others are what is said of all of them.
func (a *answer) read(item func(*jsontext.Decoder) error) (last Item, consumed *types.ConsumedCapacity, err error) {
	d := &a.decoder
	// What DynamoDB sends has no name twice; to make sure would take a fifth of the time.
	d.Reset(&a.text, jsontext.AllowDuplicateNames(true))
	err = eachMember(d, func(name string) error {
		switch name {
		case "Items":
			return eachElement(d, func() error { return item(d) })
		case "Item":
			return item(d)
		case "LastEvaluatedKey":
			last, err = readItem(d)
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

func readConsumed(d *jsontext.Decoder) (*types.ConsumedCapacity, error) {
	consumed := new(types.ConsumedCapacity)
	err := eachMember(d, func(name string) error {
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

// shownAttributes are those that readRow reads.
const shownAttributes = "sk, " + attrDoc + ", " + attrVersion + ", " + attrRepresentatives + ", " + attrRepresented + ", " + attrMemberCount

// readRow reads an item as it is shown: what Item.record makes of it, without an Item.
func readRow(d *jsontext.Decoder) (r row, err error) {
	var derived Item
	err = eachMember(d, func(name string) error {
		switch name {
		case "sk":
			sk, err := readOnly(d, "S")
			r.sk = string(sk)
			r.ID = lastID(r.sk)
			return err
		case attrDoc:
			doc, err := readOnly(d, "S")
			if isObject(doc) {
				r.Doc = doc
			}
			return err
		case attrVersion:
			version, err := readOnly(d, "N")
			r.Version, _ = strconv.ParseInt(string(version), 10, 64)
			return err
		}
		value, err := readAttribute(d)
		if derived == nil {
			derived = Item{}
		}
		derived[name] = value
		return err
	})
	if derived != nil && r.Doc != nil {
		if derived.isScattered() {
			derived["sk"], derived[attrDoc], derived[attrVersion] = str(r.sk), str(string(r.Doc)), num(r.Version)
			r.scattered = derived
		}
		r.Doc = derived.derive(r.Doc)
	}
	return r, err
}

// readOnly reads the text of an attribute that is of a kind with one; nil if it is of another kind.
func readOnly(d *jsontext.Decoder, wanted string) (text []byte, err error) {
	err = eachMember(d, func(kind string) error {
		value, err := d.ReadValue()
		if err == nil && kind == wanted && value.Kind() == '"' {
			text, err = jsontext.AppendUnquote(make([]byte, 0, len(value)), value)
		}
		return err
	})
	return text, err
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
