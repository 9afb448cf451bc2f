package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
	"contacts/pkg/retries"
)

// A transaction gathers what one change of the table writes and what must hold for it: all of it happens, or nothing.
// Every write of the platform goes through here, so that the record of an Idempotency-Key is in it.
type transaction struct {
	table *Table
	steps []*step
	index map[Key]*step
	// refused is why the transaction is not even tried.
	refused error
	// broken are the errors of all conditions that broke when it was last tried.
	broken []error
}

// A step is what happens to one item. DynamoDB takes an item once in a transaction, so what several rules ask of the
// same item is joined into one step.
type step struct {
	key    Key
	put    Item
	delete bool
	update update
	conds  []condition
	freed  bool
}

// A condition is what must hold of the stored item: text in DynamoDB's language with the names and values of its placeholders,
// and the error when it doesn't hold. explain is given the stored item, nil if there is none, and returns nil when this
// condition isn't the one that failed. Conditions on one item that share a placeholder must give it the same value.
type condition struct {
	text    string
	names   map[string]string
	values  values
	explain func(stored Item) error
	// unlessFreed lets the condition fall where the transaction itself frees the item.
	unlessFreed bool
}

// maxSteps is DynamoDB's bound on the items of a transaction.
const maxSteps = 100

// errChanged says that an item was changed between its read and the write: read again, and decide again.
var errChanged = errors.New("dynamo: the item changed in between")

func (t *Table) begin() *transaction { return &transaction{table: t, index: map[Key]*step{}} }

func (tx *transaction) step(key Key) *step {
	if s, there := tx.index[key]; there {
		return s
	}
	s := &step{key: key}
	tx.steps, tx.index[key] = append(tx.steps, s), s
	return s
}

func (tx *transaction) put(item Item, conds ...condition) {
	s := tx.step(item.key())
	s.put, s.delete = item, false // what is freed and claimed again in one transaction changes hands
	s.conds = append(s.conds, conds...)
}

func (tx *transaction) remove(key Key, conds ...condition) {
	s := tx.step(key)
	s.delete, s.freed = s.put == nil, true
	s.conds = append(s.conds, conds...)
}

// require asks for conditions on an item, which the transaction may change or not.
func (tx *transaction) require(key Key, conds ...condition) {
	s := tx.step(key)
	s.conds = append(s.conds, conds...)
}

// replace makes the item that was read what next is. Only what differs is written: the counters beside it, which other
// transactions change meanwhile, stay as they are.
func (tx *transaction) replace(stored, next Item, conds ...condition) {
	s := tx.step(stored.key())
	for name, value := range next {
		if !reflect.DeepEqual(stored[name], value) {
			s.update.set(name, value)
		}
	}
	for name := range stored {
		if _, kept := next[name]; !kept {
			s.update.remove(name)
		}
	}
	s.conds = append(s.conds, conds...)
}

// present holds of an item that is there.
func present(otherwise error) condition {
	return condition{text: "attribute_exists(pk)", explain: func(stored Item) error {
		if stored == nil {
			return otherwise
		}
		return nil
	}}
}

// absent holds where there is no item; otherwise is told what is there.
func absent(otherwise func(stored Item) error) condition {
	return condition{text: "attribute_not_exists(pk)", explain: func(stored Item) error {
		if stored == nil {
			return nil
		}
		return otherwise(stored)
	}}
}

// unburied holds of a contact that isn't deleted.
func unburied(otherwise error) condition {
	return condition{text: "attribute_not_exists(deleted)", explain: func(stored Item) error {
		if stored.is(attrDeleted) {
			return otherwise
		}
		return nil
	}}
}

// unchanged holds of an item that is still in the version that was read.
func unchanged(read Item) condition {
	version := read.number(attrVersion)
	return condition{text: "v = :read", values: values{":read": num(version)}, explain: func(stored Item) error {
		if stored.number(attrVersion) != version {
			return errChanged
		}
		return nil
	}}
}

// commit carries the transaction out. The record says what the change made, for the answer that is kept with an
// Idempotency-Key. Transactions that meet on an item are tried again until the request's time is over.
func (tx *transaction) commit(ctx context.Context, made contact.Record) error {
	attempt := attemptOf(ctx)
	if attempt != nil {
		tx.put(attempt.item(tx.table.now(), attempt.compose(made)), attempt.first(tx.table.now()))
	}
	input, err := tx.input()
	if err != nil {
		return err
	}
	var met error
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
			return retries.WithLastError(ctx, err, met)
		}
		met = err
		units(ctx).conflict()
		if err := backoff(ctx, try, err); err != nil {
			return err
		}
		// A cancelled transaction did nothing: what follows is another one. (Within one call the SDK's own retries
		// share a token, so that an answer lost on the way doesn't write twice.)
		input.ClientRequestToken = nil
	}
}

// errConflict says that the store could not do a transaction for now: it met another, or a throttled partition.
var errConflict = errors.New("dynamo: the transaction was cancelled for now")

