package store

import (
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// partsOfSegment are the collections of parts by segment.
var partsOfSegment = map[string]func(*Store) Parts{
	keys.SegmentAddress: Addresses, keys.SegmentEmail: Emails, keys.SegmentPhone: Phones, keys.SegmentWebAddress: WebAddresses,
	keys.SegmentOption: PlainOptions, keys.SegmentRelationship: Relationships, keys.SegmentIdentity: Identities, keys.SegmentDepartment: Departments,
	keys.SegmentLocation: Locations, keys.SegmentMembership: Memberships, keys.SegmentOptionType: OptionTypes, keys.SegmentOptionSubType: OptionSubTypes,
}

// DeclaredLinks returns the links that the document of a resource declares. Telephone numbers are read as dialled in region.
func (s *Store) DeclaredLinks(p keys.Parsed, i dynamo.Item, region string) (Links, error) {
	o := contact.Owner{Org: p.Org, Contact: p.Owner, Identity: p.Identity, Region: region}
	value := s.blank(p, o, i)
	if err := decode(i, value); err != nil {
		return Links{}, err
	}
	if part, ok := value.(Part); ok {
		part.SetID(IDOf(i)) // an id in the document that isn't that of the key is another finding
	}
	links := resolve(value.Links(o), region)
	links.references = append(links.references, dialectReferences(i)...)
	return links.names(), nil
}

// blank returns an empty resource of the type that a key has.
func (s *Store) blank(p keys.Parsed, o contact.Owner, i dynamo.Item) contact.Resource {
	switch {
	case p.Kind == keys.KindContact && p.Owner.Kind() == contact.Individual:
		return new(contact.IndividualContact)
	case p.Kind == keys.KindContact && p.Owner.Kind() == contact.Organization:
		return new(contact.OrganizationContact)
	case p.Kind == keys.KindContact:
		return new(contact.PlaceholderCustomer)
	case p.Kind == keys.KindTag:
		return new(contact.Tag)
	case p.Kind == keys.KindCustomerList:
		return new(contact.CustomerList)
	case p.Kind == keys.KindConfiguration:
		return new(contact.ContactsConfiguration)
	case p.Segment != keys.SegmentRole:
		return partsOfSegment[p.Segment](s).blank()
	}
	switch strings.TrimPrefix(i.String("sk"), keys.Prefix(o, keys.SegmentRole)) {
	case keys.RoleCustomer:
		return new(contact.CustomerRole)
	case keys.RoleSupplier:
		return new(contact.SupplierRole)
	}
	return new(contact.AlternativePayerRole)
}
