package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/capacity"
	"contacts/pkg/retries"
)

// MaxTransactionItems is DynamoDB's bound on the items of a transaction.
const MaxTransactionItems = 100

// AttrVersion counts the writes of an item, N: what was read is written again only while it has the version that was read.
const AttrVersion = "v"

// A Tx is a transaction: its writes and their conditions. DynamoDB accepts an item once in a transaction, so the changes and conditions of
// an item are merged.
type Tx struct {
	table  *Table
	writes []*write
	byKey  map[Key]*write
	// perTry adds the writes that depend on the time of a try; nil for none.
	perTry func(try *Tx)
}

// A write is what a transaction does to one item.
type write struct {
	key        Key
	put        Item
	delete     bool
	deleted    bool // before it was put
	update     Update
	conditions []Condition
	// read is the stored item as it was read, nil if it is unknown or there was none.
	read Item
}

// Begin returns an empty transaction.
func (t *Table) Begin() *Tx { return &Tx{table: t, byKey: map[Key]*write{}} }

func (tx *Tx) write(key Key, conditions ...Condition) *write {
	w := tx.byKey[key]
	if w == nil {
		w = &write{key: key}
		tx.writes, tx.byKey[key] = append(tx.writes, w), w
	}
	w.conditions = append(w.conditions, conditions...)
	return w
}

// Len returns the number of items in the transaction, without those of PerTry.
func (tx *Tx) Len() int { return len(tx.writes) }

// Has reports whether the transaction writes or checks an item.
func (tx *Tx) Has(key Key) bool { return tx.byKey[key] != nil }

// PerTry lets add complete each try of Commit, which begins with the transaction as it is without earlier tries.
func (tx *Tx) PerTry(add func(try *Tx)) { tx.perTry = add }

// A Written is what a transaction does to an item that it writes.
type Written struct {
	Key Key
	// Put is the item that is put, nil if none is.
	Put     Item
	Deleted bool
	// Read is the stored item as it was read for the write, nil if it wasn't.
	Read Item
	// Update is what changes of an item that stays.
	Update *Update
}

// Written calls each with the items that the transaction writes, in the order in which it named them first.
func (tx *Tx) Written(each func(Written)) {
	for _, w := range tx.writes {
		switch {
		case w.put != nil:
			each(Written{Key: w.key, Put: w.update.applyTo(w.put), Read: w.read, Update: new(Update)})
		case w.delete:
			each(Written{Key: w.key, Deleted: true, Read: w.read, Update: new(Update)})
		case len(w.update.Paths()) > 0:
			each(Written{Key: w.key, Read: w.read, Update: &w.update})
		}
	}
}

// Put puts an item. One that the transaction deletes too is replaced.
func (tx *Tx) Put(item Item, conditions ...Condition) {
	w := tx.write(item.Key(), conditions...)
	w.put, w.delete = item, false
}

// Delete deletes an item, unless the transaction puts it.
func (tx *Tx) Delete(key Key, conditions ...Condition) {
	w := tx.write(key, conditions...)
	w.delete, w.deleted = w.put == nil, true
}

// Remove deletes an item that was read.
func (tx *Tx) Remove(read Item, conditions ...Condition) {
	tx.Delete(read.Key(), conditions...)
	tx.SetRead(read)
}

// SetRead says what an item was, as it was read: Written returns it. Replace and Remove do it, too.
func (tx *Tx) SetRead(read Item) { tx.write(read.Key()).read = read }

// Check requires conditions of an item, which the transaction may change or not.
func (tx *Tx) Check(key Key, conditions ...Condition) { tx.write(key, conditions...) }

// Update returns the update of an item. That of an item which the transaction puts changes what is put. An item with neither changes nor
// conditions is left out.
func (tx *Tx) Update(key Key) *Update { return &tx.write(key).update }

// Replace changes the item that was read to next. It writes only attributes that differ, so that concurrent counts on the item remain.
func (tx *Tx) Replace(read, next Item, conditions ...Condition) {
	w := tx.write(read.Key(), conditions...)
	w.read = read
	for name, value := range next {
		if !equal(read[name], value) {
			w.update.Set(name, value)
		}
	}
	for name := range read {
		if _, kept := next[name]; !kept {
			w.update.Remove(name)
		}
	}
}

// Commit writes the transaction. It retries one that conflicts with another, or meets a throttled partition, until the context's end:
// nothing was read for it that could be stale. A *ConditionError if conditions refuse it, a *TooManyItemsError,
// ErrItemTooLarge, or an *UnavailableError.
func (tx *Tx) Commit(ctx context.Context) error {
	var last error
	for try := 0; ; try++ {
		// A cancelled transaction did nothing: each try is another one. (Within one call the SDK's own retries share a token, so
		// that an answer lost on the way doesn't write twice.)
		attempt := tx.attempt()
		input, err := attempt.input()
		if err != nil || len(input.TransactItems) == 0 {
			return err
		}
		out, err := tx.table.client.TransactWriteItems(ctx, input)
		if err == nil {
			addWrite(ctx, out.ConsumedCapacity...)
			return nil
		}
		addWrite(ctx) // a refused transaction consumes units too; the store doesn't say how many
		if err = attempt.refusal(err); !errors.Is(err, ErrTransient) {
			return retries.WithLastError(ctx, err, last)
		}
		last = err
		capacity.Of(ctx).AddConflict()
		if err := Backoff(ctx, try, err); err != nil {
			return err
		}
	}
}

