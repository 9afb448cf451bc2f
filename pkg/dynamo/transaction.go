package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// A transaction gathers what one change of the table writes and what must hold for it: all of it happens, or nothing.
// Every write of the platform goes through here, so that the record of an Idempotency-Key is in it.
type transaction struct {
	table *Table
	steps []*step
}

// A step is what happens to one item. DynamoDB takes an item once in a transaction, so what several rules ask of the
// same item is joined into one step.
type step struct {
	key    Key
	put    Item
	delete bool
	update expression
	conds  []condition
}

// An expression is text in DynamoDB's language for conditions and updates, with the values of its placeholders. Those
// of one step must not share a name.
type expression struct {
	text   string
	values values
}

// A condition is what must hold of the stored item, and the error when it doesn't. explain is given the stored item,
// nil if there is none, and returns nil when this condition isn't the one that failed.
type condition struct {
	expression
	explain func(stored Item) error
}

// maxSteps is DynamoDB's bound on the items of a transaction.
const maxSteps = 100

// errChanged says that an item was changed between its read and the write: read again, and decide again.
var errChanged = errors.New("dynamo: the item changed in between")

func (t *Table) begin() *transaction { return &transaction{table: t} }

func (tx *transaction) step(key Key) *step {
	for _, s := range tx.steps {
		if s.key == key {
			return s
		}
	}
	s := &step{key: key}
	tx.steps = append(tx.steps, s)
	return s
}

func (tx *transaction) put(item Item, conds ...condition) {
	s := tx.step(Key{item.text("pk"), item.text("sk")})
	// What is released and claimed again in one transaction stays claimed.
	s.put, s.delete = item, false
	s.conds = append(s.conds, conds...)
}

func (tx *transaction) remove(key Key, conds ...condition) {
	s := tx.step(key)
	if s.put == nil {
		s.delete = true
	}
	s.conds = append(s.conds, conds...)
}

// require asks for conditions on an item, which the transaction may change or not.
func (tx *transaction) require(key Key, conds ...condition) {
	s := tx.step(key)
	s.conds = append(s.conds, conds...)
}

// present holds of an item that is there.
func present(otherwise error) condition {
	return condition{expression{text: "attribute_exists(pk)"}, func(stored Item) error {
		if stored == nil {
			return otherwise
		}
		return nil
	}}
}

// absent holds where there is no item; otherwise is told what is there.
func absent(otherwise func(stored Item) error) condition {
	return condition{expression{text: "attribute_not_exists(pk)"}, func(stored Item) error {
		if stored == nil {
			return nil
		}
		return otherwise(stored)
	}}
}

// unburied holds of a contact that isn't deleted.
func unburied(otherwise error) condition {
	return condition{expression{text: "attribute_not_exists(deleted)"}, func(stored Item) error {
		if stored.is(attrDeleted) {
			return otherwise
		}
		return nil
	}}
}

// unchanged holds of an item that is still in the version that was read.
func unchanged(read Item) condition {
	version := read.number(attrVersion)
	return condition{
		expression{"v = :read", values{":read": num(version)}},
		func(stored Item) error {
			if stored.number(attrVersion) != version {
				return errChanged
			}
			return nil
		},
	}
}

// commit carries the transaction out. The record says what the change made, for the answer that is kept with an
// Idempotency-Key. Transactions that meet on an item are tried again until the request's time is over.
func (tx *transaction) commit(ctx context.Context, made Record) error {
	attempt := attemptOf(ctx)
	if attempt != nil {
		tx.put(attempt.item(tx.table.now(), attempt.compose(made)), attempt.first(tx.table.now()))
	}
	input, err := tx.input()
	if err != nil {
		return err
	}
	ctx, cancel := within(ctx)
	defer cancel()
	for try := 0; ; try++ {
		out, err := tx.table.client.TransactWriteItems(ctx, input)
		if err == nil {
			units(ctx).wrote(out.ConsumedCapacity)
			if attempt != nil {
				attempt.committed = true
			}
			return nil
		}
		units(ctx).wrote(nil) // a refused transaction consumes units too; the store doesn't say how many
		if err = tx.refusal(err); !errors.Is(err, errConflict) {
			return err
		}
		units(ctx).conflict()
		if err := backoff(ctx, try); err != nil {
			return err
		}
		// A cancelled transaction did nothing: what follows is another one. (Within one call the SDK's own retries
		// share a token, so that an answer lost on the way doesn't write twice.)
		input.ClientRequestToken = nil
	}
}

var errConflict = errors.New("dynamo: met another transaction")

// refusal finds out why a transaction was cancelled.
func (tx *transaction) refusal(err error) error {
	var cancelled *types.TransactionCanceledException
	var conflict *types.TransactionConflictException
	switch {
	case errors.As(err, &conflict):
		return errConflict
	case !errors.As(err, &cancelled):
		return failure(err)
	}
	var first error
	conflicts := false
	for i, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "ConditionalCheckFailed":
			err := tx.steps[i].explain(reason.Item)
			if errors.Is(err, errAnsweredBefore) {
				return err // whatever else is in the way now: this request was answered
			}
			if first == nil || errors.Is(first, errChanged) {
				first = err
			}
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			conflicts = true
		}
	}
	switch {
	case first != nil:
		return first
	case conflicts:
		return errConflict
	}
	return fmt.Errorf("transaction cancelled: %w", err)
}

// explain returns the error of the condition that the stored item breaks.
func (s *step) explain(stored Item) error {
	for _, c := range s.conds {
		if err := c.explain(stored); err != nil {
			return err
		}
	}
	return errChanged // it broke one when the store looked, and breaks none in what the store returned
}

func (tx *transaction) input() (*dynamodb.TransactWriteItemsInput, error) {
	if len(tx.steps) > maxSteps {
		return nil, contact.Refuse(contact.Impossible, "the change touches %d records at once; at most %d can change together", len(tx.steps), maxSteps)
	}
	items := make([]types.TransactWriteItem, len(tx.steps))
	for i, s := range tx.steps {
		items[i] = s.write(&tx.table.name)
	}
	return &dynamodb.TransactWriteItemsInput{TransactItems: items, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}, nil
}

func (s *step) write(table *string) types.TransactWriteItem {
	values := maps.Clone(s.update.values)
	var texts []string
	for _, c := range s.conds {
		texts = append(texts, "("+c.text+")")
		for name, value := range c.values {
			if values == nil {
				values = map[string]types.AttributeValue{}
			}
			values[name] = value
		}
	}
	var cond *string
	if len(texts) > 0 {
		cond = aws.String(strings.Join(texts, " AND "))
	}
	const old = types.ReturnValuesOnConditionCheckFailureAllOld
	switch {
	case s.put != nil:
		return types.TransactWriteItem{Put: &types.Put{TableName: table, Item: s.put,
			ConditionExpression: cond, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	case s.delete:
		return types.TransactWriteItem{Delete: &types.Delete{TableName: table, Key: s.key.attributes(),
			ConditionExpression: cond, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	case s.update.text != "":
		return types.TransactWriteItem{Update: &types.Update{TableName: table, Key: s.key.attributes(), UpdateExpression: &s.update.text,
			ConditionExpression: cond, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: table, Key: s.key.attributes(),
		ConditionExpression: cond, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
}

// untilUnchanged repeats what reads, decides and writes until nobody else wrote in between.
func untilUnchanged[T any](ctx context.Context, attempt func() (T, error)) (T, error) {
	for try := 0; ; try++ {
		made, err := attempt()
		if !errors.Is(err, errChanged) {
			return made, err
		}
		if err := backoff(ctx, try); err != nil {
			return made, err
		}
	}
}
