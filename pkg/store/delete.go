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

// AttrReleasing, BOOL, is true on a deleted contact whose parts still have links: its deletion takes several transactions and isn't
// complete.
const AttrReleasing = "releasing"

// Delete marks a contact as deleted and removes the links of it and its parts: unique values, lookup entries, references and
// representatives. Its parts keep their values. Deleting it again changes nothing, or completes a deletion that failed halfway. The error is
// NotFound if it doesn't exist, Stale if the precondition fails, or Impossible while a reference of another contact restricts it.
func (c Contacts[P]) Delete(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) error {
	guard := dynamo.Item{} // assumes that no part has links; else the condition fails and returns the guard
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := c.store.contact(ctx, o.Org, id, c.kind)
		if err == nil && !stored.Bool(AttrReleasing) { // its precondition was checked when the deletion began
			err = check(w.Precondition, stored)
		}
		if err != nil || stored.Bool(AttrDeleted) && !stored.Bool(AttrReleasing) {
			return contact.Record{}, err
		}
		var parts []dynamo.Item
		if guard[AttrChildren] != nil {
			if parts, err = c.store.linkedParts(ctx, o.Org, id); err != nil {
				return contact.Record{}, err
			}
		}
		tx, err := c.deletion(o.Org, stored, &guard, parts, false)
		if err != nil {
			return contact.Record{}, err
		}
		for _, part := range parts {
			tx.unlink(o.Org, id, part)
		}
		if tx.Len() < dynamo.MaxTransactionItems { // leaves room for the idempotency record
			err = tx.commit(ctx, w, contact.Record{ID: id})
		} else {
			err = c.deleteInSteps(ctx, o.Org, stored, &guard, parts)
		}
		return contact.Record{}, c.store.explainReferences(ctx, o.Org, keys.Target{Contact: id}, err)
	})
	return err
}

// deleteInSteps deletes a contact with more links than one transaction can remove. The first transaction marks it as deleted, so that
// it isn't found; each further one unlinks as many parts as fit, the last one removes its own references. It returns dynamo.ErrConflict,
// because the caller's retry completes the deletion.
func (c Contacts[P]) deleteInSteps(ctx context.Context, org string, stored dynamo.Item, guard *dynamo.Item, parts []dynamo.Item) error {
	if !stored.Bool(AttrDeleted) {
		tx, err := c.deletion(org, stored, guard, parts, true)
		if err != nil {
			return err
		}
		tx.Update(stored.Key()).Set(AttrReleasing, dynamo.True)
		if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return err
		}
	}
	for len(parts) > 0 {
		tx := c.store.beginDeletion(stored)
		for len(parts) > 0 && (tx.Len() == 0 || tx.Len()+c.store.unlinkSize(org, IDOf(stored), parts[0]) <= dynamo.MaxTransactionItems) {
			tx.unlink(org, IDOf(stored), parts[0])
			parts = parts[1:]
		}
		if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return err
		}
	}
	return dynamo.ErrConflict
}

// unlinkSize returns how many items change when a part is unlinked.
func (s *Store) unlinkSize(org string, owner contact.ID, part dynamo.Item) int {
	tx := s.begin()
	tx.unlink(org, owner, part)
	return tx.Len()
}

// deletion returns the transaction that marks a contact as deleted and removes its own links, or completes a deletion in steps.
// References by its own parts don't restrict it. inSteps leaves its own references to the completion. If parts changed since guard was read,
// the transaction fails with dynamo.ErrConflict and sets guard to the current one.
func (c Contacts[P]) deletion(org string, stored dynamo.Item, guard *dynamo.Item, parts []dynamo.Item, inSteps bool) (*transaction, error) {
	tx := c.store.beginDeletion(stored)
	key := keys.Guard(org, IDOf(stored))
	tx.Check(stored.Key(), dynamo.Unchanged(stored))
	tx.Check(key, dynamo.RequireFunc(dynamo.SameAttribute(AttrChildren, *guard).Expr, func(stored dynamo.Item) error {
		*guard = stored
		return dynamo.ErrConflict
	}))
	self := keys.Target{Contact: IDOf(stored)}
	if stored.Bool(AttrDeleted) {
		rest := maps.Clone(stored)
		delete(rest, AttrReleasing)
		tx.link(org, self, stored, rest, resolved{})
		tx.Replace(stored, rest)
		return tx, nil
	}
	next := touched(stored, c.store.now())
	last, err := Decode[P](stored)
	if err == nil { // an unreadable contact can be deleted too
		last.MarkDeleted()
		doc, err := encode(last)
		if err != nil {
			return nil, err
		}
		setDoc(next, doc)
	}
	next[AttrDeleted] = dynamo.True
	if c.onWrite != nil {
		at := c.at(contact.Owner{Org: org}, IDOf(stored))
		at.stored = stored
		c.onWrite(tx, at, next, last)
	}
	tx.store.offsets.Remove(tx.Tx, stored.Key())
	if inSteps {
		tx.linkUniques(org, self, stored, nil, nil)
		tx.linkLookups(org, self, stored, nil)
		delete(next, AttrUniques)
		delete(next, AttrLookups)
	} else {
		tx.link(org, self, stored, next, resolved{})
	}
	tx.Replace(stored, next)
	own := int64(0)
	for _, part := range parts {
		if slices.Contains(part.Strings(AttrReferences), keys.Digits(IDOf(stored))) {
			own++
		}
	}
	if !stored.Bool(AttrErasing) { // references to an erased contact stay
		tx.Check(key, notReferenced(own))
	}
	tx.Update(key).Set(AttrDeleted, dynamo.True)
	return tx, nil
}

// beginDeletion returns an empty transaction of the deletion of a contact, which may be part of its erasure.
func (s *Store) beginDeletion(stored dynamo.Item) *transaction {
	tx := s.begin()
	if stored.Bool(AttrErasing) {
		tx.erasing = IDOf(stored)
	}
	return tx
}

// linkedParts returns a contact's parts and tags that have links. The guard must be read before, so that its count is not newer. Two
// Queries in parallel skip the images and references between details and tags.
func (s *Store) linkedParts(ctx context.Context, org string, owner contact.ID) ([]dynamo.Item, error) {
	queries := []*dynamo.Query{s.details(org, owner), s.Query(keys.Parts(org, owner)).Prefix(keys.SegmentTag + "#")}
	parts := make([][]dynamo.Item, len(queries))
	err := dynamo.EachParallel(ctx, len(queries), func(ctx context.Context, n int) error {
		return queries[n].Read(ctx, 0, func(part dynamo.Item) {
			if HasLinks(part) {
				parts[n] = append(parts[n], part)
			}
		})
	})
	return slices.Concat(parts...), err
}

// unlink removes the links of a part of a contact that is being deleted.
func (tx *transaction) unlink(org string, owner contact.ID, part dynamo.Item) {
	next := maps.Clone(part)
	next[dynamo.AttrVersion] = dynamo.Number(part.Number(dynamo.AttrVersion) + 1) // a concurrent unlink must fail
	if part[AttrRepresents] != nil {
		tx.updateOrganization(contact.Owner{Org: org, Contact: owner}, IDOf(part), part, next, nil)
	}
	tx.link(org, keys.Target{Contact: owner, Part: part.String("sk")}, part, next, resolved{})
	tx.Replace(part, next, dynamo.Unchanged(part))
}
