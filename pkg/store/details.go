package store

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Details is a contact with its parts, or a professional identity with its channels, each in the order of creation.
type Details struct {
	// Resource is the contact or identity itself. The Doc of an unreadable identity is nil.
	Resource                                           contact.Record
	Addresses, Emails, Phones, WebAddresses            []contact.Record
	Relationships, Departments, Locations, Memberships []contact.Record
	Identities                                         []Details
	// Customer, AlternativePayer and Supplier are the contact's roles. The Doc of an absent one is nil.
	Customer, AlternativePayer, Supplier contact.Record
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
		d.Resource, err = readable(stored)
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
func (s *Store) IdentityDetails(ctx context.Context, o contact.Owner, id contact.ID) ([]Details, error) {
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
	case d.Identities[0].Resource.Doc == nil:
		return nil, &unreadableError{prefix}
	}
	return d.Identities, nil
}

// add adds a part, and returns how many bytes of it are shown. It omits unreadable parts except identities, whose list reports them as
// problems.
func (d *Details) add(r row) int {
	of, sk := d, r.sk
	if rest, ok := strings.CutPrefix(r.sk, keys.SegmentIdentity+"#"); ok {
		identity, part, nested := strings.Cut(rest, "#")
		if !nested {
			d.Identities = append(d.Identities, Details{Resource: r.Record})
			return len(r.Doc)
		}
		last := len(d.Identities) - 1 // an identity sorts before its channels
		if last < 0 || keys.Digits(d.Identities[last].Resource.ID) != identity {
			return 0
		}
		of, sk = &d.Identities[last], part
	}
	if r.Doc == nil {
		return 0
	}
	segment, name, _ := strings.Cut(sk, "#")
	if segment == keys.SegmentRole {
		segment = name
	}
	switch segment {
	case keys.SegmentAddress:
		of.Addresses = append(of.Addresses, r.Record)
	case keys.SegmentEmail:
		of.Emails = append(of.Emails, r.Record)
	case keys.SegmentPhone:
		of.Phones = append(of.Phones, r.Record)
	case keys.SegmentWebAddress:
		of.WebAddresses = append(of.WebAddresses, r.Record)
	case keys.SegmentRelationship:
		of.Relationships = append(of.Relationships, r.Record)
	case keys.SegmentDepartment:
		of.Departments = append(of.Departments, r.Record)
	case keys.SegmentLocation:
		of.Locations = append(of.Locations, r.Record)
	case keys.SegmentMembership:
		of.Memberships = append(of.Memberships, r.Record)
	case keys.RoleCustomer:
		of.Customer = r.Record
	case keys.RoleAlternativePayer:
		of.AlternativePayer = r.Record
	case keys.RoleSupplier:
		of.Supplier = r.Record
	}
	return len(r.Doc)
}
