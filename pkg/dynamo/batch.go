package dynamo

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Parallel bounds how many calls of the store one request makes at a time.
const Parallel = 8

// EachParallel calls do for 0 to n-1, Parallel of them at a time, and returns the first error; what has not begun by then
// is left out.
func EachParallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan int)
	var workers sync.WaitGroup
	for range min(n, Parallel) {
		workers.Go(func() {
			for i := range work {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		work <- i
	}
	close(work)
	workers.Wait()
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = unavailable(err)
	}
	return err
}

// maxGets is DynamoDB's bound on the items of a BatchGetItem.
const maxGets = 100

// gets reads items, strongly consistent, at half a read unit more than a Query would take for small ones. The items are in
// the order of their keys; a missing one is nil. attributes are those wanted, "" for all; sk has to be among them.
func (t *Table) gets(ctx context.Context, keys []Key, attributes string) ([]Item, error) {
	items := make([]Item, len(keys))
	place := make(map[Key]int, len(keys))
	for i, k := range keys {
		place[k] = i
	}
	chunks := (len(keys) + maxGets - 1) / maxGets
	err := EachParallel(ctx, chunks, func(ctx context.Context, n int) error {
		chunk := keys[n*maxGets : min((n+1)*maxGets, len(keys))]
		return t.getChunk(ctx, chunk, attributes, func(i Item) { items[place[i.key()]] = i })
	})
	return items, err
}

func (t *Table) getChunk(ctx context.Context, keys []Key, attributes string, each func(Item)) error {
	wanted := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	if attributes != "" {
		wanted.ProjectionExpression = aws.String(attributes)
	}
	for _, k := range keys {
		wanted.Keys = append(wanted.Keys, k.attributes())
	}
	for try := 0; len(wanted.Keys) > 0; try++ {
		if try > 0 {
			if err := backoff(ctx, try); err != nil {
				return err
			}
		}
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: wanted}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return failure(err)
		}
		var consumed types.ConsumedCapacity
		if len(out.ConsumedCapacity) > 0 {
			consumed = out.ConsumedCapacity[0]
		}
		units(ctx).read(&consumed)
		for _, item := range out.Responses[t.name] {
			each(item)
		}
		wanted.Keys = out.UnprocessedKeys[t.name].Keys
	}
	return nil
}
