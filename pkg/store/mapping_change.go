package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// A Remapping asks for external ids: those of List, and if that is the Whole mapping, no others.
type Remapping struct {
	List  []contact.IDMapping
	Whole bool
	// Check is given what the answer shows as it is and as it will be, before anything is written, and can refuse: the whole
	// mapping, or else the rows of List. Exclusive says that what it is given must not be changed meanwhile.
	Check     func(before, after []contact.IDMapping) error
	Exclusive bool
}

// Map gives contacts the external ids of a list. It returns the whole mapping, in the order of the external ids, if the list is
// that, else the rows of the list, in their order, as they are then. Who else had one of them loses it; if the list is the whole
// mapping, so does every contact that it does not name. Impossible, and nothing is changed, if the list isn't one to one or names
// a contact that is not there or deleted.
//
// Of a list that is not the whole mapping it reads the contacts and external ids that the list names, and who else has one of
// them. What one transaction can't hold is a sequence of them, each whole: the same list again finishes what was begun.
func (c Contacts[T, P]) Map(ctx context.Context, org string, r Remapping) ([]contact.IDMapping, error) {
	var order []dynamo.Condition
	if r.Whole {
		var err error
		if order, err = c.order(ctx, org); err != nil {
			return nil, err
		}
	}
	begun := false // some of it may be written: it was checked, on what was before
	return dynamo.RetryOnConflict(ctx, func() ([]contact.IDMapping, error) {
		now, err := c.mapped(ctx, org, r)
		if err != nil {
			return nil, err
		}
		if err := c.checkMapping(r.List, now.notDeleted); err != nil {
			return nil, err
		}
		plan := planMapping(now.mapping, r.List, r.Whole)
		groups, through := plan.groups()
		before, after := now.mapping, r.List
		if r.Whole {
			after = plan.after()
		} else {
			before = plan.rows(r.List)
		}
		if !begun {
			if err := r.Check(before, after); err != nil {
				return nil, err
			}
		}
		var held []dynamo.Item // must be as Check was given them
		if r.Exclusive && order == nil {
			if held = plan.staying(r.List, now.items); held == nil {
				if order, err = c.order(ctx, org); err == nil {
					err = dynamo.ErrConflict // checked once more: from now on no other such change goes on beside this one
				}
				return nil, err
			}
		}
		begun = begun || len(groups) > 1 || !through
		err = dynamo.EachParallel(ctx, len(groups), func(ctx context.Context, i int) error {
			return c.remapGroup(ctx, org, groups[i], plan, now.items, held, order)
		})
		switch {
		case errors.Is(err, errSuperseded) && r.Exclusive:
			err = contact.ErrStale
		case errors.Is(err, errSuperseded):
			err = nil // as if it had been through before the other began
		case err == nil && !through:
			err = dynamo.ErrConflict // what is left is planned anew
		}
		return after, err
	})
}

// errSuperseded says that a later replacement of the whole mapping has begun.
var errSuperseded = errors.New("dynamo: superseded")

// attrRun is the latest replacement of a whole mapping, S.
const attrRun = "run"

// order returns what must hold in each transaction of a change of the mapping: that no other one that asks for the same began
// after it. So of two replacements of the whole mapping at once the one that began last is left, whole.
func (c Contacts[T, P]) order(ctx context.Context, org string) ([]dynamo.Condition, error) {
	run := rand.Text()
	tx := c.store.begin()
	item := keys.MappingRun(org, c.kind).Item()
	item[attrRun] = dynamo.String(run)
	tx.Put(item)
	return []dynamo.Condition{dynamo.Require(dynamo.AttributeEquals(attrRun, dynamo.String(run)), errSuperseded)}, tx.Commit(ctx)
}

// A mapped is what a change of the mapping has to know of it.
type mapped struct {
	mapping    []contact.IDMapping        // all of it, or what the change names and what is in its way
	notDeleted map[contact.ID]bool        // the contacts that the change names and that can have an external id
	items      map[contact.ID]dynamo.Item // those of them that were read whole
}

