package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Links are the items next to a resource's own, which are written in the same transaction: its unique values, its lookup entries, its
// references. A kind of resource declares them; link keeps them in line with what is stored. What was written is kept as sets of texts
// on the resource's item (AttrUniques, AttrLookups, AttrReferences), so that a change undoes just that.
type Links struct {
	Uniques []Unique
	// Lookups are the lookup keys by which the resource's contact is found, each "SPACE#value", normalised.
	Lookups    []string
	References []Reference
}

// A Unique is a value that is unique in its space. An empty one is not kept. Field is where the body has it.
type Unique struct{ Space, Value, Field string }

// UniqueNames are unique values as an item names them.
func UniqueNames(uniques []Unique) (names []string) {
	for _, u := range uniques {
		if u.Value != "" {
			names = append(names, u.name())
		}
	}
	return names
}

func (u Unique) name() string { return u.Space + "#" + u.Value }

// A Reference is a field that names another item. One that restricts keeps its target from being deleted: it is counted there, and has an
// item in the target's partition, by which a refused deletion names what is in the way. Of the others, only a new one has to name something
// that exists and isn't deleted.
type Reference struct {
	Pointer  string // of the field in the body
	To       keys.Target
	Restrict bool
}

// keepMark marks a target whose reference doesn't keep it from being deleted.
const keepMark = "~"

// Name is how an item names a reference.
func (r Reference) Name() string {
	if r.Restrict {
		return r.To.String()
	}
	return keepMark + r.To.String()
}

// RestrictReferences are the targets that an item keeps from being deleted, as it names them.
func RestrictReferences(i dynamo.Item) (names []string) {
	for _, name := range i.Strings(AttrReferences) {
		if !strings.HasPrefix(name, keepMark) {
			names = append(names, name)
		}
	}
	return names
}

// HasLinks reports whether an item has links that a deletion of its contact has to remove.
func HasLinks(i dynamo.Item) bool {
	return i[AttrUniques] != nil || i[AttrLookups] != nil || len(RestrictReferences(i)) > 0
}

// identityReference is that of a field which names a professional identity.
func identityReference(pointer string, r contact.ProfessionalIdentityRef) Reference {
	return Reference{pointer, keys.PartTarget(r.ContactID, keys.SegmentIdentity, r.ProfessionalIdentityID), true}
}

// link brings the links of a resource in line with its change from stored to next. A side where there is no resource is nil.
func (tx *transaction) link(org string, by keys.Target, stored, next dynamo.Item, links Links) {
	tx.linkUniques(org, by, stored, next, links.Uniques)
	tx.linkLookups(org, by, stored, next, links.Lookups)
	tx.linkReferences(org, by, stored, next, links.References)
}

// setStrings sets a set of texts on an item, which is nil where the resource is deleted.
func setStrings(item dynamo.Item, name string, texts []string) {
	if item != nil {
		item.SetStrings(name, texts)
	}
}

func (tx *transaction) linkUniques(org string, by keys.Target, stored, next dynamo.Item, uniques []Unique) {
	before, after := stored.Strings(AttrUniques), UniqueNames(uniques)
	for _, name := range Difference(before, after) {
		space, value, _ := strings.Cut(name, "#")
		tx.Delete(keys.Unique(org, space, value))
	}
	for _, u := range uniques {
		if u.Value != "" && !slices.Contains(before, u.name()) {
			PutUnique(tx.Tx, keys.Unique(org, u.Space, u.Value), by.Contact, u.Field)
		}
	}
	setStrings(next, AttrUniques, after)
}

// PutUnique reserves a unique value for a contact. Taken if another contact has it.
func PutUnique(tx *dynamo.Tx, key dynamo.Key, owner contact.ID, field string) {
	item := key.Item()
	item[AttrOwner] = dynamo.Number(int64(owner))
	free := dynamo.NotExistsElse(func(stored dynamo.Item) error {
		holder := contact.ID(stored.Number(AttrOwner))
		if holder == owner {
			return dynamo.ErrConflict // another change of the same contact reserved it meanwhile
		}
		return &contact.Error{Reason: contact.Taken, Existing: holder,
			Detail: field + " is taken by another contact",
			Faults: []contact.Fault{{Pointer: "/" + field, Detail: "taken by " + holder.String()}}}
	})
	free.UnlessDeleted = true
	tx.Put(item, free)
}

func (tx *transaction) linkLookups(org string, by keys.Target, stored, next dynamo.Item, after []string) {
	before := stored.Strings(AttrLookups)
	for _, lookup := range Difference(before, after) {
		tx.Delete(LookupItem(org, lookup, by).Key())
	}
	for _, lookup := range Difference(after, before) {
		if entry := LookupItem(org, lookup, by); keys.IsOptionLookup(lookup) {
			free := dynamo.NotExists() // another option has the id: this one takes another
			free.UnlessDeleted = true  // by itself: it becomes a part of another kind
			tx.Put(entry, free)
		} else {
			tx.Put(entry)
		}
	}
	setStrings(next, AttrLookups, after)
}

// AttrPart is the sort key of the option that an id leads to, S; AttrOwner is the contact.
const AttrPart = "part"

