package dynamo

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"contacts/pkg/contact"
)

// Repairs depend on each other: one gives an item a new version, on which the next one of the same item was not found. So a
// repair whose records have changed judges them anew, and is done if it is found again, word for word; only then. Two
// findings that one repair settles are settled by the first of them.

// ErrMoved says that what was found is not as it was: a second check tells what it is now.
var ErrMoved = contact.Refuse(contact.Unavailable, "it has changed since; check again")

// maxRepairs bounds how often a repair is tried that meets changes each time.
const maxRepairs = 10

// repair carries out what was found of an item. ErrMoved if it is not so any more, Impossible if the store does not take it.
func (c *Check) repair(ctx context.Context, key Key, found Finding, fix func(context.Context) error) error {
	for try := range maxRepairs {
		err := fix(ctx)
		if !errors.Is(err, errChanged) {
			return refusedByStore(err)
		}
		if err := backoff(ctx, try, err); err != nil {
			return err
		}
		item, err := c.table.get(ctx, key)
		if err != nil || item == nil {
			return orMoved(err)
		}
		again, err := c.judge(ctx, item, func(key Key) (Item, error) { return c.one(ctx, key) })
		i := slices.IndexFunc(again, func(f Finding) bool { return f.Kind == found.Kind && f.Detail == found.Detail && f.once != nil })
		if err != nil || i < 0 {
			return orMoved(err)
		}
		fix = again[i].once
	}
	return ErrMoved
}

func orMoved(err error) error {
	if err == nil {
		return ErrMoved
	}
	return err
}

// refusedByStore makes a refusal of what the store says of a write that it will never take: of an item that is too large, or
// whose attributes have types on which the write does not work.
func refusedByStore(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && slices.Contains([]string{"ValidationException", "TransactionCanceledException"}, api.ErrorCode()) {
		return &contact.Error{Reason: contact.Impossible, Detail: "the store does not take it: " + api.ErrorMessage(), Cause: err}
	}
	return err
}

// commitRepair carries out a transaction of a repair. Whichever of its conditions is broken, what it was found by has changed.
func (j *judgement) commitRepair(ctx context.Context, tx *transaction) error {
	err := tx.commit(ctx, contact.Record{})
	if len(tx.broken) > 0 && !errors.Is(err, ErrMoved) {
		return errChanged
	}
	return err
}

// asIs holds of an item one of whose attributes is what it was when it was read, of whatever type, or not there.
func asIs(attribute string, read Item) condition {
	name, value := "#is_"+attribute, ":is_"+attribute
	c := condition{text: name + " = " + value, names: map[string]string{name: attribute}, values: values{value: read[attribute]},
		explain: func(stored Item) error {
			if !reflect.DeepEqual(stored[attribute], read[attribute]) {
				return errChanged
			}
			return nil
		}}
	if read[attribute] == nil {
		c.text, c.values = "attribute_not_exists("+name+")", nil
	}
	return c
}

// isNumber tells whether an attribute is a number.
func (i Item) isNumber(attribute string) bool {
	_, ok := i[attribute].(*types.AttributeValueMemberN)
	return ok
}
