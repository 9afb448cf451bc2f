package store

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/phone"
)

// The collections of parts: one for each type, with its keys. Package contact declares the rules.

// collection returns a collection of parts of type T.
func collection[T any, P interface {
	*T
	contact.PartOf[T]
}](p Parts) Parts {
	p.blank = func() Part { return P(new(T)) }
	if p.setDefaults == nil {
		p.setDefaults = func(stored dynamo.Item, value Part) error {
			var before *T
			if stored != nil {
				if last, err := Decode[T](stored); err == nil {
					before = &last
				}
			}
			return value.(P).SetDefaults(before)
		}
	}
	return p
}

// Addresses is the collection of postal addresses.
func Addresses(s *Store) Parts {
	return collection[contact.Address](Parts{store: s, segment: keys.SegmentAddress, noun: "address"})
}

// Emails is the collection of email addresses.
func Emails(s *Store) Parts {
	return collection[contact.Email](Parts{store: s, segment: keys.SegmentEmail, noun: "email", hasLinks: true})
}

// Phones is the collection of telephone numbers.
func Phones(s *Store) Parts {
	return collection[contact.Phone](Parts{store: s, segment: keys.SegmentPhone, noun: "phone", hasLinks: true})
}

// WebAddresses is the collection of pages and profiles on the web.
func WebAddresses(s *Store) Parts {
	return collection[contact.WebAddress](Parts{store: s, segment: keys.SegmentWebAddress, noun: "web address", hasLinks: true})
}

// Relationships is the collection of an individual's personal relationships.
func Relationships(s *Store) Parts {
	return collection[contact.PersonalRelationship](Parts{store: s, segment: keys.SegmentRelationship, noun: "personal relationship"})
}

// Departments is the collection of an organization's departments.
func Departments(s *Store) Parts {
	return collection[contact.Department](Parts{store: s, segment: keys.SegmentDepartment, noun: "department"})
}

// Locations is the collection of an organization's locations. Each shows the number of its active professional identities.
func Locations(s *Store) Parts {
	return collection[contact.Location](Parts{store: s, segment: keys.SegmentLocation, noun: "location", hasLinks: true,
		derived: dynamo.Item{AttrMemberCount: dynamo.Number(0)}})
}

// Memberships is the collection of an organization's memberships in organizations.
func Memberships(s *Store) Parts {
	return collection[contact.Membership](Parts{store: s, segment: keys.SegmentMembership, noun: "membership"})
}

// CustomerLists is the collection of a tenant's customer lists. The items of a list are deleted with it.
func CustomerLists(s *Store) Parts {
	return collection[contact.CustomerList](Parts{store: s, noun: "customer list", list: keys.CustomerLists, indexed: true,
		children: func(o contact.Owner, id contact.ID) (string, string) { return keys.ListItems(o.Org, id), "" }})
}

// PlainOptions is the collection of an individual's options that are no channels.
func PlainOptions(s *Store) Parts {
	return collection[contact.Option](Parts{store: s, segment: keys.SegmentOption, noun: "option", hasLinks: true})
}

// OptionTypes is the collection of a tenant's own types of options.
func OptionTypes(s *Store) Parts { return optionTypes(s, keys.SegmentOptionType, "option type") }

// OptionSubTypes is the collection of a tenant's own sub-types of options.
func OptionSubTypes(s *Store) Parts {
	return optionTypes(s, keys.SegmentOptionSubType, "option sub-type")
}

func optionTypes(s *Store, segment, noun string) Parts {
	return collection[contact.OptionType](Parts{store: s, segment: segment, noun: noun,
		checkDeletion: func(stored dynamo.Item) error {
			if last, err := Decode[contact.OptionType](stored); err == nil && last.NonErasable == 1 {
				return contact.Refuse(contact.Impossible, "the %s is marked as not erasable", noun)
			}
			return nil
		}})
}

// PhoneLookup returns the lookup key of a number as dialled in region; ok is false for a number without an E.164 form.
func PhoneLookup(number, region string) (key string, ok bool) {
	e164, ok := phone.E164(number, region)
	return keys.PhoneLookup(e164), ok
}
