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

// A MappingChange sets the external ids of List. If Whole is true, List becomes the whole mapping.
type MappingChange struct {
	List  []contact.IDMapping
	Whole bool
	// Check can refuse the change before it is written. before and after are the answer without and with it: the whole mapping, or the rows
	// of List. Exclusive requires that before is still true when the change is written.
	Check     func(before, after []contact.IDMapping) error
	Exclusive bool
}

// Map sets the external ids of contacts. It returns the whole mapping in the order of external ids if the list is that, else the rows of
// the list in their order, after the change. Other contacts with one of the external ids lose it; if the list is the whole mapping, all
// contacts that it doesn't name lose theirs. The error is Impossible, and nothing changes, if the list isn't one to one, or a contact
// doesn't exist or is deleted.
//
// For a list that isn't the whole mapping it reads only the contacts and external ids that the list names. A change that exceeds one
// transaction takes several; repeating it completes one that failed halfway.
func (c Contacts[P]) Map(ctx context.Context, org string, r MappingChange) ([]contact.IDMapping, error) {
	var latest []dynamo.Condition
	if r.Whole {
		var err error
		if latest, err = c.beginRun(ctx, org); err != nil {
			return nil, err
		}
	}
	begun := false // some of it may be written, so that Check has been called
	return dynamo.RetryOnConflict(ctx, func() ([]contact.IDMapping, error) {
		now, err := c.readMapping(ctx, org, r)
		if err != nil {
			return nil, err
		}
		if err := c.checkMapping(r.List, now.notDeleted); err != nil {
			return nil, err
		}
		plan := planMapping(now.mapping, r.List, r.Whole)
		groups, complete := plan.groups()
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
		var unchanged []dynamo.Item // must not change after Check
		if r.Exclusive && latest == nil {
			if unchanged = plan.unchanged(r.List, now.items); unchanged == nil {
				if latest, err = c.beginRun(ctx, org); err == nil {
					err = dynamo.ErrConflict // check again, now that concurrent runs are excluded
				}
				return nil, err
			}
		}
		begun = begun || len(groups) > 1 || !complete
		err = dynamo.EachParallel(ctx, len(groups), func(ctx context.Context, i int) error {
			return c.changeGroup(ctx, org, groups[i], plan, now.items, unchanged, latest)
		})
		switch {
		case errors.Is(err, errSuperseded) && r.Exclusive:
			err = contact.ErrStale
		case errors.Is(err, errSuperseded):
			err = nil // as if it had ended before the other began
		case err == nil && !complete:
			err = dynamo.ErrConflict // the retry plans the rest
		}
		return after, err
	})
}

// errSuperseded says that a later replacement of the whole mapping has begun.
var errSuperseded = errors.New("store: a later replacement of the mapping has begun")

// attrRun names the latest run, S.
const attrRun = "run"

// beginRun begins a run, a change of the mapping in several transactions, and returns the condition of each: that no later run has begun.
// So of two concurrent replacements of the whole mapping, the one that began last remains, whole.
func (c Contacts[P]) beginRun(ctx context.Context, org string) ([]dynamo.Condition, error) {
	run := rand.Text()
	tx := c.store.begin()
	item := keys.MappingRun(org, c.kind).Item()
	item[attrRun] = dynamo.String(run)
	tx.Put(item)
	return []dynamo.Condition{dynamo.Require(dynamo.AttributeEquals(attrRun, dynamo.String(run)), errSuperseded)}, tx.commit(ctx, idempotency.Write{}, contact.Record{})
}

// mappingRead is what a change of the mapping reads.
type mappingRead struct {
	mapping    []contact.IDMapping        // all of it, or the rows with a contact or external id of the change
	notDeleted map[contact.ID]bool        // the contacts of the change that exist and aren't deleted
	items      map[contact.ID]dynamo.Item // those of them that were read in full
}

// readMapping reads what a change of the mapping needs.
func (c Contacts[P]) readMapping(ctx context.Context, org string, r MappingChange) (mappingRead, error) {
	m := mappingRead{notDeleted: map[contact.ID]bool{}, items: map[contact.ID]dynamo.Item{}}
	if r.Whole {
		var err error
		if m.mapping, err = c.mappings(ctx, org, 0); err != nil {
			return m, err
		}
		for _, row := range m.mapping {
			m.notDeleted[row.Internal] = true // a contact with an external id isn't deleted
		}
	}
	var contacts, uniques []dynamo.Key
	seen, externals := map[dynamo.Key]bool{}, map[dynamo.Key]contact.ExternalID{}
	for _, row := range r.List {
		key, unique := keys.Contact(org, row.Internal), keys.Unique(org, c.kind.String(), string(row.External))
		if row.Internal.Kind() == c.kind && !m.notDeleted[row.Internal] && !seen[key] {
			seen[key] = true
			contacts = append(contacts, key)
		}
		if !r.Whole && externals[unique] == "" {
			externals[unique] = row.External
			uniques = append(uniques, unique)
		}
	}
	read, err := c.readContactsAndUniques(ctx, contacts, uniques)
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
	for _, item := range read { // after the contacts: other holders of the external ids
		external, owner := externals[item.Key()], contact.ID(item.Number(AttrOwner))
		if external != "" && !m.notDeleted[owner] {
			m.mapping = append(m.mapping, contact.IDMapping{Internal: owner, External: external})
		}
	}
	return m, nil
}

// readContactsAndUniques reads items in one call; of many contacts, only the attributes of the mapping.
func (c Contacts[P]) readContactsAndUniques(ctx context.Context, contacts, uniques []dynamo.Key) ([]dynamo.Item, error) {
	if len(contacts) <= maxMappedTogether {
		return c.store.BatchGet(ctx, slices.Concat(contacts, uniques), "")
	}
	read, err := c.store.BatchGet(ctx, contacts, "pk, sk, deleted, uniques")
	if err != nil {
		return nil, err
	}
	holders, err := c.store.BatchGet(ctx, uniques, "")
	return append(read, holders...), err
}

// checkMapping returns an Impossible error unless a list is one to one and its contacts exist and aren't deleted.
func (c Contacts[P]) checkMapping(list []contact.IDMapping, notDeleted map[contact.ID]bool) error {
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

// changeGroup changes the external ids of ids in one transaction, if unchanged have not changed and latest holds. read are the contacts that
// were read in full.
func (c Contacts[P]) changeGroup(ctx context.Context, org string, ids []contact.ID, plan mappingPlan, read map[contact.ID]dynamo.Item, unchanged []dynamo.Item, latest []dynamo.Condition) error {
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
	for _, item := range unchanged {
		tx.Check(item.Key(), dynamo.Unchanged(item))
	}
	if latest != nil {
		tx.Check(keys.MappingRun(org, c.kind), latest...)
	}
	err = tx.commit(ctx, idempotency.Write{}, contact.Record{})
	if contact.IsRefused(err, contact.Taken) {
		err = dynamo.ErrConflict // another contact got one meanwhile
	}
	return err
}
