package dynamo

import (
	"fmt"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/phone"
)

// The kinds of part: each a row that declares its place and its ties.

// typed makes the declaration of a type's ties one of any part's.
func typed[T any](f func(*T, Owner) ties) func(Part, Owner) ties {
	return func(p Part, o Owner) ties { return f(any(p).(*T), o) }
}

// blank is an empty T.
func blank[T any, P interface {
	*T
	Part
}]() Part {
	return P(new(T))
}

// Addresses is the collection of postal addresses.
func Addresses(t *Table) Parts {
	return Parts{table: t, segment: segmentAddress, noun: "address", blank: blank[contact.Address]}
}

// Emails is the collection of email addresses, found in any case.
func Emails(t *Table) Parts {
	return Parts{table: t, segment: segmentEmail, noun: "email", binds: true, blank: blank[contact.Email],
		ties: typed(func(e *contact.Email, o Owner) ties {
			return ties{finds: append(findOption(e.ID, o), FindEmail(string(e.Address)))}
		})}
}

// Phones is the collection of telephone numbers, found in any spelling of a number that has an E.164 form.
func Phones(t *Table) Parts {
	return Parts{table: t, segment: segmentPhone, noun: "phone", binds: true, blank: blank[contact.Phone],
		ties: typed(func(p *contact.Phone, o Owner) ties {
			finds := findOption(p.ID, o)
			if f, ok := FindPhone(p.Number, o.Region); ok {
				finds = append(finds, f)
			}
			return ties{finds: finds}
		})}
}

// WebAddresses is the collection of pages and profiles on the web.
func WebAddresses(t *Table) Parts {
	return Parts{table: t, segment: segmentWebAddress, noun: "web address", binds: true, blank: blank[contact.WebAddress],
		ties: typed(func(w *contact.WebAddress, o Owner) ties { return ties{finds: findOption(w.ID, o)} })}
}

// Relationships is the collection of an individual's personal relationships.
func Relationships(t *Table) Parts {
	return Parts{table: t, segment: segmentRelationship, noun: "personal relationship", blank: blank[contact.PersonalRelationship],
		ties: typed(func(r *contact.PersonalRelationship, _ Owner) ties {
			return ties{refers: []reference{{"/individual_contact", contactTarget(r.IndividualContact, contact.Individual), false}}}
		})}
}

// Departments is the collection of an organization's departments.
func Departments(t *Table) Parts {
	return Parts{table: t, segment: segmentDepartment, noun: "department", blank: blank[contact.Department]}
}

// Locations is the collection of an organization's locations. Each shows how many work there.
func Locations(t *Table) Parts {
	return Parts{table: t, segment: segmentLocation, noun: "location", binds: true, blank: blank[contact.Location],
		derived: Item{attrMemberCount: num(0)},
		ties: typed(func(l *contact.Location, _ Owner) ties {
			var t ties
			for i, r := range l.Leaders {
				t.refers = append(t.refers, identityReference(fmt.Sprintf("/leaders/%d", i), r))
			}
			return t
		})}
}

// Memberships is the collection of the organizations that an organization is a member of.
func Memberships(t *Table) Parts {
	return Parts{table: t, segment: segmentMembership, noun: "membership", blank: blank[contact.Membership],
		ties: typed(func(m *contact.Membership, _ Owner) ties {
			if m.OrganizationContact == 0 {
				return ties{}
			}
			return ties{refers: []reference{{"/organization_contact", contactTarget(m.OrganizationContact, contact.Organization), false}}}
		})}
}

// CustomerLists is the collection of a tenant's customer lists; a list's entries go with it.
func CustomerLists(t *Table) Parts {
	return Parts{table: t, noun: "customer list", list: listPartition, blank: blank[contact.CustomerList], marked: true,
		under: func(o Owner, id contact.ID) (string, string) { return itemsOf(o.Org, id), "" }}
}

// PlainOptions is the collection of an individual's options that are no channels.
func PlainOptions(t *Table) Parts {
	return Parts{table: t, segment: segmentOption, noun: "option", binds: true, blank: blank[contact.Option],
		ties: typed(func(o *contact.Option, owner Owner) ties { return ties{finds: findOption(o.ID, owner)} })}
}

// OptionTypes is the collection of a tenant's own types of options.
func OptionTypes(t *Table) Parts { return optionTypes(t, segmentOptionType, "option type") }

// OptionSubTypes is the collection of a tenant's own sub-types of options.
func OptionSubTypes(t *Table) Parts { return optionTypes(t, segmentOptionSubType, "option sub-type") }

func optionTypes(t *Table, segment, noun string) Parts {
	return Parts{table: t, segment: segment, noun: noun, blank: blank[contact.OptionType],
		settle: func(stored Item, value Part) error {
			next := value.(*contact.OptionType)
			if next.Position != nil || stored == nil {
				return nil
			}
			kept, err := decode[contact.OptionType](stored)
			next.Position = kept.Position
			return err
		},
		keep: func(stored Item) error {
			if kept, err := decode[contact.OptionType](stored); err == nil && kept.NonErasable == 1 {
				return contact.Refuse(contact.Impossible, "the %s is marked as not erasable", noun)
			}
			return nil
		}}
}

// FindEmail is how an email address is found: in any case.
func FindEmail(address string) string { return "EMAIL#" + strings.ToLower(address) }

// FindPhone is how a number is found that has an E.164 form, read as it is dialled in region.
func FindPhone(number, region string) (string, bool) {
	e164, ok := phone.E164(number, region)
	return "PHONE#" + e164, ok
}

// FindTag is how a tag is found: in any case.
func FindTag(name string) string { return "TAG#" + contact.Fold(name) }

// findOption is how the plentymarkets dialect finds a channel of an individual by its id alone; other owners have no
// options.
func findOption(id contact.ID, o Owner) []string {
	if o.Identity != 0 || o.Contact.Kind() != contact.Individual {
		return nil
	}
	return []string{optionFind(id)}
}

const spaceOption = "OPTION"

func optionFind(id contact.ID) string { return spaceOption + "#" + id.String() }

// isOption tells whether a find is that of an option's id.
func isOption(find string) bool { return strings.HasPrefix(find, spaceOption+"#") }
