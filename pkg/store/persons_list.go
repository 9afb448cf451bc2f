package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/search"
	"contacts/pkg/store/offset"
)

// A PersonFilter selects the persons that match all of its fields. The zero one selects all.
type PersonFilter struct {
	// Emails are addresses that the person must have, without case.
	Emails []string
	// ExternalID, CustomerNumber and ID are those of the person; "" and 0 for any.
	ExternalID, CustomerNumber string
	ID                         contact.ID
	// CreatedFrom and CreatedTo bound the time of creation, inclusively, in Unix milliseconds; 0 for no bound.
	CreatedFrom, CreatedTo int64
	// FullText is a search that finds the person, nil for any.
	FullText *search.Query
	// Matches reports whether a person matches further conditions; nil for none.
	Matches func(Person) bool
}

func (f PersonFilter) isZero() bool {
	return !f.hasLookup() && f.CreatedFrom == 0 && f.CreatedTo == 0 && f.Matches == nil
}

// hasLookup reports whether a field of the filter has entries of its own, so that no scan is needed.
func (f PersonFilter) hasLookup() bool {
	return len(f.Emails) > 0 || f.ExternalID != "" || f.CustomerNumber != "" || f.ID != 0 || f.FullText != nil
}

func (f PersonFilter) matches(p Person) bool {
	return (f.ID == 0 || p.ID == f.ID) && (f.CreatedFrom == 0 || p.Created >= f.CreatedFrom) && (f.CreatedTo == 0 || p.Created <= f.CreatedTo) &&
		(f.ExternalID == "" || p.Value.External() == f.ExternalID) && (f.Matches == nil || f.Matches(p))
}

// maxParallelReads is the most persons whose options are read in parallel, each by a Query.
const maxParallelReads = 16

// countTime is the most time that counting matches may take.
const countTime = 8 * time.Second

// errNotCounted says that the matches were not counted in countTime.
var errNotCounted = contact.Refuse(contact.Impossible, "the matches can't be counted in time; use a narrower filter, such as email, externalId, number or days of creation")

// List returns limit matching persons after the first offset, with their options, in the order of creation, and the number of all matches.
// Unreadable ones count, but are omitted.
func (p Persons) List(ctx context.Context, o contact.Owner, f PersonFilter, offset, limit int) (page []Person, total int, err error) {
	var items []dynamo.Item
	switch {
	case f.isZero():
		items, total, err = p.listAll(ctx, o.Org, offset, limit)
	case f.hasLookup():
		items, total, err = p.listByLookup(ctx, o, f, offset, limit)
	default:
		items, total, err = p.scan(ctx, o.Org, f, offset, limit)
	}
	if err != nil {
		return nil, 0, err
	}
	page, err = p.withOptions(ctx, o, items)
	return page, total, err
}

