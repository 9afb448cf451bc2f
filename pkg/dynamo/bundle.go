package dynamo

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
)

// A Bundle is several collections of an individual's parts that are looked at, and change, as one: all that an operation
// asks of them is one transaction. Two changes of a bundle never overlap; the parts also change alone, beside it.
type Bundle struct {
	table *Table
	kinds []Parts
}

// A Member is a part of a bundle.
type Member struct {
	ID   contact.ID // 0 for a new one
	Part Part
	// Aside is JSON that is kept beside the part, nil for none: what changes the part alone leaves it.
	Aside []byte
	// Uses is what Aside refers to: it can't be deleted meanwhile.
	Uses             []Use
	Created, Updated int64 // Unix milliseconds
}

// A Use is a reference to a part of the tenant itself.
type Use struct {
	Of Parts
	ID contact.ID
}

// ContactOptions is the bundle of what the plentymarkets dialect calls a contact's options.
func ContactOptions(t *Table) Bundle {
	return Bundle{t, []Parts{Emails(t), Phones(t), WebAddresses(t), PlainOptions(t)}}
}

// kindOf is the collection that an item lies in, nil if it is in none of the bundle.
func (b Bundle) kindOf(sk string) *Parts {
	segment, _, nested := strings.Cut(sk, "#")
	for i := range b.kinds {
		if nested && b.kinds[i].segment == segment {
			return &b.kinds[i]
		}
	}
	return nil
}

// member reads a part. One that is damaged is none.
func (b Bundle) member(i Item) (Member, bool) {
	kind := b.kindOf(i.text("sk"))
	if kind == nil {
		return Member{}, false
	}
	part := kind.blank()
	if json.Unmarshal([]byte(i.text(attrDoc)), part) != nil {
		return Member{}, false
	}
	m := Member{ID: i.id(), Part: part, Created: i.number(attrCreated), Updated: i.number(attrUpdated)}
	if aside := i.text(attrAside); aside != "" {
		m.Aside = []byte(aside)
	}
	return m, true
}

// read hands on all items of the bundle, and beside them some that are not of it: one Query.
func (b Bundle) read(ctx context.Context, o Owner, each func(Item)) error {
	r := &reader{table: b.table, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(o.partition()), ":end": str(segmentPhone + "#" + endOfIDs)},
	}}
	return r.read(ctx, segmentChanges, 0, each)
}

// List returns the members in the order of their ids: a Query, and a GetItem beside it. NotFound if there is no such contact, or no
// longer.
func (b Bundle) List(ctx context.Context, o Owner) ([]Member, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var members []Member
	var failed error
	var reading sync.WaitGroup
	reading.Go(func() {
		failed = b.read(ctx, o, func(i Item) {
			if m, ok := b.member(i); ok {
				members = append(members, m)
			}
		})
	})
	err := b.table.requireLiving(ctx, o)
	if err != nil {
		cancel()
	}
	reading.Wait()
	byID(members)
	return members, cmp.Or(err, failed)
}

func byID(members []Member) {
	slices.SortFunc(members, func(a, b Member) int { return int(a.ID - b.ID) })
}

// Owner returns whose a member is, by its id alone. NotFound if there is no such member.
func (b Bundle) Owner(ctx context.Context, org string, id contact.ID) (contact.ID, error) {
	place, err := b.place(ctx, org, id)
	return place.contact, err
}

// place finds a member by its id alone.
func (b Bundle) place(ctx context.Context, org string, id contact.ID) (place target, err error) {
	entry, err := b.table.get(ctx, optionKey(org, id))
	if err == nil && entry == nil {
		err = notFound("option")
	}
	return optionOf(entry), err
}

// maxMoves bounds how often a member is looked for anew that became a part of another kind meanwhile.
const maxMoves = 10

var errMoved = errors.New("dynamo: the option became one of another kind in between")

// Find returns a member by its id alone, and whose it is. NotFound if there is none: the entry that leads to it goes with a deletion
// of its contact.
func (b Bundle) Find(ctx context.Context, org string, id contact.ID) (contact.ID, Member, error) {
	for try := range maxMoves {
		if try > 0 {
			if err := backoff(ctx, try, errMoved); err != nil {
				return 0, Member{}, err
			}
		}
		place, err := b.place(ctx, org, id)
		if err != nil {
			return 0, Member{}, err
		}
		item, err := b.table.get(ctx, place.key(org))
		if err != nil {
			return 0, Member{}, err
		}
		if m, ok := b.member(item); ok {
			return place.contact, m, nil
		}
		if item != nil {
			break
		}
	}
	return 0, Member{}, notFound("option")
}

