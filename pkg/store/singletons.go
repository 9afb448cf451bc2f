package store

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Singletons is a type of resource of which an owner has at most one: a role of a contact, the configuration of a tenant.
type Singletons[T any, P Singleton[T]] struct {
	store *Store
	noun  string
	key   func(contact.Owner) dynamo.Key
	// account is the kind of account number that the resource has; the zero Account for none.
	account Account
	// missing is shown if there is none; if it is nil, the resource is not found then.
	missing *T
}

// A Singleton is a pointer to a type of singleton.
type Singleton[T any] interface {
	*T
	contact.SingletonOf[T]
}

// An Account is a kind of account number. A contact has one, which several roles can share. A tenant's numbers increase from First; none is
// assigned twice. Attribute is the attribute of the contact's guard, and the name of the tenant's counter.
type Account struct {
	Attribute string
	First     int64
}

// Get returns an owner's resource. The error is NotFound if there is none, unless missing is shown.
func (s Singletons[T, P]) Get(ctx context.Context, o contact.Owner) (contact.Record, error) {
	item, err := s.store.Get(ctx, s.key(o))
	if err != nil {
		return contact.Record{}, err
	}
	if item == nil {
		if s.missing == nil {
			return contact.Record{}, notFound(s.noun)
		}
		doc, err := encode(s.missing)
		return contact.Record{Doc: doc}, err
	}
	return readable(item)
}

// Value returns an owner's resource, decoded. The error is NotFound if there is none.
func (s Singletons[T, P]) Value(ctx context.Context, o contact.Owner) (T, error) {
	item, err := s.store.Get(ctx, s.key(o))
	if err == nil && item == nil {
		err = notFound(s.noun)
	}
	if err != nil {
		var none T
		return none, err
	}
	return Decode[T](item)
}

// Put creates or replaces an owner's resource. The error is NotFound if the owner doesn't exist, Impossible if it is deleted or a reference
// names a resource that doesn't exist, Taken if another contact has a unique value, Stale or contact.ErrStale.
func (s Singletons[T, P]) Put(ctx context.Context, o contact.Owner, w idempotency.Write, value T) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := s.store.Get(ctx, s.key(o))
		if err != nil {
			return contact.Record{}, err
		}
		if stored == nil && s.missing == nil && w.Precondition.IfMatch.Given {
			if err := s.store.requireOwnerExists(ctx, o); err != nil {
				return contact.Record{}, err
			}
			return contact.Record{}, contact.Refuse(contact.Stale, "there is no %s yet; send no If-Match to create it", s.noun)
		}
		if err := check(w.Precondition, stored); err != nil {
			return contact.Record{}, err
		}
		tx := s.store.begin()
		tx.requireOwner(o)
		number := stored.String(AttrAccount)
		if number == "" && s.account.First != 0 {
			if number, err = tx.assign(ctx, o, s.account); err != nil {
				return contact.Record{}, err
			}
		}
		next, err := s.itemOf(o, stored, number, value)
		if err != nil {
			return contact.Record{}, err
		}
		tx.refuse(s.key(o).PK, P(&next.value).Validate())
		tx.link(o.Org, keys.Target{Contact: o.Contact, Part: s.key(o).SK}, stored, next.item, resolve(P(&next.value).Links(o), o.Region))
		if o.Contact != 0 {
			tx.recordChildChange(o)
		}
		if stored == nil {
			tx.Put(next.item, dynamo.NotExists())
		} else {
			tx.Replace(stored, next.item, dynamo.Unchanged(stored))
		}
		record := RecordOf(next.item)
		return record, tx.commit(ctx, w, record)
	})
}

// newItem is an item to write, with its value.
type newItem[T any] struct {
	item  dynamo.Item
	value T
}

// itemOf returns the item of value, which replaces stored; nil for a new one. number is that of its account.
func (s Singletons[T, P]) itemOf(o contact.Owner, stored dynamo.Item, number string, value T) (newItem[T], error) {
	now := s.store.now()
	var before *T
	if last, err := Decode[T](stored); err == nil {
		before = &last // an unreadable one is replaced as if there were none
	}
	P(&value).Normalize()
	P(&value).SetDefaults(before, contact.TimeOf(now.UnixMilli()), number)
	doc, err := encode(value)
	if err != nil {
		return newItem[T]{}, err
	}
	item := NewItem(s.key(o), doc, now)
	if stored != nil {
		item = nextItem(stored, doc, now)
	}
	item.SetString(AttrAccount, number)
	return newItem[T]{item, value}, nil
}

// AttrAccount, S, is the account number of a role.
const AttrAccount = "account"

// assign returns a contact's account number, or a new one if it has none. It assigns a new one before the transaction, so that a number is
// lost if the transaction fails, but never assigned twice.
func (tx *transaction) assign(ctx context.Context, o contact.Owner, a Account) (string, error) {
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