// refusal finds out why a transaction was cancelled.
func (tx *transaction) refusal(err error) error {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return failure(err)
	}
	var conflicts []string // the codes of what a later try may cure, each once
	tx.broken = nil
	for i, reason := range cancelled.CancellationReasons {
		switch code := aws.ToString(reason.Code); code {
		case "ConditionalCheckFailed":
			tx.broken = append(tx.broken, tx.steps[i].explain(reason.Item)...)
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			if !slices.Contains(conflicts, code) {
				conflicts = append(conflicts, code)
			}
		case "ValidationError":
			if strings.Contains(aws.ToString(reason.Message), "size") {
				return contact.Refuse(contact.TooLarge, "a record would grow larger than can be kept")
			}
		}
	}
	switch {
	case len(tx.broken) > 0:
		return foremost(tx.broken)
	case conflicts != nil:
		return fmt.Errorf("%w (%s): %w", errConflict, strings.Join(conflicts, ", "), err)
	}
	return fmt.Errorf("transaction cancelled: %w", err)
}

// foremost is the one error that says why a change was refused. A request that was answered before is told that, whatever
// else is in the way now. If something changed since it was read, the rest was decided on what is no longer so. The faults
// of a body are told together.
func foremost(broken []error) error {
	var faults []contact.Fault
	told := map[string]bool{} // by their pointers: a body can have as many faults as it has bytes
	for _, err := range broken {
		if errors.Is(err, errAnsweredBefore) {
			return err
		}
	}
	for _, err := range broken {
		refusal := new(contact.Error)
		switch {
		case errors.Is(err, errChanged):
			return err
		case !errors.As(err, &refusal) || refusal.Reason != contact.Impossible:
			continue
		}
		for _, f := range refusal.Faults {
			if !told[f.Pointer] {
				told[f.Pointer] = true
				faults = append(faults, f)
			}
		}
	}
	refusal := new(contact.Error)
	if len(faults) > 1 && errors.As(broken[0], &refusal) && refusal.Reason == contact.Impossible && len(refusal.Faults) > 0 {
		return &contact.Error{Reason: contact.Impossible, Detail: "several things are in the way; errors names them all", Faults: faults}
	}
	return broken[0]
}

// explain returns the errors of the conditions that the stored item breaks.
func (s *step) explain(stored Item) (broken []error) {
	for _, c := range s.conditions() {
		if err := c.explain(stored); err != nil {
			broken = append(broken, err)
		}
	}
	if broken == nil {
		broken = []error{errChanged} // it broke one when the store looked, and breaks none in what the store returned
	}
	return broken
}

func (tx *transaction) input() (*dynamodb.TransactWriteItemsInput, error) {
	if tx.refused != nil {
		return nil, tx.refused
	}
	if len(tx.steps) > maxSteps {
		return nil, contact.Refuse(contact.Impossible, "the change touches %d records at once; at most %d can change together", len(tx.steps), maxSteps)
	}
	items := make([]types.TransactWriteItem, len(tx.steps))
	for i, s := range tx.steps {
		items[i] = s.write(&tx.table.name)
	}
	return &dynamodb.TransactWriteItemsInput{TransactItems: items, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}, nil
}

// conditions are those that count.
func (s *step) conditions() []condition {
	return slices.DeleteFunc(slices.Clone(s.conds), func(c condition) bool { return c.unlessFreed && s.freed })
}

func (s *step) write(table *string) types.TransactWriteItem {
	update, names, values := s.update.expression()
	var texts []string
	for _, c := range s.conditions() {
		if text := "(" + c.text + ")"; !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		maps.Copy(values, c.values)
		maps.Copy(names, c.names)
	}
	var cond *string
	if len(texts) > 0 {
		cond = aws.String(strings.Join(texts, " AND "))
	}
	if len(values) == 0 {
		values = nil // DynamoDB takes no empty ones
	}
	if len(names) == 0 {
		names = nil
	}
	const old = types.ReturnValuesOnConditionCheckFailureAllOld
	switch {
	case s.put != nil:
		return types.TransactWriteItem{Put: &types.Put{TableName: table, Item: s.put,
			ConditionExpression: cond, ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	case s.delete:
		return types.TransactWriteItem{Delete: &types.Delete{TableName: table, Key: s.key.attributes(),
			ConditionExpression: cond, ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	case update != "":
		return types.TransactWriteItem{Update: &types.Update{TableName: table, Key: s.key.attributes(), UpdateExpression: &update,
			ExpressionAttributeNames: names, ConditionExpression: cond, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: table, Key: s.key.attributes(),
		ConditionExpression: cond, ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
}

// untilUnchanged repeats what reads, decides and writes until nobody else wrote in between.
func untilUnchanged[T any](ctx context.Context, attempt func() (T, error)) (T, error) {
	var met error
	for try := 0; ; try++ {
		made, err := attempt()
		if !errors.Is(err, errChanged) {
			return made, retries.WithLastError(ctx, err, met)
		}
		met = err
		if err := backoff(ctx, try, err); err != nil {
			return made, err
		}
	}
}
