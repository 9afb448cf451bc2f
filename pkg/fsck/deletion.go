package fsck

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/store"
)

// erasure finds an erasure that broke off.
func (j *judgement) erasure() {
	switch {
	case !j.item.Bool(store.AttrErasing) || !j.older(idempotency.MaxRun) && !j.check.Restoring:
	case j.check.Objects == nil:
		j.byHand(FoundDeletion, "its erasure broke off", "check with the bucket: a repair can go on with it then; or erase it again")
	default:
		o := contact.Owner{Org: j.key.Org, Contact: j.key.Owner}
		j.fixable(FoundDeletion, "its erasure broke off", "go on with it", func(ctx context.Context) error {
			_, err := j.check.store.Erase(ctx, o.Org, o.Contact, func(ctx context.Context) (int, error) { return j.check.Objects.ClearContact(ctx, o) })
			return err
		})
	}
}
