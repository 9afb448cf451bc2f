package fsck

import (
	"context"
	"errors"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// Repairs of one item depend on each other, because each changes its version. So a repair whose records have changed checks the item
// again, and continues only if that reports the same finding. If one repair removes two findings, the second is outdated.

// ErrOutdated reports that a finding no longer exists as it was reported.
var ErrOutdated = contact.Refuse(contact.Unavailable, "it has changed since; check again")

// maxRepairs bounds the attempts of a repair that conflicts with concurrent changes.
const maxRepairs = 10

// repair repairs a finding of an item. ErrOutdated if it no longer exists, Impossible if the table rejects the repair.
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
		again, err := c.checkItem(ctx, item, func(key dynamo.Key) (dynamo.Item, error) { return c.get(ctx, key) }, false)
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

// refusedByStore converts an error of a write that can never succeed, of an item that is too large or has attributes of other types,
// into a refusal.
func refusedByStore(err error) error {
	if reason, ok := dynamo.InvalidWrite(err); ok {
		return &contact.Error{Reason: contact.Impossible, Detail: "the table rejects it: " + reason, Cause: err}
	}
	return err
}

// commitRepair commits the transaction of a repair, which is a change of what it repairs. ErrConflict if any of its conditions fails: the
// records have changed.
func (c *Check) commitRepair(ctx context.Context, tx *dynamo.Tx) error {
	err := c.store.Commit(ctx, tx)
	if errors.As(err, new(*dynamo.ConditionError)) && !errors.Is(err, ErrOutdated) {
		return dynamo.ErrConflict
	}
	return err
}
