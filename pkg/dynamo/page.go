package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// A Query says which part of a list is wanted: Limit rows behind the position After, or behind the first Offset rows.
type Query struct {
	Limit, Offset int
	After         contact.ID // 0 for the list's beginning
	// Living leaves deleted contacts out; they count for neither Limit nor Offset then.
	Living bool
	// of is what the rows belong to, and go with. The zero Key: contacts, which stay.
	of Key
}

// A Page is part of a list. More tells that the list goes on behind its last row. One whose rows have more than maxShown bytes
// ends early: it has to be asked for in smaller ones anyway.
type Page struct {
	Rows []Record
	More bool
}

// page reads part of a list, strongly consistent: each write shows as soon as it was answered.
// One read unit for each 4 KB that is read; what an offset costs more is in marks.go.
func (t *Table) page(ctx context.Context, list string, q Query) (Page, error) {
	from, there, err := t.marksOf(Key{PK: list}, q).seek(ctx, spot{q.After, q.Offset})
	if err != nil || !there {
		return Page{}, err
	}
	r := &reader{table: t, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(list), ":end": str(endOfIDs)},
	}}
	if q.Living {
		r.input.FilterExpression = aws.String("attribute_not_exists(deleted)")
	}
	rows := make([]Record, 0, min(q.Limit+1, 256))
	err = r.show(ctx, behind(digits(from.behind)), from.on+q.Limit+1, func(i Item) int {
		if from.on > 0 { // too few to be worth a Query of their own
			from.on--
			return 0
		}
		row := i.record()
		rows = append(rows, row)
		return len(row.Doc)
	})
	if err != nil && !errors.Is(err, ErrTooMuch) { // too much already: what is left out would make it no less
		return Page{}, err
	}
	more := len(rows) > q.Limit
	return Page{Rows: rows[:min(q.Limit, len(rows))], More: more}, nil
}

// endOfIDs sorts behind every id.
const endOfIDs = ":"

// behind is the first sort key that sorts behind an id, and what begins with it.
func behind(id string) string { return id + "$" }

// prefixed reads the items of a partition whose sort key begins with what read is given.
func (t *Table) prefixed(partition string) *reader {
	return &reader{table: t, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": str(partition)},
	}}
}

// A reader runs one Query over as many calls as it takes.
type reader struct {
	table *Table
	input dynamodb.QueryInput
	// full tells that no more shall be read; nil for never.
	full func() bool
}

// maxShown is what no answer can carry, in bytes: what Lambda takes.
const maxShown = 6 << 20

// ErrTooMuch says that there is more to show than an answer can carry.
var ErrTooMuch = contact.Refuse(contact.TooLarge, "the answer would pass the 6 MB that one can carry; ask for its parts")

// show is read for what is answered as it is. each returns how many bytes it will show of an item; behind maxShown of them comes
// ErrTooMuch, so that a list of whatever length takes little memory.
func (r *reader) show(ctx context.Context, sk string, wanted int, each func(Item) int) error {
	size := 0
	r.full = func() bool { return size > maxShown }
	return r.read(ctx, sk, wanted, func(i Item) { size += each(i) })
}

// read hands items to each, from the sort key sk on: as many as wanted, or all for 0. ErrTooMuch if it is full before.
func (r *reader) read(ctx context.Context, sk string, wanted int, each func(Item)) error {
	r.input.TableName = &r.table.name
	r.input.ConsistentRead = aws.Bool(true)
	r.input.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	if sk != "" {
		r.input.ExpressionAttributeValues[":sk"] = str(sk)
	} else {
		r.input.KeyConditionExpression = aws.String("pk = :pk") // a key can't be compared with nothing
	}
	r.input.ExclusiveStartKey = nil
	got := 0
	for limit := wanted; ; limit *= 2 { // items looked at: of a long row of deleted ones a filter lets few pass
		if wanted > 0 {
			r.input.Limit = aws.Int32(int32(min(limit, 10_000)))
		}
		out, err := r.table.client.Query(ctx, &r.input)
		if err != nil {
			return failure(err)
		}
		units(ctx).read(out.ConsumedCapacity)
		for _, item := range out.Items {
			each(item)
			if got++; got == wanted {
				return nil
			}
			if r.full != nil && r.full() {
				return ErrTooMuch
			}
		}
		if out.LastEvaluatedKey == nil {
			return nil
		}
		r.input.ExclusiveStartKey = out.LastEvaluatedKey
		switch missing := wanted - got; {
		case r.input.FilterExpression == nil:
			limit = (missing + 1) / 2
		case 2*len(out.Items) >= limit: // most pass
			limit = missing
		}
	}
}

// isObject tells whether doc is one JSON object.
func isObject(doc []byte) bool {
	v := jsontext.Value(doc)
	return v.Kind() == '{' && v.IsValid()
}
