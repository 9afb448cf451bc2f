package dynamo

import (
	"context"
	"maps"
	"slices"

	"contacts/pkg/contact"
)

// attrReleasing is there, and true, on a deleted contact whose parts still hold ties: its deletion takes more than one
// transaction and is not through.
const attrReleasing = "releasing"

// Delete marks the contact as deleted and lets go of all that it and its parts hold: its unique values become free, the
// look-up finds it no more, it refers to nothing any more, it represents nobody. Its parts go on showing their last values.
// Doing it again changes nothing, or finishes what was begun. Impossible while others refer to the contact.
func (c Contacts[T, P]) Delete(ctx context.Context, org string, id contact.ID, match contact.Precondition) error {
	guard := Item{} // as if its parts never held anything: if they did, the refusal says so
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := c.table.contact(ctx, org, id, c.kind)
		if err == nil && !stored.is(attrReleasing) { // then it was decided, on the version that was
			err = stored.meets(match)
		}
		if err != nil || stored.is(attrDeleted) && !stored.is(attrReleasing) {
			return contact.Record{}, err
		}
		var tied []Item
		if guard[attrChildren] != nil {
			if tied, err = c.table.tiedParts(ctx, org, id); err != nil {
				return contact.Record{}, err
			}
		}
		tx, err := c.burial(org, stored, &guard, tied)
		if err != nil {
			return contact.Record{}, err
		}
		for _, part := range tied {
			tx.letGo(org, id, part)
		}
		if len(tx.steps) < maxSteps { // with room for the record of an Idempotency-Key
			err = tx.commit(ctx, contact.Record{ID: id})
		} else {
			err = c.buryInSteps(withoutAttempt(ctx), org, stored, &guard, tied)
		}
		return contact.Record{}, c.table.inTheWay(ctx, org, target{contact: id}, err)
	})
	return err
}

// buryInSteps deletes a contact whose parts hold more than one transaction can let go: the first marks it, then as many
// parts let go together as a transaction holds. It ends with errChanged: a last transaction finishes what is left.
func (c Contacts[T, P]) buryInSteps(ctx context.Context, org string, stored Item, guard *Item, tied []Item) error {
	if !stored.is(attrDeleted) {
		tx, err := c.burial(org, stored, guard, tied)
		if err != nil {
			return err
		}
		tx.step(stored.key()).update.set(attrReleasing, yes)
		if err := tx.commit(ctx, contact.Record{}); err != nil {
			return err
		}
	}
	for len(tied) > 0 {
		tx := c.table.begin()
		for len(tied) > 0 && (len(tx.steps) == 0 || len(tx.steps)+c.table.releases(org, stored.id(), tied[0]) <= maxSteps) {
			tx.letGo(org, stored.id(), tied[0])
			tied = tied[1:]
		}
		if err := tx.commit(ctx, contact.Record{}); err != nil {
			return err
		}
	}
	return errChanged
}

// releases is how many items change when a part lets go.
func (t *Table) releases(org string, owner contact.ID, part Item) int {
	tx := t.begin()
	tx.letGo(org, owner, part)
	return len(tx.steps)
}

// burial is the transaction that marks a contact as deleted, or as through with its deletion, and lets go of what it
// holds itself. What its parts refer to the contact by is no obstacle: they let go too. A guard that counts other parts than it did
// before they were read makes it fail with errChanged, and is then known.
func (c Contacts[T, P]) burial(org string, stored Item, guard *Item, tied []Item) (*transaction, error) {
	tx := c.table.begin()
	key, seen := guardKey(org, stored.id()), asFew(*guard)
	tx.require(stored.key(), unchanged(stored))
	tx.require(key, condition{text: seen.text, values: seen.values, explain: func(there Item) error {
		err := seen.explain(there)
		if err != nil {
			*guard = there
		}
		return err
	}})
	if stored.is(attrDeleted) {
		tx.step(stored.key()).update.remove(attrReleasing)
		return tx, nil
	}
	doc := []byte(stored.text(attrDoc))
	if last, err := decode[T](stored); err == nil { // a damaged contact can be deleted too
		P(&last).MarkDeleted()
		if doc, err = encode(last); err != nil {
			return nil, err
		}
	}
	next := nextItem(stored, doc, c.table.now())
	next[attrDeleted] = yes
	tx.takeOff(stored.key())
	tx.tie(org, target{contact: stored.id()}, stored, next, ties{})
	tx.replace(stored, next)
	own := int64(0)
	for _, part := range tied {
		if slices.Contains(part.texts(attrRefers), digits(stored.id())) {
			own++
		}
	}
	if !stored.is(attrErasing) { // then what refers to it stays, and leads to what is left of it
		tx.require(key, unreferred(own))
	}
	tx.step(key).update.set(attrDeleted, yes)
	return tx, nil
}

// tiedParts are a contact's parts that hold something, its tags among them. To be read after the contact's guard, whose
// count of them is then no newer. Two Queries, side by side: what lies between details and tags, images and references, is not read.
func (t *Table) tiedParts(ctx context.Context, org string, owner contact.ID) ([]Item, error) {
	readers := []struct {
		*reader
		from string
	}{{t.details(org, owner), startOfParts}, {t.prefixed(partsOf(org, owner)), segmentTag + "#"}}
	tied := make([][]Item, len(readers))
	err := EachParallel(ctx, len(readers), func(ctx context.Context, n int) error {
		return readers[n].read(ctx, readers[n].from, 0, func(part Item) {
			if part.holds() {
				tied[n] = append(tied[n], part)
			}
		})
	})
	return slices.Concat(tied...), err
}

// holds reports whether a part holds what a deletion of its contact has to let go.
func (i Item) holds() bool {
	return i[attrClaims] != nil || i[attrFinds] != nil || len(lastingOf(i)) > 0
}

// letGo frees what a part of a contact that is being deleted holds.
func (tx *transaction) letGo(org string, owner contact.ID, part Item) {
	next := maps.Clone(part)
	next[attrVersion] = num(part.number(attrVersion) + 1) // what holds nothing any more must not let go again
	if part[attrRepresents] != nil {
		tx.represent(Owner{Org: org, Contact: owner}, part.id(), part, next, nil)
	}
	tx.tie(org, target{owner, part.text("sk")}, part, next, ties{})
	tx.replace(part, next, unchanged(part))
}
