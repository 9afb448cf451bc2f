package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// An OptionSet is an individual's parts of several types, read and changed as one: each operation is one transaction, and two changes never
// overlap. The parts can also change separately.
type OptionSet struct{ store *Store }

// An Option is a part of an option set.
type Option struct {
	ID     contact.ID // 0 for a new one
	Record contact.OptionRecord
	// DialectData is JSON stored with the record, nil for none. Changes of the record alone leave it.
	DialectData []byte
	// DialectReferences are the tenant's own resources that DialectData names. They can't be deleted while it does.
	DialectReferences []contact.Target
	Created, Updated  int64 // Unix milliseconds
}

// ContactOptions is the set of what the plentymarkets dialect calls the options of a contact.
func ContactOptions(s *Store) OptionSet { return OptionSet{s} }

// isOption reports whether a sort key is that of an option.
func isOption(sk string) bool {
	switch segment, _, nested := strings.Cut(sk, "#"); segment {
	case keys.SegmentEmail, keys.SegmentPhone, keys.SegmentWebAddress, keys.SegmentOption:
		return nested
	}
	return false
}

// optionRecord decodes the record of an option.
func optionRecord(i dynamo.Item) (contact.OptionRecord, error) {
	switch segment, _, _ := strings.Cut(i.String("sk"), "#"); segment {
	case keys.SegmentEmail:
		return Decode[*contact.Email](i)
	case keys.SegmentPhone:
		return Decode[*contact.Phone](i)
	case keys.SegmentWebAddress:
		return Decode[*contact.WebAddress](i)
	}
	return Decode[*contact.Option](i)
}

// optionOf decodes an item; ok is false for one that is unreadable or isn't an option.
func optionOf(i dynamo.Item) (option Option, ok bool) {
	if !isOption(i.String("sk")) {
		return Option{}, false
	}
	record, err := optionRecord(i)
	option = Option{ID: IDOf(i), Record: record, Created: i.Number(AttrCreated), Updated: i.Number(AttrUpdated)}
	if data := i.String(AttrDialectData); data != "" {
		option.DialectData = []byte(data)
	}
	return option, err == nil
}

// List returns the options in the order of ids, by a Query and a GetItem in parallel. The error is NotFound if the contact doesn't exist or
// is deleted.
func (s OptionSet) List(ctx context.Context, o contact.Owner) ([]Option, error) {
	var now loadedOptions
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		now, err = s.load(ctx, o)
		return err
	})
	group.Go(func() error { return s.store.requireNotDeleted(ctx, o) })
	return now.options, group.Wait()
}

func byID(options []Option) {
	slices.SortFunc(options, func(a, b Option) int { return int(a.ID - b.ID) })
}

// Owner returns the contact of an option. The error is NotFound if there is no option with the id.
func (s OptionSet) Owner(ctx context.Context, org string, id contact.ID) (contact.ID, error) {
	target, err := s.find(ctx, org, id)
	return target.Contact, err
}

// find returns where the option with an id is stored, by its lookup entry.
func (s OptionSet) find(ctx context.Context, org string, id contact.ID) (keys.Target, error) {
	entry, err := s.store.Get(ctx, keys.Option(org, id))
	if err == nil && entry == nil {
		err = notFound("option")
	}
	return OptionTarget(entry), err
}

// maxReads is the most tries to read an option that becomes a part of another type meanwhile.
const maxReads = 10

var errMoved = errors.New("store: the option became a part of another type meanwhile")

// Find returns the option with an id, and its contact. The error is NotFound if there is none; its lookup entry is deleted with its
// contact.
func (s OptionSet) Find(ctx context.Context, org string, id contact.ID) (contact.ID, Option, error) {
	for try := range maxReads {
		if try > 0 {
			if err := dynamo.Backoff(ctx, try, errMoved); err != nil {
				return 0, Option{}, err
			}
		}
		target, err := s.find(ctx, org, id)
		if err != nil {
			return 0, Option{}, err
		}
		item, err := s.store.Get(ctx, target.Key(org))
		if err != nil {
			return 0, Option{}, err
		}
		if option, ok := optionOf(item); ok {
			return target.Contact, option, nil
		}
		if item != nil {
			break
		}
	}
	return 0, Option{}, notFound("option")
}

// Change replaces the options by those that decide returns, atomically: those without an id are created, missing ones deleted. It returns
// the answer that show makes of them once new ones have ids and times. The error is NotFound if the contact doesn't exist or is deleted, or
// that of decide or show.
func (s OptionSet) Change(ctx context.Context, o contact.Owner, w idempotency.Write, decide func([]Option) ([]Option, error), show func([]Option) ([]byte, error)) ([]byte, error) {
	ids := s.store.partIDs()
	record, err := s.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		now, err := s.load(ctx, o)
		if err != nil {
			return contact.Record{}, err
		}
		next, err := decide(now.options)
		if err != nil {
			return contact.Record{}, cmp.Or(s.store.requireNotDeleted(ctx, o), err)
		}
		tx.changeOptions(o, now.changes)
		for i := range next {
			if next[i].ID == 0 {
				next[i].ID = ids.next(tx, o)
			}
			if err := s.write(tx, o, now.items[next[i].ID], &next[i]); err != nil {
				return contact.Record{}, err
			}
			delete(now.items, next[i].ID)
		}
		for _, stored := range now.items {
			tx.removeWithLinks(o, stored)
		}
		answer, err := show(next)
		return contact.Record{Doc: answer}, err
	})
	return record.Doc, deletedAsNotFound(err)
}

