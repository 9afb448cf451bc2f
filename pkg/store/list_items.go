package store

import (
	"context"
	"errors"
	"fmt"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// ListItems are the entries of customer lists: references to customers, in the order in which they were added.
type ListItems struct{ store *Store }

// ListItemsOf returns the entries of a table's customer lists.
func ListItemsOf(s *Store) ListItems { return ListItems{s} }

// Page returns part of a list's entries: the ID of each is its place in the list, its Doc a ContactRef.
func (l ListItems) Page(ctx context.Context, org string, list contact.ID, q contact.Query) (contact.Page, error) {
	page, _, err := l.store.page(ctx, keys.ListItems(org, list), keys.CustomerList(org, list), q)
	if err == nil && len(page.Rows) == 0 {
		err = l.requireList(ctx, org, list)
	}
	return page, err
}

func (l ListItems) requireList(ctx context.Context, org string, list contact.ID) error {
	there, err := l.store.Exists(ctx, keys.CustomerList(org, list))
	if err == nil && !there {
		err = errNoList
	}
	return err
}

var errNoList = notFound("customer list")

// notAdded says why one of the customers that were to be added is not; nil for one that is in the list already.
type notAdded struct {
	index int
	why   error
}

func (n *notAdded) Error() string { return "dynamo: not added" }

// maxAdded is how many customers are added together: each is four items of a transaction, the list one.
const maxAdded = (dynamo.MaxTransactionItems - 1) / 4

// Add adds customers, none of them twice, to a list, and returns by their index why some could not be; a 0 is passed over.
// One that is in the list already stays where it is. What one transaction can't hold is a sequence of them: the same again finishes what was begun.
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
		again, err := l.addTogether(ctx, org, list, customers, chunk, refused)
		if err != nil {
			return nil, err
		}
		rows = append(again, rows[len(chunk):]...)
	}
	return refused, nil
}

// addTogether adds some of the customers in one transaction, or sorts out those that can't be and returns the others.
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
		err := tx.Commit(ctx)
		errors.As(err, &conditions)
		return contact.Record{}, refusal(err)
	})
	if err == nil || errors.Is(err, errNoList) {
		return nil, err
	}
	if row := new(notAdded); !errors.As(err, &row) {
		return nil, err
	}
	gone := map[int]bool{}
	for _, err := range conditions.Refusals {
		if row := new(notAdded); errors.As(err, &row) && !gone[row.index] {
			gone[row.index] = true
			if row.why != nil {
				refused[row.index] = row.why
			}
		}
	}
	var again []int
	for _, i := range rows {
		if !gone[i] {
			again = append(again, i)
		}
	}
	return again, nil
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
		tx.Check(dynamo.Key{PK: keys.Parts(org, customer), SK: "of another kind"}, dynamo.Exists(unknown))
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

// Remove takes a customer off a list. NotFound if it isn't in it. An entry is shown in its list alone, never with an ETag of
// its own: no version matches it.
func (l ListItems) Remove(ctx context.Context, org string, list, customer contact.ID, w idempotency.Write) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
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
		tx := l.store.begin()
		tx.Delete(member.Key(), dynamo.SameAttribute(AttrPosition, member))
		l.store.offsets.Remove(tx.Tx, keys.ListItem(org, list, contact.ID(position)))
		tx.Delete(keys.ListItem(org, list, contact.ID(position)))
		return contact.Record{}, tx.commit(ctx, w, contact.Record{ID: customer})
	})
	return err
}

// attrPosition is where in its list a customer stands, N.
const AttrPosition = "place"