// listAll reads part of the list of all persons, and its length.
func (p Persons) listAll(ctx context.Context, org string, skip, limit int) (items []dynamo.Item, total int, err error) {
	index := p.store.offsets.Of(keys.Contacts(org, contact.Individual), dynamo.Key{}, true)
	if total, err = index.Total(ctx); err != nil || skip >= total {
		return nil, total, err
	}
	from, found, err := index.Seek(ctx, offset.Position{Skip: skip})
	if err != nil || !found {
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

// rows returns the query of the individual contacts that aren't deleted, between two sort keys.
func (p Persons) rows(org, from, to string) *dynamo.Query {
	return p.store.Query(keys.Contacts(org, contact.Individual)).Between(from, to).Filter(dynamo.AttributeNotExists(AttrDeleted))
}

// listByLookup lists the matches of a filter with lookup keys or unique values.
func (p Persons) listByLookup(ctx context.Context, o contact.Owner, f PersonFilter, offset, limit int) (items []dynamo.Item, total int, err error) {
	deadline := time.Now().Add(countTime)
	candidates, err := p.candidates(ctx, o, f, deadline)
	if err != nil {
		return nil, 0, err
	}
	for ids := range slices.Chunk(candidates, 100) {
		if time.Now().After(deadline) {
			return nil, 0, errNotCounted
		}
		batch, err := p.store.BatchGet(ctx, contactKeys(o.Org, ids), "")
		if err != nil {
			return nil, 0, err
		}
		for _, item := range batch {
			if person, ok := decodePerson(item); item != nil && ok && !item.Bool(AttrDeleted) && f.matches(person) {
				if total++; total > offset && len(items) < limit {
					items = append(items, item)
				}
			}
		}
	}
	return items, total, nil
}

// candidates returns the persons that the search, and all lookup keys and unique values of a filter find, in the order of ids.
func (p Persons) candidates(ctx context.Context, o contact.Owner, f PersonFilter, deadline time.Time) ([]contact.ID, error) {
	org := o.Org
	var found [][]contact.ID
	if f.FullText != nil {
		ids, err := p.search(ctx, o, *f.FullText, deadline)
		if err != nil {
			return nil, err
		}
		found = append(found, ids)
	}
	for _, email := range f.Emails {
		var ids []contact.ID
		lookup, ok := lookupKey(contact.Lookup{By: contact.ByEmail, Value: email}, "")
		if !ok {
			return nil, nil
		}
		entries := keys.Lookup(org, lookup)
		err := p.store.Query(entries.PK).Prefix(entries.Prefix).Read(ctx, 0, func(i dynamo.Item) {
			to := keys.ParseTarget(strings.TrimPrefix(i.String("sk"), entries.Prefix))
			if isOption(to.Part) && to.Contact.Kind() == contact.Individual {
				ids = append(ids, to.Contact)
			}
		})
		if err != nil {
			return nil, err
		}
		found = append(found, ids)
	}
	for _, unique := range []struct{ space, value string }{{contact.Individual.String(), f.ExternalID}, {contact.SpaceCustomer, f.CustomerNumber}} {
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

// search returns all persons that a query finds.
func (p Persons) search(ctx context.Context, o contact.Owner, query search.Query, deadline time.Time) (ids []contact.ID, err error) {
	kind := contact.Individual
	q := Search{Query: query, Kind: &kind, Region: o.Region, Limit: maxEntries}
	for {
		page, err := p.store.Search(ctx, o.Org, q)
		if err != nil {
			return nil, err
		}
		for _, hit := range page.Hits {
			ids = append(ids, hit.ID)
		}
		if q.After = page.Next; q.After == nil {
			return ids, nil
		}
		if time.Now().After(deadline) {
			return nil, errNotCounted
		}
	}
}

// idSlack is the greatest difference between the time of a contact's id and that of its creation.
const idSlack = time.Minute

// scan lists the matches of a filter by reading all persons created between its bounds.
func (p Persons) scan(ctx context.Context, org string, f PersonFilter, offset, limit int) (items []dynamo.Item, total int, err error) {
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
		return nil, 0, nil // DynamoDB refuses an empty range
	}
	err = p.rows(org, from, to).Read(ctx, 0, func(i dynamo.Item) {
		if person, ok := decodePerson(i); ok && f.matches(person) {
			if total++; total > offset && len(items) < limit {
				items = append(items, i)
			}
		}
	})
	if ctx.Err() != nil {
		err = errNotCounted
	}
	return items, total, err
}

// withOptions decodes persons, and reads their options.
func (p Persons) withOptions(ctx context.Context, o contact.Owner, items []dynamo.Item) ([]Person, error) {
	persons := make([]Person, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallelReads)
	for i, item := range items {
		group.Go(func() error {
			var ok bool
			if persons[i], ok = decodePerson(item); !ok {
				persons[i].ID = 0
				return nil
			}
			parts, err := p.parts(ctx, contact.Owner{Org: o.Org, Contact: persons[i].ID})
			parts.addTo(&persons[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(persons, func(p Person) bool { return p.ID == 0 }), nil
}
