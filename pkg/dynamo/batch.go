package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"contacts/pkg/retries"
)

// Parallel bounds how many calls of the store one request makes at a time.
const Parallel = 8

// EachParallel calls do for 0 to n-1, Parallel of them at a time, and returns the first error. Calls that have not begun by then are left out.
func EachParallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(Parallel)
	for i := 0; i < n && within.Err() == nil; i++ {
		group.Go(func() error { return do(within, i) })
	}
	err := group.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) && !errors.As(err, new(interface{ Unavailable() bool })) {
		return Unavailable(err)
	}
	return err
}

// errUnprocessed reports that the store left some keys of a batch unprocessed: it throttles.
var errUnprocessed = errors.New("dynamo: not all keys of a batch were processed")

// MaxBatchGet is DynamoDB's bound on the items of a BatchGetItem.
const MaxBatchGet = 100

// BatchGet reads items, strongly consistent, several calls at a time. The items are in the order of the keys, nil where there is none.
// attributes names those to be read, separated by commas; "" for all.
func (t *Table) BatchGet(ctx context.Context, keys []Key, attributes string) ([]Item, error) {
	return t.batchGet(ctx, keys, attributes, true)
}

// BatchGetEventually is BatchGet at half the cost: it may miss what was written shortly before, usually within the last second.
func (t *Table) BatchGetEventually(ctx context.Context, keys []Key, attributes string) ([]Item, error) {
	return t.batchGet(ctx, keys, attributes, false)
}

func (t *Table) batchGet(ctx context.Context, keys []Key, attributes string, consistent bool) ([]Item, error) {
	items := make([]Item, len(keys))
	index := make(map[Key]int, len(keys))
	for i, k := range keys {
		index[k] = i
	}
	batches := (len(keys) + MaxBatchGet - 1) / MaxBatchGet
	err := EachParallel(ctx, batches, func(ctx context.Context, n int) error {
		batch := keys[n*MaxBatchGet : min((n+1)*MaxBatchGet, len(keys))]
		return t.getBatch(ctx, batch, attributes, consistent, func(i Item) { items[index[i.Key()]] = i })
	})
	return items, err
}

func (t *Table) getBatch(ctx context.Context, keys []Key, attributes string, consistent bool, each func(Item)) error {
	wanted := types.KeysAndAttributes{ConsistentRead: &consistent}
	if attributes != "" {
		wanted.ProjectionExpression = aws.String(attributes)
	}
	for _, k := range keys {
		wanted.Keys = append(wanted.Keys, k.Item())
	}
	var last error
	for try := 0; len(wanted.Keys) > 0; try++ {
		if try > 0 {
			last = errUnprocessed
			if err := Backoff(ctx, try, last); err != nil {
				return err
			}
		}
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: wanted}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return classify(retries.WithLastError(ctx, err, last))
		}
		var consumed types.ConsumedCapacity
		if len(out.ConsumedCapacity) > 0 {
			consumed = out.ConsumedCapacity[0]
		}
		addRead(ctx, &consumed)
		for _, item := range out.Responses[t.name] {
			each(item)
		}
		wanted.Keys = out.UnprocessedKeys[t.name].Keys
	}
	return nil
}
