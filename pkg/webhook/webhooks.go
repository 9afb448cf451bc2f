package webhook

import (
	"context"
	"errors"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Webhooks are the webhooks in a table.
//
// A refusal that the caller can do something about is a *contact.Error; any other error is an internal one.
type Webhooks struct {
	table *dynamo.Table
	now   func() time.Time
	ids   *contact.Sequence
}

// New returns the webhooks of a table. ids makes the ids of all that is created.
func New(table *dynamo.Table, now func() time.Time, ids *contact.Sequence) *Webhooks {
	return &Webhooks{table, now, ids}
}

var errNotFound = contact.Refuse(contact.NotFound, "webhook not found")

// Organizations returns the organizations that have webhooks, and some that had.
func (s *Webhooks) Organizations(ctx context.Context) (names []string, err error) {
	err = s.table.Query(keys.WebhookOrganizations()).Project("sk").Read(ctx, 0, func(i dynamo.Item) { names = append(names, i.String("sk")) })
	return names, err
}

// List returns the webhooks of an organization, in the order of their creation. damaged are those that can't be read.
func (s *Webhooks) List(ctx context.Context, org string) (all []Webhook, damaged []contact.ID, err error) {
	err = s.table.Query(keys.Webhooks(org)).Read(ctx, 0, func(i dynamo.Item) {
		if w, err := Of(i); err == nil {
			all = append(all, w)
		} else {
			damaged = append(damaged, keys.LastID(i.String("sk")))
		}
	})
	return all, damaged, err
}

// Get returns a webhook. NotFound if there is none.
func (s *Webhooks) Get(ctx context.Context, org string, id contact.ID) (Webhook, error) {
	item, err := s.table.Get(ctx, keys.Webhook(org, id))
	if err == nil && item == nil {
		err = errNotFound
	}
	if err != nil {
		return Webhook{}, err
	}
	return Of(item)
}

// A Show returns the record of a webhook, for the answer to the request that changes it.
type Show func(Webhook) (contact.Record, error)

// Create adds a webhook, which starts now. Impossible beyond Max webhooks.
func (s *Webhooks) Create(ctx context.Context, org string, w idempotency.Write, in Input, show Show) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		// Whoever creates another one meanwhile increments the version of the organization's mark.
		mark := keys.WebhookOrganization(org)
		marked, err := s.table.Get(ctx, mark)
		if err != nil {
			return contact.Record{}, err
		}
		all, damaged, err := s.List(ctx, org)
		if err != nil {
			return contact.Record{}, err
		}
		if len(all)+len(damaged) >= Max {
			return contact.Record{}, contact.Refuse(contact.Impossible, "an organization has at most %d webhooks; delete one first", Max)
		}
		now := s.now()
		made := Webhook{Org: org, ID: s.ids.Next(contact.Part), Version: 1, Since: now.UnixMicro(), Generation: 1, Created: now.UnixMilli()}
		in.apply(&made)
		tx := s.table.Begin()
		tx.Check(mark, dynamo.Unchanged(marked))
		tx.Update(mark).Add(dynamo.AttrVersion, 1)
		return s.commit(ctx, tx, w, made, show, dynamo.NotExists())
	})
}

// Replace replaces what the owner of a webhook decides. NotFound if there is none, contact.Stale.
func (s *Webhooks) Replace(ctx context.Context, org string, id contact.ID, w idempotency.Write, in Input, show Show) (contact.Record, error) {
	return s.change(ctx, org, id, w, show, func(hook *Webhook) { in.apply(hook) })
}

// formerLifetime is how long a secret signs after a newer one was made.
const formerLifetime = 24 * time.Hour

// maxFormer bounds the former secrets that sign: more of them would make a header of more than a kilobyte.
const maxFormer = 10

// Rotate gives a webhook a new secret. The one before signs for another 24 hours. NotFound if there is no webhook, contact.Stale.
func (s *Webhooks) Rotate(ctx context.Context, org string, id contact.ID, w idempotency.Write, show Show) (contact.Record, error) {
	return s.change(ctx, org, id, w, show, func(hook *Webhook) {
		now := s.now()
		hook.Former = slices.DeleteFunc(hook.Former, func(f Former) bool { return f.Until <= now.UnixMilli() })
		hook.Former = append(hook.Former, Former{hook.Generation, now.Add(formerLifetime).UnixMilli()})
		hook.Former = hook.Former[max(0, len(hook.Former)-maxFormer):]
		hook.Generation++
	})
}

