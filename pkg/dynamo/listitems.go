package dynamo

import (
	"context"
	"errors"
	"fmt"

	"contacts/pkg/contact"
)

// ListItems are the entries of customer lists: references to customers, in the order in which they were added.
type ListItems struct{ table *Table }

// ListItemsOf returns the entries of a table's customer lists.
func ListItemsOf(t *Table) ListItems { return ListItems{t} }

// Page returns part of a list's entries: the ID of each is its place in the list, its Doc a ContactRef.
func (l ListItems) Page(ctx context.Context, org string, list contact.ID, q Query) (contact.Page, error) {
	q.of = listKey(org, list)
	page, _, err := l.table.page(ctx, itemsOf(org, list), q)
	if err == nil && len(page.Rows) == 0 {
		err = l.requireList(ctx, org, list)
	}
	return page, err
}

func (l ListItems) requireList(ctx context.Context, org string, list contact.ID) error {
	there, err := l.table.exists(ctx, listKey(org, list))
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
const maxAdded = (maxSteps - 1) / 4

// Add adds customers, none of them twice, to a list, and returns by their index why some could not be; a 0 is passed over.
// One that is in the list already stays where it is. What one transaction can't hold is a sequence of them: the same again finishes what was begun.
func (l ListItems) Add(ctx context.Context, org string, list contact.ID, customers []contact.ID) (map[int]error, error) {
	ctx = withoutAttempt(ctx)
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
		again, err := l.addChunk(ctx, org, list, customers, chunk, refused)
		if err != nil {
			return nil, err
		}
		rows = append(again, rows[len(chunk):]...)
	}
	return refused, nil
}

// addChunk adds some of the customers in one transaction, or sorts out those that can't be and returns the others.
func (l ListItems) addChunk(ctx context.Context, org string, list contact.ID, customers []contact.ID, chunk []int, refused map[int]error) ([]int, error) {
	var out []error
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		tx := l.table.begin()
		tx.require(listKey(org, list), present(errNoList))
		tx.step(listKey(org, list)).update.count(attrChildren, 1)
		for _, i := range chunk {
			if err := l.addOne(tx, org, list, customers[i], i); err != nil {
				return contact.Record{}, err
			}
		}
		err := tx.commit(ctx, contact.Record{})
		out = tx.broken
		return contact.Record{}, err
	})
	if err == nil || errors.Is(err, errNoList) {
		return nil, err
	}
	if row := new(notAdded); !errors.As(err, &row) {
		return nil, err
	}
	gone := map[int]bool{}
	for _, err := range out {
		if row := new(notAdded); errors.As(err, &row) && !gone[row.index] {
			gone[row.index] = true
			if row.why != nil {
				refused[row.index] = row.why
			}
		}
	}
	var again []int
	for _, i := range chunk {
		if !gone[i] {
			again = append(again, i)
		}
	}
	return again, nil
}

func (l ListItems) addOne(tx *transaction, org string, list, customer contact.ID, index int) error {
	position := l.table.ids.Next(contact.Part)
	doc, err := encode(contact.ContactRef{ID: customer})
	if err != nil {
		return err
	}
	member := memberKey(org, list, customer).entry()
	member[attrPosition] = num(int64(position))
	tx.put(member, absent(func(Item) error { return &notAdded{index, nil} }))
	tx.put(newItem(entryKey(org, list, position), doc, l.table.now()), absent(func(Item) error { return errChanged }))
	refuse := func(detail string) *notAdded {
		return &notAdded{index, contact.RefuseAt(contact.Impossible, fmt.Sprintf("/items/%d/id", index), "%s", detail)}
	}
	unknown := refuse("there is no such contact")
	if customer.Kind() == contact.Part {
		tx.require(Key{partsOf(org, customer), "of another kind"}, present(unknown))
		return nil
	}
	tx.require(guardKey(org, customer), present(unknown),
		unburied(refuse("the contact is deleted")))
	if customer.Kind() != contact.Placeholder {
		role := roleKey(roleCustomer)(Owner{Org: org, Contact: customer})
		tx.require(role, present(refuse("the contact is not a customer")))
	}
	return nil
}

// Remove takes a customer off a list. NotFound if it isn't in it. An entry is shown in its list alone, never with an ETag of
// its own: no version matches it.
func (l ListItems) Remove(ctx context.Context, org string, list, customer contact.ID, match contact.Precondition) error {
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		member, err := l.table.get(ctx, memberKey(org, list, customer))
		if err != nil {
			return contact.Record{}, err
		}
		if member == nil {
			return contact.Record{}, notFound("item of the customer list")
		}
		if match.IfMatch.Given && !match.IfMatch.Any || match.IfNoneMatch.Any {
			return contact.Record{}, ErrStale
		}
		position := member.number(attrPosition)
		tx := l.table.begin()
		tx.remove(member.key(), condition{text: "place = :place", values: values{":place": num(position)},
			explain: func(stored Item) error {
				if stored.number(attrPosition) != position {
					return errChanged
				}
				return nil
			}})
		tx.takeOff(entryKey(org, list, contact.ID(position)))
		tx.remove(entryKey(org, list, contact.ID(position)))
		return contact.Record{}, tx.commit(ctx, contact.Record{ID: customer})
	})
	return err
}

// attrPosition is where in its list a customer stands, N.
const attrPosition = "place"
