package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/phone"
	"contacts/pkg/search"
)

// Links are the links of a resource as its item names them (AttrUniques, AttrLookups, AttrReferences): sets of texts, by which a change knows
// the entries that the stored version has. Each has an entry, an item of its own that is written in the same transaction, except references
// that don't restrict.
type Links struct{ Uniques, Lookups, References []string }

// resolved are the links of a resource that is written, with what their entries and errors need.
type resolved struct {
	uniques    []contact.Unique
	lookups    []string
	references []reference
}

// A reference is a contact.Reference by keys.
type reference struct {
	pointer  string
	to       keys.Target
	onDelete contact.OnDelete
}

// resolve returns the keys of declared links. Telephone numbers are read as dialled in region.
func resolve(links contact.Links, region string) (r resolved) {
	for _, u := range links.Uniques {
		if u.Value != "" {
			r.uniques = append(r.uniques, u)
		}
	}
	for _, l := range links.Lookups {
		if key, ok := lookupKey(l, region); ok {
			r.lookups = append(r.lookups, key)
		}
	}
	for _, ref := range links.References {
		r.references = append(r.references, reference{ref.Pointer, keys.TargetOf(ref.To), ref.OnDelete})
	}
	return r
}

// maxEmail is the most bytes of an email address (RFC 5321).
const maxEmail = 254

// lookupKey returns the lookup key of a value; ok is false for a telephone number without an E.164 form, and for what is no email address.
func lookupKey(l contact.Lookup, region string) (key string, ok bool) {
	switch l.By {
	case contact.ByEmail:
		return keys.EmailLookup(l.Value), len(l.Value) <= maxEmail
	case contact.ByTag:
		return keys.TagLookup(l.Value), true
	case contact.ByOptionID:
		return keys.OptionLookup(l.Value), true
	case contact.ByName:
		return keys.NameLookup(l.Value), l.Value != ""
	}
	e164, ok := phone.E164(l.Value, region)
	return keys.PhoneLookup(e164, l.Value), ok
}

// names returns the links as an item names them.
func (r resolved) names() Links {
	names := Links{Lookups: r.lookups}
	for _, u := range r.uniques {
		names.Uniques = append(names.Uniques, uniqueName(u))
	}
	for _, ref := range r.references {
		if name := ref.name(); !slices.Contains(names.References, name) {
			names.References = append(names.References, name)
		}
	}
	return names
}

func uniqueName(u contact.Unique) string { return u.Space + "#" + u.Value }

// keepPrefix begins the name of a reference that doesn't restrict.
const keepPrefix = "~"

// name returns how an item names a reference.
func (r reference) name() string {
	if r.onDelete == contact.Restrict {
		return r.to.String()
	}
	return keepPrefix + r.to.String()
}

// RestrictReferences returns the references of an item that restrict the deletion of their targets, as it names them.
func RestrictReferences(i dynamo.Item) (names []string) {
	for _, name := range i.Strings(AttrReferences) {
		if !strings.HasPrefix(name, keepPrefix) {
			names = append(names, name)
		}
	}
	return names
}

// HasLinks reports whether an item has entries that a deletion of its contact removes.
func HasLinks(i dynamo.Item) bool {
	return i[AttrUniques] != nil || i[AttrLookups] != nil || len(RestrictReferences(i)) > 0
}

// link adds the changes of entries to the change of a resource from stored to next, which gets the names of its links. stored is nil on
// creation, next on deletion.
func (tx *transaction) link(org string, by keys.Target, stored, next dynamo.Item, links resolved) {
	names := links.names()
	tx.linkUniques(org, by, stored, links.uniques, names.Uniques)
	tx.linkLookups(org, by, stored, names.Lookups)
	tx.linkReferences(org, by, stored, links.references, names.References)
	if next != nil {
		next.SetStrings(AttrUniques, names.Uniques)
		next.SetStrings(AttrLookups, names.Lookups)
		next.SetStrings(AttrReferences, names.References)
	}
}

