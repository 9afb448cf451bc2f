package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Put puts one item, outside of a transaction. A *ConditionError if a condition refuses it.
func (t *Table) Put(ctx context.Context, item Item, conditions ...Condition) error {
	var p placeholders
	out, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: item, ConditionExpression: renderConditions(conditions, &p),
		ExpressionAttributeNames: p.names, ExpressionAttributeValues: p.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityTotal,
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		addWrite(ctx)
		w := write{conditions: conditions}
		return &ConditionError{w.refusals(refused.Item)}
	case err != nil:
		return classify(err)
	}
	addWriteOne(ctx, out.ConsumedCapacity)
	return nil
}

// Increment adds 1 to a number of an item, which is created if there is none, and returns the number. A call whose answer is lost is
// retried: numbers can be skipped, and none is returned twice.
func (t *Table) Increment(ctx context.Context, key Key, attribute string) (int64, error) {
	out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: key.Item(),
		UpdateExpression:          aws.String("ADD #counter :one"),
		ExpressionAttributeNames:  map[string]string{"#counter": attribute},
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": Number(1)},
		ReturnValues:              types.ReturnValueUpdatedNew,
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return 0, classify(err)
	}
	addWriteOne(ctx, out.ConsumedCapacity)
	return Item(out.Attributes).Number(attribute), nil
}

// maxBatchPut is DynamoDB's bound on the items of a BatchWriteItem.
const maxBatchPut = 25

// PutAll puts items, several calls at a time; the last of those of one key counts. They are written one by one: an error leaves some of
// them written. Items that the store leaves unprocessed are tried again for as long as that makes progress.
func (t *Table) PutAll(ctx context.Context, items []Item) error {
	var keys []Key
	last := map[Key]Item{} // a batch takes no key twice
	for _, item := range items {
		key := item.Key()
		if _, twice := last[key]; !twice {
			keys = append(keys, key)
		}
		last[key] = item
	}
	batches := (len(keys) + maxBatchPut - 1) / maxBatchPut
	return EachParallel(ctx, batches, func(ctx context.Context, n int) error {
		var requests []types.WriteRequest
		for _, key := range keys[n*maxBatchPut : min((n+1)*maxBatchPut, len(keys))] {
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: last[key]}})
		}
		return t.putBatch(ctx, requests)
	})
}

func (t *Table) putBatch(ctx context.Context, requests []types.WriteRequest) error {
	const patience = 100 // tries that write nothing, each after at most a quarter of a second
	for idle := 0; len(requests) > 0; {
		out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{t.name: requests}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return classify(err)
		}
		addWrite(ctx, out.ConsumedCapacity...)
		left := out.UnprocessedItems[t.name]
		if len(left) < len(requests) {
			idle = 0
		}
		if requests = left; len(requests) == 0 {
			return nil
		}
		if idle++; idle > patience {
			return Unavailable(errUnprocessed)
		}
		if err := Backoff(ctx, idle, errUnprocessed); err != nil {
			return err
		}
	}
	return nil
}
