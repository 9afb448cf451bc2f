package accounts

import (
	"context"
	"crypto/rand"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Restore is a run that fills an organization from a backup. Until its end nobody gets a token for the organization, and only a run
// from the same backup may continue it.
type Restore struct {
	accounts         *Accounts
	org, backup, run string
	// Restored is how many lines of the backup earlier runs have restored.
	Restored int64
}

// BeginRestore creates or closes an organization for a run that restores it from a backup, or continues an interrupted restore. empty
// returns an error if the organization has any items. Taken if it has, or is being restored from another backup.
func (a *Accounts) BeginRestore(ctx context.Context, o Organization, run string, empty func(context.Context) error) (*Restore, error) {
	r := &Restore{accounts: a, org: o.ID, backup: o.Restoring, run: run}
	key := keys.Organization(o.ID)
	item, err := a.table.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	stored, err := dynamo.Decode[Organization](item)
	if err != nil {
		return nil, err
	}
	changed := contact.Refuse(contact.Taken, "organization %s is being changed by another command; try again", o.ID)
	tx := a.table.Begin()
	switch {
	case stored.Restoring == r.backup:
		r.Restored = stored.Restored
		tx.Check(key, r.isRun(stored.Restorer, changed))
		tx.Update(key).Set("restorer", dynamo.String(run))
		return r, tx.Commit(ctx)
	case stored.Restoring != "":
		return nil, contact.Refuse(contact.Taken, "organization %s is half restored from another backup: finish that restore, or choose another name", o.ID)
	}
	if err := empty(ctx); err != nil {
		return nil, err
	}
	o.Restorer, o.Epoch = run, rand.Text()
	next, err := dynamo.Encode(key, o)
	if err != nil {
		return nil, err
	}
	if item == nil {
		tx.Put(next, dynamo.NotExistsElse(func(dynamo.Item) error { return changed }))
	} else {
		tx.Replace(item, next, dynamo.Require(dynamo.AttributeNotExists(AttrRestoring), changed))
	}
	return r, tx.Commit(ctx)
}

// isRun requires that a run restores the organization.
func (r *Restore) isRun(run string, refusal error) dynamo.Condition {
	return dynamo.Require(dynamo.And(dynamo.AttributeEquals(AttrRestoring, dynamo.String(r.backup)), dynamo.AttributeEquals("restorer", dynamo.String(run))), refusal)
}

// SetRestored records how many lines of the backup are restored. Taken if another run has taken over.
func (r *Restore) SetRestored(ctx context.Context, lines int64) error {
	return r.update(ctx, func(u *dynamo.Update) { u.Set("restored", dynamo.Number(lines)) })
}

// End opens the organization. Taken if another run has taken over.
func (r *Restore) End(ctx context.Context) error {
	return r.update(ctx, func(u *dynamo.Update) {
		u.Remove(AttrRestoring)
		u.Remove("restorer")
		u.Remove("restored")
	})
}

func (r *Restore) update(ctx context.Context, change func(*dynamo.Update)) error {
	key := keys.Organization(r.org)
	tx := r.accounts.table.Begin()
	tx.Check(key, r.isRun(r.run, contact.Refuse(contact.Taken, "another contacts restore of %s has taken over", r.org)))
	change(tx.Update(key))
	return tx.Commit(ctx)
}
