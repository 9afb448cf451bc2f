package dynamo

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The SDK decodes an answer twice: into maps of any, then into attributes. For reads, whose answers can have thousands of items,
// its step of decoding is replaced by one that keeps the answer's text, which then becomes items in one pass. A list of 5,000 contacts
// takes a function a quarter of the CPU time for it (make bench). What comes before that step stays the SDK's: signing, tries,
// the checksum of the answer; and refusals are read by the SDK's own step.

// An answer is the text of DynamoDB's answer to a read, with its decoder. free returns it to the pool.
type answer struct {
	text    bytes.Buffer
	decoder Decoder
}

var answers = sync.Pool{New: func() any { return new(answer) }}

// keptBuffer is the largest buffer that is used again, in bytes: an answer has at most 1 MB of items, and in addition names and quotes.
const keptBuffer = 4 << 20

func newAnswer() *answer { return answers.Get().(*answer) }

func (a *answer) free() {
	if a.text.Cap() <= keptBuffer {
		answers.Put(a)
	}
}

// keep returns the option that makes a call of the SDK store its answer's text here. The SDK returns result in place of what it would have
// decoded.
func (a *answer) keep(result any) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			k := &rawDeserializer{answer: a, result: result}
			var err error
			k.decode, err = stack.Deserialize.Swap(k.ID(), k)
			return err
		})
	}
}

// A rawDeserializer replaces the SDK's step that decodes an answer.
type rawDeserializer struct {
	answer *answer
	result any
	decode middleware.DeserializeMiddleware // the step that it replaces
}

// ID returns the id of the step that it replaces.
func (*rawDeserializer) ID() string { return "OperationDeserializer" }

// HandleDeserialize keeps the text of a success. A try whose answer breaks off begins anew.
func (k *rawDeserializer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
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
	err = errors.Join(err, response.Body.Close()) // which checks the text against its checksum
	if err != nil {
		return out, metadata, &smithy.DeserializationError{Err: &brokenOff{err, ctx.Err() == nil}}
	}
	out.Result = k.result
	return out, metadata, nil
}

// brokenOff is the error of an answer that broke off. A retry is safe, because only reads are kept; it makes no sense after the caller's
// deadline.
type brokenOff struct {
	cause error
	again bool
}

func (b *brokenOff) Error() string { return "the answer broke off: " + b.cause.Error() }
func (b *brokenOff) Unwrap() error { return b.cause }

// RetryableError reports to the SDK whether to retry.
func (b *brokenOff) RetryableError() bool { return b.again }

// answered is a handler that returns an answer.
type answered struct {
	out      middleware.DeserializeOutput
	metadata middleware.Metadata
}

func (a answered) HandleDeserialize(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
	return a.out, a.metadata, nil
}
