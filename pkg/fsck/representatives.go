package fsck

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// Checks of representatives: an organization has one for each identity that represents it, on its item or in a separate one as the
// identity says, and counts them.

// checkRepresentatives checks the representatives on an organization's item, and their count.
func (c *itemCheck) checkRepresentatives() {
	if c.key.Owner.Kind() != contact.Organization {
		return
	}
	inline, sound := store.InlineRepresentatives(c.item)
	if !sound {
		c.report(FoundRepresentative, "it has no map of representatives", "create an empty map; the representatives are added again", func(tx *dynamo.Tx) {
			tx.Check(c.item.Key(), noRepresentatives)
			tx.Update(c.item.Key()).Set(store.AttrRepresentatives, dynamo.Map(dynamo.Item{}))
			c.setRepresentativeCount(tx, c.item, "", false)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(inline)) {
		remove := func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Remove(store.AttrRepresentatives + "." + name)
			c.setRepresentativeCount(tx, c.item, name, false)
		}
		if appended := store.AppendRepresentative(nil, name, inline.String(name)); appended == nil {
			c.report(FoundRepresentative, "its representative "+name+" can't be read", "remove it; a valid one is added again", remove)
		} else if identity, item, represents := c.identityOf(name); !represents || item.Bool(store.AttrSeparate) {
			c.report(FoundRepresentative, "it lists "+identity.Describe()+", which doesn't represent it", "remove it from the organization", func(tx *dynamo.Tx) {
				c.requireUnchanged(tx, identity.Key(c.key.Org), item)
				remove(tx)
			})
		}
	}
	counted, isCount := c.item.Number(store.AttrRepresentativeCount), c.item[store.AttrRepresentativeCount] == nil || c.item.IsNumber(store.AttrRepresentativeCount)
	if counted != int64(len(inline)) || !isCount {
		if found := int64(len(c.separateRepresentatives(c.item)) + len(inline)); c.err == nil && (found != counted || !isCount) {
			c.report(FoundCount, fmt.Sprintf("its representative count is %d, but %d exist", counted, found), fmt.Sprintf("set it to %d", found), func(tx *dynamo.Tx) {
				c.setRepresentativeCount(tx, c.item, "", false)
			})
		}
	}
}

// noRepresentatives requires that an organization has no map to which a representative could be added.
var noRepresentatives = dynamo.Require(dynamo.Not(dynamo.IsMap(store.AttrRepresentatives)), dynamo.ErrConflict)

// checkRepresentative checks that a representative in a separate item belongs to an identity that says so, and is counted.
func (c *itemCheck) checkRepresentative() {
	key := keys.Contact(c.key.Org, c.key.Owner)
	organization := c.get(key)
	if c.checkOwner(); organization == nil {
		return
	}
	inline, _ := store.InlineRepresentatives(organization)
	if identity, item, represents := c.identityOf(c.key.Name); represents && !item.Bool(store.AttrSeparate) && inline.String(c.key.Name) == "" {
		return // reported for the identity, which is not marked as separate
	} else if !represents || !item.Bool(store.AttrSeparate) {
		c.report(FoundRepresentative, identity.Describe()+" doesn't represent contact "+c.key.Owner.String(), "delete it", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, identity.Key(c.key.Org), item)
			tx.Delete(c.item.Key())
			c.setRepresentativeCount(tx, organization, c.key.Name, false)
		})
	} else if !store.HasSeparateRepresentatives(organization) {
		c.report(FoundCount, "the representative count of contact "+c.key.Owner.String()+" omits those in separate items", "count all", func(tx *dynamo.Tx) {
			c.setRepresentativeCount(tx, organization, "", false)
		})
	}
}

// identityOf returns the identity of a representative, its item, and whether it represents the organization.
func (c *itemCheck) identityOf(name string) (identity keys.Target, item dynamo.Item, represents bool) {
	identity, _ = keys.ParseRepresentativeName(name)
	item = c.get(identity.Key(c.key.Org))
	return identity, item, contact.ID(item.Number(store.AttrRepresents)) == c.key.Owner
}

// separateRepresentatives returns the names of an organization's representatives in separate items.
func (c *itemCheck) separateRepresentatives(organization dynamo.Item) map[string]bool {
	names, prefix := map[string]bool{}, keys.SegmentRepresentative+"#"
	c.query(store.IDOf(organization), prefix, func(i dynamo.Item) { names[strings.TrimPrefix(i.String("sk"), prefix)] = true })
	return names
}

