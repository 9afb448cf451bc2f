package dynamo

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"contacts/pkg/contact"
)

// A PersonFilter says which persons are wanted: those of which all that is given holds. The zero one wants all.
type PersonFilter struct {
	// Emails are addresses that must be among the person's own, in any case.
	Emails []string
	// ExternalID, CustomerNumber and ID are the person's, "" and 0 for any.
	ExternalID, CustomerNumber string
	ID                         contact.ID
	// CreatedFrom and CreatedTo bound the time of creation, both included, in Unix milliseconds; 0 for no bound.
	CreatedFrom, CreatedTo int64
	// Holds reports whether what else is asked for holds; nil for nothing.
	Holds func(Person) bool
}

func (f PersonFilter) isZero() bool {
	return !f.leads() && f.CreatedFrom == 0 && f.CreatedTo == 0 && f.Holds == nil
}

// leads reports whether the filter leads to persons, so that none has to be looked for.
func (f PersonFilter) leads() bool {
	return len(f.Emails) > 0 || f.ExternalID != "" || f.CustomerNumber != "" || f.ID != 0
}

func (f PersonFilter) holds(p Person) bool {
	return (f.ID == 0 || p.ID == f.ID) && (f.CreatedFrom == 0 || p.Created >= f.CreatedFrom) && (f.CreatedTo == 0 || p.Created <= f.CreatedTo) &&
		(f.ExternalID == "" || p.Value.External() == f.ExternalID) && (f.Holds == nil || f.Holds(p))
}

// Persons that are read at once with their options: each takes a Query.
const readTogether = 16

// countTime is how long matches may be counted.
const countTime = 8 * time.Second

// errNarrower says that matches could not be counted in time.
var errNarrower = contact.Refuse(contact.Impossible, "the matches can't be counted in time; use a narrower filter, such as email, externalId, number or days of creation")

// List returns persons with their options in the order of their creation, limit of them behind the first offset, and how many
// match in all. What can't be read is left out of the page, and counted.
func (p Persons) List(ctx context.Context, o Owner, f PersonFilter, offset, limit int) (page []Person, total int, err error) {
	var items []Item
	switch {
	case f.isZero():
		items, total, err = p.window(ctx, o.Org, offset, limit)
	case f.leads():
		items, total, err = p.led(ctx, o.Org, f, offset, limit)
	default:
		items, total, err = p.scanned(ctx, o.Org, f, offset, limit)
	}
	if err != nil {
		return nil, 0, err
	}
	page, err = p.complete(ctx, o, items)
	return page, total, err
}

// window reads part of the list, and how many are in all of it.
func (p Persons) window(ctx context.Context, org string, offset, limit int) (items []Item, total int, err error) {
	list := Key{PK: listOf(org, contact.Individual)}
	m := p.table.marksOf(list, Query{Living: true})
	if total, err = m.total(ctx); err != nil || offset >= total {
		return nil, total, err
	}
	from, there, err := m.seek(ctx, spot{on: offset})
	if err != nil || !there {
		return nil, total, err
	}
	r := p.rows(org)
	r.input.FilterExpression = aws.String("attribute_not_exists(deleted)")
	err = r.read(ctx, behind(digits(from.behind)), from.on+limit, func(i Item) {
		if from.on > 0 {
			from.on--
			return
		}
		items = append(items, i)
	})
	return items, max(total, offset+len(items)), err
}

// rows reads the list.
func (p Persons) rows(org string) *reader {
	return &reader{table: p.table, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(listOf(org, contact.Individual)), ":end": str(endOfIDs)},
	}}
}

// led follows the entries by which a filter's values lead to persons.
func (p Persons) led(ctx context.Context, org string, f PersonFilter, offset, limit int) (items []Item, total int, err error) {
	ends := time.Now().Add(countTime)
	candidates, err := p.candidates(ctx, org, f)
	if err != nil {
		return nil, 0, err
	}
	for ids := range slices.Chunk(candidates, 100) {
		if time.Now().After(ends) {
			return nil, 0, errNarrower
		}
		keys := make([]Key, len(ids))
		for i, id := range ids {
			keys[i] = contactKey(org, id)
		}
		read, err := p.table.gets(ctx, keys, "")
		if err != nil {
			return nil, 0, err
		}
		for _, item := range read {
			if read, ok := person(item); item != nil && ok && !item.is(attrDeleted) && f.holds(read) {
				if total++; total > offset && len(items) < limit {
					items = append(items, item)
				}
			}
		}
	}
	return items, total, nil
}

