package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// Singles is a kind of resource of which an owner has at most one: a role of a contact, the configuration of a tenant.
// Where a field is nil there is nothing of the kind.
type Singles[T any, P Single[T]] struct {
	table *Table
	noun  string
	key   func(Owner) Key
	ties  func(*T, Owner) ties
	// account is where the number of its account is given out; the zero one gives none.
	account account
	// missing is the resource as it is shown where nobody has put one; nil where it is not found then.
	missing *T
}

// A Single is a resource of which an owner has at most one.
type Single[T any] interface {
	*T
	// SetDefaults completes a value that was sent at now from the one that it replaces, nil if there is none, and with the
	// number of its account, if its kind has one.
	SetDefaults(before *T, now contact.Time, account string)
	// Validate refuses a value that breaks rules of its own.
	Validate() error
}

// An account is a kind of number that a contact has one of, however many roles share it. Numbers go up from first in a
// tenant, and none is given out twice.
type account struct {
	attribute string
	first     int64
}

// Get returns the owner's resource.
func (s Singles[T, P]) Get(ctx context.Context, o Owner) (contact.Record, error) {
	item, err := s.table.get(ctx, s.key(o))
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
	return item.readable()
}

// Value returns the owner's resource, read. NotFound if it has none.
func (s Singles[T, P]) Value(ctx context.Context, o Owner) (T, error) {
	item, err := s.table.get(ctx, s.key(o))
	if err == nil && item == nil {
		err = notFound(s.noun)
	}
	if err != nil {
		var none T
		return none, err
	}
	return decode[T](item)
}

// Put makes value the owner's resource, in the place of the one there is. NotFound if there is no such owner, Impossible
// if it is deleted or the value refers to what doesn't exist, Taken if a unique value is another's.
func (s Singles[T, P]) Put(ctx context.Context, o Owner, match contact.Precondition, value T) (contact.Record, error) {
	return untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := s.table.get(ctx, s.key(o))
		if err != nil {
			return contact.Record{}, err
		}
		if stored == nil && s.missing == nil && match.IfMatch.Given {
			if err := s.table.requireThere(ctx, o); err != nil {
				return contact.Record{}, err
			}
			return contact.Record{}, contact.Refuse(contact.Stale, "there is no %s yet; send no If-Match to make it", s.noun)
		}
		if err := stored.meets(match); err != nil {
			return contact.Record{}, err
		}
		tx := s.table.begin()
		tx.requireOwner(o)
		number := stored.text(attrAccount)
		if number == "" && s.account.first != 0 {
			if number, err = tx.assign(ctx, o, s.account); err != nil {
				return contact.Record{}, err
			}
		}
		next, err := s.compose(o, stored, number, value)
		if err != nil {
			return contact.Record{}, err
		}
		tx.refuse(s.key(o).PK, P(&next.value).Validate())
		if s.ties != nil {
			tx.tie(o.Org, target{o.Contact, s.key(o).SK}, stored, next.item, s.ties(&next.value, o))
		}
		if o.Contact != 0 {
			tx.bind(o)
		}
		if stored == nil {
			tx.put(next.item, absent(func(Item) error { return errChanged }))
		} else {
			tx.replace(stored, next.item, unchanged(stored))
		}
		made := next.item.record()
		return made, tx.commit(ctx, made)
	})
}

type composed[T any] struct {
	item  Item
	value T
}

// compose is the item of a value, in the place of stored if that isn't nil.
func (s Singles[T, P]) compose(o Owner, stored Item, number string, value T) (composed[T], error) {
	now := s.table.now()
	var before *T
	if last, err := decode[T](stored); err == nil {
		before = &last // a damaged one is replaced as if there were none
	}
	P(&value).SetDefaults(before, contact.TimeOf(now.UnixMilli()), number)
	doc, err := encode(value)
	if err != nil {
		return composed[T]{}, err
	}
	item := newItem(s.key(o), doc, now)
	if stored != nil {
		item = nextItem(stored, doc, now)
	}
	item.setText(attrAccount, number)
	return composed[T]{item, value}, nil
}

// attrAccount holds a role's account number, S.
const attrAccount = "account"

// assign returns the owner's number of a kind of account, a new one if it has none. A new one is given out before the
// transaction that uses it: if that fails the number is lost, never used twice.
func (tx *transaction) assign(ctx context.Context, o Owner, a account) (string, error) {
	guard, err := tx.table.get(ctx, o.key())
	switch {
	case err != nil:
		return "", err
	case guard == nil:
		return "", notFound("contact")
	case guard.is(attrDeleted):
		return "", errDeleted
	}
	number := guard.text(a.attribute)
	if number != "" {
		return number, nil
	}
	n, err := tx.table.next(ctx, counterKey(o.Org, a.attribute), a.first)
	if err != nil {
		return "", err
	}
	number = contact.ID(n).String()
	tx.step(o.key()).update.set(a.attribute, str(number))
	tx.require(o.key(), condition{text: "attribute_not_exists(" + a.attribute + ")", explain: func(stored Item) error {
		if stored.text(a.attribute) != "" {
			return errChanged // another role got one meanwhile: they share it
		}
		return nil
	}})
	return number, nil
}

// next gives out the next number of a counter: first, and then one more each time.
func (t *Table) next(ctx context.Context, key Key, first int64) (int64, error) {
	out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: key.attributes(),
		UpdateExpression:          aws.String("ADD #given :one"),
		ExpressionAttributeNames:  map[string]string{"#given": attrGiven},
		ExpressionAttributeValues: values{":one": num(1)},
		ReturnValues:              types.ReturnValueUpdatedNew,
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return 0, failure(err)
	}
	if out.ConsumedCapacity != nil {
		units(ctx).wrote([]types.ConsumedCapacity{*out.ConsumedCapacity})
	}
	return first + Item(out.Attributes).number(attrGiven) - 1, nil
}

// attrGiven counts the numbers that a counter has given out, N.
const attrGiven = "given"
