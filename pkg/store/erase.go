package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

const (
	// AttrErasing, BOOL, is true on a contact while its erasure is in progress.
	AttrErasing = "erasing"
	// AttrErased, BOOL, is true on an erased contact, on the rest of its parts that others refer to, and on a shared tag whose name is
	// erased.
	AttrErased = "erased"
)

// An Erasure counts what was removed or emptied: items of the table, and versions of objects.
type Erasure struct {
	Records int `json:"records"`
	Objects int `json:"objects"`
}

// Erase removes all values of a contact, deleted or not: its fields, account numbers and unique values, every part with its lookup
// entries and references, its tags, options, images and history. objects removes all versions of the contact's objects from the bucket, and
// returns their number. The contact's id stays, with deleted and erased set and the name "erased", so that references to it resolve; of a
// part that others refer to, the id stays. The error is NotFound if the contact doesn't exist.
//
// It takes several transactions. Repeating the call, or the repair of a check, completes an erasure that failed halfway.
func (s *Store) Erase(ctx context.Context, org string, id contact.ID, objects func(context.Context) (int, error)) (done Erasure, err error) {
	stored, err := s.contact(ctx, org, id, id.Kind())
	if err != nil {
		return done, err
	}
	if !stored.Bool(AttrErased) {
		tx := s.begin()
		tx.Check(stored.Key(), dynamo.Exists(notFound("contact")))
		tx.Update(stored.Key()).Set(AttrUpdated, dynamo.Number(s.now().UnixMilli()))
		tx.Update(stored.Key()).Set(AttrErasing, dynamo.True) // references don't restrict its deletion any more
		if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return done, err
		}
		if err := s.deleteAny(ctx, org, id); err != nil {
			return done, err
		}
		if err := s.eraseRepresentatives(ctx, org, id); err != nil {
			return done, err
		}
		if done.Records, err = s.eraseParts(ctx, org, id); err != nil {
			return done, err
		}
	}
	// After the images: a picture processed meanwhile finds no image and is removed.
	if done.Objects, err = objects(ctx); err != nil || stored.Bool(AttrErased) {
		return done, err
	}
	records, err := s.eraseHistory(ctx, org, id)
	if done.Records += records; err != nil {
		return done, err
	}
	done.Records++
	return done, s.eraseContact(ctx, org, id)
}

// deleteAny deletes a contact of any kind.
func (s *Store) deleteAny(ctx context.Context, org string, id contact.ID) error {
	switch id.Kind() {
	case contact.Individual:
		return Individuals(s).Delete(ctx, contact.Owner{Org: org}, id, idempotency.Write{})
	case contact.Organization:
		return Organizations(s).Delete(ctx, contact.Owner{Org: org}, id, idempotency.Write{})
	}
	return PlaceholderCustomers(s).Delete(ctx, contact.Owner{Org: org}, id, idempotency.Write{})
}

// eraseParts removes the parts of a deleted contact, which have no links. A deleted contact gets no new parts.
func (s *Store) eraseParts(ctx context.Context, org string, id contact.ID) (records int, err error) {
	return dynamo.RetryOnConflict(ctx, func() (int, error) {
		var parts []dynamo.Item
		if err := s.Query(keys.Parts(org, id)).Prefix("").Read(ctx, 0, func(i dynamo.Item) {
			switch segment, _, _ := strings.Cut(i.String("sk"), "#"); {
			case segment == keys.SegmentReference, segment == keys.SegmentRepresentative, segment == keys.SegmentGuard, segment == keys.SegmentHistory: // resources of others, no values, or erased later
			case !i.Bool(AttrErased):
				parts = append(parts, i)
			}
		}); err != nil {
			return records, err
		}
		o := contact.Owner{Org: org, Contact: id}
		for len(parts) > 0 {
			tx, n := s.begin(), 0
			tx.erasing = id
			for ; n < len(parts) && tx.Len()+maxEraseItems <= dynamo.MaxTransactionItems; n++ {
				tx.erase(o, parts[n])
				if err := tx.eraseName(ctx, o, parts[n]); err != nil {
					return records, err
				}
			}
			if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
				return records, err
			}
			records, parts = records+n, parts[n:]
		}
		return records, nil
	})
}

// maxEraseItems is the most items that change when a part is erased: the part with guard item and entry of the contact's change, and the
// organization of an identity with the same, and a representative that has an item of its own; or the part and a shared tag.
const maxEraseItems = 7