// DeleteAll deletes all options, unless allowed returns an error for them. Many options take several transactions. It reads them once, and
// again only if they change meanwhile.
func (s OptionSet) DeleteAll(ctx context.Context, o contact.Owner, w idempotency.Write, allowed func([]Option) error) error {
	begun := false // some are deleted, so that allowed has been called
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		now, err := s.load(ctx, o)
		if err == nil && !begun {
			if err = allowed(now.options); err != nil {
				err = cmp.Or(s.store.requireNotDeleted(ctx, o), err)
			}
		}
		if err != nil {
			return contact.Record{}, err
		}
		for left := now.options; ; now.changes++ {
			tx, n := s.store.begin(), 0
			tx.changeOptions(o, now.changes)
			for ; n < len(left) && tx.Len()+maxRemoveItems < dynamo.MaxTransactionItems; n++ {
				tx.removeWithLinks(o, now.items[left[n].ID])
			}
			if left = left[n:]; len(left) == 0 {
				return contact.Record{}, tx.commit(ctx, w, contact.Record{})
			}
			if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
				return contact.Record{}, err
			}
			begun = true
		}
	})
	return deletedAsNotFound(err)
}

// maxRemoveItems is the most items that change when an option is removed: the option, two lookup entries, for type and sub-type a guard and
// a reference each; the entry of the contact's change, and the idempotency record.
const maxRemoveItems = 9

// loadedOptions is an option set as read for a change.
type loadedOptions struct {
	options []Option
	items   map[contact.ID]dynamo.Item
	changes int64 // the number of earlier changes
}

// load reads the set, and some other items, by one Query.
func (s OptionSet) load(ctx context.Context, o contact.Owner) (loadedOptions, error) {
	now := loadedOptions{items: map[contact.ID]dynamo.Item{}}
	err := s.store.Query(keys.PartsOf(o)).Between(keys.SegmentOptionSet, keys.SegmentPhone+"#"+keys.EndOfIDs).Read(ctx, 0, now.add)
	byID(now.options)
	return now, err
}

// add adds an item that was read, if it belongs to the set.
func (l *loadedOptions) add(i dynamo.Item) {
	if i.String("sk") == keys.SegmentOptionSet {
		l.changes = i.Number(dynamo.AttrVersion)
	}
	if option, ok := optionOf(i); ok {
		l.options, l.items[option.ID] = append(l.options, option), i
	}
}

// changeOptions counts a change of the owner's options after a number of earlier ones. It fails with dynamo.ErrConflict after another change.
func (tx *transaction) changeOptions(o contact.Owner, changes int64) {
	tx.requireOwner(o)
	counter := dynamo.Item{}
	if changes > 0 {
		counter[dynamo.AttrVersion] = dynamo.Number(changes)
	}
	tx.Check(keys.OptionSet(o), dynamo.Unchanged(counter))
	tx.Update(keys.OptionSet(o)).Add(dynamo.AttrVersion, 1)
}

// write adds the write of an option to tx, in place of stored, nil for a new one.
func (s OptionSet) write(tx *transaction, o contact.Owner, stored dynamo.Item, option *Option) error {
	switch record := option.Record.(type) {
	case *contact.Email:
		return writeOption(tx, Emails(s.store), o, stored, option, record)
	case *contact.Phone:
		return writeOption(tx, Phones(s.store), o, stored, option, record)
	case *contact.WebAddress:
		return writeOption(tx, WebAddresses(s.store), o, stored, option, record)
	case *contact.Option:
		return writeOption(tx, PlainOptions(s.store), o, stored, option, record)
	}
	panic("store: unknown type of option")
}

func writeOption[P contact.Resource[P]](tx *transaction, p Parts[P], o contact.Owner, stored dynamo.Item, option *Option, value P) error {
	at := p.at(o, option.ID)
	moves := stored != nil && stored.Key() != at.key // it becomes a part of another type with the same id
	if !moves {
		at.stored = stored
	}
	d, err := p.draft(at, value)
	if err != nil {
		return err
	}
	d.item.SetString(AttrDialectData, string(option.DialectData))
	if at.stored != nil && !d.changes() {
		return nil
	}
	if moves {
		tx.removeWithLinks(o, stored)
		d.item[dynamo.AttrVersion], d.item[AttrCreated] = dynamo.Number(stored.Number(dynamo.AttrVersion)+1), stored[AttrCreated]
	}
	var references []string
	for _, r := range option.DialectReferences {
		to := keys.TargetOf(r)
		if references = append(references, to.String()); !slices.Contains(stored.Strings(AttrDialectReferences), to.String()) {
			tx.Check(to.Key(o.Org), dynamo.Exists(dynamo.ErrConflict)) // deleted meanwhile: decide refuses it in the retry
		}
	}
	d.item.SetStrings(AttrDialectReferences, references)
	p.put(tx, d)
	option.Created, option.Updated = d.item.Number(AttrCreated), d.item.Number(AttrUpdated)
	return nil
}

// dialectReferences returns the references of an item's dialect data.
func dialectReferences(i dynamo.Item) []reference {
	var references []reference
	for _, name := range i.Strings(AttrDialectReferences) {
		references = append(references, reference{"", keys.ParseTarget(name), contact.Restrict})
	}
	return references
}
