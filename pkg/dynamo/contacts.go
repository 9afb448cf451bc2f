package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// A Resource is what a list of contacts holds.
type Resource[T any] interface {
	*T
	SetID(contact.ID)
	// External returns the external id, or "".
	External() string
	// SetExternal gives the contact another external id; "" for none.
	SetExternal(string)
	// MarkDeleted marks the contact as deleted.
	MarkDeleted()
}

// Contacts is the list of all contacts of one kind, in the order of their creation.
type Contacts[T any, P Resource[T]] struct {
	table *Table
	kind  contact.Kind
	// ties are those beyond the external id.
	ties func(*T) ties
	// derived are the fields that other resources' writes fill in, as a new contact has them.
	derived Item
	// reserved are ids for the contact that is created; nil where none are.
	reserved *reservedIDs
}

// reservedIDs are so many ids that follow each other: the first one that is free becomes the contact's.
type reservedIDs struct {
	next contact.ID
	left int
}

// reserved is how many ids are kept for each contact of a batch: a contact of another process can have each of them.
const reserved = 8

// InOrder returns the list n times over: the contact that one of them creates stands before those of the later ones, in whatever
// order they create them. One of them is not for use by two goroutines at once.
func (c Contacts[T, P]) InOrder(n int) []Contacts[T, P] {
	places := make([]Contacts[T, P], n)
	for i := range places {
		places[i] = c
		places[i].reserved = &reservedIDs{c.table.ids.Reserve(c.kind, reserved), reserved}
	}
	return places
}

// nextID is the next id of those that were reserved, else a new one: one that turns out to be taken is not tried again.
func (c Contacts[T, P]) nextID() contact.ID {
	if c.reserved == nil || c.reserved.left == 0 {
		return c.table.ids.Next(c.kind)
	}
	id := c.reserved.next
	c.reserved.next, c.reserved.left = id.Next(), c.reserved.left-1
	return id
}

// Individuals is the list of individual contacts.
func Individuals(t *Table) Contacts[contact.IndividualContact, *contact.IndividualContact] {
	return Contacts[contact.IndividualContact, *contact.IndividualContact]{table: t, kind: contact.Individual}
}

// Organizations is the list of organization contacts. Each shows those who represent it.
func Organizations(t *Table) Contacts[contact.OrganizationContact, *contact.OrganizationContact] {
	return Contacts[contact.OrganizationContact, *contact.OrganizationContact]{table: t, kind: contact.Organization,
		derived: Item{attrRepresentatives: &types.AttributeValueMemberM{Value: Item{}}},
		ties: func(o *contact.OrganizationContact) ties {
			var t ties
			for i, r := range o.Founders {
				t.refers = append(t.refers, identityReference(fmt.Sprintf("/founders/%d", i), r))
			}
			for i, r := range o.Leaders {
				t.refers = append(t.refers, identityReference(fmt.Sprintf("/leaders/%d", i), r))
			}
			return t
		}}
}

// PlaceholderCustomers is the list of placeholder customers, whose customer ids are unique among all customers.
func PlaceholderCustomers(t *Table) Contacts[contact.PlaceholderCustomer, *contact.PlaceholderCustomer] {
	return Contacts[contact.PlaceholderCustomer, *contact.PlaceholderCustomer]{table: t, kind: contact.Placeholder,
		ties: func(p *contact.PlaceholderCustomer) ties {
			return ties{claims: []claim{{spaceCustomer, p.CustomerID, "customer_id"}}}
		}}
}

// Spaces of unique values. Those of external ids are named for the kind of contact.
const (
	spaceCustomer         = "CUSTOMER_ID"
	spaceSupplier         = "SUPPLIER_ID"
	spaceAlternativePayer = "ALTERNATIVE_PAYER_ID"
)

func (c Contacts[T, P]) tiesOf(value *T) ties {
	var t ties
	if c.ties != nil {
		t = c.ties(value)
	}
	t.claims = append(t.claims, claim{c.kind.String(), P(value).External(), fieldExternal})
	return t
}

const fieldExternal = "external_id"

// Get returns a contact, deleted ones too. One read unit for each 4 KB.
func (c Contacts[T, P]) Get(ctx context.Context, org string, id contact.ID) (contact.Record, error) {
	item, err := c.table.contact(ctx, org, id, c.kind)
	if err == nil {
		item, err = c.table.gathered(ctx, org, item)
	}
	if err != nil {
		return contact.Record{}, err
	}
	return item.readable()
}

// contact reads a contact's own item. An id of another kind is not found without asking.
func (t *Table) contact(ctx context.Context, org string, id contact.ID, kind contact.Kind) (Item, error) {
	if id.Kind() != kind {
		return nil, notFound("contact")
	}
	item, err := t.get(ctx, contactKey(org, id))
	if err == nil && item == nil {
		err = notFound("contact")
	}
	return item, err
}