// Replay lets a webhook send again what has changed since a time. What it has not delivered yet is never skipped. NotFound if there is no
// webhook, contact.Stale.
func (s *Webhooks) Replay(ctx context.Context, org string, id contact.ID, w idempotency.Write, since time.Time, show Show) (contact.Record, error) {
	return s.change(ctx, org, id, w, show, func(hook *Webhook) {
		hook.Since = since.UnixMicro()
		hook.Replays++
	})
}

// Delete deletes a webhook, then what belongs to it and doesn't expire. A crash in between leaves items that contacts check --repair deletes.
// NotFound if there is no webhook, contact.Stale.
func (s *Webhooks) Delete(ctx context.Context, org string, id contact.ID, w idempotency.Write) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (none struct{}, err error) {
		stored, err := s.read(ctx, org, id, w)
		if err != nil {
			return none, err
		}
		tx := s.table.Begin()
		tx.Delete(stored.Key(), dynamo.Unchanged(stored))
		tx.Delete(keys.WebhookPlace(org, id)) // a deliverer that is at work fails from now on
		return none, idempotency.Refusal(w.Commit(ctx, tx, contact.Record{ID: id}))
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, maxClear)
	defer cancel()
	_ = s.Clear(ctx, org, id) // the webhook is gone whatever becomes of this
	return nil
}

// maxClear bounds how long the deletion of a webhook waits until what belongs to it is deleted.
const maxClear = 5 * time.Second

// Disable disables a webhook whose receiver doesn't take what is sent, unless it was set ACTIVE again since it was read.
func (s *Webhooks) Disable(ctx context.Context, read Webhook) error {
	tx := s.table.Begin()
	key := keys.Webhook(read.Org, read.ID)
	tx.Check(key, dynamo.Require(dynamo.AttributeEquals("activation", dynamo.Number(read.Activation)), errNotFound),
		dynamo.Require(dynamo.AttributeNotExists("disabled"), errNotFound))
	update := tx.Update(key)
	update.SetBool("disabled", true)
	update.Set("updated", dynamo.Number(s.now().UnixMilli()))
	update.Add(dynamo.AttrVersion, 1)
	if err := tx.Commit(ctx); !errors.Is(err, errNotFound) {
		return err
	}
	return nil
}

// read returns the item of a webhook. NotFound if there is none, contact.Stale.
func (s *Webhooks) read(ctx context.Context, org string, id contact.ID, w idempotency.Write) (dynamo.Item, error) {
	stored, err := s.table.Get(ctx, keys.Webhook(org, id))
	switch {
	case err != nil:
		return nil, err
	case stored == nil:
		return nil, errNotFound
	}
	return stored, w.Precondition.Check(stored.Number(dynamo.AttrVersion), true)
}

// change changes a webhook, and returns the record that it is shown as.
func (s *Webhooks) change(ctx context.Context, org string, id contact.ID, w idempotency.Write, show Show, edit func(*Webhook)) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := s.read(ctx, org, id, w)
		if err != nil {
			return contact.Record{}, err
		}
		hook, err := Of(stored)
		if err != nil {
			return contact.Record{}, err
		}
		edit(&hook)
		hook.Version++
		return s.commit(ctx, s.table.Begin(), w, hook, show, dynamo.Unchanged(stored))
	})
}

// commit puts a webhook, on a condition, and returns its record.
func (s *Webhooks) commit(ctx context.Context, tx *dynamo.Tx, w idempotency.Write, hook Webhook, show Show, condition dynamo.Condition) (contact.Record, error) {
	hook.Updated = s.now().UnixMilli()
	item, err := hook.item()
	if err != nil {
		return contact.Record{}, err
	}
	record, err := show(hook)
	if err != nil {
		return contact.Record{}, err
	}
	tx.Put(item, condition)
	return record, idempotency.Refusal(w.Commit(ctx, tx, record))
}