func (tx *transaction) linkUniques(org string, by keys.Target, stored dynamo.Item, uniques []contact.Unique, after []string) {
	before := stored.Strings(AttrUniques)
	for _, name := range Difference(before, after) {
		space, value := keys.CutUnique(name)
		tx.Delete(keys.Unique(org, space, value))
	}
	for _, u := range uniques {
		if !slices.Contains(before, uniqueName(u)) {
			PutUnique(tx.Tx, UniqueItem(org, u.Space, u.Value, by.Contact), u.Field)
		}
	}
}

// AttrValue, S, is a value as it was sent, on the entry of a unique value or lookup key whose own key doesn't have it.
const AttrValue = "value"

// UniqueItem returns the entry of a contact's unique value.
func UniqueItem(org, space, value string, owner contact.ID) dynamo.Item {
	item := keys.Unique(org, space, value).Item()
	item[AttrOwner] = dynamo.Number(int64(owner))
	if _, whole := keys.UniqueValue(item.String("sk")); !whole {
		item[AttrValue] = dynamo.String(value)
	}
	return item
}

// uniqueValue returns the value of its entry.
func uniqueValue(entry dynamo.Item) string {
	if value, whole := keys.UniqueValue(entry.String("sk")); whole {
		return value
	}
	return entry.String(AttrValue)
}

