package fsck

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/store"
)

// checkErasure reports an interrupted erasure.
func (c *itemCheck) checkErasure() {
	switch {
	case !c.item.Bool(store.AttrErasing) || !c.isOlder(idempotency.MaxRun) && !c.check.Restoring:
	case c.check.Objects == nil:
		c.reportManual(FoundDeletion, "its erasure was interrupted", "repeat the check with --bucket, so that a repair can complete it, or repeat the erasure")
	default:
		o := contact.Owner{Org: c.key.Org, Contact: c.key.Owner}
		c.reportFix(FoundDeletion, "its erasure was interrupted", "complete it", func(ctx context.Context) error {
			_, err := c.check.store.Erase(ctx, o.Org, o.Contact, func(ctx context.Context) (int, error) { return c.check.Objects.ClearContact(ctx, o) })
			return err
		})
	}
}
