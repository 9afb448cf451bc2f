package dynamo

import (
	"bytes"
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

// page reads part of a list, strongly consistent: each write shows as soon as it was answered.
// One read unit for each 4 KB that is read; what an offset costs more is in marks.go.
//
// scattered are rows of organizations, by their index, of which some representatives lie in items of their own: not in the rows yet.
func (t *Table) page(ctx context.Context, list string, q Query) (page contact.Page, scattered map[int]Item, err error) {
	from, there, err := t.marksOf(Key{PK: list}, q).seek(ctx, spot{q.After, q.Offset})
	if err != nil || !there {
		return contact.Page{}, nil, err
	}
	r := &reader{table: t, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(list), ":end": str(endOfIDs)},
	}}
	if q.Living {
		r.input.FilterExpression = aws.String("attribute_not_exists(deleted)")
	}
	rows := make([]contact.Record, 0, min(q.Limit+1, 256))
	err = r.show(ctx, behind(digits(from.behind)), from.on+q.Limit+1, func(r row) int {
		if from.on > 0 { // too few to be worth a Query of their own
			from.on--
			return 0
		}
		if r.scattered != nil && len(rows) < q.Limit {
			if scattered == nil {
				scattered = map[int]Item{}
			}
			r.scattered["pk"] = str(list)
			scattered[len(rows)] = r.scattered
		}
		rows = append(rows, r.Record)
		return len(r.Doc)
	})
	if err != nil && !errors.Is(err, ErrTooMuch) { // too much already: what is left out would make it no less
		return contact.Page{}, nil, err
	}
	more := len(rows) > q.Limit
	return contact.Page{Rows: rows[:min(q.Limit, len(rows))], More: more}, scattered, nil
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
}

// maxShown is what no answer can carry, in bytes: what Lambda takes.
const maxShown = 6 << 20

// ErrTooMuch says that there is more to show than an answer can carry.
var ErrTooMuch = contact.Refuse(contact.TooLarge, "the answer would pass the 6 MB that one can carry; ask for its parts")

// show reads what is answered as it is. each returns how many bytes it will show of a row; behind maxShown of them comes ErrTooMuch, so
// that a list of whatever length takes little memory.
func (r *reader) show(ctx context.Context, sk string, wanted int, each func(row) int) error {
	r.input.ProjectionExpression = aws.String(shownAttributes)
	size := 0
	err := readEach(ctx, r, sk, wanted, readRow, func(shown row) bool {
		size += each(shown)
		return size <= maxShown
	})
	if err == nil && size > maxShown {
		err = ErrTooMuch
	}
	return err
}

// maxLooked is how many items one call looks at, at most: so many fill the megabyte that a call reads.
const maxLooked = 10_000

// read hands items to each, from the sort key sk on: as many as wanted, or all for 0.
func (r *reader) read(ctx context.Context, sk string, wanted int, each func(Item)) error {
	return readEach(ctx, r, sk, wanted, readItem, func(i Item) bool { each(i); return true })
}

// readEach hands what convert makes of items to each, from the sort key sk on: as many as wanted, or all for 0, or until each returns false.
func readEach[T any](ctx context.Context, r *reader, sk string, wanted int, convert func(*jsontext.Decoder) (T, error), each func(T) bool) error {
	r.input.TableName = &r.table.name
	r.input.ConsistentRead = aws.Bool(true)
	r.input.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	if sk != "" {
		r.input.ExpressionAttributeValues[":sk"] = str(sk)
	} else {
		r.input.KeyConditionExpression = aws.String("pk = :pk") // a key can't be compared with nothing
	}
	r.input.ExclusiveStartKey = nil
	got, more := 0, true
	for limit := min(wanted, maxLooked); ; limit = min(2*limit, maxLooked) { // of a long row of deleted ones a filter lets few pass
		if wanted > 0 {
			r.input.Limit = aws.Int32(int32(limit))
		}
		before := got
		last, err := r.once(ctx, func(d *jsontext.Decoder) error {
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
		r.input.ExclusiveStartKey = last
		switch missing := min(wanted-got, maxLooked); {
		case r.input.FilterExpression == nil:
			limit = (missing + 1) / 2
		case 2*(got-before) >= limit: // most pass
			limit = missing
		}
	}
}

// once makes one call; item takes each of its items. last is where the next call goes on, nil if there is no more.
func (r *reader) once(ctx context.Context, item func(*jsontext.Decoder) error) (last Item, err error) {
	a := newAnswer()
	defer a.free()
	if _, err := r.table.client.Query(ctx, &r.input, a.keep(&dynamodb.QueryOutput{})); err != nil {
		return nil, failure(err)
	}
	last, consumed, err := a.read(item)
	units(ctx).read(consumed)
	return last, err
}

// isObject tells whether doc is one JSON object that has fields, as all that is kept has.
func isObject(doc []byte) bool {
	v := jsontext.Value(doc)
	if v.Kind() != '{' || !v.IsValid() {
		return false
	}
	_, fields, _ := bytes.Cut(doc, []byte{'{'})
	return bytes.TrimLeft(fields, " \t\r\n")[0] != '}'
}
