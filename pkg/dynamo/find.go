package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"contacts/pkg/contact"
)

// maxFound bounds how many contacts a look-up reads together.
const maxFound = 1000

// Find returns the contacts that a find leads to (FindEmail, FindPhone, FindTag), in the order of their creation. Deleted
// ones are never found: their entries go with their deletion.
//
// What Offset passes over is counted by its entries, some 80 bytes each, and no contact is read for it. A deletion of several
// transactions that is under way may still have entries there, which count until they are gone.
func (t *Table) Find(ctx context.Context, org, find string, q Query) (contact.Page, error) {
	r := &reader{table: t, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(findPartition(org, find)), ":end": str(endOfIDs)},
	}}
	var page contact.Page
	for position := q.After; ; {
		wanted, read := min(q.Offset, maxLooked)+min(q.Limit+1-len(page.Rows), maxFound), 0
		var ids []contact.ID
		if err := r.read(ctx, behind(digits(position)), wanted, func(i Item) {
			read++
			owner := parseTarget(i.text("sk")).contact
			switch {
			case owner == position: // another part of the same contact
				return
			case q.Offset > 0:
				q.Offset--
			default:
				ids = append(ids, owner)
			}
			position = owner
		}); err != nil {
			return page, err
		}
		living, err := t.living(ctx, org, ids)
		if err != nil {
			return page, err
		}
		if page.Rows = append(page.Rows, living...); len(page.Rows) > q.Limit {
			return contact.Page{Rows: page.Rows[:q.Limit], More: true}, nil
		}
		if read < wanted {
			return page, nil
		}
	}
}

// FindExternal returns the contacts that have an external id, of any kind.
func (t *Table) FindExternal(ctx context.Context, org, externalID string, q Query) (contact.Page, error) {
	var claims []Key
	for _, kind := range []contact.Kind{contact.Individual, contact.Organization, contact.Placeholder} {
		claims = append(claims, claimKey(org, kind.String(), externalID))
	}
	items, err := t.gets(ctx, claims, "")
	if err != nil {
		return contact.Page{}, err
	}
	var ids []contact.ID
	for _, i := range items {
		if owner := contact.ID(i.number(attrOwner)); owner > q.After {
			ids = append(ids, owner)
		}
	}
	slices.Sort(ids)
	rows, err := t.living(ctx, org, ids)
	rows = rows[min(q.Offset, len(rows)):]
	return contact.Page{Rows: rows[:min(q.Limit, len(rows))], More: len(rows) > q.Limit}, err
}

// living reads those of some contacts that aren't deleted, in the order of their ids.
func (t *Table) living(ctx context.Context, org string, ids []contact.ID) ([]contact.Record, error) {
	keys := make([]Key, len(ids))
	for i, id := range ids {
		keys[i] = contactKey(org, id)
	}
	items, err := t.gets(ctx, keys, "")
	if err != nil {
		return nil, err
	}
	var rows []contact.Record
	for _, i := range items {
		if i != nil && !i.is(attrDeleted) {
			rows = append(rows, i.record())
		}
	}
	return rows, nil
}
