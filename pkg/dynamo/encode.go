package dynamo

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// Encode returns the item of a struct whose fields have dynamodbav tags, under a key.
func Encode(key Key, v any) (Item, error) {
	item, err := attributevalue.MarshalMap(v)
	if err != nil {
		return nil, fmt.Errorf("dynamo: the item %v: %w", key, err)
	}
	item["pk"], item["sk"] = String(key.PK), String(key.SK)
	return item, nil
}

// Decode returns the struct of an item, the zero one for none.
func Decode[T any](item Item) (v T, err error) {
	if err = attributevalue.UnmarshalMap(item, &v); err != nil {
		err = fmt.Errorf("dynamo: the item %v: %w", item.Key(), err)
	}
	return v, err
}
