package store

import (
	"fmt"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/phone"
)

// The kinds of part: each a row that declares its place and its ties.

// typed makes the declaration of a type's ties one of any part's.
func typed[T any](f func(*T, contact.Owner) Links) func(Part, contact.Owner) Links {
	return func(p Part, o contact.Owner) Links { return f(any(p).(*T), o) }
}

// blank is an empty T.
func blank[T any, P interface {
	*T
	Part
}]() Part {
	return P(new(T))
}

// Addresses is the collection of postal addresses.
func Addresses(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentAddress, noun: "address", blank: blank[contact.Address]}
}

// Emails is the collection of email addresses, found in any case.
func Emails(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentEmail, noun: "email", hasLinks: true, blank: blank[contact.Email],
		links: typed(func(e *contact.Email, o contact.Owner) Links {
			return Links{Lookups: append(findOption(e.ID, o), keys.EmailLookup(string(e.Address)))}
		})}
}

// Phones is the collection of telephone numbers, found in any spelling of a number that has an E.164 form.
func Phones(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentPhone, noun: "phone", hasLinks: true, blank: blank[contact.Phone],
		links: typed(func(p *contact.Phone, o contact.Owner) Links {
			lookups := findOption(p.ID, o)
			if f, ok := PhoneLookup(p.Number, o.Region); ok {
				lookups = append(lookups, f)
			}
			return Links{Lookups: lookups}
		})}
}

// WebAddresses is the collection of pages and profiles on the web.
func WebAddresses(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentWebAddress, noun: "web address", hasLinks: true, blank: blank[contact.WebAddress],
		links: typed(func(w *contact.WebAddress, o contact.Owner) Links { return Links{Lookups: findOption(w.ID, o)} })}
}

// Relationships is the collection of an individual's personal relationships.
func Relationships(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentRelationship, noun: "personal relationship", blank: blank[contact.PersonalRelationship],
		links: typed(func(r *contact.PersonalRelationship, _ contact.Owner) Links {
			return Links{References: []Reference{{"/individual_contact", keys.ContactTarget(r.IndividualContact, contact.Individual), false}}}
		})}
}

// Departments is the collection of an organization's departments.
func Departments(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentDepartment, noun: "department", blank: blank[contact.Department]}
}

// Locations is the collection of an organization's locations. Each shows how many work there.
func Locations(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentLocation, noun: "location", hasLinks: true, blank: blank[contact.Location],
		derived: dynamo.Item{AttrMemberCount: dynamo.Number(0)},
		links: typed(func(l *contact.Location, _ contact.Owner) Links {
			var t Links
			for i, r := range l.Leaders {
				t.References = append(t.References, identityReference(fmt.Sprintf("/leaders/%d", i), r))
			}
			return t
		})}
}

// Memberships is the collection of the organizations that an organization is a member of.
func Memberships(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentMembership, noun: "membership", blank: blank[contact.Membership],
		links: typed(func(m *contact.Membership, _ contact.Owner) Links {
			if m.OrganizationContact == 0 {
				return Links{}
			}
			return Links{References: []Reference{{"/organization_contact", keys.ContactTarget(m.OrganizationContact, contact.Organization), false}}}
		})}
}

// CustomerLists is the collection of a tenant's customer lists; a list's entries go with it.
func CustomerLists(s *Store) Parts {
	return Parts{store: s, noun: "customer list", list: keys.CustomerLists, blank: blank[contact.CustomerList], indexed: true,
		children: func(o contact.Owner, id contact.ID) (string, string) { return keys.ListItems(o.Org, id), "" }}
}

// PlainOptions is the collection of an individual's options that are no channels.
func PlainOptions(s *Store) Parts {
	return Parts{store: s, segment: keys.SegmentOption, noun: "option", hasLinks: true, blank: blank[contact.Option],
		links: typed(func(o *contact.Option, owner contact.Owner) Links { return Links{Lookups: findOption(o.ID, owner)} })}
}

// OptionTypes is the collection of a tenant's own types of options.
func OptionTypes(s *Store) Parts { return optionTypes(s, keys.SegmentOptionType, "option type") }

// OptionSubTypes is the collection of a tenant's own sub-types of options.
func OptionSubTypes(s *Store) Parts {
	return optionTypes(s, keys.SegmentOptionSubType, "option sub-type")
}

func optionTypes(s *Store, segment, noun string) Parts {
	return Parts{store: s, segment: segment, noun: noun, blank: blank[contact.OptionType],
		setDefaults: func(stored dynamo.Item, value Part) error {
			next := value.(*contact.OptionType)
			if next.Position != nil || stored == nil {
				return nil
			}
			kept, err := Decode[contact.OptionType](stored)
			next.Position = kept.Position
			return err
		},
		keep: func(stored dynamo.Item) error {
			if kept, err := Decode[contact.OptionType](stored); err == nil && kept.NonErasable == 1 {
				return contact.Refuse(contact.Impossible, "the %s is marked as not erasable", noun)
			}
			return nil
		}}
}

// PhoneLookup returns the lookup key of a number that has an E.164 form, read as it is dialled in region.
func PhoneLookup(number, region string) (string, bool) {
	e164, ok := phone.E164(number, region)
	return keys.PhoneLookup(e164), ok
}

// findOption is how the plentymarkets dialect finds a channel of an individual by its id alone; other owners have no
// options.
func findOption(id contact.ID, o contact.Owner) []string {
	if o.Identity != 0 || o.Contact.Kind() != contact.Individual {
		return nil
	}
	return []string{keys.OptionLookup(id)}
}
