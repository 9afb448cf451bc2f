package store

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// A Bundle is several collections of an individual's parts that are looked at, and change, as one: all that an operation
// asks of them is one transaction. Two changes of a bundle never overlap; the parts also change alone, beside it.
type OptionSet struct {
	store *Store
	kinds []Parts
}

// A Member is a part of a bundle.
type Option struct {
	ID   contact.ID // 0 for a new one
	Part Part
	// Aside is JSON that is kept beside the part, nil for none: what changes the part alone leaves it.
	DialectData []byte
	// Uses is what Aside refers to: it can't be deleted meanwhile.
	References       []OptionTypeRef
	Created, Updated int64 // Unix milliseconds
}

// A Use is a reference to a part of the tenant itself.
type OptionTypeRef struct {
	Of Parts
	ID contact.ID
}

// ContactOptions is the bundle of what the plentymarkets dialect calls a contact's options.
func ContactOptions(s *Store) OptionSet {
	return OptionSet{s, []Parts{Emails(s), Phones(s), WebAddresses(s), PlainOptions(s)}}
}

// kindOf is the collection that an item lies in, nil if it is in none of the bundle.
func (b OptionSet) kindOf(sk string) *Parts {
	segment, _, nested := strings.Cut(sk, "#")
	for i := range b.kinds {
		if nested && b.kinds[i].segment == segment {
			return &b.kinds[i]
		}
	}
	return nil
}

// member reads a part. One that is damaged is none.
func (b OptionSet) option(i dynamo.Item) (Option, bool) {
	kind := b.kindOf(i.String("sk"))
	if kind == nil {
		return Option{}, false
	}
	part := kind.blank()
	if json.Unmarshal([]byte(i.String(AttrDoc)), part) != nil {
		return Option{}, false
	}
	m := Option{ID: IDOf(i), Part: part, Created: i.Number(AttrCreated), Updated: i.Number(AttrUpdated)}
	if aside := i.String(AttrDialectData); aside != "" {
		m.DialectData = []byte(aside)
	}
	return m, true
}

// read hands on all items of the bundle, and beside them some that are not of it: one Query.
func (b OptionSet) read(ctx context.Context, o contact.Owner, each func(dynamo.Item)) error {
	return b.store.Query(keys.PartsOf(o)).Between(keys.SegmentOptionSet, keys.SegmentPhone+"#"+keys.EndOfIDs).Read(ctx, 0, each)
}

// List returns the members in the order of their ids: a Query, and a GetItem beside it. NotFound if there is no such contact, or no
// longer.
func (b OptionSet) List(ctx context.Context, o contact.Owner) ([]Option, error) {
	var options []Option
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return b.read(ctx, o, func(i dynamo.Item) {
			if m, ok := b.option(i); ok {
				options = append(options, m)
			}
		})
	})
	group.Go(func() error { return b.store.requireNotDeleted(ctx, o) })
	err := group.Wait()
	byID(options)
	return options, err
}

func byID(options []Option) {
	slices.SortFunc(options, func(a, b Option) int { return int(a.ID - b.ID) })
}

// Owner returns whose a member is, by its id alone. NotFound if there is no such member.
func (b OptionSet) Owner(ctx context.Context, org string, id contact.ID) (contact.ID, error) {
	place, err := b.place(ctx, org, id)
	return place.Contact, err
}

// place finds a member by its id alone.
func (b OptionSet) place(ctx context.Context, org string, id contact.ID) (place keys.Target, err error) {
	entry, err := b.store.Get(ctx, keys.Option(org, id))
	if err == nil && entry == nil {
		err = notFound("option")
	}
	return OptionTarget(entry), err
}

// maxMoves bounds how often a member is looked for anew that became a part of another kind meanwhile.
const maxMoves = 10

var errMoved = errors.New("dynamo: the option became one of another kind in between")

// Find returns a member by its id alone, and whose it is. NotFound if there is none: the entry that leads to it goes with a deletion
// of its contact.
func (b OptionSet) Find(ctx context.Context, org string, id contact.ID) (contact.ID, Option, error) {
	for try := range maxMoves {
		if try > 0 {
			if err := dynamo.Backoff(ctx, try, errMoved); err != nil {
				return 0, Option{}, err
			}
		}
		place, err := b.place(ctx, org, id)
		if err != nil {
			return 0, Option{}, err
		}
		item, err := b.store.Get(ctx, place.Key(org))
		if err != nil {
			return 0, Option{}, err
		}
		if m, ok := b.option(item); ok {
			return place.Contact, m, nil
		}
		if item != nil {
			break
		}
	}
	return 0, Option{}, notFound("option")
}

// Change makes of the members what decide says of them: each that it returns without an id is new, each that it doesn't
// return is deleted. show makes of them what the caller is told, once new ones have ids and times. NotFound if there is no
// such contact, or no longer. All of it happens, or nothing.
func (b OptionSet) Change(ctx context.Context, o contact.Owner, w idempotency.Write, decide func([]Option) ([]Option, error), show func([]Option) ([]byte, error)) ([]byte, error) {
	ids := b.store.partIDs()
	made, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		now, err := b.open(ctx, o)
		if err != nil {
			return contact.Record{}, err
		}
		next, err := decide(now.options)
		if err != nil {
			return contact.Record{}, cmp.Or(b.store.requireNotDeleted(ctx, o), err)
		}
		tx := b.begin(o, now.changes)
		for i := range next {
			if next[i].ID == 0 {
				next[i].ID = ids.next(tx, o)
			}
			if err := b.write(tx, o, now.items[next[i].ID], &next[i]); err != nil {
				return contact.Record{}, err
			}
			delete(now.items, next[i].ID)
		}
		for id, stored := range now.items {
			b.remove(tx, o, id, stored)
		}
		answer, err := show(next)
		if err != nil {
			return contact.Record{}, err
		}
		made := contact.Record{Doc: answer}
		return made, tx.commit(ctx, w, made)
	})
	return made.Doc, hideDeleted(err)
}

