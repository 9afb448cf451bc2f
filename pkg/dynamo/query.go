package dynamo

import (
	"context"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Query reads items of one partition in the order of their sort keys, strongly consistent, in as many calls as it takes. Its methods
// return it, and its value may be read any number of times.
type Query struct {
	table *Table
	input dynamodb.QueryInput
	p     placeholders
}

// Query returns the query of a whole partition.
func (t *Table) Query(partition string) *Query {
	q := &Query{table: t, input: dynamodb.QueryInput{TableName: &t.name, ConsistentRead: aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}}
	q.input.KeyConditionExpression = aws.String(q.p.name("pk") + " = " + q.p.value(String(partition)))
	return q
}

// Between limits the sort keys to a range that includes both bounds.
func (q *Query) Between(from, to string) *Query {
	return q.and(q.p.name("sk") + " BETWEEN " + q.p.value(String(from)) + " AND " + q.p.value(String(to)))
}

// Prefix limits the sort keys to those with a prefix; "" is no limit. For begins_with the local engine would read the whole partition.
func (q *Query) Prefix(prefix string) *Query {
	if prefix == "" {
		return q
	}
	return q.Between(prefix, LastWithPrefix(prefix))
}

// LastWithPrefix returns the greatest sort key with a prefix: no key has the last character of Unicode, which means none.
func LastWithPrefix(prefix string) string { return prefix + string(unicode.MaxRune) }

func (q *Query) and(condition string) *Query {
	q.input.KeyConditionExpression = aws.String(*q.input.KeyConditionExpression + " AND " + condition)
	return q
}

// After begins with the item that follows a sort key, which need not be there.
func (q *Query) After(key Key) *Query {
	q.input.ExclusiveStartKey = key.Item()
	return q
}

// Backwards reverses the order.
func (q *Query) Backwards() *Query {
	q.input.ScanIndexForward = aws.Bool(false)
	return q
}

// Project limits the attributes that are read.
func (q *Query) Project(names ...string) *Query {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = q.p.path(name)
	}
	q.input.ProjectionExpression = aws.String(strings.Join(paths, ", "))
	return q
}

// Filter leaves out items that don't match. They consume read capacity, too.
func (q *Query) Filter(e Expr) *Query {
	q.input.FilterExpression = aws.String(e.render(&q.p))
	return q
}

// MaxPage is the most items that one call reads: that many fill the megabyte that DynamoDB reads at once.
const MaxPage = 10_000

// Read calls each with up to wanted items, with all for 0.
func (q *Query) Read(ctx context.Context, wanted int, each func(Item)) error {
	return ReadEach(ctx, q, wanted, ReadItem, func(i Item) bool { each(i); return true })
}

// ReadEach calls each with up to wanted converted items, with all for 0, until each returns false.
func ReadEach[T any](ctx context.Context, q *Query, wanted int, convert func(*Decoder) (T, error), each func(T) bool) error {
	input := q.input
	input.ExpressionAttributeNames, input.ExpressionAttributeValues = q.p.names, q.p.values
	got, more := 0, true
	for limit := min(wanted, MaxPage); ; limit = min(2*limit, MaxPage) { // few of many items may match a filter
		if wanted > 0 {
			input.Limit = aws.Int32(int32(limit))
		}
		before := got
		last, err := q.page(ctx, &input, func(d *Decoder) error {
			if !more || got == wanted && wanted > 0 {
				return d.SkipValue()
			}
			value, err := convert(d)
			if err == nil {
				got, more = got+1, each(value)
			}
			return err
		})
		if err != nil || last == nil || !more || got == wanted && wanted > 0 {
			return err
		}
		input.ExclusiveStartKey = last
		switch missing := min(wanted-got, MaxPage); {
		case input.FilterExpression == nil:
			limit = (missing + 1) / 2
		case 2*(got-before) >= limit: // most match
			limit = missing
		}
	}
}

// page makes one call; item takes each of its items. last is where the next call goes on, nil if there is no more.
func (q *Query) page(ctx context.Context, input *dynamodb.QueryInput, item func(*Decoder) error) (last Item, err error) {
	a := newAnswer()
	defer a.free()
	if _, err := q.table.client.Query(ctx, input, a.keep(&dynamodb.QueryOutput{})); err != nil {
		return nil, classify(err)
	}
	last, consumed, err := a.read(item)
	addRead(ctx, consumed)
	return last, err
}

// Scan reads one of several segments of the table, page by page, strongly consistent. filter, which may be nil, leaves items out.
func (t *Table) Scan(ctx context.Context, segment, segments int, filter Expr, page func([]Item) error) error {
	var p placeholders
	input := dynamodb.ScanInput{TableName: &t.name, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(int32(segments))}
	if filter != nil {
		input.FilterExpression = aws.String(filter.render(&p))
		input.ExpressionAttributeNames, input.ExpressionAttributeValues = p.names, p.values
	}
	for pages := dynamodb.NewScanPaginator(t.client, &input); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return classify(err)
		}
		addRead(ctx, out.ConsumedCapacity)
		items := make([]Item, len(out.Items))
		for i, item := range out.Items {
			items[i] = item
		}
		if err := page(items); err != nil {
			return err
		}
	}
	return nil
}
