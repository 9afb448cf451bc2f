package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/keys"
)

// Each transaction that changes what a contact shows writes an entry of the change, which the feed reads, and one with what was there
// before, the contact's history. Both follow from the items that the transaction writes, so that no operation can forget them.

// addEntries lets a transaction write the entries of its changes, for the feed and for the history of its contacts, except that of a contact
// that is being erased, 0 for none. Their time is greater than that of each contact's change before.
func (s *Store) addEntries(ctx context.Context, origin changes.Origin, tx *dynamo.Tx, erasing contact.ID) error {
	all := changesOf(tx)
	if len(all) == 0 {
		return nil
	}
	kept, err := s.histories.Recent(ctx, all[0].org)
	if err != nil {
		return err
	}
	was := imagesOf(tx)
	entries, last := make([]entries, len(all)), int64(0)
	for i, c := range all {
		c.At, c.Origin = s.now().UnixMicro(), origin
		if entries[i], err = c.entries(was, kept, erasing); err != nil {
			return err
		}
	}
	tx.PerTry(func(try *dynamo.Tx) {
		last = max(s.now().UnixMicro(), last+1)
		for i, c := range all {
			guard := keys.Guard(c.org, c.Contact)
			update := try.Update(guard)
			update.Set(changes.AttrChanged, dynamo.Number(last))
			try.Check(guard, dynamo.RequireFunc(
				dynamo.Or(dynamo.AttributeNotExists(changes.AttrChanged), dynamo.LessThan(changes.AttrChanged, last)),
				func(stored dynamo.Item) error { // of a process whose clock is ahead
					last = max(last, stored.Number(changes.AttrChanged))
					return dynamo.ErrTransient
				}))
			if entries[i].history == nil || c.Type == changes.Erased {
				update.Set(AttrUnkept, dynamo.Number(last))
			}
			entries[i].put(try, c.Contact, last)
		}
	})
	return nil
}

// entries are those of one change. Their keys get its time before each try.
type entries struct {
	feed    dynamo.Item
	history []dynamo.Item // the pieces, nil if none is kept
	counted []dynamo.Key  // the locations whose member counts change
}

func (c *contactChange) entries(all images, kept history.Setting, erasing contact.ID) (e entries, err error) {
	if e.feed, err = c.Item(c.org); err != nil {
		return e, err
	}
	entry := history.Entry{Change: c.Change}
	for _, w := range c.written {
		was, err := all.of(keys.Parse(w.Key), w)
		if err != nil {
			return e, err
		}
		for _, image := range was {
			if image.Joined != 0 {
				e.counted = append(e.counted, w.Key)
			}
			if !isOf(erasing, c.Contact, image) {
				entry.Before = append(entry.Before, image)
			}
		}
	}
	if kept.Days == 0 || c.Contact == erasing && c.Type != changes.Erased {
		return e, nil
	}
	e.history, err = entry.Items(c.org, time.UnixMicro(c.At).Add(time.Duration(kept.Days)*24*time.Hour).Unix())
	return e, err
}

// isOf reports whether the image of a part of an owner has values of a contact that is being erased.
func isOf(erasing, owner contact.ID, image history.Image) bool {
	name, isRepresentative := strings.CutPrefix(image.Part, keys.SegmentRepresentative+"#")
	identity, _ := keys.ParseRepresentativeName(name)
	return erasing != 0 && (owner == erasing || isRepresentative && identity.Contact == erasing)
}

// put adds the entries of a change at a time.
func (e entries) put(try *dynamo.Tx, id contact.ID, at int64) {
	e.feed["sk"] = dynamo.String(keys.ChangeSortKey(at, id))
	try.Put(e.feed)
	for n, piece := range e.history {
		piece["sk"] = dynamo.String(keys.HistorySortKey(at, n))
		try.Put(piece)
	}
	for _, location := range e.counted {
		try.Update(location).Set(AttrCounted, dynamo.Number(at))
	}
}

// entriesLen returns how many items record adds to a transaction at most.
func entriesLen(tx *dynamo.Tx) (n int) {
	for _, c := range changesOf(tx) {
		n++
		if !tx.Has(keys.Guard(c.org, c.Contact)) {
			n++
		}
		size := 0
		for _, w := range c.written {
			size += len(w.Read.String(AttrDoc))
		}
		n += history.Pieces(size)
	}
	return n
}

// A contactChange is the change of a contact of an organization.
type contactChange struct {
	changes.Change
	org     string
	written []dynamo.Written // what it writes of what the contact shows
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
			all = append(all, &contactChange{Change: changes.Change{Contact: p.Owner, Type: changes.Changed}, org: p.Org})
		}
		if p.Kind == keys.KindContact {
			all[i].Type = typeOf(w)
		}
		all[i].Parts, all[i].written = append(all[i].Parts, parts...), append(all[i].written, w)
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
		return []changes.Part{partOfKey(p, w.Key.SK)}
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
