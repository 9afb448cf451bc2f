package dynamo

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Key names one item: PK is its partition, SK its place in the partition.
type Key struct{ PK, SK string }

// DynamoDB's bounds on the bytes of a key.
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
)

// IsValid reports whether DynamoDB accepts the key.
func (k Key) IsValid() bool {
	return k.PK != "" && len(k.PK) <= maxPartitionKey && k.SK != "" && len(k.SK) <= maxSortKey
}

// Item returns an item that has the key and no further attribute.
func (k Key) Item() Item { return Item{"pk": String(k.PK), "sk": String(k.SK)} }

// A Value is the value of an attribute.
type Value = types.AttributeValue

// An Item is a stored item by the names of its attributes. A missing item is nil: it has no attributes.
type Item map[string]Value

// String returns the value of a text.
func String(s string) Value { return &types.AttributeValueMemberS{Value: s} }

// Number returns the value of a number.
func Number(n int64) Value { return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)} }

// StringSet returns the value of a set of texts, which must not be empty.
func StringSet(texts ...string) Value { return &types.AttributeValueMemberSS{Value: texts} }

// Binary returns the value of some bytes.
func Binary(b []byte) Value { return &types.AttributeValueMemberB{Value: b} }

// Map returns the value of a map.
func Map(members Item) Value { return &types.AttributeValueMemberM{Value: members} }

// True is the value of a flag that is set. A flag that is not set has no attribute.
var True Value = &types.AttributeValueMemberBOOL{Value: true}

// Key returns the item's key.
func (i Item) Key() Key { return Key{i.String("pk"), i.String("sk")} }

// String returns a text, "" if the attribute is missing or of another type.
func (i Item) String(name string) string {
	if v, ok := i[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// Bytes returns bytes, nil if the attribute is missing or of another type.
func (i Item) Bytes(name string) []byte {
	if v, ok := i[name].(*types.AttributeValueMemberB); ok {
		return v.Value
	}
	return nil
}

// Number returns a number, 0 if the attribute is missing or of another type.
func (i Item) Number(name string) int64 {
	n, _ := number(i[name])
	return n
}

func number(value Value) (n int64, isNumber bool) {
	v, isNumber := value.(*types.AttributeValueMemberN)
	if isNumber {
		n, _ = strconv.ParseInt(v.Value, 10, 64)
	}
	return n, isNumber
}

// IsNumber reports whether an attribute is a number.
func (i Item) IsNumber(name string) bool {
	_, isNumber := number(i[name])
	return isNumber
}

// Time returns the time of a number of Unix milliseconds.
func (i Item) Time(name string) time.Time { return time.UnixMilli(i.Number(name)) }

// Bool reports whether a flag is set.
func (i Item) Bool(name string) bool {
	v, ok := i[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

// Strings returns a set of texts, nil if the attribute is missing or of another type.
func (i Item) Strings(name string) []string {
	if v, ok := i[name].(*types.AttributeValueMemberSS); ok {
		return v.Value
	}
	return nil
}

// Map returns a map, not ok if the attribute is missing or of another type.
func (i Item) Map(name string) (members Item, ok bool) {
	v, ok := i[name].(*types.AttributeValueMemberM)
	if !ok {
		return nil, false
	}
	return v.Value, true
}

// SetString sets a text, or removes the attribute if it is empty.
func (i Item) SetString(name, text string) {
	delete(i, name)
	if text != "" {
		i[name] = String(text)
	}
}

// SetStrings sets a set of texts, or removes the attribute if there are none: DynamoDB has no empty set.
func (i Item) SetStrings(name string, texts []string) {
	delete(i, name)
	if len(texts) > 0 {
		i[name] = StringSet(texts...)
	}
}

// at returns the value at a path, "name" or "map.member"; nil if there is none.
func (i Item) at(path string) Value {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		return i[name]
	}
	members, _ := i.Map(name)
	return members.at(rest)
}

// set sets the value at a path, or removes it for nil. What was the item's before is not changed.
func (i Item) set(path string, value Value) {
	name, rest, nested := strings.Cut(path, ".")
	switch {
	case nested:
		members, _ := i.Map(name)
		members = maps.Clone(members)
		members.set(rest, value)
		i[name] = Map(members)
	case value == nil:
		delete(i, name)
	default:
		i[name] = value
	}
}

// equal reports whether two values are the same; the order of a set doesn't count.
func equal(a, b Value) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberSS:
		b, ok := b.(*types.AttributeValueMemberSS)
		return ok && slices.Equal(slices.Sorted(slices.Values(a.Value)), slices.Sorted(slices.Values(b.Value)))
	case *types.AttributeValueMemberB:
		b, ok := b.(*types.AttributeValueMemberB)
		return ok && bytes.Equal(a.Value, b.Value)
	case *types.AttributeValueMemberM:
		b, ok := b.(*types.AttributeValueMemberM)
		return ok && maps.EqualFunc(a.Value, b.Value, equal)
	}
	return reflect.DeepEqual(a, b)
}