// Change makes of the members what decide says of them: each that it returns without an id is new, each that it doesn't
// return is deleted. show makes of them what the caller is told, once new ones have ids and times. NotFound if there is no
// such contact, or no longer. All of it happens, or nothing.
func (b Bundle) Change(ctx context.Context, o Owner, decide func([]Member) ([]Member, error), show func([]Member) ([]byte, error)) ([]byte, error) {
	ids := b.table.partIDs()
	made, err := untilUnchanged(ctx, func() (contact.Record, error) {
		now, err := b.open(ctx, o)
		if err != nil {
			return contact.Record{}, err
		}
		next, err := decide(now.members)
		if err != nil {
			return contact.Record{}, cmp.Or(b.table.requireLiving(ctx, o), err)
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
		return made, tx.commit(ctx, made)
	})
	return made.Doc, hidden(err)
}

// Empty deletes all members, if allowed says so of them. What one transaction can't hold is deleted before, in transactions
// of their own. They are read once, however many they are, and again only if others change them meanwhile.
func (b Bundle) Empty(ctx context.Context, o Owner, allowed func([]Member) error) error {
	begun := false // it was allowed, and some are gone
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		now, err := b.open(ctx, o)
		if err == nil && !begun {
			if err = allowed(now.members); err != nil {
				err = cmp.Or(b.table.requireLiving(ctx, o), err)
			}
		}
		if err != nil {
			return contact.Record{}, err
		}
		for left := now.members; ; now.changes++ {
			tx, n := b.begin(o, now.changes), 0
			for ; n < len(left) && len(tx.steps)+maxRemoval < maxSteps; n++ {
				b.remove(tx, o, left[n].ID, now.items[left[n].ID])
			}
			if left = left[n:]; len(left) == 0 {
				return contact.Record{}, tx.commit(ctx, contact.Record{})
			}
			if err := tx.commit(withoutAttempt(ctx), contact.Record{}); err != nil {
				return contact.Record{}, err
			}
			begun = true
		}
	})
	return hidden(err)
}

// maxRemoval is how many steps the removal of a member takes at most: itself, two entries of the look-up, and for type and
// sub-type a counter and a reference each; and the record of an Idempotency-Key.
const maxRemoval = 8

// opened is a bundle as it was read to be changed.
type opened struct {
	members []Member
	items   map[contact.ID]Item
	changes int64 // how many changes there have been
}

func (b Bundle) open(ctx context.Context, o Owner) (opened, error) {
	now := opened{items: map[contact.ID]Item{}}
	err := b.read(ctx, o, func(i Item) {
		if i.text("sk") == segmentChanges {
			now.changes = i.number(attrVersion)
		}
		if m, ok := b.member(i); ok {
			now.members, now.items[m.ID] = append(now.members, m), i
		}
	})
	byID(now.members)
	return now, err
}

// begin begins the change behind so many others: it fails if another one comes in between.
func (b Bundle) begin(o Owner, changes int64) *transaction {
	tx := b.table.begin()
	tx.requireOwner(o)
	alone := unchanged(Item{attrVersion: num(changes)})
	if changes == 0 {
		alone.text, alone.values = "attribute_not_exists(v)", nil
	}
	tx.require(changesKey(o), alone)
	tx.step(changesKey(o)).update.count(attrVersion, 1)
	return tx
}

// write makes a member what it is to be, in the place of stored, which is nil for a new one.
func (b Bundle) write(tx *transaction, o Owner, stored Item, m *Member) error {
	kind := b.kindFor(m.Part)
	m.Part.Normalize()
	m.Part.SetID(m.ID)
	doc, err := encode(m.Part)
	if err != nil {
		return err
	}
	now := b.table.now()
	next := newItem(kind.key(o, m.ID), doc, now)
	if stored != nil {
		if stays := stored.text("sk") == next.text("sk"); stays && stored.text(attrDoc) == string(doc) && stored.text(attrAside) == string(m.Aside) {
			return nil
		}
		kept := nextItem(stored, doc, now)
		kept["sk"] = next["sk"]
		next = kept
	}
	next.setText(attrAside, string(m.Aside))
	var used []string
	for _, u := range m.Uses {
		to := u.Of.target(Owner{Org: o.Org}, u.ID)
		if used = append(used, to.String()); !slices.Contains(stored.texts(attrUses), to.String()) {
			tx.require(to.key(o.Org), present(errChanged)) // it has gone since: decide will say so
		}
	}
	next.setTexts(attrUses, used)
	tx.bind(o)
	m.Created, m.Updated = next.number(attrCreated), next.number(attrUpdated)
	switch {
	case stored == nil:
		kind.relate(tx, o, m.ID, nil, next, m.Part)
		tx.put(next, absent(func(Item) error { return errChanged }))
	case stored.text("sk") == next.text("sk"):
		kind.relate(tx, o, m.ID, stored, next, m.Part)
		tx.replace(stored, next, unchanged(stored))
	default: // it becomes a part of another kind, under the same id
		b.remove(tx, o, m.ID, stored)
		for _, name := range []string{attrFinds, attrRefers} {
			delete(next, name)
		}
		kind.relate(tx, o, m.ID, nil, next, m.Part)
		tx.put(next, absent(func(Item) error { return errChanged }))
	}
	return nil
}

func (b Bundle) remove(tx *transaction, o Owner, id contact.ID, stored Item) {
	b.kindOf(stored.text("sk")).relate(tx, o, id, stored, nil, nil)
	tx.remove(stored.key(), unchanged(stored))
}

// kindFor is the collection of a part's type.
func (b Bundle) kindFor(p Part) Parts {
	for _, kind := range b.kinds {
		if reflect.TypeOf(kind.blank()) == reflect.TypeOf(p) {
			return kind
		}
	}
	panic("dynamo: a part of another kind")
}

// uses are the references of what stands aside on an item.
func uses(i Item) []reference {
	var refers []reference
	for _, name := range i.texts(attrUses) {
		refers = append(refers, reference{"", parseTarget(name), true})
	}
	return refers
}
