package dynamo

import (
	"context"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/phone"
)

// An Owner is what parts belong to: a contact, or one of its professional identities.
type Owner struct {
	Org      string
	Contact  contact.ID
	Identity contact.ID // 0 for the contact itself
	// Region is the organization's default region (ISO 3166-1 alpha-2), by which its telephone numbers are read.
	Region string
}

// A Part is a resource under an owner.
type Part[T any] interface {
	*T
	Identify(contact.ID)
	// Normalize brings a value that was sent into the form that is kept.
	Normalize()
}

// Parts is a collection of one kind of resource, in the order of creation, under any owner.
type Parts[T any, P Part[T]] struct {
	table   *Table
	segment string
	noun    string
	// finds names the values by which the look-up finds the part's contact, each "SPACE#value", normalised.
	finds func(*T, Owner) []string
	// refers names the contacts that the part refers to.
	refers func(*T) []reference
	// option tells that the plentymarkets dialect knows the part by its id alone, where it belongs to a contact itself.
	option bool
}

// A reference is a field that names another contact.
type reference struct {
	pointer string
	kind    contact.Kind
	id      contact.ID
}

// Addresses is the collection of postal addresses.
func Addresses(t *Table) Parts[contact.Address, *contact.Address] {
	return Parts[contact.Address, *contact.Address]{table: t, segment: segmentAddress, noun: "address"}
}

// Emails is the collection of email addresses, found in any case.
func Emails(t *Table) Parts[contact.Email, *contact.Email] {
	return Parts[contact.Email, *contact.Email]{table: t, segment: segmentEmail, noun: "email", option: true,
		finds: func(e *contact.Email, _ Owner) []string { return []string{findEmail(string(e.Address))} }}
}

// Phones is the collection of telephone numbers, found in any spelling of a number that has an E.164 form.
func Phones(t *Table) Parts[contact.Phone, *contact.Phone] {
	return Parts[contact.Phone, *contact.Phone]{table: t, segment: segmentPhone, noun: "phone", option: true,
		finds: func(p *contact.Phone, o Owner) []string {
			if f, ok := findPhone(p.Number, o.Region); ok {
				return []string{f}
			}
			return nil
		}}
}

// WebAddresses is the collection of pages and profiles on the web.
func WebAddresses(t *Table) Parts[contact.WebAddress, *contact.WebAddress] {
	return Parts[contact.WebAddress, *contact.WebAddress]{table: t, segment: segmentWebAddress, noun: "web address", option: true}
}

// Relationships is the collection of an individual's personal relationships.
func Relationships(t *Table) Parts[contact.PersonalRelationship, *contact.PersonalRelationship] {
	return Parts[contact.PersonalRelationship, *contact.PersonalRelationship]{table: t, segment: segmentRelationship, noun: "personal relationship",
		refers: func(r *contact.PersonalRelationship) []reference {
			return []reference{{"/individual_contact", contact.Individual, r.IndividualContact}}
		}}
}

// findEmail is how an email address is found: in any case.
func findEmail(address string) string { return "EMAIL#" + strings.ToLower(address) }

// findPhone is how a number is found that has an E.164 form, read as it is dialled in region.
func findPhone(number, region string) (string, bool) {
	e164, ok := phone.E164(number, region)
	return "PHONE#" + e164, ok
}

// List returns all of an owner's parts. NotFound if there is no such owner.
func (p Parts[T, P]) List(ctx context.Context, o Owner) ([]Record, error) {
	page, err := p.table.query(ctx, partsOf(o.Org, o.Contact), partPrefix(o, p.segment))
	if err != nil || len(page) > 0 {
		return page, err
	}
	// Parts prove their owner; an empty collection proves nothing.
	key, noun := contactKey(o.Org, o.Contact), "contact"
	if o.Identity != 0 {
		key, noun = identityKey(o), "professional identity"
	}
	there, err := p.table.exists(ctx, key)
	if err == nil && !there {
		err = notFound(noun)
	}
	return nil, err
}

// Get returns a part.
func (p Parts[T, P]) Get(ctx context.Context, o Owner, id contact.ID) (Record, error) {
	item, err := p.read(ctx, o, id, Match{})
	if err != nil {
		return Record{}, err
	}
	return item.readable()
}

func (p Parts[T, P]) read(ctx context.Context, o Owner, id contact.ID, match Match) (Item, error) {
	item, err := p.table.get(ctx, partKey(o, p.segment, id))
	switch {
	case err != nil:
		return nil, err
	case item == nil:
		return nil, notFound(p.noun)
	}
	return item, match.check(item)
}

