package store

import (
	"strings"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Attributes of a professional identity from which the representatives of its organization are derived.
const (
	AttrRepresents  = "represents"  // N: the organization contact
	AttrActive      = "active"      // BOOL: true while it is active
	AttrActivated   = "activated"   // N: Unix milliseconds, when it last became active
	AttrDeactivated = "deactivated" // N: Unix milliseconds, when it last became inactive
)

// Identities is the collection of an individual's professional identities. Each makes the individual a representative of the organization
// and, while active, counts at its locations; the same transaction updates both.
func Identities(s *Store) Parts[*contact.ProfessionalIdentity] {
	p := parts[*contact.ProfessionalIdentity](s, keys.SegmentIdentity, "professional identity")
	p.before = func(stored dynamo.Item) *contact.ProfessionalIdentity { // the document may be unreadable
		return &contact.ProfessionalIdentity{OrganizationContact: contact.ID(stored.Number(AttrRepresents))}
	}
	p.onWrite = func(tx *transaction, at place, next dynamo.Item, value *contact.ProfessionalIdentity) {
		tx.updateOrganization(at.owner, at.id(), at.stored, next, value)
	}
	p.children = func(o contact.Owner, id contact.ID) (string, string) {
		return keys.PartsOf(o), keys.Prefix(o, keys.SegmentIdentity) + keys.Digits(id) + "#"
	}
	return p
}

// updateOrganization updates what is derived from a professional identity: the representative of its organization, and the member counts of
// its locations. The identity changes from stored to next, the item of p. p is nil if it is deleted; next is not nil then if its contact is
// deleted, whose parts stay.
func (tx *transaction) updateOrganization(o contact.Owner, id contact.ID, stored, next dynamo.Item, p *contact.ProfessionalIdentity) {
	organization := contact.ID(stored.Number(AttrRepresents))
	was, is := stored.Bool(AttrActive), false
	if p != nil {
		organization, is = p.OrganizationContact, p.IsActive
	}
	if organization.Kind() != contact.Organization {
		return // the reference is refused
	}
	switch {
	case next == nil:
		tx.writeRepresentative(o.Org, organization, o.Contact, id, stored, nil)
	case stored == nil || was != is:
		setActive(next, was, is, tx.store.now())
		next[AttrRepresents] = dynamo.Number(int64(organization))
		tx.writeRepresentative(o.Org, organization, o.Contact, id, stored, next)
	}
	members := map[string]int64{}
	if was {
		for _, name := range stored.Strings(AttrReferences) {
			if strings.HasPrefix(keys.ParseTarget(name).Part, keys.SegmentLocation+"#") {
				members[name]--
			}
		}
	}
	if is {
		for _, l := range p.Locations { // without duplicates: see Normalize
			members[keys.PartTarget(l.ContactID, keys.SegmentLocation, l.LocationID).String()]++
		}
	}
	for name, by := range members {
		if by != 0 {
			key := keys.ParseTarget(name).Key(o.Org)
			tx.Update(key).Add(AttrMemberCount, by)
			tx.touch(key)
		}
	}
}

// setActive sets the attributes of whether an identity is active, and since when.
func setActive(i dynamo.Item, was, is bool, now time.Time) {
	delete(i, AttrActive)
	switch {
	case is:
		i[AttrActive], i[AttrActivated] = dynamo.True, dynamo.Number(now.UnixMilli())
	case was:
		i[AttrDeactivated] = dynamo.Number(now.UnixMilli())
	}
}

// touch is Touch at the current time.
func (tx *transaction) touch(key dynamo.Key) { Touch(tx.Tx, key, tx.store.now()) }

// Touch increments the version of a resource whose derived fields change, once in a transaction.
func Touch(tx *dynamo.Tx, key dynamo.Key, now time.Time) {
	u := tx.Update(key)
	if !u.Changes(dynamo.AttrVersion) {
		u.Add(dynamo.AttrVersion, 1)
	}
	u.Set(AttrUpdated, dynamo.Number(now.UnixMilli()))
}
