package store

import (
	"strings"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// partsOfSegment are the collections of parts with an id, by their segment.
var partsOfSegment = map[string]func(*Store) Parts{
	keys.SegmentAddress: Addresses, keys.SegmentEmail: Emails, keys.SegmentPhone: Phones, keys.SegmentWebAddress: WebAddresses,
	keys.SegmentOption: PlainOptions, keys.SegmentRelationship: Relationships, keys.SegmentIdentity: Identities, keys.SegmentDepartment: Departments,
	keys.SegmentLocation: Locations, keys.SegmentMembership: Memberships, keys.SegmentOptionType: OptionTypes, keys.SegmentOptionSubType: OptionSubTypes,
}

// DeclaredLinks reads the document of a resource, and returns the links that follow from it. Telephone numbers are read as they are dialled in
// region.
func (s *Store) DeclaredLinks(p keys.Parsed, i dynamo.Item, region string) (Links, error) {
	o := contact.Owner{Org: p.Org, Contact: p.Owner, Identity: p.Identity, Region: region}
	switch {
	case p.Kind == keys.KindContact && p.Owner.Kind() == contact.Individual:
		return Individuals(s).declared(i)
	case p.Kind == keys.KindContact && p.Owner.Kind() == contact.Organization:
		return Organizations(s).declared(i)
	case p.Kind == keys.KindContact:
		return PlaceholderCustomers(s).declared(i)
	case p.Kind == keys.KindTag:
		tag, err := Decode[contact.Tag](i)
		return Links{Lookups: []string{keys.TagLookup(tag.Name)}}, err
	case p.Kind == keys.KindCustomerList:
		return CustomerLists(s).declared(i, o)
	case p.Kind == keys.KindConfiguration:
		return Configurations(s).declared(i, o)
	case p.Segment != keys.SegmentRole:
		return partsOfSegment[p.Segment](s).declared(i, o)
	}
	switch strings.TrimPrefix(i.String("sk"), keys.Prefix(o, keys.SegmentRole)) {
	case keys.RoleCustomer:
		return CustomerRoles(s).declared(i, o)
	case keys.RoleSupplier:
		return SupplierRoles(s).declared(i, o)
	}
	return AlternativePayerRoles(s).declared(i, o)
}

func (c Contacts[T, P]) declared(i dynamo.Item) (Links, error) {
	value, err := Decode[T](i)
	if err != nil {
		return Links{}, err
	}
	return c.linksOf(&value), nil
}

func (p Parts) declared(i dynamo.Item, o contact.Owner) (Links, error) {
	value := p.blank()
	if err := json.Unmarshal([]byte(i.String(AttrDoc)), value); err != nil {
		return Links{}, err
	}
	value.SetID(IDOf(i)) // by its key: what its document says is another rule
	return p.linksOf(o, i, value), nil
}

func (s Singletons[T, P]) declared(i dynamo.Item, o contact.Owner) (Links, error) {
	value, err := Decode[T](i)
	if err != nil || s.links == nil {
		return Links{}, err
	}
	return s.links(&value, o), nil
}
