package store

import (
	"slices"
	"strings"

	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Each transaction that changes what a contact shows writes an entry of the change, which the feed reads. What changed follows from the
// items that the transaction writes, so that no operation can forget it.

// record lets a transaction write the entries of its changes. Their time is greater than that of each contact's change before.
func (s *Store) record(origin changes.Origin, tx *dynamo.Tx) error {
	all := changesOf(tx)
	entries, last := make([]dynamo.Item, len(all)), int64(0)
	for i, c := range all {
		c.At, c.Origin = s.now().UnixMicro(), origin
		var err error
		if entries[i], err = c.Item(c.org); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	tx.PerTry(func(try *dynamo.Tx) {
		last = max(s.now().UnixMicro(), last+1)
		for i, c := range all {
			guard := keys.Guard(c.org, c.Contact)
			try.Update(guard).Set(changes.AttrChanged, dynamo.Number(last))
			try.Check(guard, dynamo.RequireFunc(
				dynamo.Or(dynamo.AttributeNotExists(changes.AttrChanged), dynamo.LessThan(changes.AttrChanged, last)),
				func(stored dynamo.Item) error { // of a process whose clock is ahead
					last = max(last, stored.Number(changes.AttrChanged))
					return dynamo.ErrTransient
				}))
			entries[i]["sk"] = dynamo.String(keys.ChangeSortKey(last, c.Contact))
			try.Put(entries[i])
		}
	})
	return nil
}

// recordLen returns how many items record adds to a transaction.
func recordLen(tx *dynamo.Tx) (n int) {
	for _, c := range changesOf(tx) {
		n++
		if !tx.Has(keys.Guard(c.org, c.Contact)) {
			n++
		}
	}
	return n
}

// A contactChange is the change of a contact of an organization.
type contactChange struct {
	changes.Change
	org string
}

// changesOf returns the changes that a transaction makes, in the order of its items.
func changesOf(tx *dynamo.Tx) []*contactChange {
	var all []*contactChange
	externals := map[string]bool{} // the spaces of external ids of which a value is set or released
	tx.Written(func(w dynamo.Written) {
		p := keys.Parse(w.Key)
		if p.Kind == keys.KindUnique {
			externals[p.Space] = true
		}
		parts := partsOf(p, w)
		if parts == nil {
			return
		}
		i := slices.IndexFunc(all, func(c *contactChange) bool { return c.Contact == p.Owner })
		if i < 0 {
			i = len(all)
			all = append(all, &contactChange{changes.Change{Contact: p.Owner, Type: changes.Changed}, p.Org})
		}
		if p.Kind == keys.KindContact {
			all[i].Type = typeOf(w)
		}
		all[i].Parts = append(all[i].Parts, parts...)
	})
	for _, c := range all {
		if !externals[c.Contact.Kind().String()] || c.Type == changes.Deleted {
			c.Parts = slices.DeleteFunc(c.Parts, func(p changes.Part) bool { return p == changes.ExternalID })
		}
		slices.SortFunc(c.Parts, func(a, b changes.Part) int {
			return slices.Index(changes.AllParts, a) - slices.Index(changes.AllParts, b)
		})
		c.Parts = slices.Compact(c.Parts)
	}
	return slices.DeleteFunc(all, func(c *contactChange) bool { return len(c.Parts) == 0 })
}

// typeOf returns the type of the change of a contact's own item.
func typeOf(w dynamo.Written) changes.Type {
	switch {
	case w.Put != nil:
		return changes.Created
	case w.Update.Value(AttrErased) != nil:
		return changes.Erased
	case w.Update.Value(AttrDeleted) != nil:
		return changes.Deleted
	}
	return changes.Changed
}

// shownAttributes are the attributes of a resource that are shown, of whatever kind it is.
var shownAttributes = []string{AttrDoc, AttrDeleted, AttrErased, AttrDialectData, AttrAccount, AttrMemberCount}

// partsOfSegments are the parts that have segments of their own.
var partsOfSegments = map[string]changes.Part{
	keys.SegmentAddress: changes.Address, keys.SegmentEmail: changes.Email, keys.SegmentPhone: changes.Phone,
	keys.SegmentWebAddress: changes.WebAddress, keys.SegmentIdentity: changes.ProfessionalIdentity,
	keys.SegmentRelationship: changes.PersonalRelationship, keys.SegmentDepartment: changes.Department,
	keys.SegmentLocation: changes.Location, keys.SegmentMembership: changes.Membership, keys.SegmentOption: changes.Option,
}

var partsOfRoles = map[string]changes.Part{
	keys.RoleCustomer: changes.Customer, keys.RoleAlternativePayer: changes.AlternativePayer, keys.RoleSupplier: changes.Supplier,
}

// partsOf returns what an item that is written changes of its contact, nil for nothing that is shown. ExternalID is among them if the
// unique values of a contact change.
func partsOf(p keys.Parsed, w dynamo.Written) []changes.Part {
	paths := w.Update.Paths()
	shown := w.Put != nil || w.Deleted || slices.ContainsFunc(paths, func(path string) bool { return slices.Contains(shownAttributes, path) })
	switch p.Kind {
	case keys.KindContact:
		return partsOfContact(w, paths, shown)
	case keys.KindPart:
		if !shown || p.Owner == 0 {
			return nil
		}
		if part, ok := partsOfSegments[p.Segment]; ok {
			return []changes.Part{part}
		}
		_, role, _ := strings.Cut(w.Key.SK, "#")
		return []changes.Part{partsOfRoles[role]}
	case keys.KindTag:
		if w.Put != nil || w.Deleted {
			return []changes.Part{changes.Tag}
		}
	case keys.KindRepresentative:
		return []changes.Part{changes.Representative}
	case keys.KindImage: // one that becomes READY, or is no longer shown; its item is deleted later
		if w.Update.Value(attrShownVersion) != nil || w.Update.Value(AttrState) != nil {
			return []changes.Part{changes.Image}
		}
	}
	return nil
}

func partsOfContact(w dynamo.Written, paths []string, shown bool) (parts []changes.Part) {
	if shown {
		parts = append(parts, changes.TheContact)
	}
	if w.Put != nil && w.Put[AttrUniques] != nil || slices.Contains(paths, AttrUniques) {
		parts = append(parts, changes.ExternalID)
	}
	if slices.ContainsFunc(paths, func(path string) bool {
		return path == AttrRepresentatives || strings.HasPrefix(path, AttrRepresentatives+".")
	}) {
		parts = append(parts, changes.Representative)
	}
	return parts
}
