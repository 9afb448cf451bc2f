package dynamo

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

const (
	// attrErasing is there, and true, from the moment an erasure begins until it is through.
	attrErasing = "erasing"
	// attrErased is there, and true, on an erased contact, on what is left of those of its parts that others refer to, and on a shared tag
	// that has no name any more.
	attrErased = "erased"
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
func (t *Table) Erase(ctx context.Context, org string, id contact.ID, objects func(context.Context) (int, error)) (done Erasure, err error) {
	stored, err := t.contact(ctx, org, id, id.Kind())
	if err != nil {
		return done, err
	}
	if !stored.is(attrErased) {
		tx := t.begin()
		tx.require(stored.key(), present(notFound("contact")))
		tx.step(stored.key()).update.set(attrUpdated, num(t.now().UnixMilli()))
		tx.step(stored.key()).update.set(attrErasing, yes) // references to it are no obstacle to its deletion any more
		if err := tx.commit(ctx, contact.Record{}); err != nil {
			return done, err
		}
		if err := t.deleteAny(ctx, org, id); err != nil {
			return done, err
		}
		if done.Records, err = t.eraseParts(ctx, org, id); err != nil {
			return done, err
		}
	}
	// Behind the images: a picture that is processed meanwhile finds none, and is removed.
	if done.Objects, err = objects(ctx); err != nil || stored.is(attrErased) {
		return done, err
	}
	done.Records++
	return done, t.eraseContact(ctx, org, id)
}

// deleteAny deletes a contact of any kind.
func (t *Table) deleteAny(ctx context.Context, org string, id contact.ID) error {
	switch id.Kind() {
	case contact.Individual:
		return Individuals(t).Delete(ctx, org, id, contact.Precondition{})
	case contact.Organization:
		return Organizations(t).Delete(ctx, org, id, contact.Precondition{})
	}
	return PlaceholderCustomers(t).Delete(ctx, org, id, contact.Precondition{})
}

// eraseParts removes the parts of a deleted contact, which hold nothing any more. Nothing is made below it meanwhile.
func (t *Table) eraseParts(ctx context.Context, org string, id contact.ID) (records int, err error) {
	return untilUnchanged(ctx, func() (int, error) {
		var parts []Item
		if err := t.prefixed(partsOf(org, id)).read(ctx, "", 0, func(i Item) {
			switch segment, _, _ := strings.Cut(i.text("sk"), "#"); {
			case segment == segmentReference, segment == segmentRepresentative, segment == segmentGuard: // of others, or that says no more than that it is deleted
			case !i.is(attrErased):
				parts = append(parts, i)
			}
		}); err != nil {
			return records, err
		}
		o := Owner{Org: org, Contact: id}
		for len(parts) > 0 {
			tx, n := t.begin(), 0
			for ; n < len(parts) && len(tx.steps)+maxErased <= maxSteps; n++ {
				tx.erase(o, parts[n])
				if err := tx.eraseName(ctx, o, parts[n]); err != nil {
					return records, err
				}
			}
			if err := tx.commit(ctx, contact.Record{}); err != nil {
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
func (tx *transaction) erase(o Owner, part Item) {
	if part[attrRepresents] != nil {
		tx.represent(o, part.id(), part, nil, nil)
	}
	var as []condition
	if part[attrVersion] != nil {
		as = append(as, unchanged(part))
	}
	if part.number(attrReferrers) == 0 {
		tx.remove(part.key(), as...)
		return
	}
	left := Item{attrDoc: str(`{"id":"` + part.id().String() + `"}`), attrVersion: num(part.number(attrVersion) + 1), attrErased: yes}
	for _, name := range []string{"pk", "sk", attrCreated, attrUpdated, attrReferrers, attrChildren} {
		if part[name] != nil {
			left[name] = part[name]
		}
	}
	tx.replace(part, left, as...)
}

// eraseName removes the name of a shared tag that no contact has any more. Who adds the tag meanwhile has read the name before, or gives
// it another: the id stays the same.
func (tx *transaction) eraseName(ctx context.Context, o Owner, part Item) error {
	segment, _, _ := strings.Cut(part.text("sk"), "#")
	name := "" // one that is damaged names no tag
	if tag, err := decode[contact.Tag](part); err == nil {
		name = tag.Name
	}
	if segment != segmentTag || name == "" {
		return nil
	}
	taken, own := false, digits(o.Contact)+"#" // which is left of a deletion that broke off
	if err := tx.table.prefixed(findPartition(o.Org, FindTag(name))).read(ctx, "", 2, func(i Item) {
		taken = taken || !strings.HasPrefix(i.text("sk"), own)
	}); err != nil || taken {
		return err
	}
	shared, err := tx.table.get(ctx, tagKey(o.Org, name))
	if err != nil || shared == nil || shared.is(attrErased) {
		return err
	}
	next := nextItem(shared, []byte(`{"id":"`+contact.ID(shared.number(attrTag)).String()+`"}`), tx.table.now())
	next[attrErased] = yes
	tx.replace(shared, next, unchanged(shared))
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
func (t *Table) eraseContact(ctx context.Context, org string, id contact.ID) error {
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := t.contact(ctx, org, id, id.Kind())
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
		next := nextItem(stored, doc, t.now())
		next[attrDeleted], next[attrErased] = yes, yes
		kept := []string{"pk", "sk", attrDoc, attrVersion, attrCreated, attrUpdated, attrDeleted, attrErased, attrRepresentatives, attrRepresented}
		maps.DeleteFunc(next, func(name string, _ types.AttributeValue) bool { return !slices.Contains(kept, name) })
		tx := t.begin()
		tx.replace(stored, next, unchanged(stored))
		guard := &tx.step(guardKey(org, id)).update
		guard.set(attrErased, yes) // what refers to it may
		for _, a := range []account{debtor, creditor} {
			guard.remove(a.attribute)
		}
		return contact.Record{}, tx.commit(ctx, contact.Record{})
	})
	return err
}

// erasure is the rule of the check that goes on with an erasure that broke off.
func (j *judgement) erasure() {
	switch {
	case !j.item.is(attrErasing) || !j.older(maxRun) && !j.check.Restoring:
	case j.check.Objects == nil:
		j.byHand(FoundDeletion, "its erasure broke off", "check with the bucket: a repair can go on with it then; or erase it again")
	default:
		o := Owner{Org: j.place.org, Contact: j.place.owner}
		j.fixable(FoundDeletion, "its erasure broke off", "go on with it", func(ctx context.Context) error {
			_, err := j.check.table.Erase(ctx, o.Org, o.Contact, func(ctx context.Context) (int, error) { return j.check.Objects.ClearContact(ctx, o) })
			return err
		})
	}
}
