package dynamo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json"
)

// EncodeJSON returns an item in DynamoDB's JSON, {"name": {"S": "…"}, …}: the same for the same item.
func EncodeJSON(item Item) ([]byte, error) {
	attributes := map[string]any{}
	for name, value := range item {
		var err error
		if attributes[name], err = encodeValue(value); err != nil {
			return nil, fmt.Errorf("dynamo: attribute %s of %v: %w", name, item.Key(), err)
		}
	}
	return json.Marshal(attributes, json.Deterministic(true))
}

func encodeValue(value Value) (any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}, nil
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}, nil
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}, nil
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}, nil
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": slices.Sorted(slices.Values(v.Value))}, nil
	case *types.AttributeValueMemberM:
		m := map[string]any{}
		for name, inner := range v.Value {
			var err error
			if m[name], err = encodeValue(inner); err != nil {
				return nil, err
			}
		}
		return map[string]any{"M": m}, nil
	}
	return nil, fmt.Errorf("%T is of a type that no item has", value)
}

// jsonValue is a value as DynamoDB's JSON has it.
type jsonValue struct {
	S, N *string              `json:",omitzero"`
	BOOL *bool                `json:",omitzero"`
	B    []byte               `json:",omitzero"`
	SS   []string             `json:",omitzero"`
	M    map[string]jsonValue `json:",omitzero"`
}

func (v jsonValue) value() (Value, error) {
	switch {
	case v.S != nil:
		return String(*v.S), nil
	case v.N != nil:
		return &types.AttributeValueMemberN{Value: *v.N}, nil
	case v.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *v.BOOL}, nil
	case v.B != nil:
		return Binary(v.B), nil
	case v.SS != nil:
		return StringSet(v.SS...), nil
	case v.M != nil:
		m := Item{}
		for name, inner := range v.M {
			var err error
			if m[name], err = inner.value(); err != nil {
				return nil, err
			}
		}
		return Map(m), nil
	}
	return nil, errors.New("a value has no type")
}

// DecodeJSON is the reverse of EncodeJSON.
func DecodeJSON(text []byte) (Item, error) {
	var attributes map[string]jsonValue
	if err := json.Unmarshal(text, &attributes, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	item := Item{}
	for name, v := range attributes {
		var err error
		if item[name], err = v.value(); err != nil {
			return nil, err
		}
	}
	return item, nil
}
