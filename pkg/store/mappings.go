package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// The mapping between ids of contacts and external ids is stored once, as the contacts' external_id: it is read from the unique values, and
// changed by changing the contacts.

// Mappings returns the mappings of all contacts of the kind, in the order of external ids. The error is contact.ErrAnswerTooLarge if they
// exceed the largest answer.
func (c Contacts[P]) Mappings(ctx context.Context, org string) ([]contact.IDMapping, error) {
	return c.mappings(ctx, org, maxAnswer)
}

// mappings is Mappings with a limit of the shown bytes; 0 for none.
func (c Contacts[P]) mappings(ctx context.Context, org string, limit int) ([]contact.IDMapping, error) {
	mappings, size := []contact.IDMapping{}, 0
	fits := func() bool { return limit == 0 || size <= limit }
	err := dynamo.ReadEach(ctx, c.store.Query(keys.Uniques(org, c.kind.String())), 0, dynamo.ReadItem, func(i dynamo.Item) bool {
		m := contact.IDMapping{Internal: contact.ID(i.Number(AttrOwner)), External: contact.ExternalID(uniqueValue(i))}
		mappings = append(mappings, m)
		size += shownSize(m)
		return fits()
	})
	if err == nil && !fits() {
		err = contact.ErrAnswerTooLarge
	}
	slices.SortFunc(mappings, func(a, b contact.IDMapping) int { return cmp.Compare(a.External, b.External) }) // stored without case first
	return mappings, err
}

// shownSize returns the least size of a mapping in an answer, in bytes.
func shownSize(m contact.IDMapping) int {
	return len(`{"internal":"","external":""},`) + len(m.External)
}

// MappingOf returns a contact's mapping, in the version of the contact. The error is NotFound if it has none or is deleted.
func (c Contacts[P]) MappingOf(ctx context.Context, o contact.Owner, id contact.ID) (contact.Record, error) {
	stored, err := c.store.contact(ctx, o.Org, id, c.kind)
	if err != nil {
		return contact.Record{}, err
	}
	return c.mappingOf(stored)
}

func (c Contacts[P]) mappingOf(stored dynamo.Item) (contact.Record, error) {
	external := c.externalOf(stored)
	if external == "" {
		return contact.Record{}, notFound("mapping")
	}
	doc, err := encode(contact.IDMapping{Internal: IDOf(stored), External: external})
	return contact.Record{ID: IDOf(stored), Version: stored.Number(dynamo.AttrVersion), Doc: doc}, err
}

// externalOf returns the external id of a contact, "" for none.
func (c Contacts[P]) externalOf(stored dynamo.Item) contact.ExternalID {
	for _, unique := range stored.Strings(AttrUniques) {
		if external, ok := strings.CutPrefix(unique, c.kind.String()+"#"); ok {
			return contact.ExternalID(external)
		}
	}
	return ""
}

// MappingTo returns the mapping of an external id. The error is NotFound if no contact has it.
func (c Contacts[P]) MappingTo(ctx context.Context, org, externalID string) (contact.Record, error) {
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := c.holder(ctx, org, externalID)
		if err != nil {
			return contact.Record{}, err
		}
		return c.mappingOf(stored)
	})
}

// holder reads the contact with an external id. The error is NotFound if there is none, dynamo.ErrConflict if it changed meanwhile.
func (c Contacts[P]) holder(ctx context.Context, org, externalID string) (dynamo.Item, error) {
	unique, err := c.store.Get(ctx, keys.Unique(org, c.kind.String(), externalID))
	if err != nil {
		return nil, err
	}
	if unique == nil {
		return nil, notFound("mapping")
	}
	stored, err := c.store.contact(ctx, org, contact.ID(unique.Number(AttrOwner)), c.kind)
	if err == nil && c.externalOf(stored) != contact.ExternalID(externalID) {
		err = dynamo.ErrConflict
	}
	return stored, err
}

// Unmap removes the external id of a contact. The error is NotFound if it has none or is deleted, or Stale if the precondition fails.
func (c Contacts[P]) Unmap(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) error {
	return c.unmap(ctx, o.Org, w, func() (dynamo.Item, error) {
		stored, err := c.store.contact(ctx, o.Org, id, c.kind)
		if err == nil && c.externalOf(stored) == "" {
			err = cmp.Or(check(w.Precondition, stored), notFound("mapping"))
		}
		return stored, err
	})
}

// UnmapExternal removes an external id from its contact. The error is NotFound if no contact has it, or Stale if the precondition fails.
func (c Contacts[P]) UnmapExternal(ctx context.Context, org, externalID string, w idempotency.Write) error {
	return c.unmap(ctx, org, w, func() (dynamo.Item, error) { return c.holder(ctx, org, externalID) })
}

// unmap removes the external id of the contact that read returns.
func (c Contacts[P]) unmap(ctx context.Context, org string, w idempotency.Write, read func() (dynamo.Item, error)) error {
	_, err := c.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		stored, err := read()
		if err == nil {
			err = check(w.Precondition, stored)
		}
		if err == nil {
			err = c.setExternalID(tx, org, stored, "")
		}
		return contact.Record{ID: IDOf(stored)}, err
	})
	return err
}

// setExternalID changes the external id of a contact; "" removes it.
func (c Contacts[P]) setExternalID(tx *transaction, org string, stored dynamo.Item, externalID string) error {
	value, err := Decode[P](stored)
	if err != nil {
		return &unreadableError{stored.String("sk")}
	}
	value.SetExternal(externalID)
	at := c.at(contact.Owner{Org: org}, IDOf(stored))
	at.stored = stored
	_, err = c.write(tx, at, value)
	return err
}
