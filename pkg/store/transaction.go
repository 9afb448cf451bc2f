package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// A transaction is one atomic change of the store.
type transaction struct {
	*dynamo.Tx
	store *Store
	// refused is why commit fails without a call; nil if it doesn't.
	refused error
	// origin is the request that its changes are made by; the zero Origin for that of the context.
	origin changes.Origin
	// erasing is the contact that it erases, 0 for none: of that no before-images are kept.
	erasing contact.ID
}

func (s *Store) begin() *transaction { return &transaction{Tx: s.Begin(), store: s} }

// change commits what do adds to a transaction, if anything, and returns the record that do returns. It repeats both on a conflict.
func (s *Store) change(ctx context.Context, w idempotency.Write, do func(*transaction) (contact.Record, error)) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		tx := s.begin()
		record, err := do(tx)
		if err == nil && tx.Tx.Len() > 0 {
			err = tx.commit(ctx, w, record)
		}
		return record, err
	})
}

// commit executes the transaction with the entries of its changes, and stores the answer that follows from record under the idempotency
// key. The error is that of refusal.
func (tx *transaction) commit(ctx context.Context, w idempotency.Write, record contact.Record) error {
	return refusal(tx.execute(ctx, w, record))
}

// execute is commit with the error of dynamo.Tx.
func (tx *transaction) execute(ctx context.Context, w idempotency.Write, record contact.Record) error {
	if tx.refused != nil {
		return tx.refused
	}
	origin := cmp.Or(tx.origin, changes.OriginOf(ctx))
	if err := tx.store.addEntries(ctx, origin, tx.Tx, tx.erasing); err != nil {
		return err
	}
	return w.Commit(ctx, tx.Tx, record)
}

// Len returns the number of items in the transaction, with those of its changes.
func (tx *transaction) Len() int { return tx.Tx.Len() + entriesLen(tx.Tx) }

// Commit executes a transaction with the entries of its changes.
func (s *Store) Commit(ctx context.Context, tx *dynamo.Tx) error {
	if err := s.addEntries(ctx, changes.OriginOf(ctx), tx, 0); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// refusal returns the error for the caller of a refused change. An answer stored under the idempotency key comes first; then
// dynamo.ErrConflict, because the other conditions were decided on outdated items. Faults of the body are joined.
func refusal(err error) error {
	var refused *dynamo.ConditionError
	var tooMany *dynamo.TooManyItemsError
	switch {
	case errors.As(err, &tooMany):
		return contact.Refuse(contact.Impossible, "the change touches %d records at once; at most %d can change together", tooMany.Items, dynamo.MaxTransactionItems)
	case errors.Is(err, dynamo.ErrItemTooLarge):
		return &contact.Error{Reason: contact.TooLarge, Detail: "a record would grow larger than can be stored", Cause: err}
	case !errors.As(err, &refused):
		return err
	}
	for _, prior := range []func(error) bool{idempotency.IsAnswered, isConflict} {
		if i := slices.IndexFunc(refused.Refusals, prior); i >= 0 {
			return refused.Refusals[i]
		}
	}
	return contact.JoinFaults(refused.Refusals)
}

func isConflict(err error) bool { return errors.Is(err, dynamo.ErrConflict) }

// requireOwner requires that the owner exists and its contact isn't deleted.
func (tx *transaction) requireOwner(o contact.Owner) {
	if o.Contact == 0 {
		return
	}
	tx.Check(keys.Guard(o.Org, o.Contact), dynamo.Exists(notFound("contact")), notDeleted(errDeleted))
	if o.Identity != 0 {
		tx.Check(keys.Owner(o), dynamo.Exists(notFound("professional identity")))
	}
}

// countChildChange counts a change of a part that can have links: a concurrent deletion of the contact that hasn't read the part fails.
func (tx *transaction) countChildChange(o contact.Owner) {
	tx.Update(keys.Guard(o.Org, o.Contact)).Add(AttrChildren, 1)
}