// LookupItem is the entry of a lookup key. That of an option's id says by attributes where it leads; the others lead there by their keys.
func LookupItem(org, lookup string, by keys.Target) dynamo.Item {
	if !keys.IsOptionLookup(lookup) {
		return keys.LookupEntry(org, lookup, by).Item()
	}
	entry := keys.Option(org, keys.LastID(by.Part)).Item()
	entry[AttrOwner], entry[AttrPart] = dynamo.Number(int64(by.Contact)), dynamo.String(by.Part)
	return entry
}

// OptionTarget is where the entry of an option's id leads.
func OptionTarget(entry dynamo.Item) keys.Target {
	return keys.Target{Contact: contact.ID(entry.Number(AttrOwner)), Part: entry.String(AttrPart)}
}

// maxReferences bounds how many references of a resource restrict: so many that one transaction can remove all of them, each being two
// items of it.
const maxReferences = 45

func (tx *transaction) linkReferences(org string, by keys.Target, stored, next dynamo.Item, references []Reference) {
	before := stored.Strings(AttrReferences)
	var after []string
	if tx.refused = boundReferences(references); tx.refused != nil {
		return
	}
	for _, r := range references {
		name := r.Name()
		if !slices.Contains(before, name) {
			if r.Restrict || !slices.Contains(before, r.To.String()) { // one that restricts no longer named it already
				tx.requireTarget(org, r)
			}
			if r.Restrict && !slices.Contains(after, name) {
				tx.Update(r.To.Guard(org)).Add(AttrReferenceCount, 1)
				tx.Put(keys.Reference(org, r.To, by).Item())
			}
		}
		if !slices.Contains(after, name) {
			after = append(after, name)
		}
	}
	for _, name := range Difference(before, after) {
		if !strings.HasPrefix(name, keepMark) {
			to := keys.ParseTarget(name)
			tx.Check(to.Guard(org), dynamo.Exists(fmt.Errorf("store: %s refers to %s, which is not there", by, to)))
			tx.Update(to.Guard(org)).Add(AttrReferenceCount, -1)
			tx.Delete(keys.Reference(org, to, by))
		}
	}
	setStrings(next, AttrReferences, after)
}

func boundReferences(references []Reference) error {
	restricted := map[keys.Target]bool{}
	for _, r := range references {
		if r.Restrict {
			restricted[r.To] = true
		}
	}
	if n := len(restricted); n > maxReferences {
		return contact.Refuse(contact.Impossible, "it refers to %d other records; at most %d can be kept together", n, maxReferences)
	}
	return nil
}

// requireTarget requires that what a new reference names exists, and that the contact that it is or belongs to isn't deleted.
func (tx *transaction) requireTarget(org string, r Reference) {
	missing := contact.RefuseAt(contact.Impossible, r.Pointer, "it does not exist")
	tx.Check(r.To.Guard(org), dynamo.Exists(missing))
	if r.To.Contact == 0 {
		return // the tenant's own
	}
	tx.Check(keys.Guard(org, r.To.Contact), dynamo.Exists(missing), notDeleted(contact.RefuseAt(contact.Impossible, r.Pointer, "the contact is deleted")))
}

// notDeleted requires that a contact isn't deleted.
func notDeleted(refusal error) dynamo.Condition {
	return dynamo.Require(dynamo.AttributeNotExists(AttrDeleted), refusal)
}

// refuse makes the transaction fail with an error that is known beforehand, together with whatever else is in the way: so all faults are
// told at once. partition is one that the transaction writes to.
func (tx *transaction) refuse(partition string, err error) {
	if err != nil {
		tx.Check(dynamo.Key{PK: partition, SK: "never"}, dynamo.Exists(err))
	}
}

// errReferenced says that something refers to what was to be deleted.
var errReferenced = errors.New("store: something refers to it")

// notReferenced requires that no reference restricts the item, but own ones that are deleted with it.
func notReferenced(own int64) dynamo.Condition {
	return dynamo.Require(dynamo.Or(dynamo.AttributeNotExists(AttrReferenceCount), dynamo.AttributeEquals(AttrReferenceCount, dynamo.Number(0)),
		dynamo.AttributeEquals(AttrReferenceCount, dynamo.Number(own))), errReferenced)
}

// maxNamed bounds how many references a refusal names.
const maxNamed = 10

// explainReferences explains errReferenced: it names what refers to the target. ErrConflict if that went meanwhile.
func (s *Store) explainReferences(ctx context.Context, org string, to keys.Target, err error) error {
	if !errors.Is(err, errReferenced) {
		return err
	}
	prefix := keys.ReferencePrefix(to)
	var faults []contact.Fault
	if err := s.Query(keys.Parts(org, to.Contact)).Prefix(prefix).Read(ctx, maxNamed, func(i dynamo.Item) {
		by := keys.ParseTarget(strings.TrimPrefix(i.String("sk"), prefix))
		faults = append(faults, contact.Fault{Detail: by.Describe() + " refers to it"})
	}); err != nil {
		return err
	}
	if len(faults) == 0 {
		return dynamo.ErrConflict
	}
	return &contact.Error{Reason: contact.Impossible, Detail: to.Describe() + " is in use: " + faults[0].Detail, Faults: faults}
}

// Missing returns those of a that are not in b.
func Difference(a, b []string) (rest []string) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	return rest
}
