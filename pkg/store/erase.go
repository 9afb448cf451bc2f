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
	// attrErasing is there, and true, from the moment an erasure begins until it is through.
	AttrErasing = "erasing"
	// attrErased is there, and true, on an erased contact, on what is left of those of its parts that others refer to, and on a shared tag
	// that has no name any more.
	AttrErased = "erased"
)

// An Erasure is what an erasure removed or blanked: items of the table, and versions of objects.
type Erasure struct {
	Records int `json:"records"`
	Objects int `json:"objects"`
}

// Erase removes all values of a contact, deleted or not: its fields, account numbers and unique values, every part with its look-up
// entries and references, its tags, options and images. objects removes all versions of the contact's objects from the bucket, and
// returns how many there were. What stays is the contact's id, with deleted and erased set and the name "erased", so that what refers
// to it leads there; a part that others refer to stays as its id alone. NotFound if there is no such contact.
//
// It takes as many transactions as it needs. One that broke off is finished by its repeat, and by the repair of a check.
func (s *Store) Erase(ctx context.Context, org string, id contact.ID, objects func(context.Context) (int, error)) (done Erasure, err error) {
	stored, err := s.contact(ctx, org, id, id.Kind())
	if err != nil {
		return done, err
	}
	if !stored.Bool(AttrErased) {
		tx := s.begin()
		tx.Check(stored.Key(), dynamo.Exists(notFound("contact")))
		tx.Update(stored.Key()).Set(AttrUpdated, dynamo.Number(s.now().UnixMilli()))
		tx.Update(stored.Key()).Set(AttrErasing, dynamo.True) // references to it are no obstacle to its deletion any more
		if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return done, err
		}
		if err := s.deleteAny(ctx, org, id); err != nil {
			return done, err
		}
		if done.Records, err = s.eraseParts(ctx, org, id); err != nil {
			return done, err
		}
	}
	// Behind the images: a picture that is processed meanwhile finds none, and is removed.
	if done.Objects, err = objects(ctx); err != nil || stored.Bool(AttrErased) {
		return done, err
	}
	done.Records++
	return done, s.eraseContact(ctx, org, id)
}

// deleteAny deletes a contact of any kind.
func (s *Store) deleteAny(ctx context.Context, org string, id contact.ID) error {
	switch id.Kind() {
	case contact.Individual:
		return Individuals(s).Delete(ctx, org, id, idempotency.Write{})
	case contact.Organization:
		return Organizations(s).Delete(ctx, org, id, idempotency.Write{})
	}
	return PlaceholderCustomers(s).Delete(ctx, org, id, idempotency.Write{})
}

// eraseParts removes the parts of a deleted contact, which hold nothing any more. Nothing is made below it meanwhile.
func (s *Store) eraseParts(ctx context.Context, org string, id contact.ID) (records int, err error) {
	return dynamo.RetryOnConflict(ctx, func() (int, error) {
		var parts []dynamo.Item
		if err := s.Query(keys.Parts(org, id)).Prefix("").Read(ctx, 0, func(i dynamo.Item) {
			switch segment, _, _ := strings.Cut(i.String("sk"), "#"); {
			case segment == keys.SegmentReference, segment == keys.SegmentRepresentative, segment == keys.SegmentGuard: // of others, or that says no more than that it is deleted
			case !i.Bool(AttrErased):
				parts = append(parts, i)
			}
		}); err != nil {
			return records, err
		}
		o := contact.Owner{Org: org, Contact: id}
		for len(parts) > 0 {
			tx, n := s.begin(), 0
			for ; n < len(parts) && tx.Len()+maxErased <= dynamo.MaxTransactionItems; n++ {
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

// maxErased is how many items change at most when a part is erased: itself, and the organization that an identity represented, with the
// representative that lies apart from it; or the tag that contacts share.
const maxErased = 3

// erase removes a part of a deleted contact, or leaves its id alone of one that others refer to.
func (tx *transaction) erase(o contact.Owner, part dynamo.Item) {
	if part[AttrRepresents] != nil {
		tx.represent(o, IDOf(part), part, nil, nil)
	}
	var as []dynamo.Condition
	if part[dynamo.AttrVersion] != nil {
		as = append(as, dynamo.Unchanged(part))
	}
	if part.Number(AttrReferenceCount) == 0 {
		tx.Delete(part.Key(), as...)
		return
	}
	left := dynamo.Item{AttrDoc: dynamo.String(`{"id":"` + IDOf(part).String() + `"}`), dynamo.AttrVersion: dynamo.Number(part.Number(dynamo.AttrVersion) + 1), AttrErased: dynamo.True}
	for _, name := range []string{"pk", "sk", AttrCreated, AttrUpdated, AttrReferenceCount, AttrChildren} {
		if part[name] != nil {
			left[name] = part[name]
		}
	}
	tx.Replace(part, left, as...)
}

// eraseName removes the name of a shared tag that no contact has any more. Who adds the tag meanwhile has read the name before, or gives
// it another: the id stays the same.
func (tx *transaction) eraseName(ctx context.Context, o contact.Owner, part dynamo.Item) error {
	segment, _, _ := strings.Cut(part.String("sk"), "#")
	name := "" // one that is damaged names no tag
	if tag, err := Decode[contact.Tag](part); err == nil {
		name = tag.Name
	}
	if segment != keys.SegmentTag || name == "" {
		return nil
	}
	taken, own := false, keys.Digits(o.Contact)+"#" // which is left of a deletion that broke off
	if err := tx.store.Query(keys.Lookup(o.Org, keys.TagLookup(name))).Prefix("").Read(ctx, 2, func(i dynamo.Item) {
		taken = taken || !strings.HasPrefix(i.String("sk"), own)
	}); err != nil || taken {
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

// erasedName is the name of a contact of which nothing else is left.
const erasedName = "erased"

// remains are what a contact of any kind shows that was erased.
type remains struct {
	ID         contact.ID `json:"id"`
	CustomerID string     `json:"customer_id,omitempty"` // of a placeholder customer, which always has one
	Name       string     `json:"name"`
	Deleted    bool       `json:"deleted"`
	Erased     bool       `json:"erased"`
}

// eraseContact leaves of a contact what its list and those that refer to it need.
func (s *Store) eraseContact(ctx context.Context, org string, id contact.ID) error {
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := s.contact(ctx, org, id, id.Kind())
		if err != nil {
			return contact.Record{}, err
		}
		left := remains{ID: id, Name: erasedName, Deleted: true, Erased: true}
		if id.Kind() == contact.Placeholder {
			left.CustomerID = erasedName
		}
		doc, err := encode(left)
		if err != nil {
			return contact.Record{}, err
		}
		next := nextItem(stored, doc, s.now())
		next[AttrDeleted], next[AttrErased] = dynamo.True, dynamo.True
		kept := []string{"pk", "sk", AttrDoc, dynamo.AttrVersion, AttrCreated, AttrUpdated, AttrDeleted, AttrErased, AttrRepresentatives, AttrRepresentativeCount}
		maps.DeleteFunc(next, func(name string, _ dynamo.Value) bool { return !slices.Contains(kept, name) })
		tx := s.begin()
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		guard := tx.Update(keys.Guard(org, id))
		guard.Set(AttrErased, dynamo.True) // what refers to it may
		for _, a := range AccountKinds {
			guard.Remove(a.Attribute)
		}
		return contact.Record{}, tx.commit(ctx, idempotency.Write{}, contact.Record{})
	})
	return err
}