// candidates are the persons to which each of a filter's values leads, in the order of their ids.
func (p Persons) candidates(ctx context.Context, org string, f PersonFilter) ([]contact.ID, error) {
	var found [][]contact.ID
	for _, email := range f.Emails {
		var ids []contact.ID
		err := p.table.prefixed(findPartition(org, FindEmail(email))).read(ctx, "", 0, func(i Item) {
			to := parseTarget(i.text("sk"))
			if own := p.options.kindOf(to.part); own != nil && to.contact.Kind() == contact.Individual {
				ids = append(ids, to.contact)
			}
		})
		if err != nil {
			return nil, err
		}
		found = append(found, ids)
	}
	for _, claim := range []struct{ space, value string }{{contact.Individual.String(), f.ExternalID}, {spaceCustomer, f.CustomerNumber}} {
		if claim.value == "" {
			continue
		}
		item, err := p.table.get(ctx, claimKey(org, claim.space, claim.value))
		if err != nil {
			return nil, err
		}
		var ids []contact.ID
		if owner := contact.ID(item.number(attrOwner)); item != nil && owner.Kind() == contact.Individual {
			ids = []contact.ID{owner}
		}
		found = append(found, ids)
	}
	if f.ID != 0 && f.ID.Kind() == contact.Individual {
		found = append(found, []contact.ID{f.ID})
	} else if f.ID != 0 {
		found = append(found, nil)
	}
	all := slices.Compact(slices.Sorted(slices.Values(found[0])))
	return slices.DeleteFunc(all, func(id contact.ID) bool {
		return slices.ContainsFunc(found[1:], func(ids []contact.ID) bool { return !slices.Contains(ids, id) })
	}), nil
}

// idSlack is how far the time of a contact's id may be from that of its creation.
const idSlack = time.Minute

// scanned goes through the list, as far as it was made in the time that the filter says.
func (p Persons) scanned(ctx context.Context, org string, f PersonFilter, offset, limit int) (items []Item, total int, err error) {
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	from, to := behind(digits(0)), endOfIDs
	if f.CreatedFrom != 0 {
		from = digits(contact.FirstIDAt(time.UnixMilli(f.CreatedFrom).Add(-idSlack)))
	}
	if f.CreatedTo != 0 {
		to = digits(contact.FirstIDAt(time.UnixMilli(f.CreatedTo).Add(idSlack)))
	}
	if to < from {
		return nil, 0, nil // the store takes no such range
	}
	r := p.rows(org)
	r.input.ExpressionAttributeValues[":end"] = str(to)
	r.input.FilterExpression = aws.String("attribute_not_exists(deleted)")
	err = r.read(ctx, from, 0, func(i Item) {
		if read, ok := person(i); ok && f.holds(read) {
			if total++; total > offset && len(items) < limit {
				items = append(items, i)
			}
		}
	})
	if ctx.Err() != nil {
		err = errNarrower
	}
	return items, total, err
}

// complete reads the options of persons.
func (p Persons) complete(ctx context.Context, o Owner, items []Item) ([]Person, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	persons, failed := make([]Person, len(items)), make([]error, len(items))
	places := make(chan struct{}, readTogether)
	var reading sync.WaitGroup
	for i, item := range items {
		places <- struct{}{}
		reading.Go(func() {
			defer func() { <-places }()
			var ok bool
			if persons[i], ok = person(item); !ok {
				persons[i].ID = 0
				return
			}
			found, err := p.parts(ctx, Owner{Org: o.Org, Contact: persons[i].ID})
			found.of(&persons[i])
			if failed[i] = err; err != nil {
				cancel()
			}
		})
	}
	reading.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(persons, func(p Person) bool { return p.ID == 0 }), nil
}

// total counts the rows of a list: those that the offset index covers by its numbers, those behind it one by one. Where many are
// behind it, it is extended first.
func (m marks) total(ctx context.Context) (int, error) {
	for range maxOvertaken {
		s, err := m.survey(ctx)
		if err != nil {
			return 0, err
		}
		if !m.stays() {
			s = m.workIn(ctx, s)
		}
		sum := 0
		for _, count := range m.counts(s) {
			sum += int(count)
		}
		rows, counted, err := m.tail(ctx, s.end(), 2*stride*m.rows)
		if err != nil {
			return 0, err
		}
		if rows < 2*stride*m.rows {
			return sum + counted, nil
		}
		if _, err := m.extend(ctx, s, spot{s.end(), math.MaxInt}); err != nil && !errors.Is(err, errChanged) {
			return 0, err
		}
	}
	s, err := m.survey(ctx)
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, count := range m.counts(s) {
		sum += int(count)
	}
	_, counted, err := m.tail(ctx, s.end(), 0)
	return sum + counted, err
}

// tail reads rows behind an id, at most so many or all for 0, and how many of them count.
func (m marks) tail(ctx context.Context, id contact.ID, most int) (rows, counted int, err error) {
	err = m.reader("sk, deleted").read(ctx, behind(digits(id)), most, func(i Item) {
		if rows++; !m.living || !i.is(attrDeleted) {
			counted++
		}
	})
	return rows, counted, err
}
