package idempotency

import (
	"context"
	"errors"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A Write has a request's precondition for a change, and its Idempotency-Key. The zero Write has neither.
type Write struct {
	Precondition contact.Precondition
	Key          *Key
	// Answer returns the answer that follows from the changed record. It is required with a Key only.
	Answer func(contact.Record) Answer
}

// WithoutKey returns the Write for a change whose answer is stored separately.
func (w Write) WithoutKey() Write { return Write{Precondition: w.Precondition} }

// Commit commits a transaction, with the record of the answer that follows from made. A key records one change: a second one is an error of
// the program.
func (w Write) Commit(ctx context.Context, tx *dynamo.Tx, made contact.Record) error {
	if w.Key == nil {
		return tx.Commit(ctx)
	}
	if w.Key.committed {
		return errUsedTwice
	}
	now := w.Key.answers.now()
	parts, answer, err := w.Key.items(now, w.Answer(made))
	if err != nil {
		return err
	}
	for _, item := range parts {
		tx.Put(item)
	}
	tx.Put(answer, w.Key.free(now))
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	w.Key.committed = true
	return nil
}

// Refusal returns the error for the caller of a refused change: an answer that is stored under the idempotency key comes before other refusals.
func Refusal(err error) error {
	var refused *dynamo.ConditionError
	if errors.As(err, &refused) {
		if i := slices.IndexFunc(refused.Refusals, IsAnswered); i >= 0 {
			return refused.Refusals[i]
		}
	}
	return err
}
