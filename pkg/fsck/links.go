package fsck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// Checks of documents, of the links stored next to them, and of the items that follow from these links. A repair takes one step at a
// time: first the links are set by the document, then the items by the links.

// adviceRewrite is the advice for a damaged document.
const adviceRewrite = "write the resource again with PUT, or restore it from a backup"

// checkDocument checks that the document can be read and has the id of its key.
func (c *itemCheck) checkDocument() {
	c.checkVersion()
	doc, err := store.Document(c.item)
	if err != nil {
		c.reportManual(FoundDocument, fmt.Sprintf("its document can't be read: %v", err), adviceRewrite)
		return
	}
	var document struct {
		ID      jsontext.Value `json:"id"`
		Deleted bool           `json:"deleted"`
	}
	if !store.IsObject(doc) || json.Unmarshal(doc, &document) != nil {
		c.reportManual(FoundDocument, "its document is not a JSON object", adviceRewrite)
		return
	}
	want := store.IDOf(c.item).String()
	switch c.key.Kind {
	case keys.KindSharedTag:
		want = contact.ID(c.item.Number(store.AttrTag)).String()
	case keys.KindImage:
		want = (contact.MaxID - store.IDOf(c.item)).String()
	}
	if got := strings.Trim(string(document.ID), `"`); got != want && c.key.Segment != keys.SegmentRole && c.key.Kind != keys.KindConfiguration {
		c.reportManual(FoundDocument, fmt.Sprintf("its document has the id %s", got), adviceRewrite)
	}
	if c.key.Kind == keys.KindContact && document.Deleted != c.isDeleted(c.item) {
		c.reportManual(FoundDocument, fmt.Sprintf("its document has deleted=%t, its item %t", document.Deleted, c.item.Bool(store.AttrDeleted)),
			"restore the contact from a backup")
	}
}

// checkLinks checks that the unique values, lookup keys and references of an item follow from its document, that a released item has
// none, and that each has its entry.
func (c *itemCheck) checkLinks(released bool) {
	if released {
		c.checkReleased()
	} else if t, err := store.DeclaredLinks(c.key, c.item, c.region()); err == nil {
		c.checkLinkSet(store.AttrUniques, t.Uniques)
		c.checkLinkSet(store.AttrLookups, c.wantedLookups(t.Lookups))
		c.checkLinkSet(store.AttrReferences, t.References)
	} else if doc, unreadable := store.Document(c.item); unreadable == nil && store.IsObject(doc) {
		c.reportManual(FoundDocument, fmt.Sprintf("its document can't be read: %v", err), adviceRewrite)
	}
	c.checkUniques()
	c.checkLookups()
	c.checkReferences()
}

// region returns the region of the organization if the item is a phone, else "".
func (c *itemCheck) region() string {
	if c.key.Segment != keys.SegmentPhone {
		return ""
	}
	return c.get(keys.Organization(c.key.Org)).String("region")
}

// wantedLookups returns the lookup keys that an item should have. A phone keeps the E.164 form that it got when it was written, by the
// region that the organization had then.
func (c *itemCheck) wantedLookups(declared []string) []string {
	kept := slices.DeleteFunc(slices.Clone(c.item.Strings(store.AttrLookups)), func(f string) bool { return !keys.IsPhoneLookup(f) })
	if c.key.Segment != keys.SegmentPhone || len(kept) == 0 {
		return declared
	}
	return append(slices.DeleteFunc(slices.Clone(declared), keys.IsPhoneLookup), kept...)
}

// checkLinkSet checks one set of links against the document.
func (c *itemCheck) checkLinkSet(attribute string, want []string) {
	have := c.item.Strings(attribute)
	missing, extra := store.Difference(want, have), store.Difference(have, want)
	if len(missing)+len(extra) == 0 {
		return
	}
	c.report(FoundLinks, fmt.Sprintf("its %s differ from those of its document: %q missing, %q extra", attribute, missing, extra), "store those of the document",
		func(tx *dynamo.Tx) {
			next := dynamo.Item{}
			next.SetStrings(attribute, want)
			c.update(tx, func(u *dynamo.Update) {
				if next[attribute] == nil {
					u.Remove(attribute)
				} else {
					u.Set(attribute, next[attribute])
				}
			})
		})
}

// update changes the item and increments its version.
func (c *itemCheck) update(tx *dynamo.Tx, change func(*dynamo.Update)) {
	u := tx.Update(c.item.Key())
	change(u)
	u.Add(dynamo.AttrVersion, 1)
}

// checkReleased checks that a part of a deleted contact has no links and is not active.
func (c *itemCheck) checkReleased() {
	if !store.HasLinks(c.item) && !c.item.Bool(store.AttrActive) {
		return
	}
	c.report(FoundDeletion, "its contact is deleted, but it still has unique values, lookup keys or references, or is active", "remove them", func(tx *dynamo.Tx) {
		c.update(tx, func(u *dynamo.Update) {
			u.Remove(store.AttrUniques)
			u.Remove(store.AttrLookups)
			u.Remove(store.AttrReferences)
			if c.item.Bool(store.AttrActive) {
				u.Remove(store.AttrActive)
				u.Set(store.AttrDeactivated, dynamo.Number(c.check.now().UnixMilli()))
			}
		})
	})
}

