package store

import (
	"context"
	"maps"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// attrReleasing is there, and true, on a deleted contact whose parts still hold ties: its deletion takes more than one
// transaction and is not through.
const AttrReleasing = "releasing"

// Delete marks the contact as deleted and lets go of all that it and its parts hold: its unique values become free, the
// look-up finds it no more, it refers to nothing any more, it represents nobody. Its parts go on showing their last values.
// Doing it again changes nothing, or finishes what was begun. Impossible while others refer to the contact.
func (c Contacts[T, P]) Delete(ctx context.Context, org string, id contact.ID, w idempotency.Write) error {
	guard := dynamo.Item{} // as if its parts never held anything: if they did, the refusal says so
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := c.store.contact(ctx, org, id, c.kind)
		if err == nil && !stored.Bool(AttrReleasing) { // then it was decided, on the version that was
			err = check(w.Precondition, stored)
		}
		if err != nil || stored.Bool(AttrDeleted) && !stored.Bool(AttrReleasing) {
			return contact.Record{}, err
		}
		var linked []dynamo.Item
		if guard[AttrChildren] != nil {
			if linked, err = c.store.linkedParts(ctx, org, id); err != nil {
				return contact.Record{}, err
			}
		}
		tx, err := c.deletion(org, stored, &guard, linked)
		if err != nil {
			return contact.Record{}, err
		}
		for _, part := range linked {
			tx.unlink(org, id, part)
		}
		if tx.Len() < dynamo.MaxTransactionItems { // with room for the record of an Idempotency-Key
			err = tx.commit(ctx, w, contact.Record{ID: id})
		} else {
			err = c.deleteInSteps(ctx, org, stored, &guard, linked)
		}
		return contact.Record{}, c.store.explainReferences(ctx, org, keys.Target{Contact: id}, err)
	})
	return err
}

// buryInSteps deletes a contact whose parts hold more than one transaction can let go: the first marks it, then as many
// parts let go together as a transaction holds. It ends with dynamo.ErrConflict: a last transaction finishes what is left.
func (c Contacts[T, P]) deleteInSteps(ctx context.Context, org string, stored dynamo.Item, guard *dynamo.Item, linked []dynamo.Item) error {
	if !stored.Bool(AttrDeleted) {
		tx, err := c.deletion(org, stored, guard, linked)
		if err != nil {
			return err
		}
		tx.Update(stored.Key()).Set(AttrReleasing, dynamo.True)
		if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return err
		}
	}
	for len(linked) > 0 {
		tx := c.store.begin()
		for len(linked) > 0 && (tx.Len() == 0 || tx.Len()+c.store.unlinkedItems(org, IDOf(stored), linked[0]) <= dynamo.MaxTransactionItems) {
			tx.unlink(org, IDOf(stored), linked[0])
			linked = linked[1:]
		}
		if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return err
		}
	}
	return dynamo.ErrConflict
}

// releases is how many items change when a part lets go.
func (s *Store) unlinkedItems(org string, owner contact.ID, part dynamo.Item) int {
	tx := s.begin()
	tx.unlink(org, owner, part)
	return tx.Len()
}

// burial is the transaction that marks a contact as deleted, or as through with its deletion, and lets go of what it
// holds itself. What its parts refer to the contact by is no obstacle: they let go too. A guard that counts other parts than it did
// before they were read makes it fail with dynamo.ErrConflict, and is then known.
func (c Contacts[T, P]) deletion(org string, stored dynamo.Item, guard *dynamo.Item, linked []dynamo.Item) (*transaction, error) {
	tx := c.store.begin()
	key := keys.Guard(org, IDOf(stored))
	tx.Check(stored.Key(), dynamo.Unchanged(stored))
	tx.Check(key, dynamo.RequireFunc(dynamo.SameAttribute(AttrChildren, *guard).Expr, func(there dynamo.Item) error {
		*guard = there
		return dynamo.ErrConflict
	}))
	if stored.Bool(AttrDeleted) {
		tx.Update(stored.Key()).Remove(AttrReleasing)
		return tx, nil
	}
	doc := []byte(stored.String(AttrDoc))
	if last, err := Decode[T](stored); err == nil { // a damaged contact can be deleted too
		P(&last).MarkDeleted()
		if doc, err = encode(last); err != nil {
			return nil, err
		}
	}
	next := nextItem(stored, doc, c.store.now())
	next[AttrDeleted] = dynamo.True
	tx.store.offsets.Remove(tx.Tx, stored.Key())
	tx.link(org, keys.Target{Contact: IDOf(stored)}, stored, next, Links{})
	tx.Replace(stored, next)
	own := int64(0)
	for _, part := range linked {
		if slices.Contains(part.Strings(AttrReferences), keys.Digits(IDOf(stored))) {
			own++
		}
	}
	if !stored.Bool(AttrErasing) { // then what refers to it stays, and leads to what is left of it
		tx.Check(key, notReferenced(own))
	}
	tx.Update(key).Set(AttrDeleted, dynamo.True)
	return tx, nil
}

// tiedParts are a contact's parts that hold something, its tags among them. To be read after the contact's guard, whose
// count of them is then no newer. Two Queries, side by side: what lies between details and tags, images and references, is not read.
func (s *Store) linkedParts(ctx context.Context, org string, owner contact.ID) ([]dynamo.Item, error) {
	queries := []*dynamo.Query{s.details(org, owner), s.Query(keys.Parts(org, owner)).Prefix(keys.SegmentTag + "#")}
	linked := make([][]dynamo.Item, len(queries))
	err := dynamo.EachParallel(ctx, len(queries), func(ctx context.Context, n int) error {
		return queries[n].Read(ctx, 0, func(part dynamo.Item) {
			if HasLinks(part) {
				linked[n] = append(linked[n], part)
			}
		})
	})
	return slices.Concat(linked...), err
}

// letGo frees what a part of a contact that is being deleted holds.
func (tx *transaction) unlink(org string, owner contact.ID, part dynamo.Item) {
	next := maps.Clone(part)
	next[dynamo.AttrVersion] = dynamo.Number(part.Number(dynamo.AttrVersion) + 1) // what holds nothing any more must not let go again
	if part[AttrRepresents] != nil {
		tx.represent(contact.Owner{Org: org, Contact: owner}, IDOf(part), part, next, nil)
	}
	tx.link(org, keys.Target{Contact: owner, Part: part.String("sk")}, part, next, Links{})
	tx.Replace(part, next, dynamo.Unchanged(part))
}
