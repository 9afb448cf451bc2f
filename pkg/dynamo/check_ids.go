package dynamo

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// The rules of guards and of ids: what parts check of their contact is what the contact is, and no id is there twice where one alone
// can have it.

// guarded holds a contact to have a guard that says of it what its own item does.
func (j *judgement) guarded() {
	key := guardKey(j.place.org, j.place.owner)
	guard, deleted := j.at(key), j.item.is(attrDeleted)
	switch {
	case guard == nil:
		j.find(FoundGuard, "it has no guard, and nothing can be added to it", "make it one, of its parts and references", func(tx *transaction) {
			tx.put(j.guard(), absent(func(Item) error { return errChanged }))
		})
	case guard.is(attrDeleted) != deleted:
		j.find(FoundGuard, fmt.Sprintf("its guard says deleted: %t, it says %t itself", !deleted, deleted), "make the guard say so too", func(tx *transaction) {
			tx.require(key, present(errChanged))
			if u := &tx.step(key).update; deleted {
				u.set(attrDeleted, yes)
			} else {
				u.remove(attrDeleted)
			}
		})
	}
}

// guard is what the guard of a contact that lost it is made anew of: what lies in the contact's partition. Its account numbers come back
// from its roles.
func (j *judgement) guard() Item {
	guard := guardKey(j.place.org, j.place.owner).entry()
	guard[attrChildren] = num(1) // a deletion looks whether any part holds anything
	if j.item.is(attrDeleted) {
		guard[attrDeleted] = yes
	}
	if n := len(j.referrers(j.self())); n > 0 {
		guard[attrReferrers] = num(int64(n))
	}
	last := contact.ID(0)
	j.note(j.check.table.prefixed(partsOf(j.place.org, j.place.owner)).read(j.ctx, "", 0, func(i Item) {
		if id, ok := givenID(i); ok {
			last = max(last, id)
		}
	}))
	if last != 0 {
		guard[attrLast] = num(int64(last))
	}
	return guard
}

func (j *judgement) ofGuard() {
	j.underContact()
	j.references()
	j.account(debtor, roleCustomer, roleAlternativePayer)
	j.account(creditor, roleSupplier)
}

// given holds that the contact knows an id of one of its parts: else it could give it again.
func (j *judgement) given(id contact.ID) {
	if _, ok := givenID(j.item); !ok {
		return
	}
	key := guardKey(j.place.org, j.place.owner)
	if guard := j.at(key); guard != nil && contact.ID(guard.number(attrLast)) < id {
		j.find(FoundID, "its contact doesn't know that its id is given", "note it at the contact's guard", func(tx *transaction) {
			tx.require(key, present(errChanged), j.check.table.partIDs().greater(id))
			tx.step(key).update.set(attrLast, num(int64(id)))
		})
	}
}

func (j *judgement) ofOption() {
	to := optionOf(j.item)
	if part := j.at(to.key(j.place.org)); !slices.Contains(part.texts(attrFinds), j.place.name) {
		j.find(FoundLookup, to.describe()+" is not to be found by it", "remove it", func(tx *transaction) {
			j.asRead(tx, to.key(j.place.org), part)
			tx.require(j.item.key(), asIs(attrOwner, j.item), asIs(attrPart, j.item))
			tx.remove(j.item.key())
		})
	}
}

// givenID is the id of an item that is unique beneath its contact. Tags have theirs of the tenant.
func givenID(i Item) (contact.ID, bool) {
	switch p := whereIs(i.key()); {
	case p.kind == placePart && p.owner != 0 && p.segment != segmentRole:
		return i.id(), true
	case p.kind == placeImage:
		return contact.MaxID - i.id(), true
	}
	return 0, false
}

// seenIDs are the ids that were seen in a partition: a scan gives the items of one behind each other.
type seenIDs struct {
	partition string
	by        map[contact.ID]Key
}

// duplicates tells of parts of a contact that have the id of another one.
func (c *Check) duplicates(ctx context.Context, seen *seenIDs, items []map[string]types.AttributeValue) error {
	for _, item := range items {
		i := Item(item)
		id, ok := givenID(i)
		if !ok {
			continue
		}
		key := i.key()
		if seen.partition != key.PK {
			seen.partition, seen.by = key.PK, map[contact.ID]Key{}
		}
		other, twice := seen.by[id]
		seen.by[id] = key
		if !twice {
			continue
		}
		both, err := c.table.gets(ctx, []Key{other, key}, "") // one may have become the other meanwhile
		if err != nil {
			return err
		}
		if both[0] != nil && both[1] != nil {
			p := whereIs(key)
			if err := c.tell(ctx, []Finding{{Kind: FoundID, Org: p.org, Key: key.PK + " " + key.SK,
				Detail: "its id is that of " + other.SK + " too", Repair: "delete one of the two, and make it anew"}}); err != nil {
				return err
			}
		}
	}
	return nil
}
