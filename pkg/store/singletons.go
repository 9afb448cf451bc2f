package store

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Singletons is a type of resource of which an owner has at most one: a role of a contact, the configuration of a tenant.
type Singletons[P contact.Resource[P]] struct {
	repository[P]
	key func(contact.Owner) dynamo.Key
	// account is the series of the resource's account number; the zero value for none.
	account AccountSeries
	// initial is shown until there is one; if it is nil, the resource is not found then.
	initial any
}

// An AccountSeries is a series of account numbers. A contact has one number of it, which several roles can share. A tenant's numbers increase
// from First; none is assigned twice. Attribute is the attribute of the contact's guard item, and the name of the tenant's counter.
type AccountSeries struct {
	Attribute string
	First     int64
}

func (s Singletons[P]) at(o contact.Owner) place {
	key := s.key(o)
	return place{owner: o, target: keys.Target{Contact: o.Contact, Part: key.SK}, key: key}
}

// Get returns an owner's resource. The error is NotFound if there is none, unless initial is shown.
func (s Singletons[P]) Get(ctx context.Context, o contact.Owner) (contact.Record, error) {
	at, err := s.read(ctx, s.at(o), contact.Precondition{})
	if s.initial != nil && contact.IsRefused(err, contact.NotFound) {
		doc, err := encode(s.initial)
		return contact.Record{Doc: doc}, err
	}
	if err != nil {
		return contact.Record{}, err
	}
	return readable(at.stored)
}

// Value returns an owner's resource, decoded. The error is NotFound if there is none.
func (s Singletons[P]) Value(ctx context.Context, o contact.Owner) (value P, err error) {
	at, err := s.read(ctx, s.at(o), contact.Precondition{})
	if err != nil {
		return value, err
	}
	return Decode[P](at.stored)
}

// Put creates or replaces an owner's resource. The error is NotFound if the owner doesn't exist, Impossible if it is deleted or a reference
// names a resource that doesn't exist, Taken if another contact has a unique value, or Stale if the precondition fails.
func (s Singletons[P]) Put(ctx context.Context, o contact.Owner, w idempotency.Write, value P) (contact.Record, error) {
	return s.save(ctx, w, value, func(tx *transaction) (at place, err error) {
		at = s.at(o)
		if at.stored, err = s.store.Get(ctx, at.key); err != nil {
			return at, err
		}
		if at.stored == nil && s.initial == nil && w.Precondition.IfMatch.Given {
			if err := s.store.requireOwnerExists(ctx, o); err != nil {
				return at, err
			}
			return at, contact.Refuse(contact.Stale, "there is no %s yet; send no If-Match to create it", s.name)
		}
		if err := check(w.Precondition, at.stored); err != nil {
			return at, err
		}
		tx.requireOwner(o)
		if at.account = at.stored.String(AttrAccount); at.account == "" && s.account.First != 0 {
			at.account, err = tx.assign(ctx, o, s.account)
		}
		return at, err
	})
}

// AttrAccount, S, is the account number of a role.
const AttrAccount = "account"

// assign returns a contact's account number, or a new one if it has none. It assigns a new one before the transaction, so that a number is
// lost if the transaction fails, but never assigned twice.
func (tx *transaction) assign(ctx context.Context, o contact.Owner, a AccountSeries) (string, error) {
	guard, err := tx.store.Get(ctx, keys.Owner(o))
	switch {
	case err != nil:
		return "", err
	case guard == nil:
		return "", notFound("contact")
	case guard.Bool(AttrDeleted):
		return "", errDeleted
	}
	number := guard.String(a.Attribute)
	if number != "" {
		return number, nil
	}
	n, err := tx.store.Increment(ctx, keys.Counter(o.Org, a.Attribute), keys.AttrCounter)
	if err != nil {
		return "", err
	}
	number = contact.ID(a.First + n - 1).String()
	tx.Update(keys.Owner(o)).Set(a.Attribute, dynamo.String(number))
	tx.Check(keys.Owner(o), dynamo.Require(dynamo.AttributeNotExists(a.Attribute), dynamo.ErrConflict)) // another role that shares the number may get one meanwhile
	return number, nil
}
