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

// The rules of representatives: an organization shows those who represent it, each where its identity says that it lies, and counts them.

// representatives holds an organization to show nobody on its item who does not represent it.
func (j *judgement) representatives() {
	if j.key.Owner.Kind() != contact.Organization {
		return
	}
	inline, sound := store.InlineRepresentatives(j.item)
	if !sound {
		j.find(FoundRepresentative, "it keeps no representatives", "keep none; who represents it is shown again", func(tx *dynamo.Tx) {
			tx.Check(j.item.Key(), noRepresentatives)
			tx.Update(j.item.Key()).Set(store.AttrRepresentatives, dynamo.Map(dynamo.Item{}))
			j.countRepresentatives(tx, j.item, "", false)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(inline)) {
		hide := func(tx *dynamo.Tx) {
			tx.Update(j.item.Key()).Remove(store.AttrRepresentatives + "." + name)
			j.countRepresentatives(tx, j.item, name, false)
		}
		if appended := store.AppendRepresentative(nil, name, inline.String(name)); appended == nil {
			j.find(FoundRepresentative, "its representative "+name+" can't be read", "show it no more; who represents it is shown again", hide)
		} else if identity, item, represents := j.representing(name); !represents || item.Bool(store.AttrSeparate) {
			j.find(FoundRepresentative, "it shows the "+identity.Describe()+", which doesn't represent it", "show it no more", func(tx *dynamo.Tx) {
				j.asRead(tx, identity.Key(j.key.Org), item)
				hide(tx)
			})
		}
	}
	counted, isCount := j.item.Number(store.AttrRepresentativeCount), j.item[store.AttrRepresentativeCount] == nil || j.item.IsNumber(store.AttrRepresentativeCount)
	if counted != int64(len(inline)) || !isCount {
		if found := int64(len(j.ownRepresentatives(j.item)) + len(inline)); j.err == nil && (found != counted || !isCount) {
			j.find(FoundCount, fmt.Sprintf("it counts %d representatives, and there are %d", counted, found), fmt.Sprintf("count %d", found), func(tx *dynamo.Tx) {
				j.countRepresentatives(tx, j.item, "", false)
			})
		}
	}
}

// noRepresentatives requires that an organization has no map to which a representative could be added.
var noRepresentatives = dynamo.Require(dynamo.Not(dynamo.IsMap(store.AttrRepresentatives)), dynamo.ErrConflict)

// checkRepresentative holds a representative in an item of its own to be that of an identity which says so, and to be counted.
func (j *judgement) checkRepresentative() {
	key := keys.Contact(j.key.Org, j.key.Owner)
	organization := j.at(key)
	if j.underContact(); organization == nil {
		return
	}
	inline, _ := store.InlineRepresentatives(organization)
	if identity, item, represents := j.representing(j.key.Name); represents && !item.Bool(store.AttrSeparate) && inline.String(j.key.Name) == "" {
		return // told of the identity, which doesn't say that it lies here
	} else if !represents || !item.Bool(store.AttrSeparate) {
		j.find(FoundRepresentative, identity.Describe()+" doesn't represent contact "+j.key.Owner.String()+" by it", "remove it", func(tx *dynamo.Tx) {
			j.asRead(tx, identity.Key(j.key.Org), item)
			tx.Delete(j.item.Key())
			j.countRepresentatives(tx, organization, j.key.Name, false)
		})
	} else if !store.HasSeparateRepresentatives(organization) {
		j.find(FoundCount, "contact "+j.key.Owner.String()+" counts no representatives but those on its item", "count all", func(tx *dynamo.Tx) {
			j.countRepresentatives(tx, organization, "", false)
		})
	}
}

// representing is the identity that a representative is of, its item, and whether it represents the organization.
func (j *judgement) representing(name string) (identity keys.Target, item dynamo.Item, represents bool) {
	identity, _ = keys.ParseRepresentativeName(name)
	item = j.at(identity.Key(j.key.Org))
	return identity, item, contact.ID(item.Number(store.AttrRepresents)) == j.key.Owner
}

// ownRepresentatives are the names of an organization's representatives that lie in items of their own.
func (j *judgement) ownRepresentatives(organization dynamo.Item) map[string]bool {
	names, prefix := map[string]bool{}, keys.SegmentRepresentative+"#"
	j.note(j.check.store.Query(keys.Parts(j.key.Org, store.IDOf(organization))).Prefix(prefix).Read(j.ctx, 0, func(i dynamo.Item) {
		names[strings.TrimPrefix(i.String("sk"), prefix)] = true
	}))
	return names
}

// countRepresentatives gives an organization, as it was read, another version with the right number of representatives, when the one of a
// name has come or gone.
func (j *judgement) countRepresentatives(tx *dynamo.Tx, organization dynamo.Item, name string, comes bool) {
	all := j.ownRepresentatives(organization)
	inline, _ := store.InlineRepresentatives(organization)
	for other := range inline {
		all[other] = true
	}
	delete(all, name)
	n := int64(len(all))
	if comes {
		n++
	}
	tx.Update(organization.Key()).Set(store.AttrRepresentativeCount, dynamo.Number(n))
	store.Touch(tx, organization.Key(), j.check.now())
	j.asRead(tx, organization.Key(), organization)
}

// represents holds a professional identity to be what its document says, and to be shown so by its organization.
func (j *judgement) represents(owner dynamo.Item) {
	said, err := store.Decode[contact.ProfessionalIdentity](j.item)
	if err != nil {
		return // told of its document
	}
	organization := contact.ID(j.item.Number(store.AttrRepresents))
	if organization != said.OrganizationContact {
		j.byHand(FoundLinks, fmt.Sprintf("it represents organization %s, its document says %s", organization, said.OrganizationContact), "bring it back from a backup")
		return
	}
	if active := j.item.Bool(store.AttrActive); active != said.IsActive && owner != nil && !j.isDeleted(owner) {
		j.find(FoundLinks, fmt.Sprintf("its document says is_active: %t, its item %t", said.IsActive, active), "keep what the document says", func(tx *dynamo.Tx) {
			now := dynamo.Number(j.check.now().UnixMilli())
			activated, deactivated := j.item.Number(store.AttrActivated), j.item.Number(store.AttrDeactivated)
			j.change(tx, func(u *dynamo.Update) { // the times that are kept stay, where they can be right
				switch {
				case !said.IsActive && deactivated < activated:
					u.Set(store.AttrDeactivated, now)
				case said.IsActive && activated == 0:
					u.Set(store.AttrActivated, now)
				}
				if said.IsActive {
					u.Set(store.AttrActive, dynamo.True)
				} else {
					u.Remove(store.AttrActive)
				}
			})
		})
	}
	key := keys.Contact(j.key.Org, organization)
	item := j.at(key)
	if item == nil {
		j.byHand(FoundReference, "it represents organization "+organization.String()+", which is not there", "bring the organization back from a backup, or delete the identity")
		return
	}
	name, want := keys.RepresentativeName(j.key.Owner, store.IDOf(j.item)), store.RepresentativeText(j.item)
	own, inline, sound := keys.Representative(j.key.Org, organization, name), dynamo.Item(nil), false
	separate := j.item.Bool(store.AttrSeparate)
	there := ""
	if separate {
		there = j.at(own).String(store.AttrRepresentative)
	} else if inline, sound = store.InlineRepresentatives(item); sound {
		there = inline.String(name)
	}
	if there == want {
		return
	}
	if !separate && there == "" && (j.at(own) != nil || len(inline) >= store.MaxInline) {
		j.find(FoundRepresentative, "its representative lies apart from organization "+organization.String()+", and it doesn't say so", "say so", func(tx *dynamo.Tx) {
			j.change(tx, func(u *dynamo.Update) { u.Set(store.AttrSeparate, dynamo.True) })
		})
		return
	}
	j.find(FoundRepresentative, "organization "+organization.String()+" doesn't show it among its representatives as it is", "show it so", func(tx *dynamo.Tx) {
		switch {
		case separate:
			entry := own.Item()
			entry[store.AttrRepresentative] = dynamo.String(want)
			tx.Put(entry)
		case !sound:
			tx.Check(key, noRepresentatives)
			tx.Update(key).Set(store.AttrRepresentatives, dynamo.Map(dynamo.Item{name: dynamo.String(want)}))
		default:
			tx.Update(key).Set(store.AttrRepresentatives+"."+name, dynamo.String(want))
		}
		j.countRepresentatives(tx, item, name, true)
	})
}
