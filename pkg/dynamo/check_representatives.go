package dynamo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// The rules of representatives: an organization shows those who represent it, each where its identity says that it lies, and counts them.

// representatives holds an organization to show nobody on its item who does not represent it.
func (j *judgement) representatives() {
	if j.place.owner.Kind() != contact.Organization {
		return
	}
	inline, sound := j.item.inline()
	if !sound {
		j.find(FoundRepresentative, "it keeps no representatives", "keep none; who represents it is shown again", func(tx *transaction) {
			tx.require(j.item.key(), noRepresentatives)
			tx.step(j.item.key()).update.set(attrRepresentatives, &types.AttributeValueMemberM{Value: Item{}})
			j.countRepresentatives(tx, j.item, "", false)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(inline)) {
		hide := func(tx *transaction) {
			tx.step(j.item.key()).update.remove(attrRepresentatives + "." + name)
			j.countRepresentatives(tx, j.item, name, false)
		}
		if appended := appendRepresentative(nil, name, inline.text(name)); appended == nil {
			j.find(FoundRepresentative, "its representative "+name+" can't be read", "show it no more; who represents it is shown again", hide)
		} else if identity, item, represents := j.representing(name); !represents || item.is(attrSeparate) {
			j.find(FoundRepresentative, "it shows the "+identity.describe()+", which doesn't represent it", "show it no more", func(tx *transaction) {
				j.asRead(tx, identity.key(j.place.org), item)
				hide(tx)
			})
		}
	}
	counted, isCount := j.item.number(attrRepresented), j.item[attrRepresented] == nil || j.item.isNumber(attrRepresented)
	if counted != int64(len(inline)) || !isCount {
		if found := int64(len(j.ownRepresentatives(j.item)) + len(inline)); j.err == nil && (found != counted || !isCount) {
			j.find(FoundCount, fmt.Sprintf("it counts %d representatives, and there are %d", counted, found), fmt.Sprintf("count %d", found), func(tx *transaction) {
				j.countRepresentatives(tx, j.item, "", false)
			})
		}
	}
}

// noRepresentatives holds of an organization that keeps nothing to which a representative could be added.
var noRepresentatives = condition{text: "NOT attribute_type(representatives, :map)", values: values{":map": str("M")}, explain: func(stored Item) error {
	if _, kept := stored.inline(); kept {
		return errChanged
	}
	return nil
}}

// ofRepresentative holds a representative in an item of its own to be that of an identity which says so, and to be counted.
func (j *judgement) ofRepresentative() {
	key := contactKey(j.place.org, j.place.owner)
	organization := j.at(key)
	if j.underContact(); organization == nil {
		return
	}
	inline, _ := organization.inline()
	if identity, item, represents := j.representing(j.place.name); represents && !item.is(attrSeparate) && inline.text(j.place.name) == "" {
		return // told of the identity, which doesn't say that it lies here
	} else if !represents || !item.is(attrSeparate) {
		j.find(FoundRepresentative, identity.describe()+" doesn't represent contact "+j.place.owner.String()+" by it", "remove it", func(tx *transaction) {
			j.asRead(tx, identity.key(j.place.org), item)
			tx.remove(j.item.key())
			j.countRepresentatives(tx, organization, j.place.name, false)
		})
	} else if !organization.isScattered() {
		j.find(FoundCount, "contact "+j.place.owner.String()+" counts no representatives but those on its item", "count all", func(tx *transaction) {
			j.countRepresentatives(tx, organization, "", false)
		})
	}
}

// representing is the identity that a representative is of, its item, and whether it represents the organization.
func (j *judgement) representing(name string) (identity target, item Item, represents bool) {
	identity, _ = parseRepresentativeName(name)
	item = j.at(identity.key(j.place.org))
	return identity, item, contact.ID(item.number(attrRepresents)) == j.place.owner
}

// ownRepresentatives are the names of an organization's representatives that lie in items of their own.
func (j *judgement) ownRepresentatives(organization Item) map[string]bool {
	names, prefix := map[string]bool{}, segmentRepresentative+"#"
	j.note(j.check.table.prefixed(partsOf(j.place.org, organization.id())).read(j.ctx, prefix, 0, func(i Item) {
		names[strings.TrimPrefix(i.text("sk"), prefix)] = true
	}))
	return names
}

// countRepresentatives gives an organization, as it was read, another version with the right number of representatives, when the one of a
// name has come or gone.
func (j *judgement) countRepresentatives(tx *transaction, organization Item, name string, comes bool) {
	all := j.ownRepresentatives(organization)
	inline, _ := organization.inline()
	for other := range inline {
		all[other] = true
	}
	delete(all, name)
	n := int64(len(all))
	if comes {
		n++
	}
	tx.step(organization.key()).update.set(attrRepresented, num(n))
	tx.touch(organization.key())
	j.asRead(tx, organization.key(), organization)
}

// represents holds a professional identity to be what its document says, and to be shown so by its organization.
func (j *judgement) represents(owner Item) {
	said, err := decode[contact.ProfessionalIdentity](j.item)
	if err != nil {
		return // told of its document
	}
	organization := contact.ID(j.item.number(attrRepresents))
	if organization != said.OrganizationContact {
		j.byHand(FoundTies, fmt.Sprintf("it represents organization %s, its document says %s", organization, said.OrganizationContact), "bring it back from a backup")
		return
	}
	if active := j.item.is(attrActive); active != said.IsActive && owner != nil && !j.isDeleted(owner) {
		j.find(FoundTies, fmt.Sprintf("its document says is_active: %t, what stands beside it %t", said.IsActive, active), "keep what the document says", func(tx *transaction) {
			now := num(j.check.table.now().UnixMilli())
			activated, deactivated := j.item.number(attrActivated), j.item.number(attrDeactivated)
			j.change(tx, func(u *update) { // the times that are kept stay, where they can be right
				switch {
				case !said.IsActive && deactivated < activated:
					u.set(attrDeactivated, now)
				case said.IsActive && activated == 0:
					u.set(attrActivated, now)
				}
				if said.IsActive {
					u.set(attrActive, yes)
				} else {
					u.remove(attrActive)
				}
			})
		})
	}
	key := contactKey(j.place.org, organization)
	item := j.at(key)
	if item == nil {
		j.byHand(FoundReference, "it represents organization "+organization.String()+", which is not there", "bring the organization back from a backup, or delete the identity")
		return
	}
	name, want := representativeName(j.place.owner, j.item.id()), j.item.representative()
	own, inline, sound := representativeKey(j.place.org, organization, name), Item(nil), false
	separate := j.item.is(attrSeparate)
	there := ""
	if separate {
		there = j.at(own).text(attrRepresentative)
	} else if inline, sound = item.inline(); sound {
		there = inline.text(name)
	}
	if there == want {
		return
	}
	if !separate && there == "" && (j.at(own) != nil || len(inline) >= maxInline) {
		j.find(FoundRepresentative, "its representative lies apart from organization "+organization.String()+", and it doesn't say so", "say so", func(tx *transaction) {
			j.change(tx, func(u *update) { u.set(attrSeparate, yes) })
		})
		return
	}
	j.find(FoundRepresentative, "organization "+organization.String()+" doesn't show it among its representatives as it is", "show it so", func(tx *transaction) {
		switch {
		case separate:
			entry := own.entry()
			entry[attrRepresentative] = str(want)
			tx.put(entry)
		case !sound:
			tx.require(key, noRepresentatives)
			tx.step(key).update.set(attrRepresentatives, &types.AttributeValueMemberM{Value: Item{name: str(want)}})
		default:
			tx.step(key).update.set(attrRepresentatives+"."+name, str(want))
		}
		j.countRepresentatives(tx, item, name, true)
	})
}
