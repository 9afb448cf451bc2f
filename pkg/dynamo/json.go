package dynamo

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/go-json-experiment/json/jsontext"
)

// EncodeJSON returns an item in DynamoDB's JSON, {"name": {"S": "…"}, …}, with the names sorted.
func EncodeJSON(item Item) ([]byte, error) {
	text, err := attributevalue.MarshalMapJSON(item)
	if err == nil {
		err = (*jsontext.Value)(&text).Canonicalize()
	}
	if err != nil {
		return nil, fmt.Errorf("dynamo: the item %v: %w", item.Key(), err)
	}
	return text, nil
}

// DecodeJSON is the reverse of EncodeJSON.
func DecodeJSON(text []byte) (Item, error) {
	var d Decoder
	d.Reset(bytes.NewReader(text))
	item, err := ReadItem(&d)
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("dynamo: more than one item")
	}
	return item, nil
}
