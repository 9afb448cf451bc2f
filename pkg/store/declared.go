package store

import (
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// declaredBy returns the links that the documents of parts declare, by their segment, and those of roles, by their name.
var declaredBy = map[string]func(contact.Owner, dynamo.Item) (contact.Links, error){
	keys.SegmentAddress: declared[*contact.Address], keys.SegmentEmail: declared[*contact.Email], keys.SegmentPhone: declared[*contact.Phone],
	keys.SegmentWebAddress: declared[*contact.WebAddress], keys.SegmentOption: declared[*contact.Option],
	keys.SegmentRelationship: declared[*contact.PersonalRelationship], keys.SegmentIdentity: declared[*contact.ProfessionalIdentity],
	keys.SegmentDepartment: declared[*contact.Department], keys.SegmentLocation: declared[*contact.Location],
	keys.SegmentMembership: declared[*contact.Membership], keys.SegmentOptionType: declared[*contact.OptionType],
	keys.SegmentOptionSubType: declared[*contact.OptionType],
	keys.RoleCustomer:         declared[*contact.CustomerRole], keys.RoleSupplier: declared[*contact.SupplierRole],
	keys.RoleAlternativePayer: declared[*contact.AlternativePayerRole],
}

// declared returns the links that the document of an item declares.
func declared[P contact.Resource[P]](o contact.Owner, i dynamo.Item) (contact.Links, error) {
	value, err := Decode[P](i)
	if err != nil {
		return contact.Links{}, err
	}
	value.Normalize(*new(P), contact.Assigned{ID: IDOf(i)}) // an id in the document that isn't that of the key is another finding
	return value.Links(o), nil
}

// DeclaredLinks returns the links that the document of a resource declares. Telephone numbers are read as dialled in region.
func DeclaredLinks(p keys.Parsed, i dynamo.Item, region string) (Links, error) {
	o := contact.Owner{Org: p.Org, Contact: p.Owner, Identity: p.Identity, Region: region}
	declares := declaredBy[p.Segment]
	switch {
	case p.Kind == keys.KindContact && p.Owner.Kind() == contact.Individual:
		declares = declared[*contact.IndividualContact]
	case p.Kind == keys.KindContact && p.Owner.Kind() == contact.Organization:
		declares = declared[*contact.OrganizationContact]
	case p.Kind == keys.KindContact:
		declares = declared[*contact.PlaceholderCustomer]
	case p.Kind == keys.KindTag:
		declares = declared[*contact.Tag]
	case p.Kind == keys.KindCustomerList:
		declares = declared[*contact.CustomerList]
	case p.Kind == keys.KindConfiguration:
		declares = declared[*contact.ContactsConfiguration]
	case p.Segment == keys.SegmentRole:
		declares = declaredBy[strings.TrimPrefix(i.String("sk"), keys.Prefix(o, keys.SegmentRole))]
	}
	declaredLinks, err := declares(o, i)
	links := resolve(declaredLinks, region)
	links.references = append(links.references, dialectReferences(i)...)
	return links.names(), err
}