func (c Contacts[T, P]) mapped(ctx context.Context, org string, r Remapping) (mapped, error) {
	m := mapped{notDeleted: map[contact.ID]bool{}, items: map[contact.ID]dynamo.Item{}}
	if r.Whole {
		var err error
		if m.mapping, err = c.mappings(ctx, org, 0); err != nil {
			return m, err
		}
		for _, row := range m.mapping {
			m.notDeleted[row.Internal] = true // one that has an external id isn't deleted
		}
	}
	var contacts, uniques []dynamo.Key
	asked, externals := map[dynamo.Key]bool{}, map[dynamo.Key]contact.ExternalID{}
	for _, row := range r.List {
		key, unique := keys.Contact(org, row.Internal), keys.Unique(org, c.kind.String(), string(row.External))
		if row.Internal.Kind() == c.kind && !m.notDeleted[row.Internal] && !asked[key] {
			asked[key] = true
			contacts = append(contacts, key)
		}
		if !r.Whole && externals[unique] == "" {
			externals[unique] = row.External
			uniques = append(uniques, unique)
		}
	}
	read, err := c.contactsAndClaims(ctx, contacts, uniques)
	if err != nil {
		return m, err
	}
	for _, item := range read {
		if item == nil || item.Bool(AttrDeleted) || externals[item.Key()] != "" {
			continue
		}
		id := IDOf(item)
		m.notDeleted[id] = true
		if item[AttrDoc] != nil {
			m.items[id] = item
		}
		if external := c.externalOf(item); external != "" {
			m.mapping = append(m.mapping, contact.IDMapping{Internal: id, External: external})
		}
	}
	for _, item := range read { // behind the contacts: who has what is wanted of them, and isn't among them
		external, owner := externals[item.Key()], contact.ID(item.Number(AttrOwner))
		if external != "" && !m.notDeleted[owner] {
			m.mapping = append(m.mapping, contact.IDMapping{Internal: owner, External: external})
		}
	}
	return m, nil
}

// contactsAndClaims reads them whole, in one call, or where they are many, of the contacts only what the mapping says.
func (c Contacts[T, P]) contactsAndClaims(ctx context.Context, contacts, uniques []dynamo.Key) ([]dynamo.Item, error) {
	if len(contacts) <= maxRemapped {
		return c.store.BatchGet(ctx, slices.Concat(contacts, uniques), "")
	}
	read, err := c.store.BatchGet(ctx, contacts, "pk, sk, deleted, uniques")
	if err != nil {
		return nil, err
	}
	held, err := c.store.BatchGet(ctx, uniques, "")
	return append(read, held...), err
}

// checkMapping holds that a list is one to one, and that its contacts are there and not deleted.
func (c Contacts[T, P]) checkMapping(list []contact.IDMapping, notDeleted map[contact.ID]bool) error {
	faults := contact.DuplicateMappings(list)
	for i, row := range list {
		if row.Internal.Kind() != c.kind || !notDeleted[row.Internal] {
			faults = append(faults, contact.Fault{Pointer: fmt.Sprintf("/items/%d/internal", i), Detail: "there is no such contact, or it is deleted"})
		}
	}
	if faults != nil {
		return &contact.Error{Reason: contact.Impossible, Faults: faults,
			Detail: "the mapping must be one to one, between external ids and contacts that exist and are not deleted"}
	}
	return nil
}

// remapGroup changes the external ids of some contacts in one transaction. read are those that were read whole, held what must
// not have changed either.
func (c Contacts[T, P]) remapGroup(ctx context.Context, org string, ids []contact.ID, plan mappingPlan, read map[contact.ID]dynamo.Item, held []dynamo.Item, order []dynamo.Condition) error {
	var wanted []dynamo.Key
	var stored []dynamo.Item
	for _, id := range ids {
		if item := read[id]; item != nil {
			stored = append(stored, item)
		} else {
			wanted = append(wanted, keys.Contact(org, id))
		}
	}
	others, err := c.store.BatchGet(ctx, wanted, "")
	if err != nil {
		return err
	}
	tx := c.store.begin()
	for _, item := range append(stored, others...) {
		if item == nil || item.Bool(AttrDeleted) || c.externalOf(item) != plan.before[IDOf(item)] {
			return dynamo.ErrConflict
		}
		if err := c.setExternalID(tx, org, item, string(plan.change[IDOf(item)])); err != nil {
			return err
		}
	}
	for _, item := range held {
		tx.Check(item.Key(), dynamo.Unchanged(item))
	}
	if order != nil {
		tx.Check(keys.MappingRun(org, c.kind), order...)
	}
	err = tx.commit(ctx, idempotency.Write{}, contact.Record{})
	if contact.IsRefused(err, contact.Taken) {
		err = dynamo.ErrConflict // somebody claimed one meanwhile
	}
	return err
}