// PutUnique adds the entry of a contact's unique value to tx. The transaction fails with Taken if another contact has the value.
func PutUnique(tx *dynamo.Tx, item dynamo.Item, field string) {
	owner := contact.ID(item.Number(AttrOwner))
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

func (tx *transaction) linkLookups(org string, by keys.Target, stored dynamo.Item, after []string) {
	before := stored.Strings(AttrLookups)
	for _, lookup := range Difference(before, after) {
		for _, entry := range LookupItems(org, lookup, by) {
			tx.Delete(entry.Key())
		}
	}
	for _, lookup := range Difference(after, before) {
		for _, entry := range LookupItems(org, lookup, by) {
			if !keys.IsOptionLookup(lookup) {
				tx.Put(entry)
				continue
			}
			free := dynamo.NotExists() // if another option has the id, the retry takes a new one
			free.UnlessDeleted = true  // an option that becomes a part of another type keeps its id
			tx.Put(entry, free)
		}
	}
}

// AttrPart, S, is the sort key of the part in the lookup entry of an option's id; AttrOwner is its contact.
const AttrPart = "part"

// LookupItems returns the entries of a lookup key: one for each word of a name, else one. It names the part by its sort key; that of an option's
// id, by attributes.
func LookupItems(org, lookup string, by keys.Target) []dynamo.Item {
	if name, ok := keys.NameOfLookup(lookup); ok {
		return wordItems(org, name, by.Contact)
	}
	if !keys.IsOptionLookup(lookup) {
		entry := keys.LookupEntry(org, lookup, by).Item()
		if value, ok := keys.LookupValue(lookup); ok {
			entry[AttrValue] = dynamo.String(value)
		}
		return []dynamo.Item{entry}
	}
	entry := keys.Option(org, keys.LastID(by.Part)).Item()
	entry[AttrOwner], entry[AttrPart] = dynamo.Number(int64(by.Contact)), dynamo.String(by.Part)
	return []dynamo.Item{entry}
}

// AttrName, S, is the name of the contact, on the entries of its words and in the list by name.
const AttrName = "name"

// wordItems returns the entries of the words of a contact's name.
func wordItems(org, name string, id contact.ID) (entries []dynamo.Item) {
	read := search.NewName(name)
	for _, term := range read.Terms() {
		entry := keys.Word(org, term.Text, term.Spelled, read.Folded(), id).Item()
		entry[AttrName] = dynamo.String(name)
		entries = append(entries, entry)
	}
	return entries
}

// OptionTarget returns the part that the lookup entry of an option's id names.
func OptionTarget(entry dynamo.Item) keys.Target {
	return keys.Target{Contact: contact.ID(entry.Number(AttrOwner)), Part: entry.String(AttrPart)}
}

// maxReferences is the most references of a resource that restrict: one transaction can remove all of them, with two items for each.
const maxReferences = 45

func (tx *transaction) linkReferences(org string, by keys.Target, stored dynamo.Item, references []reference, after []string) {
	before := stored.Strings(AttrReferences)
	if err := boundReferences(references); err != nil {
		tx.refused = cmp.Or(tx.refused, err)
		return
	}
	added := map[string]bool{}
	for _, r := range references {
		name, restricts := r.name(), r.onDelete == contact.Restrict
		if slices.Contains(before, name) {
			continue
		}
		if restricts || !slices.Contains(before, r.to.String()) { // a target that was referenced exists
			tx.requireTarget(org, r)
		}
		if restricts && !added[name] {
			tx.Update(r.to.Guard(org)).Add(AttrReferenceCount, 1)
			tx.Put(keys.Reference(org, r.to, by).Item())
		}
		added[name] = true
	}
	for _, name := range Difference(before, after) {
		if !strings.HasPrefix(name, keepPrefix) {
			to := keys.ParseTarget(name)
			tx.Check(to.Guard(org), dynamo.Exists(fmt.Errorf("store: %s refers to %s, which does not exist", by, to)))
			tx.Update(to.Guard(org)).Add(AttrReferenceCount, -1)
			tx.Delete(keys.Reference(org, to, by))
		}
	}
}

// boundReferences returns an Impossible error for more than maxReferences.
func boundReferences(references []reference) error {
	restricted := map[keys.Target]bool{}
	for _, r := range references {
		if r.onDelete == contact.Restrict {
			restricted[r.to] = true
		}
	}
	if n := len(restricted); n > maxReferences {
		return contact.Refuse(contact.Impossible, "it refers to %d other records; it can refer to at most %d", n, maxReferences)
	}
	return nil
}

// requireTarget requires that the target of a new reference exists and its contact isn't deleted.
func (tx *transaction) requireTarget(org string, r reference) {
	missing := contact.RefuseAt(contact.Impossible, r.pointer, "it does not exist")
	tx.Check(r.to.Guard(org), dynamo.Exists(missing))
	if r.to.Contact == 0 {
		return // the tenant's own
	}
	tx.Check(keys.Guard(org, r.to.Contact), dynamo.Exists(missing), notDeleted(contact.RefuseAt(contact.Impossible, r.pointer, "the contact is deleted")))
}

// notDeleted requires that a contact isn't deleted.
func notDeleted(refusal error) dynamo.Condition {
	return dynamo.Require(dynamo.AttributeNotExists(AttrDeleted), refusal)
}

// refuse makes the transaction fail with an error that is known beforehand, together with whatever else is in the way: so all faults are
// told at once. near is a key that the transaction writes.
func (tx *transaction) refuse(near dynamo.Key, err error) {
	if err != nil {
		tx.Check(keys.Nowhere(near), dynamo.Exists(err))
	}
}

// errReferenced says that a reference restricts a deletion.
var errReferenced = errors.New("store: a reference restricts the deletion")

// notReferenced requires that no reference restricts the deletion of an item, except own ones, which are deleted with it.
func notReferenced(own int64) dynamo.Condition {
	return dynamo.Require(dynamo.Or(dynamo.AttributeNotExists(AttrReferenceCount), dynamo.AttributeEquals(AttrReferenceCount, dynamo.Number(0)),
		dynamo.AttributeEquals(AttrReferenceCount, dynamo.Number(own))), errReferenced)
}

// maxNamed is the most references that an error names.
const maxNamed = 10

// explainReferences replaces errReferenced by an error that names the resources with references to the target, or by dynamo.ErrConflict if
// there are none any more.
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

// Difference returns the elements of a that are not in b.
func Difference(a, b []string) (rest []string) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	return rest
}