// attempt returns the transaction of the next try.
func (tx *Tx) attempt() *Tx {
	if tx.perTry == nil {
		return tx
	}
	attempt := tx.table.Begin()
	for _, w := range tx.writes {
		next := *w
		next.conditions, next.update = slices.Clone(w.conditions), w.update.clone()
		attempt.writes, attempt.byKey[w.key] = append(attempt.writes, &next), &next
	}
	tx.perTry(attempt)
	return attempt
}

// ErrTransient says that the same transaction may succeed at its next try: it met another one (DynamoDB's TransactionConflict) or a throttled
// partition, or a condition of PerTry refused it. Commit retries it; ErrConflict is for RetryOnConflict, which reads anew.
var ErrTransient = errors.New("dynamo: the transaction was cancelled for now")

// refusal returns why a transaction was cancelled.
func (tx *Tx) refusal(err error) error {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return classify(err)
	}
	var codes []string // of what a later try may cure, each once
	var refusals []error
	for i, reason := range cancelled.CancellationReasons {
		switch code := aws.ToString(reason.Code); code {
		case "ConditionalCheckFailed":
			refusals = append(refusals, tx.writes[i].refusals(reason.Item)...)
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		case "ValidationError":
			if strings.Contains(aws.ToString(reason.Message), "size") {
				return fmt.Errorf("%w: %w", ErrItemTooLarge, err)
			}
		}
	}
	final := slices.DeleteFunc(slices.Clone(refusals), func(err error) bool { return errors.Is(err, ErrTransient) })
	switch {
	case len(final) > 0:
		return &ConditionError{final}
	case len(refusals) > 0:
		return refusals[0]
	case codes != nil:
		return fmt.Errorf("%w (%s): %w", ErrTransient, strings.Join(codes, ", "), err)
	}
	return fmt.Errorf("transaction cancelled: %w", err)
}

// required returns the conditions that apply.
func (w *write) required() []Condition {
	return slices.DeleteFunc(slices.Clone(w.conditions), func(c Condition) bool { return c.UnlessDeleted && w.deleted })
}

// refusals returns the errors of the conditions that are not true of the stored item.
func (w *write) refusals(stored Item) (refusals []error) {
	for _, c := range w.required() {
		if !c.Expr.Matches(stored) {
			refusals = append(refusals, c.Refusal(stored))
		}
	}
	if refusals == nil {
		refusals = []error{ErrConflict} // DynamoDB saw a condition fail, but all are true of the item that it returned
	}
	return refusals
}

// changesNothing reports whether a write has neither a change nor a condition: DynamoDB refuses it.
func (w *write) changesNothing() bool {
	return w.put == nil && !w.delete && w.conditions == nil && w.update.render(&placeholders{}) == ""
}

func (tx *Tx) input() (*dynamodb.TransactWriteItemsInput, error) {
	tx.writes = slices.DeleteFunc(tx.writes, (*write).changesNothing)
	if len(tx.writes) > MaxTransactionItems {
		return nil, &TooManyItemsError{len(tx.writes)}
	}
	items := make([]types.TransactWriteItem, len(tx.writes))
	for i, w := range tx.writes {
		items[i] = w.item(&tx.table.name)
	}
	return &dynamodb.TransactWriteItemsInput{TransactItems: items, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}, nil
}

// item returns the write as DynamoDB takes it.
func (w *write) item(table *string) types.TransactWriteItem {
	var p placeholders
	update := ""
	if w.put == nil && !w.delete {
		update = w.update.render(&p)
	}
	condition := renderConditions(w.required(), &p)
	const old = types.ReturnValuesOnConditionCheckFailureAllOld
	switch {
	case w.put != nil:
		return types.TransactWriteItem{Put: &types.Put{TableName: table, Item: w.update.applyTo(w.put),
			ConditionExpression: condition, ExpressionAttributeNames: p.names, ExpressionAttributeValues: p.values, ReturnValuesOnConditionCheckFailure: old}}
	case w.delete:
		return types.TransactWriteItem{Delete: &types.Delete{TableName: table, Key: w.key.Item(),
			ConditionExpression: condition, ExpressionAttributeNames: p.names, ExpressionAttributeValues: p.values, ReturnValuesOnConditionCheckFailure: old}}
	case update != "":
		return types.TransactWriteItem{Update: &types.Update{TableName: table, Key: w.key.Item(), UpdateExpression: &update,
			ExpressionAttributeNames: p.names, ConditionExpression: condition, ExpressionAttributeValues: p.values, ReturnValuesOnConditionCheckFailure: old}}
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: table, Key: w.key.Item(),
		ConditionExpression: condition, ExpressionAttributeNames: p.names, ExpressionAttributeValues: p.values, ReturnValuesOnConditionCheckFailure: old}}
}

// renderConditions returns the expression of conditions that must all be true, nil for none. Equal ones are rendered once.
func renderConditions(conditions []Condition, p *placeholders) *string {
	var texts []string
	for _, c := range conditions {
		if text := "(" + c.Expr.render(p) + ")"; !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if texts == nil {
		return nil
	}
	return aws.String(strings.Join(texts, " AND "))
}

// RetryOnConflict calls do, which reads, decides and writes, until its error is not ErrConflict, or until the context's end: what it
// read may be stale, so it has to read again.
func RetryOnConflict[T any](ctx context.Context, do func() (T, error)) (T, error) {
	var last error
	for try := 0; ; try++ {
		made, err := do()
		if !errors.Is(err, ErrConflict) {
			return made, retries.WithLastError(ctx, err, last)
		}
		last = err
		if err := Backoff(ctx, try, err); err != nil {
			return made, err
		}
	}
}