// setRepresentativeCount sets an organization's number of representatives after the one of a name was added or removed, on the condition
// that the organization is as it was read.
func (c *itemCheck) setRepresentativeCount(tx *dynamo.Tx, organization dynamo.Item, name string, added bool) {
	all := c.separateRepresentatives(organization)
	inline, _ := store.InlineRepresentatives(organization)
	for other := range inline {
		all[other] = true
	}
	delete(all, name)
	n := int64(len(all))
	if added {
		n++
	}
	tx.SetRead(organization)
	tx.Update(organization.Key()).Set(store.AttrRepresentativeCount, dynamo.Number(n))
	store.Touch(tx, organization.Key(), c.check.now())
	c.requireUnchanged(tx, organization.Key(), organization)
}

// checkIdentity checks that a professional identity follows from its document, and is listed so by its organization.
func (c *itemCheck) checkIdentity(owner dynamo.Item) {
	document, err := store.Decode[contact.ProfessionalIdentity](c.item)
	if err != nil {
		return // reported by checkDocument
	}
	organization := contact.ID(c.item.Number(store.AttrRepresents))
	if organization != document.OrganizationContact {
		c.reportManual(FoundLinks, fmt.Sprintf("it represents organization %s, but its document names %s", organization, document.OrganizationContact), "restore it from a backup")
		return
	}
	if active := c.item.Bool(store.AttrActive); active != document.IsActive && owner != nil && !c.isDeleted(owner) {
		c.report(FoundLinks, fmt.Sprintf("its document has is_active=%t, its item %t", document.IsActive, active), "store what the document says", func(tx *dynamo.Tx) {
			now := dynamo.Number(c.check.now().UnixMilli())
			activated, deactivated := c.item.Number(store.AttrActivated), c.item.Number(store.AttrDeactivated)
			c.update(tx, func(u *dynamo.Update) { // valid times are kept
				switch {
				case !document.IsActive && deactivated < activated:
					u.Set(store.AttrDeactivated, now)
				case document.IsActive && activated == 0:
					u.Set(store.AttrActivated, now)
				}
				if document.IsActive {
					u.Set(store.AttrActive, dynamo.True)
				} else {
					u.Remove(store.AttrActive)
				}
			})
		})
	}
	key := keys.Contact(c.key.Org, organization)
	item := c.get(key)
	if item == nil {
		c.reportManual(FoundReference, "it represents organization "+organization.String()+", which does not exist", "restore the organization from a backup, or delete the identity")
		return
	}
	name, want := keys.RepresentativeName(c.key.Owner, store.IDOf(c.item)), store.RepresentativeText(c.item)
	own, inline, sound := keys.Representative(c.key.Org, organization, name), dynamo.Item(nil), false
	separate := c.item.Bool(store.AttrSeparate)
	there, stored := "", c.get(own)
	if separate {
		there = stored.String(store.AttrRepresentative)
	} else if inline, sound = store.InlineRepresentatives(item); sound {
		there = inline.String(name)
	}
	if there == want {
		return
	}
	if !separate && there == "" && (stored != nil || len(inline) >= store.MaxInline) {
		c.report(FoundRepresentative, "its representative is in a separate item of organization "+organization.String()+", but it is not marked so", "mark it", func(tx *dynamo.Tx) {
			c.update(tx, func(u *dynamo.Update) { u.Set(store.AttrSeparate, dynamo.True) })
		})
		return
	}
	c.report(FoundRepresentative, "organization "+organization.String()+" doesn't list it correctly among its representatives", "correct the entry", func(tx *dynamo.Tx) {
		switch {
		case separate:
			entry := own.Item()
			entry[store.AttrRepresentative] = dynamo.String(want)
			tx.Put(entry)
			if stored != nil {
				tx.SetRead(stored)
			}
		case !sound:
			tx.Check(key, noRepresentatives)
			tx.Update(key).Set(store.AttrRepresentatives, dynamo.Map(dynamo.Item{name: dynamo.String(want)}))
		default:
			tx.Update(key).Set(store.AttrRepresentatives+"."+name, dynamo.String(want))
		}
		c.setRepresentativeCount(tx, item, name, true)
	})
}
