package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// ListItems are the items of customer lists: references to customers, in the order in which they were added.
type ListItems struct{ store *Store }

// ListItemsOf returns the items of the customer lists in a store.
func ListItemsOf(s *Store) ListItems { return ListItems{s} }

// Page returns part of a list's items. The ID of each is its position in the list, its Doc a ContactRef. The error is NotFound if the list
// doesn't exist.
func (l ListItems) Page(ctx context.Context, org string, list contact.ID, q contact.Query) (contact.Page, error) {
	page, _, err := l.store.page(ctx, keys.ListItems(org, list), keys.CustomerList(org, list), q)
	if err == nil && len(page.Rows) == 0 {
		err = l.requireList(ctx, org, list)
	}
	return page, err
}

func (l ListItems) requireList(ctx context.Context, org string, list contact.ID) error {
	exists, err := l.store.Exists(ctx, keys.CustomerList(org, list))
	if err == nil && !exists {
		err = errNoList
	}
	return err
}

var errNoList = notFound("customer list")

// notAdded says why a customer is not added; why is nil for one that is in the list already.
type notAdded struct {
	index int
	why   error
}

func (n *notAdded) Error() string { return "store: customer not added to the list" }

// maxAdded is the most customers added in one transaction: each takes four items, the list one.
const maxAdded = (dynamo.MaxTransactionItems - 1) / 4

// Add adds distinct customers to a list, and returns by index why some could not be added; it skips ids of 0. A customer that is in the
// list already keeps its position. Many customers take several transactions; repeating the call completes one that failed halfway.
func (l ListItems) Add(ctx context.Context, org string, list contact.ID, customers []contact.ID) (map[int]error, error) {
	refused := map[int]error{}
	var rows []int
	for i, id := range customers {
		if id != 0 {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return refused, l.requireList(ctx, org, list)
	}
	for len(rows) > 0 {
		chunk := rows[:min(maxAdded, len(rows))]
		rest, err := l.addTogether(ctx, org, list, customers, chunk, refused)
		if err != nil {
			return nil, err
		}
		rows = append(rest, rows[len(chunk):]...)
	}
	return refused, nil
}

// addTogether adds the customers of rows in one transaction. If some can't be added, it adds none, and returns the other rows.
func (l ListItems) addTogether(ctx context.Context, org string, list contact.ID, customers []contact.ID, rows []int, refused map[int]error) ([]int, error) {
	var conditions *dynamo.ConditionError
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		tx := l.store.begin()
		tx.Check(keys.CustomerList(org, list), dynamo.Exists(errNoList))
		tx.Update(keys.CustomerList(org, list)).Add(AttrChildren, 1)
		for _, i := range rows {
			if err := l.addOne(tx, org, list, customers[i], i); err != nil {
				return contact.Record{}, err
			}
		}
		conditions = nil
		err := tx.execute(ctx, idempotency.Write{}, contact.Record{})
		errors.As(err, &conditions)
		return contact.Record{}, refusal(err)
	})
	if err == nil || errors.Is(err, errNoList) {
		return nil, err
	}
	if row := new(notAdded); !errors.As(err, &row) {
		return nil, err
	}
	out := map[int]bool{}
	for _, err := range conditions.Refusals {
		if row := new(notAdded); errors.As(err, &row) && !out[row.index] {
			out[row.index] = true
			if row.why != nil {
				refused[row.index] = row.why
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(i int) bool { return out[i] }), nil
}

func (l ListItems) addOne(tx *transaction, org string, list, customer contact.ID, index int) error {
	position := l.store.ids.Next(contact.Part)
	doc, err := encode(contact.ContactRef{ID: customer})
	if err != nil {
		return err
	}
	member := keys.ListMember(org, list, customer).Item()
	member[AttrPosition] = dynamo.Number(int64(position))
	tx.Put(member, dynamo.NotExistsElse(func(dynamo.Item) error { return &notAdded{index, nil} }))
	tx.Put(NewItem(keys.ListItem(org, list, position), doc, l.store.now()), dynamo.NotExists())
	refuse := func(detail string) *notAdded {
		return &notAdded{index, contact.RefuseAt(contact.Impossible, fmt.Sprintf("/items/%d/id", index), "%s", detail)}
	}
	unknown := refuse("there is no such contact")
	if customer.Kind() == contact.Part {
		tx.Check(keys.Nowhere(keys.Guard(org, customer)), dynamo.Exists(unknown))
		return nil
	}
	tx.Check(keys.Guard(org, customer), dynamo.Exists(unknown),
		notDeleted(refuse("the contact is deleted")))
	if customer.Kind() != contact.Placeholder {
		role := keys.Role(contact.Owner{Org: org, Contact: customer}, keys.RoleCustomer)
		tx.Check(role, dynamo.Exists(refuse("the contact is not a customer")))
	}
	return nil
}

// Remove removes a customer from a list. The error is NotFound if it isn't in the list. Items have no ETag: no version matches them.
func (l ListItems) Remove(ctx context.Context, org string, list, customer contact.ID, w idempotency.Write) error {
	_, err := l.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		member, err := l.store.Get(ctx, keys.ListMember(org, list, customer))
		if err != nil {
			return contact.Record{}, err
		}
		if member == nil {
			return contact.Record{}, notFound("item of the customer list")
		}
		if p := w.Precondition; p.IfMatch.Given && !p.IfMatch.Any || p.IfNoneMatch.Any {
			return contact.Record{}, contact.ErrStale
		}
		position := member.Number(AttrPosition)
		tx.Delete(member.Key(), dynamo.SameAttribute(AttrPosition, member))
		l.store.offsets.Remove(tx.Tx, keys.ListItem(org, list, contact.ID(position)))
		tx.Delete(keys.ListItem(org, list, contact.ID(position)))
		return contact.Record{ID: customer}, nil
	})
	return err
}

// AttrPosition is the position of a customer in its list, N.
const AttrPosition = "position"
