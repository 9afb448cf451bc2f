package store

import (
	"context"
	"errors"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
)

// A transaction is one change of the store: all of it happens, or nothing.
type transaction struct {
	*dynamo.Tx
	store *Store
	// refused is why the transaction is not even tried.
	refused error
}

func (s *Store) begin() *transaction { return &transaction{Tx: s.Begin(), store: s} }

// commit carries the transaction out, with the answer that follows from what it makes. The error is the one that says why it was
// refused.
func (tx *transaction) commit(ctx context.Context, w idempotency.Write, made contact.Record) error {
	if tx.refused != nil {
		return tx.refused
	}
	return refusal(w.Commit(ctx, tx.Tx, made))
}

// refusal returns the one error that says why a change was refused. A request that was answered before is told that, whatever else is
// in the way now. If something changed since it was read, the rest was decided on what is no longer so. The faults of a body are told
// together.
func refusal(err error) error {
	var refused *dynamo.ConditionError
	var tooMany *dynamo.TooManyItemsError
	switch {
	case errors.As(err, &tooMany):
		return contact.Refuse(contact.Impossible, "the change touches %d records at once; at most %d can change together", tooMany.Items, dynamo.MaxTransactionItems)
	case errors.Is(err, dynamo.ErrItemTooLarge):
		return &contact.Error{Reason: contact.TooLarge, Detail: "a record would grow larger than can be kept", Cause: err}
	case !errors.As(err, &refused):
		return err
	}
	for _, first := range []func(error) bool{idempotency.IsAnswered, isConflict} {
		if i := slices.IndexFunc(refused.Refusals, first); i >= 0 {
			return refused.Refusals[i]
		}
	}
	return contact.JoinFaults(refused.Refusals)
}

func isConflict(err error) bool { return errors.Is(err, dynamo.ErrConflict) }
