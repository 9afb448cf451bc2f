package store

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/keys"
)

// A past is what a contact shows in its details, as it was at a time: the current state, from which changes are undone one after the other,
// the newest first. Undoing a change sets what was there before, so it doesn't matter whether the state was read before the change or
// after it; a location says up to which change its member count is.
type past struct {
	contact dynamo.Item            // nil for none
	parts   map[string]dynamo.Item // by sort key
	// representatives are those of an organization, by RepresentativeName.
	representatives dynamo.Item
}

// pastAttributes are the attributes of a part that a past reads.
var pastAttributes = append(slices.Clone(rowAttributes), AttrCounted)

// undo undoes a change.
func (p *past) undo(e history.Entry) {
	for _, was := range e.Before {
		name, isRepresentative := strings.CutPrefix(was.Part, keys.SegmentRepresentative+"#")
		switch {
		case was.Part == "" && was.Made:
			p.contact = nil
		case was.Part == "":
			p.contact = p.item(e, was)
		case isRepresentative && was.Made:
			delete(p.representatives, name)
		case isRepresentative:
			p.representatives[name] = dynamo.String(was.Representative)
		case was.Part >= keys.EndOfDetails: // a tag, an image
		case was.Made:
			delete(p.parts, was.Part)
		case was.Joined != 0:
			if location := p.parts[was.Part]; location.Number(AttrCounted) >= e.At {
				location[AttrMemberCount] = dynamo.Number(location.Number(AttrMemberCount) - was.Joined)
			}
		default:
			p.parts[was.Part] = p.item(e, was)
		}
	}
}

// item returns the item of an image, with the attributes that are shown.
func (p *past) item(e history.Entry, was history.Image) dynamo.Item {
	item := dynamo.Item{"sk": dynamo.String(was.Part), AttrDoc: dynamo.String(was.Doc), dynamo.AttrVersion: dynamo.Number(was.Version)}
	if was.Part == "" {
		item["sk"] = dynamo.String(keys.Digits(e.Contact))
	}
	if was.Shape != 0 {
		item[AttrShape] = dynamo.Number(was.Shape)
	}
	if was.Members != nil {
		item[AttrMemberCount], item[AttrCounted] = dynamo.Number(*was.Members), dynamo.Number(math.MaxInt64)
	}
	return item
}

// details returns the contact with its parts. The error is NotFound if there is none, contact.ErrAnswerTooLarge if they exceed the largest
// answer.
func (p *past) details() (d Details, err error) {
	if p.contact == nil {
		return d, notFound("contact")
	}
	item := maps.Clone(p.contact)
	if p.representatives != nil {
		item[AttrRepresentatives] = dynamo.Map(p.representatives)
	}
	size := 0
	for _, sk := range slices.Sorted(maps.Keys(p.parts)) {
		if size += d.add(row{sk: sk, Record: RecordOf(p.parts[sk])}); size > maxAnswer {
			return d, contact.ErrAnswerTooLarge
		}
	}
	d.Resource, err = readable(item)
	return d, err
}

// DetailsAt returns the details of a contact after its last change whose time is not later than at, in Unix microseconds: a GetItem and a
// Query of the parts; if it has changed since, also the organization's record, and a Query of its history since. The error is that of
// Details, or NotFound before the contact was made, Malformed in the future, Impossible before what is kept.
func (c Contacts[P]) DetailsAt(ctx context.Context, o contact.Owner, id contact.ID, at int64) (Details, error) {
	now := c.store.now()
	p, err := c.current(ctx, o.Org, id)
	if err != nil {
		return Details{}, err
	}
	var guard dynamo.Item // read after the state, which then has each change until at
	var setting history.Setting
	group, within := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		guard, err = c.store.Get(within, keys.Guard(o.Org, id))
		return err
	})
	group.Go(func() (err error) {
		setting, err = c.store.histories.Read(within, o.Org)
		return err
	})
	if err := group.Wait(); err != nil {
		return Details{}, err
	}
	changed := guard.Number(changes.AttrChanged)
	kept := min(changed, max(setting.Kept(now), guard.Number(AttrUnkept)))
	switch {
	case at > changed && at > now.UnixMicro():
		return Details{}, asOfError(contact.Malformed, "is in the future")
	case at < p.contact.Number(AttrCreated)*1000:
		return Details{}, notFound("contact")
	case at >= changed:
		return p.details()
	case at < kept:
		return Details{}, notKept(kept)
	}
	if kept, err = c.store.undoSince(ctx, p, history.Span{Org: o.Org, Contact: id, After: at, Before: history.Newest}, changed); err != nil {
		return Details{}, err
	}
	if at < kept {
		return Details{}, notKept(kept)
	}
	return p.details()
}

// current reads the current state of a contact. The error is NotFound if it doesn't exist.
func (c Contacts[P]) current(ctx context.Context, org string, id contact.ID) (*past, error) {
	if id.Kind() != c.kind {
		return nil, notFound("contact")
	}
	p := &past{parts: map[string]dynamo.Item{}}
	group, within := errgroup.WithContext(ctx)
	group.Go(func() error { return c.store.readParts(within, c.store.details(org, id), p) })
	group.Go(func() (err error) {
		if p.contact, err = c.store.contact(within, org, id, c.kind); err == nil {
			p.contact, err = c.store.withRepresentatives(within, org, p.contact)
		}
		return err
	})
	err := group.Wait()
	if all, ok := InlineRepresentatives(p.contact); ok {
		p.representatives = maps.Clone(all)
	}
	return p, err
}

// readParts reads parts into a past, as far as an answer could show them.
func (s *Store) readParts(ctx context.Context, query *dynamo.Query, p *past) error {
	size := 0
	err := dynamo.ReadEach(ctx, query.Project(pastAttributes...), 0, dynamo.ReadItem, func(i dynamo.Item) bool {
		p.parts[i.String("sk")] = i
		size += len(i.String(AttrDoc))
		return size <= maxPast
	})
	if err == nil && size > maxPast {
		err = contact.ErrAnswerTooLarge
	}
	return err
}

// maxPast is the most bytes of documents that a past reads: parts that were added later are not shown.
const maxPast = 4 * maxAnswer

// undoSince undoes the changes of a span, which ends with that of the time newest or a later one. It returns the time since when no entry is
// missing: 0, unless one is damaged or was lost.
func (s *Store) undoSince(ctx context.Context, p *past, span history.Span, newest int64) (kept int64, err error) {
	found := int64(0)
	err = history.Read(ctx, s.Table, span, s.now(), 0, func(e history.Entry, _ int, damaged error) bool {
		if found == 0 && e.At < newest {
			kept = newest
			return false
		}
		if found = e.At; damaged != nil {
			kept = e.At
			return false
		}
		p.undo(e)
		return true
	})
	if found == 0 {
		kept = newest
	}
	return kept, err
}

func asOfError(reason contact.Reason, detail string) error {
	return &contact.Error{Reason: reason, Detail: "as_of " + detail, Faults: []contact.Fault{{Parameter: "as_of", Detail: detail}}}
}

// notKept says that a moment is before what is kept.
func notKept(earliest int64) error {
	return asOfError(contact.Impossible, "is before what is kept of the contact's history; the earliest moment is "+changes.ShowTime(earliest))
}