// Empty deletes all members, if allowed says so of them. What one transaction can't hold is deleted before, in transactions
// of their own. They are read once, however many they are, and again only if others change them meanwhile.
func (b OptionSet) Empty(ctx context.Context, o contact.Owner, w idempotency.Write, allowed func([]Option) error) error {
	begun := false // it was allowed, and some are gone
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		now, err := b.open(ctx, o)
		if err == nil && !begun {
			if err = allowed(now.options); err != nil {
				err = cmp.Or(b.store.requireNotDeleted(ctx, o), err)
			}
		}
		if err != nil {
			return contact.Record{}, err
		}
		for left := now.options; ; now.changes++ {
			tx, n := b.begin(o, now.changes), 0
			for ; n < len(left) && tx.Len()+maxRemoval < dynamo.MaxTransactionItems; n++ {
				b.remove(tx, o, left[n].ID, now.items[left[n].ID])
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
	return hideDeleted(err)
}

// maxRemoval is how many steps the removal of a member takes at most: itself, two entries of the look-up, and for type and
// sub-type a counter and a reference each; and the record of an Idempotency-Key.
const maxRemoval = 8

// opened is a bundle as it was read to be changed.
type opened struct {
	options []Option
	items   map[contact.ID]dynamo.Item
	changes int64 // how many changes there have been
}

func (b OptionSet) open(ctx context.Context, o contact.Owner) (opened, error) {
	now := opened{items: map[contact.ID]dynamo.Item{}}
	err := b.read(ctx, o, func(i dynamo.Item) {
		if i.String("sk") == keys.SegmentOptionSet {
			now.changes = i.Number(dynamo.AttrVersion)
		}
		if m, ok := b.option(i); ok {
			now.options, now.items[m.ID] = append(now.options, m), i
		}
	})
	byID(now.options)
	return now, err
}

// begin begins the change behind so many others: it fails if another one comes in between.
func (b OptionSet) begin(o contact.Owner, changes int64) *transaction {
	tx := b.store.begin()
	tx.requireOwner(o)
	read := dynamo.Item{}
	if changes > 0 {
		read[dynamo.AttrVersion] = dynamo.Number(changes)
	}
	tx.Check(keys.OptionSet(o), dynamo.Unchanged(read))
	tx.Update(keys.OptionSet(o)).Add(dynamo.AttrVersion, 1)
	return tx
}

// write makes a member what it is to be, in the place of stored, which is nil for a new one.
func (b OptionSet) write(tx *transaction, o contact.Owner, stored dynamo.Item, m *Option) error {
	kind := b.kindFor(m.Part)
	m.Part.Normalize()
	m.Part.SetID(m.ID)
	doc, err := encode(m.Part)
	if err != nil {
		return err
	}
	now := b.store.now()
	next := NewItem(kind.key(o, m.ID), doc, now)
	if stored != nil {
		if stays := stored.String("sk") == next.String("sk"); stays && stored.String(AttrDoc) == string(doc) && stored.String(AttrDialectData) == string(m.DialectData) {
			return nil
		}
		kept := nextItem(stored, doc, now)
		kept["sk"] = next["sk"]
		next = kept
	}
	next.SetString(AttrDialectData, string(m.DialectData))
	var used []string
	for _, u := range m.References {
		to := u.Of.target(contact.Owner{Org: o.Org}, u.ID)
		if used = append(used, to.String()); !slices.Contains(stored.Strings(AttrDialectReferences), to.String()) {
			tx.Check(to.Key(o.Org), dynamo.Exists(dynamo.ErrConflict)) // it has gone since: decide will say so
		}
	}
	next.SetStrings(AttrDialectReferences, used)
	tx.countChange(o)
	m.Created, m.Updated = next.Number(AttrCreated), next.Number(AttrUpdated)
	switch {
	case stored == nil:
		kind.updateLinks(tx, o, m.ID, nil, next, m.Part)
		tx.Put(next, dynamo.NotExists())
	case stored.String("sk") == next.String("sk"):
		kind.updateLinks(tx, o, m.ID, stored, next, m.Part)
		tx.Replace(stored, next, dynamo.Unchanged(stored))
	default: // it becomes a part of another kind, under the same id
		b.remove(tx, o, m.ID, stored)
		for _, name := range []string{AttrLookups, AttrReferences} {
			delete(next, name)
		}
		kind.updateLinks(tx, o, m.ID, nil, next, m.Part)
		tx.Put(next, dynamo.NotExists())
	}
	return nil
}

func (b OptionSet) remove(tx *transaction, o contact.Owner, id contact.ID, stored dynamo.Item) {
	b.kindOf(stored.String("sk")).updateLinks(tx, o, id, stored, nil, nil)
	tx.Delete(stored.Key(), dynamo.Unchanged(stored))
}

// kindFor is the collection of a part's type.
func (b OptionSet) kindFor(p Part) Parts {
	for _, kind := range b.kinds {
		if reflect.TypeOf(kind.blank()) == reflect.TypeOf(p) {
			return kind
		}
	}
	panic("dynamo: a part of another kind")
}

// dialectReferences are the references of what stands aside on an item.
func dialectReferences(i dynamo.Item) []Reference {
	var references []Reference
	for _, name := range i.Strings(AttrDialectReferences) {
		references = append(references, Reference{"", keys.ParseTarget(name), true})
	}
	return references
}
