package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// The rules of ids: none is there twice where one alone can have it.

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
