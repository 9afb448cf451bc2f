package dynamo

import (
	"cmp"
	"context"
	"strings"

	"contacts/pkg/contact"
)

// The mapping between the ids of contacts and their external ids is the same fact as the contacts' external_id: it is
// read from the claims, and changed by changing the contacts.

// Mappings returns the external ids of all contacts of the kind, in the order of the external ids. ErrTooMuch if an answer can't
// carry them.
func (c Contacts[T, P]) Mappings(ctx context.Context, org string) ([]contact.IDMapping, error) {
	return c.mappings(ctx, org, maxShown)
}

// mappings is Mappings of at most so many bytes as they are shown; 0 for any.
func (c Contacts[T, P]) mappings(ctx context.Context, org string, most int) ([]contact.IDMapping, error) {
	mappings, size := []contact.IDMapping{}, 0
	fits := func() bool { return most == 0 || size <= most }
	err := readEach(ctx, c.table.prefixed(claimPartition(org, c.kind.String())), "", 0, readItem, func(i Item) bool {
		m := contact.IDMapping{Internal: contact.ID(i.number(attrOwner)), External: contact.ExternalID(i.text("sk"))}
		mappings = append(mappings, m)
		size += shownMapping(m)
		return fits()
	})
	if err == nil && !fits() {
		err = ErrTooMuch
	}
	return mappings, err
}

// shownMapping is how many bytes a mapping takes at least where it is shown.
func shownMapping(m contact.IDMapping) int {
	return len(`{"internal":"","external":""},`) + len(m.External)
}

// MappingOf returns a contact's mapping, in the version of the contact. NotFound if it has none, or is deleted.
func (c Contacts[T, P]) MappingOf(ctx context.Context, org string, id contact.ID) (contact.Record, error) {
	stored, err := c.table.contact(ctx, org, id, c.kind)
	if err != nil {
		return contact.Record{}, err
	}
	return c.mappingOf(stored)
}

func (c Contacts[T, P]) mappingOf(stored Item) (contact.Record, error) {
	external := c.externalOf(stored)
	if external == "" {
		return contact.Record{}, notFound("mapping")
	}
	doc, err := encode(contact.IDMapping{Internal: stored.id(), External: external})
	return contact.Record{ID: stored.id(), Version: stored.number(attrVersion), Doc: doc}, err
}

// externalOf is the external id that a contact claims, "" for none.
func (c Contacts[T, P]) externalOf(stored Item) contact.ExternalID {
	for _, held := range stored.texts(attrClaims) {
		if external, ok := strings.CutPrefix(held, c.kind.String()+"#"); ok {
			return contact.ExternalID(external)
		}
	}
	return ""
}

// MappingTo returns the mapping of an external id. NotFound if no contact has it.
func (c Contacts[T, P]) MappingTo(ctx context.Context, org, externalID string) (contact.Record, error) {
	return untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := c.holder(ctx, org, externalID)
		if err != nil {
			return contact.Record{}, err
		}
		return c.mappingOf(stored)
	})
}

// holder reads the contact that has an external id. NotFound if none has it, errChanged if it lost it in between.
func (c Contacts[T, P]) holder(ctx context.Context, org, externalID string) (Item, error) {
	claim, err := c.table.get(ctx, claimKey(org, c.kind.String(), externalID))
	if err != nil {
		return nil, err
	}
	if claim == nil {
		return nil, notFound("mapping")
	}
	stored, err := c.table.contact(ctx, org, contact.ID(claim.number(attrOwner)), c.kind)
	if err == nil && c.externalOf(stored) != contact.ExternalID(externalID) {
		err = errChanged
	}
	return stored, err
}

// Unmap takes the external id of a contact away. NotFound if it has none, or is deleted.
func (c Contacts[T, P]) Unmap(ctx context.Context, org string, id contact.ID, match contact.Precondition) error {
	return c.unmap(ctx, org, match, func() (Item, error) {
		stored, err := c.table.contact(ctx, org, id, c.kind)
		if err == nil && c.externalOf(stored) == "" {
			err = cmp.Or(stored.meets(match), notFound("mapping"))
		}
		return stored, err
	})
}

// UnmapExternal takes an external id away from its contact. NotFound if no contact has it.
func (c Contacts[T, P]) UnmapExternal(ctx context.Context, org, externalID string, match contact.Precondition) error {
	return c.unmap(ctx, org, match, func() (Item, error) { return c.holder(ctx, org, externalID) })
}

// unmap takes the external id of the contact away that read returns.
func (c Contacts[T, P]) unmap(ctx context.Context, org string, match contact.Precondition, read func() (Item, error)) error {
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := read()
		if err != nil {
			return contact.Record{}, err
		}
		if err := stored.meets(match); err != nil {
			return contact.Record{}, err
		}
		tx := c.table.begin()
		if err := c.remap(tx, org, stored, ""); err != nil {
			return contact.Record{}, err
		}
		return contact.Record{}, tx.commit(ctx, contact.Record{ID: stored.id()})
	})
	return err
}

// remap gives a contact another external id.
func (c Contacts[T, P]) remap(tx *transaction, org string, stored Item, externalID string) error {
	value, err := decode[T](stored)
	if err != nil {
		return &unreadable{stored.text("sk")}
	}
	P(&value).SetExternal(externalID)
	doc, err := encode(value)
	if err != nil {
		return err
	}
	next := nextItem(stored, doc, c.table.now())
	tx.tie(org, target{contact: stored.id()}, stored, next, c.tiesOf(&value))
	tx.replace(stored, next, unchanged(stored))
	return nil
}
