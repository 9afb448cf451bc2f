package store

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Details is a contact with its parts by type, each in the order of creation.
type Details struct {
	Contact contact.Record
	Channels
	Relationships, Departments, Locations, Memberships []contact.Record
	Identities                                         []IdentityDetails
	// Customer, AlternativePayer and Supplier are the contact's roles. The Doc of an absent one is nil.
	Customer, AlternativePayer, Supplier contact.Record
}

// Channels are the channels of one owner.
type Channels struct{ Addresses, Emails, Phones, WebAddresses []contact.Record }

// IdentityDetails is a professional identity with its channels. The Doc of an unreadable one is nil.
type IdentityDetails struct {
	Identity contact.Record
	Channels
}

// Details returns a contact and its parts, by a GetItem and a Query in parallel. The error is NotFound if the contact doesn't exist,
// contact.ErrAnswerTooLarge if the details exceed the largest answer.
func (c Contacts[P]) Details(ctx context.Context, o contact.Owner, id contact.ID) (Details, error) {
	var d Details
	stored, err := c.withParts(ctx, o.Org, id, d.add)
	if err == nil {
		stored, err = c.store.withRepresentatives(ctx, o.Org, stored)
	}
	if err == nil {
		d.Contact, err = readable(stored)
	}
	return d, err
}

// withParts returns a contact's item, and calls each for those of its parts that details show.
func (c Contacts[P]) withParts(ctx context.Context, org string, id contact.ID, each func(row) int) (dynamo.Item, error) {
	if id.Kind() != c.kind {
		return nil, notFound("contact")
	}
	var stored dynamo.Item
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return readRows(ctx, c.store.details(org, id), 0, each) })
	group.Go(func() (err error) {
		stored, err = c.store.contact(ctx, org, id, c.kind)
		return err
	})
	return stored, group.Wait()
}

// details returns the query of the parts that details show.
func (s *Store) details(org string, owner contact.ID) *dynamo.Query {
	return s.Query(keys.Parts(org, owner)).Between(keys.FirstDetail, keys.EndOfDetails)
}

// IdentityDetails returns the professional identities of an individual with their channels, in one Query. If id isn't 0, it returns only
// that one; the error is NotFound if it doesn't exist.
func (s *Store) IdentityDetails(ctx context.Context, o contact.Owner, id contact.ID) ([]IdentityDetails, error) {
	prefix := keys.Prefix(o, keys.SegmentIdentity)
	if id != 0 {
		prefix += keys.Digits(id)
	}
	var d Details
	switch err := readRows(ctx, s.Query(keys.PartsOf(o)).Prefix(prefix), 0, d.add); {
	case err != nil:
		return nil, err
	case id == 0 && len(d.Identities) == 0:
		return nil, s.requireOwnerExists(ctx, o)
	case id == 0:
		return d.Identities, nil
	case len(d.Identities) == 0:
		return nil, notFound("professional identity")
	case d.Identities[0].Identity.Doc == nil:
		return nil, &unreadableError{prefix}
	}
	return d.Identities, nil
}

// add adds a part, and returns how many bytes of it are shown. It omits unreadable parts except identities, whose list reports them as
// problems.
func (d *Details) add(r row) int {
	record := r.Record
	segment, rest, _ := strings.Cut(r.sk, "#")
	if record.Doc == nil && (segment != keys.SegmentIdentity || strings.Contains(rest, "#")) {
		return 0
	}
	switch segment {
	case keys.SegmentRelationship:
		d.Relationships = append(d.Relationships, record)
	case keys.SegmentDepartment:
		d.Departments = append(d.Departments, record)
	case keys.SegmentLocation:
		d.Locations = append(d.Locations, record)
	case keys.SegmentMembership:
		d.Memberships = append(d.Memberships, record)
	case keys.SegmentRole:
		switch rest {
		case keys.RoleCustomer:
			d.Customer = record
		case keys.RoleAlternativePayer:
			d.AlternativePayer = record
		case keys.RoleSupplier:
			d.Supplier = record
		}
	case keys.SegmentIdentity:
		identity, rest, nested := strings.Cut(rest, "#")
		if !nested {
			d.Identities = append(d.Identities, IdentityDetails{Identity: record})
		} else if last := len(d.Identities) - 1; last >= 0 && keys.Digits(d.Identities[last].Identity.ID) == identity {
			// An identity sorts before its channels.
			segment, _, _ := strings.Cut(rest, "#")
			d.Identities[last].add(segment, record)
		} else {
			return 0
		}
	default:
		d.Channels.add(segment, record)
	}
	return len(record.Doc)
}

func (c *Channels) add(segment string, record contact.Record) {
	switch segment {
	case keys.SegmentAddress:
		c.Addresses = append(c.Addresses, record)
	case keys.SegmentEmail:
		c.Emails = append(c.Emails, record)
	case keys.SegmentPhone:
		c.Phones = append(c.Phones, record)
	case keys.SegmentWebAddress:
		c.WebAddresses = append(c.WebAddresses, record)
	}
}