// erase removes a part of a deleted contact, or all but its id if others refer to it.
func (tx *transaction) erase(o contact.Owner, part dynamo.Item) {
	if part[AttrRepresents] != nil {
		tx.updateOrganization(o, IDOf(part), part, nil, nil)
	}
	var unchanged []dynamo.Condition
	if part[dynamo.AttrVersion] != nil {
		unchanged = append(unchanged, dynamo.Unchanged(part))
	}
	if part.Number(AttrReferenceCount) == 0 {
		tx.Remove(part, unchanged...)
		return
	}
	rest := dynamo.Item{dynamo.AttrVersion: dynamo.Number(part.Number(dynamo.AttrVersion) + 1), AttrErased: dynamo.True}
	setDoc(rest, []byte(`{"id":"`+IDOf(part).String()+`"}`))
	for _, name := range []string{"pk", "sk", AttrCreated, AttrUpdated, AttrReferenceCount, AttrChildren} {
		if part[name] != nil {
			rest[name] = part[name]
		}
	}
	tx.Replace(part, rest, unchanged...)
}

// eraseName removes the name of a shared tag that no other contact has. A contact that gets the tag meanwhile has read the name before, or
// sets it again; the id stays.
func (tx *transaction) eraseName(ctx context.Context, o contact.Owner, part dynamo.Item) error {
	segment, _, _ := strings.Cut(part.String("sk"), "#")
	name := "" // an unreadable part names no tag
	if tag, err := Decode[contact.Tag](part); err == nil {
		name = tag.Name
	}
	if segment != keys.SegmentTag || name == "" {
		return nil
	}
	used, own := false, keys.Digits(o.Contact)+"#" // own entries can remain from a deletion that failed halfway
	if err := tx.store.Query(keys.Lookup(o.Org, keys.TagLookup(name)).PK).Read(ctx, 2, func(i dynamo.Item) {
		used = used || !strings.HasPrefix(i.String("sk"), own)
	}); err != nil || used {
		return err
	}
	shared, err := tx.store.Get(ctx, keys.Tag(o.Org, name))
	if err != nil || shared == nil || shared.Bool(AttrErased) {
		return err
	}
	next := nextItem(shared, []byte(`{"id":"`+contact.ID(shared.Number(AttrTag)).String()+`"}`), tx.store.now())
	next[AttrErased] = dynamo.True
	tx.Replace(shared, next, dynamo.Unchanged(shared))
	return nil
}

// erasedName is the name of an erased contact.
const erasedName = "erased"

// erasedContact is the document of an erased contact of any kind.
type erasedContact struct {
	ID         contact.ID `json:"id"`
	CustomerID string     `json:"customer_id,omitempty"` // required of a placeholder customer
	Name       string     `json:"name"`
	Deleted    bool       `json:"deleted"`
	Erased     bool       `json:"erased"`
}

// eraseContact replaces a contact by an erasedContact.
func (s *Store) eraseContact(ctx context.Context, org string, id contact.ID) error {
	_, err := s.change(ctx, idempotency.Write{}, func(tx *transaction) (contact.Record, error) {
		tx.erasing = id
		stored, err := s.contact(ctx, org, id, id.Kind())
		if err != nil {
			return contact.Record{}, err
		}
		rest := erasedContact{ID: id, Name: erasedName, Deleted: true, Erased: true}
		if id.Kind() == contact.Placeholder {
			rest.CustomerID = erasedName
		}
		doc, err := encode(rest)
		if err != nil {
			return contact.Record{}, err
		}
		next := nextItem(stored, doc, s.now())
		next[AttrDeleted], next[AttrErased] = dynamo.True, dynamo.True
		kept := []string{"pk", "sk", AttrDoc, AttrShape, dynamo.AttrVersion, AttrCreated, AttrUpdated, AttrDeleted, AttrErased, AttrListed, AttrRepresentatives, AttrRepresentativeCount}
		maps.DeleteFunc(next, func(name string, _ dynamo.Value) bool { return !slices.Contains(kept, name) })
		if id.Kind() != contact.Placeholder {
			tx.listByName(org, id, stored, next, erasedName)
		}
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		guard := tx.Update(keys.Guard(org, id))
		guard.Set(AttrErased, dynamo.True) // a check accepts references to it
		for _, a := range AccountKinds {
			guard.Remove(a.Attribute)
		}
		return contact.Record{}, nil
	})
	return err
}
