package store

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Singletons is a kind of resource of which an owner has at most one: a role of a contact, the configuration of a tenant.
// Where a field is nil there is nothing of the kind.
type Singletons[T any, P Singleton[T]] struct {
	store *Store
	noun  string
	key   func(contact.Owner) dynamo.Key
	links func(*T, contact.Owner) Links
	// account is where the number of its account is given out; the zero one gives none.
	account Account
	// missing is the resource as it is shown where nobody has put one; nil where it is not found then.
	missing *T
}

// A Singleton is a resource of which an owner has at most one.
type Singleton[T any] interface {
	*T
	// Settle completes a value that was sent at now from the one that it replaces, nil if there is none, and with the
	// number of its account, if its kind has one.
	SetDefaults(before *T, now contact.Time, account string)
	// Validate refuses a value that breaks rules of its own.
	Validate() error
}

// An account is a kind of number that a contact has one of, however many roles share it. Numbers go up from first in a
// tenant, and none is given out twice.
type Account struct {
	Attribute string
	First     int64
}

// Get returns the owner's resource.
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

// Value returns the owner's resource, read. NotFound if it has none.
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

// Put makes value the owner's resource, in the place of the one there is. NotFound if there is no such owner, Impossible
// if it is deleted or the value refers to what doesn't exist, Taken if a unique value is another's.
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
		if s.links != nil {
			tx.link(o.Org, keys.Target{Contact: o.Contact, Part: s.key(o).SK}, stored, next.item, s.links(&next.value, o))
		}
		if o.Contact != 0 {
			tx.recordChildChange(o)
		}
		if stored == nil {
			tx.Put(next.item, dynamo.NotExists())
		} else {
			tx.Replace(stored, next.item, dynamo.Unchanged(stored))
		}
		made := RecordOf(next.item)
		return made, tx.commit(ctx, w, made)
	})
}

type composed[T any] struct {
	item  dynamo.Item
	value T
}

// compose is the item of a value, in the place of stored if that isn't nil.
func (s Singletons[T, P]) itemOf(o contact.Owner, stored dynamo.Item, number string, value T) (composed[T], error) {
	now := s.store.now()
	var before *T
	if last, err := Decode[T](stored); err == nil {
		before = &last // a damaged one is replaced as if there were none
	}
	P(&value).SetDefaults(before, contact.TimeOf(now.UnixMilli()), number)
	doc, err := encode(value)
	if err != nil {
		return composed[T]{}, err
	}
	item := NewItem(s.key(o), doc, now)
	if stored != nil {
		item = nextItem(stored, doc, now)
	}
	item.SetString(AttrAccount, number)
	return composed[T]{item, value}, nil
}

// attrAccount holds a role's account number, S.
const AttrAccount = "account"

// assign returns the owner's number of a kind of account, a new one if it has none. A new one is given out before the
// transaction that uses it: if that fails the number is lost, never used twice.
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
	tx.Check(keys.Owner(o), dynamo.Require(dynamo.AttributeNotExists(a.Attribute), dynamo.ErrConflict)) // another role may get one meanwhile: they share it
	return number, nil
}