// checkUniques checks that each unique value of the item has an entry that names its contact.
func (c *itemCheck) checkUniques() {
	for _, held := range c.item.Strings(store.AttrUniques) {
		space, value := keys.CutUnique(held)
		key := keys.Unique(c.key.Org, space, value)
		switch entry := c.get(key); {
		case !key.IsValid(): // reported by checkLinkSet
		case entry == nil:
			c.report(FoundUnique, "it has the unique value "+held+", which has no entry", "write the entry", func(tx *dynamo.Tx) {
				store.PutUnique(tx, store.UniqueItem(c.key.Org, space, value, c.key.Owner), space)
			})
		case contact.ID(entry.Number(store.AttrOwner)) != c.key.Owner:
			c.reportManual(FoundUnique, fmt.Sprintf("it has the unique value %s, which belongs to contact %d", held, entry.Number(store.AttrOwner)), "give one of the two contacts another value")
		}
	}
}

// checkLookups checks that each lookup key of the item has an entry that leads to it.
func (c *itemCheck) checkLookups() {
	for _, f := range c.item.Strings(store.AttrLookups) {
		for _, entry := range store.LookupItems(c.key.Org, f, c.target()) {
			c.checkLookupEntry(f, entry)
		}
	}
}

// checkLookupEntry checks an entry that the lookup key f of the item should have.
func (c *itemCheck) checkLookupEntry(f string, entry dynamo.Item) {
	switch there := c.get(entry.Key()); {
	case there == nil:
		c.report(FoundLookup, "it has the lookup key "+f+", which has no entry", "write the entry", func(tx *dynamo.Tx) {
			tx.Put(entry, dynamo.NotExists())
		})
	case !keys.IsOptionLookup(f):
		for _, name := range []string{store.AttrName, store.AttrValue} {
			if there.String(name) != entry.String(name) {
				c.report(FoundLookup, "it has the lookup key "+f+", whose entry has another "+name, "write the entry", func(tx *dynamo.Tx) {
					tx.Put(entry, dynamo.SameAttribute(name, there))
				})
			}
		}
	case store.OptionTarget(there) == c.target():
	case !slices.Contains(c.get(store.OptionTarget(there).Key(c.key.Org)).Strings(store.AttrLookups), f):
		c.report(FoundLookup, "it has the lookup key "+f+", which leads elsewhere", "point the entry to it", func(tx *dynamo.Tx) {
			tx.Put(entry, dynamo.SameAttribute(store.AttrOwner, there), dynamo.SameAttribute(store.AttrPart, there))
		})
	default:
		c.reportManual(FoundID, "its id is also used by "+store.OptionTarget(there).Describe(), "delete one of the two and create it again")
	}
}

// checkReferences checks that the targets of the item exist and have an item for each reference, and that references to the item are
// counted.
func (c *itemCheck) checkReferences() {
	for _, name := range store.RestrictReferences(c.item) {
		to := keys.ParseTarget(name)
		target, key := c.get(to.Guard(c.key.Org)), keys.Reference(c.key.Org, to, c.target())
		switch {
		case target == nil && to.Part == "" && c.get(to.Key(c.key.Org)) != nil:
			// Reported for the contact, which has lost its guard item.
		case target == nil:
			c.reportManual(FoundReference, "it refers to "+to.Describe()+", which does not exist", "change the resource so that it refers to another, or restore the other from a backup")
		case to.Part == "" && target.Bool(store.AttrDeleted) && !target.Bool(store.AttrErased) && to.Contact != c.key.Owner && !c.mayBeReferenced(to):
			c.reportManual(FoundReference, "it refers to "+to.Describe()+", which is deleted", "change the resource so that it refers to another")
		case c.get(key) == nil:
			// The reference count is checked on the target, once the item exists.
			c.report(FoundReference, "it refers to "+to.Describe()+", which has no item for it", "write the reference item", func(tx *dynamo.Tx) {
				tx.Check(to.Guard(c.key.Org), dynamo.Exists(dynamo.ErrConflict))
				tx.Put(key.Item(), dynamo.NotExists())
			})
		}
	}
	c.checkReferenceCount()
}

// checkReferenceCount checks the number of references to the item.
func (c *itemCheck) checkReferenceCount() {
	if n, sound := c.item.Number(store.AttrReferenceCount), c.item[store.AttrReferenceCount] == nil || c.item.IsNumber(store.AttrReferenceCount); n != 0 || !sound {
		if found := c.referencing(c.target()); c.err == nil && (int64(len(found)) != n || !sound) {
			c.reportReferenceCount(n, int64(len(found)))
		}
	}
}

// mayBeReferenced reports whether references to a contact are valid although its guard item says that it is deleted: it is being erased,
// or the guard item is wrong, which is a finding of its own.
func (c *itemCheck) mayBeReferenced(to keys.Target) bool {
	stored := c.get(to.Key(c.key.Org))
	return stored.Bool(store.AttrErasing) || !stored.Bool(store.AttrDeleted)
}

// reportReferenceCount reports a wrong count of restricting references to the item.
func (c *itemCheck) reportReferenceCount(counted, found int64) {
	c.report(FoundCount, fmt.Sprintf("its reference count is %d, but %d references exist", counted, found), fmt.Sprintf("set it to %d", found), func(tx *dynamo.Tx) {
		tx.Check(c.item.Key(), dynamo.SameAttribute(store.AttrReferenceCount, c.item))
		tx.Update(c.item.Key()).Set(store.AttrReferenceCount, dynamo.Number(found))
	})
}

// referencing returns what refers to a target by its reference items.
func (c *itemCheck) referencing(to keys.Target) (by []keys.Target) {
	prefix := keys.ReferencePrefix(to)
	c.query(to.Contact, prefix, func(i dynamo.Item) { by = append(by, keys.ParseTarget(strings.TrimPrefix(i.String("sk"), prefix))) })
	return by
}
