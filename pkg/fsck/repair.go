package fsck

import (
	"context"
	"errors"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Repairs depend on each other: one gives an item a new version, on which the next one of the same item was not found. So a
// repair whose records have changed judges them anew, and is done if it is found again, word for word; only then. Two
// findings that one repair settles are settled by the first of them.

// ErrMoved says that what was found is not as it was: a second check tells what it is now.
var ErrOutdated = contact.Refuse(contact.Unavailable, "it has changed since; check again")

// maxRepairs bounds how often a repair is tried that meets changes each time.
const maxRepairs = 10

// repair carries out what was found of an item. ErrMoved if it is not so any more, Impossible if the store does not take it.
func (c *Check) repair(ctx context.Context, key dynamo.Key, found Finding, fix func(context.Context) error) error {
	for try := range maxRepairs {
		err := fix(ctx)
		if !errors.Is(err, dynamo.ErrConflict) {
			return refusedByStore(err)
		}
		if err := dynamo.Backoff(ctx, try, err); err != nil {
			return err
		}
		item, err := c.store.Get(ctx, key)
		if err != nil || item == nil {
			return orOutdated(err)
		}
		again, err := c.checkItem(ctx, item, func(key dynamo.Key) (dynamo.Item, error) { return c.get(ctx, key) })
		i := slices.IndexFunc(again, func(f Finding) bool { return f.Kind == found.Kind && f.Detail == found.Detail && f.fixOnce != nil })
		if err != nil || i < 0 {
			return orOutdated(err)
		}
		fix = again[i].fixOnce
	}
	return ErrOutdated
}

func orOutdated(err error) error {
	if err == nil {
		return ErrOutdated
	}
	return err
}

// refusedByStore makes a refusal of what the store says of a write that it will never take: of an item that is too large, or
// whose attributes have types on which the write does not work.
func refusedByStore(err error) error {
	if reason, ok := dynamo.InvalidWrite(err); ok {
		return &contact.Error{Reason: contact.Impossible, Detail: "the table rejects it: " + reason, Cause: err}
	}
	return err
}

// commitRepair carries out a transaction of a repair. Whichever of its conditions refuses it, what it was found by has changed.
func commitRepair(ctx context.Context, tx *dynamo.Tx) error {
	err := tx.Commit(ctx)
	if errors.As(err, new(*dynamo.ConditionError)) && !errors.Is(err, ErrOutdated) {
		return dynamo.ErrConflict
	}
	return err
}
