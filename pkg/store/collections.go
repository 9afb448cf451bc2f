package store

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Addresses is the collection of postal addresses.
func Addresses(s *Store) Parts[*contact.Address] {
	return parts[*contact.Address](s, keys.SegmentAddress, "address")
}

// Emails is the collection of email addresses.
func Emails(s *Store) Parts[*contact.Email] {
	return parts[*contact.Email](s, keys.SegmentEmail, "email")
}

// Phones is the collection of telephone numbers.
func Phones(s *Store) Parts[*contact.Phone] {
	return parts[*contact.Phone](s, keys.SegmentPhone, "phone")
}

// WebAddresses is the collection of pages and profiles on the web.
func WebAddresses(s *Store) Parts[*contact.WebAddress] {
	return parts[*contact.WebAddress](s, keys.SegmentWebAddress, "web address")
}

// Relationships is the collection of an individual's personal relationships.
func Relationships(s *Store) Parts[*contact.PersonalRelationship] {
	return parts[*contact.PersonalRelationship](s, keys.SegmentRelationship, "personal relationship")
}

// Departments is the collection of an organization's departments.
func Departments(s *Store) Parts[*contact.Department] {
	return parts[*contact.Department](s, keys.SegmentDepartment, "department")
}

// Locations is the collection of an organization's locations. Each shows the number of its active professional identities.
func Locations(s *Store) Parts[*contact.Location] {
	p := parts[*contact.Location](s, keys.SegmentLocation, "location")
	p.derived = dynamo.Item{AttrMemberCount: dynamo.Number(0)}
	return p
}

// Memberships is the collection of an organization's memberships in organizations.
func Memberships(s *Store) Parts[*contact.Membership] {
	return parts[*contact.Membership](s, keys.SegmentMembership, "membership")
}

// CustomerLists is the collection of a tenant's customer lists. The items of a list are deleted with it.
func CustomerLists(s *Store) Parts[*contact.CustomerList] {
	p := parts[*contact.CustomerList](s, "", "customer list")
	p.ownPartition = keys.CustomerLists
	p.children = func(o contact.Owner, id contact.ID) (string, string) { return keys.ListItems(o.Org, id), "" }
	return p
}

// PlainOptions is the collection of an individual's options that are no channels.
func PlainOptions(s *Store) Parts[*contact.Option] {
	return parts[*contact.Option](s, keys.SegmentOption, "option")
}

// OptionTypes is the collection of a tenant's own types of options.
func OptionTypes(s *Store) Parts[*contact.OptionType] {
	return optionTypes(s, keys.SegmentOptionType, "option type")
}

// OptionSubTypes is the collection of a tenant's own sub-types of options.
func OptionSubTypes(s *Store) Parts[*contact.OptionType] {
	return optionTypes(s, keys.SegmentOptionSubType, "option sub-type")
}

func optionTypes(s *Store, segment, name string) Parts[*contact.OptionType] {
	p := parts[*contact.OptionType](s, segment, name)
	p.checkDeletion = (*contact.OptionType).CheckDeletion
	return p
}
