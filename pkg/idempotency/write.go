package idempotency

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A Write is what a request requires of a change, and how its answer is kept. The zero Write requires nothing and keeps none.
type Write struct {
	Precondition contact.Precondition
	Key          *Key
	// Answer returns the answer that follows from what the change made. It is needed with a Key alone.
	Answer func(contact.Record) Answer
}

// WithoutKey returns the Write for a change whose answer is kept otherwise.
func (w Write) WithoutKey() Write { return Write{Precondition: w.Precondition} }

// Commit carries a transaction out, with the record of the answer that follows from what it makes. A key records one change: a second
// one is an error of the program.
func (w Write) Commit(ctx context.Context, tx *dynamo.Tx, made contact.Record) error {
	if w.Key == nil {
		return tx.Commit(ctx)
	}
	if w.Key.committed {
		return errUsedTwice
	}
	now := w.Key.answers.now()
	item, err := w.Key.item(now, w.Answer(made))
	if err != nil {
		return err
	}
	tx.Put(item, w.Key.free(now))
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	w.Key.committed = true
	return nil
}
