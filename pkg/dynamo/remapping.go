package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"contacts/pkg/contact"
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
	var order []condition
	if r.Whole {
		var err error
		if order, err = c.order(ctx, org); err != nil {
			return nil, err
		}
	}
	begun := false // some of it may be written: it was checked, on what was before
	return untilUnchanged(ctx, func() ([]contact.IDMapping, error) {
		now, err := c.mapped(ctx, org, r)
		if err != nil {
			return nil, err
		}
		if err := c.checkMapping(r.List, now.living); err != nil {
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
		var held []Item // must be as Check was given them
		if r.Exclusive && order == nil {
			if held = plan.staying(r.List, now.items); held == nil {
				if order, err = c.order(ctx, org); err == nil {
					err = errChanged // checked once more: from now on no other such change goes on beside this one
				}
				return nil, err
			}
		}
		begun = begun || len(groups) > 1 || !through
		err = EachParallel(withoutAttempt(ctx), len(groups), func(ctx context.Context, i int) error {
			return c.remapGroup(ctx, org, groups[i], plan, now.items, held, order)
		})
		switch {
		case errors.Is(err, errSuperseded) && r.Exclusive:
			err = ErrStale
		case errors.Is(err, errSuperseded):
			err = nil // as if it had been through before the other began
		case err == nil && !through:
			err = errChanged // what is left is planned anew
		}
		return after, err
	})
}

// errSuperseded says that a later replacement of the whole mapping has begun.
var errSuperseded = errors.New("dynamo: superseded")

// order returns what must hold in each transaction of a change of the mapping: that no other one that asks for the same began
// after it. So of two replacements of the whole mapping at once the one that began last is left, whole.
func (c Contacts[T, P]) order(ctx context.Context, org string) ([]condition, error) {
	run := rand.Text()
	tx := c.table.begin()
	item := planKey(org, c.kind).entry()
	item[attrRun] = str(run)
	tx.put(item)
	return []condition{{text: "run = :run", values: values{":run": str(run)}, explain: func(Item) error { return errSuperseded }}},
		tx.commit(withoutAttempt(ctx), contact.Record{})
}

// A mapped is what a change of the mapping has to know of it.
type mapped struct {
	mapping []contact.IDMapping // all of it, or what the change names and what is in its way
	living  map[contact.ID]bool // the contacts that the change names and that can have an external id
	items   map[contact.ID]Item // those of them that were read whole
}

func (c Contacts[T, P]) mapped(ctx context.Context, org string, r Remapping) (mapped, error) {
	m := mapped{living: map[contact.ID]bool{}, items: map[contact.ID]Item{}}
	if r.Whole {
		var err error
		if m.mapping, err = c.mappings(ctx, org, 0); err != nil {
			return m, err
		}
		for _, row := range m.mapping {
			m.living[row.Internal] = true // one that has an external id isn't deleted
		}
	}
	var contacts, claims []Key
	asked, externals := map[Key]bool{}, map[Key]contact.ExternalID{}
	for _, row := range r.List {
		key, claim := contactKey(org, row.Internal), claimKey(org, c.kind.String(), string(row.External))
		if row.Internal.Kind() == c.kind && !m.living[row.Internal] && !asked[key] {
			asked[key] = true
			contacts = append(contacts, key)
		}
		if !r.Whole && externals[claim] == "" {
			externals[claim] = row.External
			claims = append(claims, claim)
		}
	}
	read, err := c.contactsAndClaims(ctx, contacts, claims)
	if err != nil {
		return m, err
	}
	for _, item := range read {
		if item == nil || item.is(attrDeleted) || externals[item.key()] != "" {
			continue
		}
		id := item.id()
		m.living[id] = true
		if item[attrDoc] != nil {
			m.items[id] = item
		}
		if external := c.externalOf(item); external != "" {
			m.mapping = append(m.mapping, contact.IDMapping{Internal: id, External: external})
		}
	}
	for _, item := range read { // behind the contacts: who has what is wanted of them, and isn't among them
		external, owner := externals[item.key()], contact.ID(item.number(attrOwner))
		if external != "" && !m.living[owner] {
			m.mapping = append(m.mapping, contact.IDMapping{Internal: owner, External: external})
		}
	}
	return m, nil
}

// contactsAndClaims reads them whole, in one call, or where they are many, of the contacts only what the mapping says.
func (c Contacts[T, P]) contactsAndClaims(ctx context.Context, contacts, claims []Key) ([]Item, error) {
	if len(contacts) <= maxRemapped {
		return c.table.gets(ctx, slices.Concat(contacts, claims), "")
	}
	read, err := c.table.gets(ctx, contacts, "pk, sk, deleted, claims")
	if err != nil {
		return nil, err
	}
	held, err := c.table.gets(ctx, claims, "")
	return append(read, held...), err
}

// checkMapping holds that a list is one to one, and that its contacts are there and not deleted.
func (c Contacts[T, P]) checkMapping(list []contact.IDMapping, living map[contact.ID]bool) error {
	faults := contact.DuplicateMappings(list)
	for i, row := range list {
		if row.Internal.Kind() != c.kind || !living[row.Internal] {
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
func (c Contacts[T, P]) remapGroup(ctx context.Context, org string, ids []contact.ID, plan mappingPlan, read map[contact.ID]Item, held []Item, order []condition) error {
	var keys []Key
	var stored []Item
	for _, id := range ids {
		if item := read[id]; item != nil {
			stored = append(stored, item)
		} else {
			keys = append(keys, contactKey(org, id))
		}
	}
	others, err := c.table.gets(ctx, keys, "")
	if err != nil {
		return err
	}
	tx := c.table.begin()
	for _, item := range append(stored, others...) {
		if item == nil || item.is(attrDeleted) || c.externalOf(item) != plan.before[item.id()] {
			return errChanged
		}
		if err := c.remap(tx, org, item, string(plan.change[item.id()])); err != nil {
			return err
		}
	}
	for _, item := range held {
		tx.require(item.key(), unchanged(item))
	}
	if order != nil {
		tx.require(planKey(org, c.kind), order...)
	}
	err = tx.commit(ctx, contact.Record{})
	if contact.IsRefused(err, contact.Taken) {
		err = errChanged // somebody claimed one meanwhile
	}
	return err
}