// Create adds a contact under a new id, and parts of it in the same transaction. Taken if another contact has one of its
// unique values.
func (c Contacts[T, P]) Create(ctx context.Context, org string, value T, parts ...NewPart) (contact.Record, error) {
	ids := c.table.partIDs()
	return untilUnchanged(ctx, func() (contact.Record, error) {
		tx := c.table.begin()
		made, err := c.add(tx, org, value)
		if err != nil {
			return made, err
		}
		for _, add := range parts {
			if err := add(tx, Owner{Org: org, Contact: made.ID}, ids); err != nil {
				return made, err
			}
		}
		return made, tx.commit(ctx, made)
	})
}

func (c Contacts[T, P]) add(tx *transaction, org string, value T) (contact.Record, error) {
	id := c.nextID()
	P(&value).SetID(id)
	doc, err := encode(value)
	if err != nil {
		return contact.Record{}, err
	}
	item := newItem(contactKey(org, id), doc, c.table.now())
	maps.Copy(item, c.derived)
	tx.tie(org, target{contact: id}, nil, item, c.tiesOf(&value))
	tx.put(item, absent(func(Item) error { return errChanged }))
	tx.put(guardKey(org, id).entry(), absent(func(Item) error { return errChanged }))
	return item.record(), nil
}

// Replace puts value in the place of the contact. Impossible for a deleted contact, Stale if match says so, Taken if
// another contact has one of its unique values.
func (c Contacts[T, P]) Replace(ctx context.Context, org string, id contact.ID, match contact.Precondition, value T) (contact.Record, error) {
	P(&value).SetID(id)
	doc, err := encode(value)
	if err != nil {
		return contact.Record{}, err
	}
	return untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := c.read(ctx, org, id, match)
		if err != nil {
			return contact.Record{}, err
		}
		if stored.is(attrDeleted) {
			return contact.Record{}, errDeleted
		}
		shown, err := c.table.gathered(ctx, org, stored)
		if err == nil && shown.number(attrVersion) != stored.number(attrVersion) {
			err = errChanged
		}
		if err != nil {
			return contact.Record{}, err
		}
		next := nextItem(stored, doc, c.table.now())
		tx := c.table.begin()
		tx.tie(org, target{contact: id}, stored, next, c.tiesOf(&value))
		tx.replace(stored, next, unchanged(stored))
		shown = maps.Clone(shown)
		shown[attrDoc], shown[attrVersion] = next[attrDoc], next[attrVersion]
		made := shown.record()
		return made, tx.commit(ctx, made)
	})
}

// read returns a contact that is about to change, and holds it against match.
func (c Contacts[T, P]) read(ctx context.Context, org string, id contact.ID, match contact.Precondition) (Item, error) {
	stored, err := c.table.contact(ctx, org, id, c.kind)
	if err != nil {
		return nil, err
	}
	return stored, stored.meets(match)
}

// Page returns contacts in the order of their creation.
func (c Contacts[T, P]) Page(ctx context.Context, org string, q Query) (contact.Page, error) {
	page, scattered, err := c.table.page(ctx, listOf(org, c.kind), q)
	if err == nil {
		err = c.table.gather(ctx, org, page.Rows, scattered)
	}
	return page, err
}

// Upsert replaces the contact that has the external id, or creates one. Stale if match asks for one and there is none.
func (c Contacts[T, P]) Upsert(ctx context.Context, org, externalID string, match contact.Precondition, value T) (contact.Record, error) {
	P(&value).SetExternal(externalID)
	return untilUnchanged(ctx, func() (contact.Record, error) {
		claim, err := c.table.get(ctx, claimKey(org, c.kind.String(), externalID))
		if err != nil {
			return contact.Record{}, err
		}
		var made contact.Record
		if claim == nil {
			if match.IfMatch.Given {
				return contact.Record{}, contact.Refuse(contact.Stale, "there is no contact with this external id yet; send no If-Match to make it")
			}
			made, err = c.Create(ctx, org, value)
		} else {
			made, err = c.Replace(ctx, org, contact.ID(claim.number(attrOwner)), match, value)
		}
		if contact.IsRefused(err, contact.Taken) || errors.Is(err, errDeleted) {
			err = errChanged // somebody else made, moved or deleted it meanwhile
		}
		return made, err
	})
}

var errDeleted = contact.Refuse(contact.Impossible, "the contact is deleted and can't be changed")

func notFound(noun string) error {
	return contact.Refuse(contact.NotFound, "%s not found", noun)
}

// readable returns the item's record, or a fault if it can't be shown.
func (i Item) readable() (contact.Record, error) {
	r := i.record()
	if r.Doc == nil {
		return r, &unreadable{i.text("sk")}
	}
	return r, nil
}

// unreadable is the fault of an item that holds no resource.
type unreadable struct{ sk string }

func (u *unreadable) Error() string { return "dynamo: stored object " + u.sk + " can't be read" }

// meets returns ErrStale unless the stored resource, nil for none, meets a precondition.
func (i Item) meets(p contact.Precondition) error {
	version := i.number(attrVersion)
	if p.IfMatch.Given && !p.IfMatch.Match(version) || p.IfNoneMatch.Any && i != nil || slices.Contains(p.IfNoneMatch.Versions, version) {
		return ErrStale
	}
	return nil
}

// ErrStale says that the stored version does not meet the precondition.
var ErrStale = contact.Refuse(contact.Stale, "the resource is not, or no longer, as If-Match and If-None-Match ask; read it again")