// Create adds a part under a new id. NotFound if there is no such owner, Impossible if its contact is deleted or the
// part refers to what doesn't exist.
func (p Parts[T, P]) Create(ctx context.Context, o Owner, value T) (Record, error) {
	P(&value).Normalize()
	return untilUnchanged(ctx, func() (Record, error) {
		id := p.table.ids.Next(contact.Part)
		P(&value).Identify(id)
		doc, err := encode(value)
		if err != nil {
			return Record{}, err
		}
		item := newItem(partKey(o, p.segment, id), doc, p.table.now())
		tx := p.table.begin()
		tx.requireOwner(o)
		p.relate(tx, o, id, nil, item, &value)
		tx.put(item, absent(func(Item) error { return errChanged }))
		made := Record{ID: id, Version: 1, Doc: doc}
		return made, tx.commit(ctx, made)
	})
}

// Replace puts value in the place of the part.
func (p Parts[T, P]) Replace(ctx context.Context, o Owner, id contact.ID, match Match, value T) (Record, error) {
	P(&value).Normalize()
	P(&value).Identify(id)
	doc, err := encode(value)
	if err != nil {
		return Record{}, err
	}
	return untilUnchanged(ctx, func() (Record, error) {
		stored, err := p.read(ctx, o, id, match)
		if err != nil {
			return Record{}, err
		}
		next := nextItem(stored, doc, p.table.now())
		tx := p.table.begin()
		tx.requireOwner(o)
		p.relate(tx, o, id, stored, next, &value)
		tx.put(next, unchanged(stored))
		made := Record{ID: id, Version: next.number(attrVersion), Doc: doc}
		return made, tx.commit(ctx, made)
	})
}

// Delete removes the part.
func (p Parts[T, P]) Delete(ctx context.Context, o Owner, id contact.ID, match Match) error {
	_, err := untilUnchanged(ctx, func() (Record, error) {
		stored, err := p.read(ctx, o, id, match)
		if err != nil {
			return Record{}, err
		}
		tx := p.table.begin()
		tx.requireOwner(o)
		p.relate(tx, o, id, stored, nil, nil)
		tx.remove(partKey(o, p.segment, id), unchanged(stored))
		return Record{}, tx.commit(ctx, Record{ID: id})
	})
	return err
}

// requireOwner holds that the owner is there and its contact not deleted.
func (tx *transaction) requireOwner(o Owner) {
	tx.require(contactKey(o.Org, o.Contact), present(notFound("contact")), unburied(errDeleted))
	if o.Identity != 0 {
		tx.require(identityKey(o), present(notFound("professional identity")))
	}
}

// relate brings what stands beside a part in line with its change from stored to next, which holds value. A side where
// there is no part is nil.
func (p Parts[T, P]) relate(tx *transaction, o Owner, id contact.ID, stored, next Item, value *T) {
	part := partKey(o, p.segment, id)
	if p.finds != nil {
		var after []string
		if value != nil {
			after = p.finds(value, o)
			next.setTexts(attrFinds, after)
		}
		// What was written is what counts: the organization's region may have been another then.
		before := stored.texts(attrFinds)
		for _, f := range before {
			if !slices.Contains(after, f) {
				tx.remove(findKey(o.Org, f, part, o.Contact))
			}
		}
		for _, f := range after {
			if !slices.Contains(before, f) {
				tx.put(findKey(o.Org, f, part, o.Contact).entry())
			}
		}
	}
	if p.refers != nil && value != nil {
		// A reference that was there before may go on, even to a contact that has been deleted meanwhile.
		var before []reference
		if old, err := decode[T](stored); err == nil {
			before = p.refers(&old)
		}
		for _, r := range p.refers(value) {
			if !slices.Contains(before, r) {
				tx.requireReferred(o.Org, r)
			}
		}
	}
	if p.option && o.Identity == 0 && o.Contact.Kind() == contact.Individual {
		switch key := optionKey(o.Org, id); {
		case stored == nil:
			entry := key.entry()
			entry[attrOwner] = num(int64(o.Contact))
			tx.put(entry, absent(func(Item) error { return errChanged }))
		case next == nil:
			tx.remove(key)
		}
	}
}

// requireReferred holds that a contact which a new reference names is there and not deleted.
func (tx *transaction) requireReferred(org string, r reference) {
	missing := contact.RefuseAt(contact.Impossible, r.pointer, "there is no such contact")
	if r.id.Kind() != r.kind {
		// The condition can't hold: no id of another kind is in that list.
		tx.require(Key{listOf(org, r.kind), digits(r.id)}, present(missing))
		return
	}
	tx.require(contactKey(org, r.id), present(missing), unburied(contact.RefuseAt(contact.Impossible, r.pointer, "the contact is deleted")))
}
