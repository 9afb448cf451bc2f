package dynamo

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
	"contacts/pkg/retries"
)

// Parallel bounds how many calls of the store one request makes at a time.
const Parallel = 8

// EachParallel calls do for 0 to n-1, Parallel of them at a time, and returns the first error of do, or else that of ctx; what has not
// begun by then is left out.
func EachParallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first error
	var fail sync.Once
	work := make(chan int)
	var workers sync.WaitGroup
	for range min(n, Parallel) {
		workers.Go(func() {
			for i := range work {
				if err := do(ctx, i); err != nil {
					fail.Do(func() { first = err })
					cancel()
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		work <- i
	}
	close(work)
	workers.Wait()
	if first == nil {
		first = outer.Err()
	}
	told := errors.As(first, new(*contact.Error))
	if !told && (errors.Is(first, context.Canceled) || errors.Is(first, context.DeadlineExceeded)) {
		return unavailable(first)
	}
	return first
}

// errUnprocessed says that the store gave keys back: it throttles.
var errUnprocessed = errors.New("dynamo: not all keys of a batch were processed")

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
	var met error
	for try := 0; len(wanted.Keys) > 0; try++ {
		if try > 0 {
			met = errUnprocessed
			if err := backoff(ctx, try, met); err != nil {
				return err
			}
		}
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: wanted}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return failure(retries.WithLastError(ctx, err, met))
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
