package dynamo

import (
	"fmt"
	"strings"
	"time"

	"contacts/pkg/contact"
)

// Attributes of a professional identity, from which its organization's representatives are derived.
const (
	attrRepresents  = "represents"  // N: the organization contact
	attrActive      = "active"      // BOOL: there, and true, while it is active
	attrActivated   = "activated"   // N: Unix milliseconds, when it last became active
	attrDeactivated = "deactivated" // N: Unix milliseconds, when it last stopped
)

// Identities is the collection of an individual's professional identities. Each makes the individual a representative of
// the organization, and while it is active a member of its locations: both are kept with those, in the same transaction.
// An active one keeps the organization from being deleted; any keeps its departments and locations.
func Identities(t *Table) Parts {
	return Parts{table: t, segment: segmentIdentity, noun: "professional identity", blank: blank[contact.ProfessionalIdentity],
		binds:  true,
		settle: func(stored Item, p Part) error { return settleIdentity(stored, p.(*contact.ProfessionalIdentity)) },
		ties: typed(func(p *contact.ProfessionalIdentity, _ Owner) ties {
			t := ties{refers: []reference{{"/organization_contact", contactTarget(p.OrganizationContact, contact.Organization), p.IsActive}}}
			for i, d := range p.Departments {
				t.refers = append(t.refers, reference{fmt.Sprintf("/departments/%d/department_id", i),
					partTarget(d.ContactID, segmentDepartment, d.DepartmentID), true})
			}
			for i, l := range p.Locations {
				t.refers = append(t.refers, reference{fmt.Sprintf("/locations/%d/location_id", i),
					partTarget(l.ContactID, segmentLocation, l.LocationID), true})
			}
			return t
		}),
		beside: func(tx *transaction, o Owner, id contact.ID, stored, next Item, value Part) {
			p, _ := value.(*contact.ProfessionalIdentity)
			tx.represent(o, id, stored, next, p)
		},
		under: func(o Owner, id contact.ID) (string, string) {
			return o.partition(), o.prefix(segmentIdentity) + digits(id) + "#"
		},
	}
}

// settleIdentity holds the organization fixed. One that is left out is the one that was.
func settleIdentity(stored Item, p *contact.ProfessionalIdentity) error {
	if stored != nil {
		before := contact.ID(stored.number(attrRepresents))
		if p.OrganizationContact != 0 && p.OrganizationContact != before {
			return contact.RefuseAt(contact.Impossible, "/organization_contact", "is fixed after creation: it is %s", before)
		}
		p.OrganizationContact = before
	}
	return nil
}

// represent writes what a professional identity is to its organization: an entry among the representatives, and one
// member more or less at its locations. It changes from stored to next, which holds p; next without p belongs to an
// individual that is being deleted.
func (tx *transaction) represent(o Owner, id contact.ID, stored, next Item, p *contact.ProfessionalIdentity) {
	organization := contact.ID(stored.number(attrRepresents))
	was, is := stored.is(attrActive), false
	if p != nil {
		organization, is = p.OrganizationContact, p.IsActive
	}
	if organization.Kind() != contact.Organization {
		return // the reference to it is refused
	}
	switch {
	case next == nil:
		tx.represented(o.Org, organization, o.Contact, id, stored, nil)
	case stored == nil || was != is:
		next.setActive(was, is, tx.table.now())
		next[attrRepresents] = num(int64(organization))
		tx.represented(o.Org, organization, o.Contact, id, stored, next)
	}
	members := map[string]int64{}
	if was {
		for _, name := range stored.texts(attrRefers) {
			if strings.HasPrefix(parseTarget(name).part, segmentLocation+"#") {
				members[name]--
			}
		}
	}
	if is {
		for _, l := range p.Locations { // a set: Normalize sees to it
			members[partTarget(l.ContactID, segmentLocation, l.LocationID).String()]++
		}
	}
	for name, by := range members {
		if by != 0 {
			key := parseTarget(name).key(o.Org)
			tx.step(key).update.count(attrMemberCount, by)
			tx.touch(key)
		}
	}
}

// setActive keeps whether an identity is active, and since when.
func (i Item) setActive(was, is bool, now time.Time) {
	delete(i, attrActive)
	switch {
	case is:
		i[attrActive], i[attrActivated] = yes, num(now.UnixMilli())
	case was:
		i[attrDeactivated] = num(now.UnixMilli())
	}
}

// touch makes a new version of a resource whose derived fields change.
func (tx *transaction) touch(key Key) {
	u := &tx.step(key).update
	if u.counts[attrVersion] == 0 {
		u.count(attrVersion, 1)
	}
	u.set(attrUpdated, num(tx.table.now().UnixMilli()))
}
