package store

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store/offset"
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
func (p Persons) List(ctx context.Context, o contact.Owner, f PersonFilter, offset, limit int) (page []Person, total int, err error) {
	var items []dynamo.Item
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
func (p Persons) window(ctx context.Context, org string, skip, limit int) (items []dynamo.Item, total int, err error) {
	index := p.store.offsets.Of(keys.Contacts(org, contact.Individual), dynamo.Key{}, true)
	if total, err = index.Total(ctx); err != nil || skip >= total {
		return nil, total, err
	}
	from, there, err := index.Seek(ctx, offset.Position{Skip: skip})
	if err != nil || !there {
		return nil, total, err
	}
	err = p.rows(org, keys.After(from.After), keys.EndOfIDs).Read(ctx, from.Skip+limit, func(i dynamo.Item) {
		if from.Skip > 0 {
			from.Skip--
			return
		}
		items = append(items, i)
	})
	return items, max(total, skip+len(items)), err
}

// rows is the query of the individual contacts that aren't deleted, from one sort key to another.
func (p Persons) rows(org, from, to string) *dynamo.Query {
	return p.store.Query(keys.Contacts(org, contact.Individual)).Between(from, to).Filter(dynamo.AttributeNotExists(AttrDeleted))
}

// led follows the entries by which a filter's values lead to persons.
func (p Persons) led(ctx context.Context, org string, f PersonFilter, offset, limit int) (items []dynamo.Item, total int, err error) {
	ends := time.Now().Add(countTime)
	candidates, err := p.candidates(ctx, org, f)
	if err != nil {
		return nil, 0, err
	}
	for ids := range slices.Chunk(candidates, 100) {
		if time.Now().After(ends) {
			return nil, 0, errNarrower
		}
		read, err := p.store.BatchGet(ctx, contactKeys(org, ids), "")
		if err != nil {
			return nil, 0, err
		}
		for _, item := range read {
			if read, ok := person(item); item != nil && ok && !item.Bool(AttrDeleted) && f.holds(read) {
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
		err := p.store.Query(keys.Lookup(org, keys.EmailLookup(email))).Prefix("").Read(ctx, 0, func(i dynamo.Item) {
			to := keys.ParseTarget(i.String("sk"))
			if own := p.options.kindOf(to.Part); own != nil && to.Contact.Kind() == contact.Individual {
				ids = append(ids, to.Contact)
			}
		})
		if err != nil {
			return nil, err
		}
		found = append(found, ids)
	}
	for _, unique := range []struct{ space, value string }{{contact.Individual.String(), f.ExternalID}, {keys.SpaceCustomer, f.CustomerNumber}} {
		if unique.value == "" {
			continue
		}
		item, err := p.store.Get(ctx, keys.Unique(org, unique.space, unique.value))
		if err != nil {
			return nil, err
		}
		var ids []contact.ID
		if owner := contact.ID(item.Number(AttrOwner)); item != nil && owner.Kind() == contact.Individual {
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
func (p Persons) scanned(ctx context.Context, org string, f PersonFilter, offset, limit int) (items []dynamo.Item, total int, err error) {
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	from, to := keys.After(0), keys.EndOfIDs
	if f.CreatedFrom != 0 {
		from = keys.Digits(contact.FirstIDAt(time.UnixMilli(f.CreatedFrom).Add(-idSlack)))
	}
	if f.CreatedTo != 0 {
		to = keys.Digits(contact.FirstIDAt(time.UnixMilli(f.CreatedTo).Add(idSlack)))
	}
	if to < from {
		return nil, 0, nil // the store takes no such range
	}
	err = p.rows(org, from, to).Read(ctx, 0, func(i dynamo.Item) {
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
func (p Persons) complete(ctx context.Context, o contact.Owner, items []dynamo.Item) ([]Person, error) {
	persons := make([]Person, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readTogether)
	for i, item := range items {
		group.Go(func() error {
			var ok bool
			if persons[i], ok = person(item); !ok {
				persons[i].ID = 0
				return nil
			}
			found, err := p.parts(ctx, contact.Owner{Org: o.Org, Contact: persons[i].ID})
			found.of(&persons[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(persons, func(p Person) bool { return p.ID == 0 }), nil
}
