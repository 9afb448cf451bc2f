package store

import (
	"context"
	"strings"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/keys"
)

// A HistoryEntry is a change of a contact with what was there before.
type HistoryEntry struct {
	changes.Change
	Before []PartBefore
	// Damaged is set for an entry that can't be read.
	Damaged bool
}

// A PartBefore is what one part of a contact was before a change.
type PartBefore struct {
	Part changes.Part
	// ID is the id of the part, of the contact for the contact itself, and of the individual for a representative; 0 for a role. Identity is
	// the professional identity of a channel or representative, 0 for any other part.
	ID, Identity contact.ID
	// Doc is its JSON; nil if the change made it.
	Doc []byte
}

// History returns the changes of a contact that its organization keeps, the newest first, at most q.Limit of those before the time q.After,
// and whether there are more. It costs a read unit for the organization, one for the contact, and what the entries weigh. If the member count
// of a location changed, which an entry has only as a difference, it also reads the parts, and the entries that are newer than the page. The
// error is NotFound if the contact doesn't exist.
func (s *Store) History(ctx context.Context, o contact.Owner, q contact.Query) (page []HistoryEntry, more bool, err error) {
	if err := s.requireOwnerExists(ctx, o); err != nil {
		return nil, false, err
	}
	setting, err := s.histories.Read(ctx, o.Org)
	if err != nil || setting.Days == 0 {
		return nil, false, err
	}
	span := history.Span{Org: o.Org, Contact: o.Contact, After: setting.Kept(s.now()), Before: history.Newest}
	if q.After != 0 {
		span.Before = int64(q.After)
	}
	var entries []HistoryEntry
	var read []history.Entry
	size, counts := 0, false
	err = history.Read(ctx, s.Table, span, s.now(), q.Limit+1, func(e history.Entry, bytes int, damaged error) bool {
		if more = len(read) == q.Limit; more {
			return false
		}
		read, entries = append(read, e), append(entries, HistoryEntry{Change: e.Change, Damaged: damaged != nil})
		for _, was := range e.Before {
			size += len(was.Doc)
			counts = counts || was.Joined != 0
		}
		return size <= maxAnswer // the answer is refused
	})
	if err != nil || len(read) == 0 {
		return nil, false, err
	}
	p := &past{parts: map[string]dynamo.Item{}, representatives: dynamo.Item{}}
	if counts {
		if err := s.readParts(ctx, s.Query(keys.PartsOf(o)).Prefix(keys.Prefix(o, keys.SegmentLocation)), p); err != nil {
			return nil, false, err
		}
		newer := history.Span{Org: o.Org, Contact: o.Contact, After: read[0].At, Before: history.Newest}
		if err := history.Read(ctx, s.Table, newer, s.now(), 0, func(e history.Entry, _ int, _ error) bool { p.undo(e); return true }); err != nil {
			return nil, false, err
		}
	}
	for i, e := range read {
		p.undo(e)
		for _, was := range e.Before {
			entries[i].Before = append(entries[i].Before, p.before(o, was))
		}
	}
	return entries, more, nil
}

// before returns what a part was before the change that was undone last.
func (p *past) before(o contact.Owner, was history.Image) PartBefore {
	if name, ok := strings.CutPrefix(was.Part, keys.SegmentRepresentative+"#"); ok {
		identity, _ := keys.ParseRepresentativeName(name)
		return PartBefore{Part: changes.Representative, ID: identity.Contact, Identity: keys.LastID(identity.Part),
			Doc: AppendRepresentative(nil, name, was.Representative)}
	}
	if was.Part == "" {
		return PartBefore{Part: changes.TheContact, ID: o.Contact, Doc: docOf(was, keys.Digits(o.Contact))}
	}
	key := keys.Parse(dynamo.Key{PK: keys.PartsOf(o), SK: was.Part})
	before := PartBefore{Part: partOfKey(key, was.Part), ID: keys.LastID(was.Part), Identity: key.Identity, Doc: docOf(was, was.Part)}
	switch {
	case key.Kind == keys.KindImage:
		before.ID = contact.MaxID - before.ID
	case key.Segment == keys.SegmentRole:
		before.ID = 0
	case was.Joined != 0:
		before.Doc = RecordOf(p.parts[was.Part]).Doc
	}
	return before
}

// docOf returns the JSON of an image of an item; an empty object for one that couldn't be read, nil for none.
func docOf(was history.Image, sk string) []byte {
	if was.Made {
		return nil
	}
	doc, err := convert(sk, []byte(was.Doc), was.Shape)
	if err != nil || !IsObject(doc) {
		return []byte("{}")
	}
	if was.Members != nil {
		doc = derive(dynamo.Item{AttrMemberCount: dynamo.Number(*was.Members)}, doc)
	}
	return doc
}

// partOfKey returns the part of a contact that has a key.
func partOfKey(p keys.Parsed, sk string) changes.Part {
	_, role, _ := strings.Cut(sk, "#")
	switch p.Kind {
	case keys.KindTag:
		return changes.Tag
	case keys.KindImage:
		return changes.Image
	}
	if part, ok := partsOfSegments[p.Segment]; ok {
		return part
	}
	return partsOfRoles[role]
}
