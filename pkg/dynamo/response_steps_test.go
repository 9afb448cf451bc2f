package dynamo

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// responseSteps are the SDK's steps that handle a response. It passes them from the last to the first.
var responseSteps = []string{
	"AddRawResponseToMetadata",
	"ResponseErrorWrapper",
	"RequestIDRetriever",
	"OperationDeserializer", // is replaced: it has to see the body before anything else reads it, and after the checksum step
	"RecordResponseTiming",
	"DynamoDB:ResponseChecksumValidation", // wraps the body that the replacement reads
	"RequestResponseLogger",
}

// TestTheRawDeserializerFitsTheStepsOfTheSDK fails when a version of the SDK renames, reorders or adds steps, or speaks another
// protocol than JSON: reads would then fail, or skip a check, in a way that is hard to see.
func TestTheRawDeserializerFitsTheStepsOfTheSDK(t *testing.T) {
	t.Parallel()
	const advice = "compare pkg/dynamo/response.go with the SDK's new version, then change responseSteps"
	for operation, call := range map[string]func(*dynamodb.Client, *string, func(*dynamodb.Options)) error{
		"GetItem": func(c *dynamodb.Client, table *string, raw func(*dynamodb.Options)) error {
			_, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: Key{PK: "T#acme#I", SK: "1"}.Item()}, raw)
			return err
		},
		"Query": func(c *dynamodb.Client, table *string, raw func(*dynamodb.Options)) error {
			_, err := c.Query(t.Context(), &dynamodb.QueryInput{TableName: table}, raw)
			return err
		},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			const body = `{"Item":{}}`
			table := Open(Options{Name: "contacts", Region: "us-east-1", Endpoint: "http://dynamodb.invalid",
				Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), HTTPClient: &http.Client{Transport: fixedResponse(body)}})
			var steps []string
			client := dynamodb.New(table.client.Options(), func(o *dynamodb.Options) {
				o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
					return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("steps", func(ctx context.Context,
						in middleware.InitializeInput, next middleware.InitializeHandler,
					) (middleware.InitializeOutput, middleware.Metadata, error) {
						steps = stack.Deserialize.List()
						return next.HandleInitialize(ctx, in)
					}), middleware.After)
				})
			})
			a := newAnswer()
			var result any = &dynamodb.GetItemOutput{}
			if operation == "Query" {
				result = &dynamodb.QueryOutput{}
			}
			if err := call(client, &table.name, a.keep(result)); err != nil || a.text.String() != body {
				t.Errorf("the raw deserializer kept %q of %q, error %v: %s", a.text.String(), body, err, advice)
			}
			if !slices.Equal(steps, responseSteps) {
				t.Errorf("the SDK handles responses in the steps %q, want %q: %s", steps, responseSteps, advice)
			}
		})
	}
}

// A fixedResponse is a transport that answers each request with one JSON body and its checksum.
type fixedResponse string

func (f fixedResponse) RoundTrip(r *http.Request) (*http.Response, error) {
	const protocol = "application/x-amz-json-1.0"
	if got := r.Header.Get("Content-Type"); got != protocol {
		return nil, fmt.Errorf("the SDK speaks %s, not %s", got, protocol)
	}
	header := http.Header{"Content-Type": {protocol}, "X-Amz-Crc32": {fmt.Sprint(crc32.ChecksumIEEE([]byte(f)))}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(string(f))),
		ContentLength: int64(len(f)), Request: r}, nil
}
