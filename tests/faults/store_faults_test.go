package faults

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"contacts/tests/harness"
)

// storeFaults are all faults that can happen to one request.
var storeFaults = []harness.StoreFault{
	{Name: "killed before", Kills: true, Respond: requestLost},
	{Name: "killed after", Kills: true, Respond: answerLost},
	{Name: "the request is lost", Respond: requestLost},
	{Name: "the answer is lost", Respond: answerLost},
	{Name: "the answer breaks off", Respond: answerCut},
	{Name: "throttled", Matches: harness.OfTable, Respond: harness.Refusing(400, "ProvisionedThroughputExceededException")},
	{Name: "too many requests", Matches: harness.OfTable, Respond: harness.Refusing(400, "RequestLimitExceeded")},
	{Name: "throttled as a whole", Matches: harness.OfTable, Respond: harness.Refusing(400, "ThrottlingException")},
	{Name: "failed before", Matches: harness.OfTable, Respond: harness.Refusing(500, "InternalServerError")},
	{Name: "failed after", Matches: harness.OfTable, Respond: afterSuccess(harness.Refusing(500, "InternalServerError"))},
	{Name: "unavailable", Respond: harness.Refusing(503, "ServiceUnavailable")},
	{Name: "slowed down", Matches: harness.OfBucket, Respond: harness.Refusing(503, "SlowDown")},
	{Name: "meets a transaction", Matches: ofTarget("PutItem", "UpdateItem", "DeleteItem"), Respond: harness.Refusing(400, "TransactionConflictException")},
	{Name: "is under way", Matches: ofTarget("TransactWriteItems"), Respond: harness.Refusing(400, "TransactionInProgressException")},
	{Name: "cancelled for a conflict", Matches: ofTarget("TransactWriteItems"), Respond: cancelling("TransactionConflict")},
	{Name: "cancelled for throttling", Matches: ofTarget("TransactWriteItems"), Respond: cancelling("ThrottlingError")},
	{Name: "cancelled for throughput", Matches: ofTarget("TransactWriteItems"), Respond: cancelling("ProvisionedThroughputExceeded")},
	{Name: "nothing of it processed", Matches: ofTarget("BatchGetItem"), Respond: unprocessed},
}

func ofTarget(operations ...string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		for _, o := range operations {
			if o == operation {
				return true
			}
		}
		return false
	}
}

func requestLost(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return nil, harness.ErrCut
}

func answerLost(_ *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
	if response, err := carry(); err == nil {
		_, _ = io.Copy(io.Discard, response.Body) // the store is through with it
		_ = response.Body.Close()
	}
	return nil, harness.ErrCut
}

// answerCut returns half of the response.
func answerCut(_ *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
	response, err := carry()
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), failing{}))
	return response, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, harness.ErrCut }

func afterSuccess(happen func(*http.Request, func() (*http.Response, error)) (*http.Response, error)) func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return func(r *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
		_, _ = answerLost(r, carry)
		return happen(r, carry)
	}
}

// cancelling refuses a transaction for its first item.
func cancelling(code string) func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		reasons := fmt.Sprintf(`{"Code":%q,"Message":"try again"}`, code) + strings.Repeat(`,{"Code":"None"}`, strings.Count(string(text), `"TableName"`)-1)
		return harness.Answering(r, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"cancelled","CancellationReasons":[`+reasons+`]}`), nil
	}
}

// unprocessed returns all keys of a BatchGetItem as unprocessed.
func unprocessed(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	asked := string(text)
	at := strings.Index(asked, `"RequestItems":`) + len(`"RequestItems":`)
	end := strings.LastIndex(asked, `,"ReturnConsumedCapacity"`)
	if end < at {
		end = len(asked) - 1
	}
	return harness.Answering(r, 200, `{"Responses":{},"UnprocessedKeys":`+asked[at:end]+`}`), nil
}
