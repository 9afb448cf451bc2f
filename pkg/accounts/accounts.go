// Package accounts stores who may use the platform: organizations, applications, users with their sessions, and the public keys of
// tokens. It throttles failed logins.
//
// A refusal that the caller can do something about is a *contact.Error; any other error is a fault.
package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/keys"
)

// Accounts are the accounts of a table.
type Accounts struct {
	table  *dynamo.Table
	now    func() time.Time
	logins openLogins
}

// New returns the accounts of a table.
func New(table *dynamo.Table, now func() time.Time) *Accounts {
	return &Accounts{table: table, now: now}
}

// Organization is a tenant.
type Organization struct {
	ID string `dynamodbav:"sk"`
	// Region is where its telephone numbers are dialled, ISO 3166-1 alpha-2.
	Region string `dynamodbav:"region"`
	// Epoch is that of the tokens of the organization's changes. A restore and BeginEpoch begin another one.
	Epoch string `dynamodbav:"epoch,omitempty"`
	// History is for how long the history of its contacts is kept; nil for history.DefaultDays.
	History *history.Setting `dynamodbav:"history,omitempty"`
	// Restoring is the digest of the backup that a restore of it is from, "" if none is under way.
	Restoring string `dynamodbav:"restoring,omitempty"`
	// Restorer is the run of that restore: an earlier run ends when it notices. Restored is how many lines of the backup are in the table.
	Restorer string `dynamodbav:"restorer,omitempty"`
	Restored int64  `dynamodbav:"restored,omitempty"`
}

// HistoryDays returns for how many days the history of the organization's contacts is kept, 0 for none.
func (o Organization) HistoryDays() int {
	if o.History == nil {
		return history.DefaultDays
	}
	return o.History.Days
}

// SetHistoryDays sets for how many days the history of an organization's contacts is kept, 0 for none. NotFound if there is no such
// organization. Processes use another setting for up to history.CacheTime.
func (a *Accounts) SetHistoryDays(ctx context.Context, id string, days int) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (struct{}, error) {
		o, err := get[Organization](ctx, a, keys.Organization(id), "organization")
		if err != nil {
			return struct{}{}, err
		}
		next := o
		setting := history.Setting{Days: o.HistoryDays()}
		if o.History != nil {
			setting = *o.History
		}
		setting = setting.With(days, a.now())
		next.History = &setting
		read, err := dynamo.Encode(keys.Organization(id), o)
		if err != nil {
			return struct{}{}, err
		}
		written, err := dynamo.Encode(keys.Organization(id), next)
		if err != nil {
			return struct{}{}, err
		}
		tx := a.table.Begin()
		tx.Replace(read, written, dynamo.Exists(notFound("organization")), dynamo.SameAttribute(history.Attribute, read))
		err = tx.Commit(ctx)
		if conflict := new(dynamo.ConditionError); errors.As(err, &conflict) && slices.Contains(conflict.Refusals, dynamo.ErrConflict) {
			err = dynamo.ErrConflict
		}
		return struct{}{}, err
	})
	return err
}

// AttrRestoring is the attribute of Organization.Restoring, S.
const AttrRestoring = "restoring"

// AddOrganization adds a tenant. Taken if it exists.
func (a *Accounts) AddOrganization(ctx context.Context, o Organization) error {
	o.Epoch = rand.Text()
	return a.add(ctx, keys.Organization(o.ID), o, "organization "+o.ID)
}

// Organizations returns all tenants, by name.
func (a *Accounts) Organizations(ctx context.Context) ([]Organization, error) {
	return list[Organization](ctx, a, keys.Organizations())
}

// Organization returns a tenant. NotFound if there is none of that name, Unavailable while it is being restored.
func (a *Accounts) Organization(ctx context.Context, id string) (Organization, error) {
	o, err := get[Organization](ctx, a, keys.Organization(id), "organization")
	if err == nil && o.Restoring != "" {
		err = contact.Refuse(contact.Unavailable, "organization %s is half restored: it can be used when contacts restore has come to its end", id)
	}
	return o, err
}

// BeginEpoch begins another epoch of an organization's changes: whoever reads them is shown all contacts again. NotFound if there is no
// such organization.
func (a *Accounts) BeginEpoch(ctx context.Context, org string) error {
	return a.update(ctx, keys.Organization(org), "organization", func(u *dynamo.Update) { u.Set("epoch", dynamo.String(rand.Text())) })
}

// IsRestoring reports whether an organization is being restored.
func (a *Accounts) IsRestoring(ctx context.Context, id string) (bool, error) {
	item, err := a.table.Get(ctx, keys.Organization(id))
	return item[AttrRestoring] != nil, err
}

// add creates a record. Taken if its key exists.
func (a *Accounts) add(ctx context.Context, key dynamo.Key, record any, name string) error {
	item, err := dynamo.Encode(key, record)
	if err != nil {
		return err
	}
	tx := a.table.Begin()
	tx.Put(item, dynamo.NotExistsElse(func(dynamo.Item) error { return contact.Refuse(contact.Taken, "there is already %s", name) }))
	return tx.Commit(ctx)
}

// update changes a record. NotFound if there is none.
func (a *Accounts) update(ctx context.Context, key dynamo.Key, noun string, change func(*dynamo.Update)) error {
	tx := a.table.Begin()
	tx.Check(key, dynamo.Exists(notFound(noun)))
	change(tx.Update(key))
	return tx.Commit(ctx)
}

// deleteAll deletes all items of a partition.
func (a *Accounts) deleteAll(ctx context.Context, partition string) error {
	var all []dynamo.Key
	if err := a.table.Query(partition).Project("pk", "sk").Read(ctx, 0, func(i dynamo.Item) { all = append(all, i.Key()) }); err != nil {
		return err
	}
	for some := range slices.Chunk(all, dynamo.MaxTransactionItems) {
		tx := a.table.Begin()
		for _, key := range some {
			tx.Delete(key)
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
	}
	return nil
}

func notFound(noun string) error { return contact.Refuse(contact.NotFound, "%s not found", noun) }

// get reads a record. NotFound if there is none.
func get[T any](ctx context.Context, a *Accounts, key dynamo.Key, noun string) (T, error) {
	item, err := a.table.Get(ctx, key)
	if err == nil && item == nil {
		err = notFound(noun)
	}
	if err != nil {
		var none T
		return none, err
	}
	return dynamo.Decode[T](item)
}

// list reads all records of a partition, by name.
func list[T any](ctx context.Context, a *Accounts, partition string) (records []T, err error) {
	var damaged error
	err = a.table.Query(partition).Read(ctx, 0, func(i dynamo.Item) {
		record, err := dynamo.Decode[T](i)
		if err != nil {
			damaged = err
		}
		records = append(records, record)
	})
	if err == nil {
		err = damaged
	}
	return records, err
}
