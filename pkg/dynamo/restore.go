package dynamo

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// While a tenant is restored, its organization's record says so: nobody is given a token for it, and only a restore from the
// same backup goes on.
const (
	attrRestoring = "restoring" // S: the digest of the backup
	attrRestorer  = "restorer"  // S: which run restores; an earlier one ends when it notices
	attrRestored  = "restored"  // N: how many lines of the backup are in the table
)

func halfRestored(org string) error {
	return contact.Refuse(contact.Unavailable, "organization %s is half restored: it can be used when contacts restore has come to its end", org)
}

// A Restore is a run that fills a tenant from a backup.
type Restore struct {
	Tenant
	backup, run string
	// Done is how many lines of the backup an earlier run has brought into the table.
	Done int64
}

// BeginRestore closes an organization, or makes it, for a restore from a backup, or goes on with one that broke off. Taken if the
// organization has anything, or is being restored from another backup.
func (t *Table) BeginRestore(ctx context.Context, o Organization, backup string) (*Restore, error) {
	r := &Restore{Tenant: t.Tenant(o.ID), backup: backup, run: rand.Text()}
	item, err := t.get(ctx, organizationKey(o.ID))
	if err != nil {
		return nil, err
	}
	changed := contact.Refuse(contact.Taken, "organization %s is being changed by another command; try again", o.ID)
	tx := t.begin()
	switch restoring := item.text(attrRestoring); {
	case restoring == backup:
		r.Done = item.number(attrRestored)
		tx.require(item.key(), r.restoring(item.text(attrRestorer), changed))
		tx.step(item.key()).update.set(attrRestorer, str(r.run))
		return r, tx.commit(ctx, contact.Record{})
	case restoring != "":
		return nil, contact.Refuse(contact.Taken, "organization %s is half restored from another backup: finish that restore, or choose another name", o.ID)
	}
	if err := r.requireEmpty(ctx); err != nil {
		return nil, err
	}
	next := organizationKey(o.ID).entry()
	next["region"], next[attrRestoring], next[attrRestorer], next[attrRestored] = str(o.Region), str(backup), str(r.run), num(0)
	if item == nil {
		tx.put(next, absent(func(Item) error { return changed }))
	} else {
		tx.replace(item, next, condition{text: "attribute_not_exists(restoring)", explain: func(stored Item) error {
			if stored.text(attrRestoring) != "" {
				return changed
			}
			return nil
		}})
	}
	return r, tx.commit(ctx, contact.Record{})
}

// restoring holds of an organization that a run restores.
func (r *Restore) restoring(run string, otherwise error) condition {
	return condition{text: "restoring = :backup AND restorer = :run", values: values{":backup": str(r.backup), ":run": str(run)},
		explain: func(stored Item) error {
			if stored.text(attrRestoring) != r.backup || stored.text(attrRestorer) != run {
				return otherwise
			}
			return nil
		}}
}

// requireEmpty holds that a tenant has nothing.
func (t Tenant) requireEmpty(ctx context.Context) error {
	found := contact.Refuse(contact.Taken, "organization %s is not empty: restore to another name, or into another table", t.org)
	for _, b := range slices.Concat(t.Contacts(), []Branch{t.Lists(), t.Own()}, t.Others()) {
		if err := t.Read(ctx, b, "", func(Entry) error { return found }); err != nil {
			return err
		}
	}
	return nil
}

// Reached keeps that so many lines of the backup are in the table.
func (r *Restore) Reached(ctx context.Context, lines int64) error {
	tx := r.table.begin()
	tx.require(organizationKey(r.org), r.restoring(r.run, r.overtaken()))
	tx.step(organizationKey(r.org)).update.set(attrRestored, num(lines))
	return tx.commit(ctx, contact.Record{})
}

// End opens the organization.
func (r *Restore) End(ctx context.Context) error {
	tx := r.table.begin()
	tx.require(organizationKey(r.org), r.restoring(r.run, r.overtaken()))
	u := &tx.step(organizationKey(r.org)).update
	u.remove(attrRestoring)
	u.remove(attrRestorer)
	u.remove(attrRestored)
	return tx.commit(ctx, contact.Record{})
}

func (r *Restore) overtaken() error {
	return contact.Refuse(contact.Taken, "another contacts restore of %s has taken over", r.org)
}

// Write stores items with what follows from them. Doing it again changes nothing.
func (r *Restore) Write(ctx context.Context, items []Item) error {
	var keys []Key
	wanted := map[Key]Item{} // a batch takes no key twice
	for _, i := range items {
		for _, w := range append(following(i), i) {
			if _, twice := wanted[w.key()]; !twice {
				keys = append(keys, w.key())
			}
			wanted[w.key()] = w
		}
	}
	batches := (len(keys) + maxWrites - 1) / maxWrites
	return EachParallel(ctx, batches, func(ctx context.Context, n int) error {
		var requests []types.WriteRequest
		for _, key := range keys[n*maxWrites : min((n+1)*maxWrites, len(keys))] {
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: wanted[key]}})
		}
		return r.table.writeBatch(ctx, requests)
	})
}

// following are the items that say nothing but what a resource says: its claims, the entries by which it is found, what lies
// beside the targets of its lasting references, the representative that a professional identity has apart from its
// organization, and the claim of a tag's id.
func following(i Item) (items []Item) {
	p := whereIs(i.key())
	self := selfOf(i, p)
	for _, held := range i.texts(attrClaims) {
		space, value, _ := strings.Cut(held, "#")
		claim := claimKey(p.org, space, value).entry()
		claim[attrOwner] = num(int64(self.contact))
		items = append(items, claim)
	}
	for _, f := range i.texts(attrFinds) {
		items = append(items, findEntry(p.org, f, self))
	}
	for _, name := range lastingOf(i) {
		items = append(items, referenceKey(p.org, parseTarget(name), self).entry())
	}
	if i.is(attrSeparate) {
		own := representativeKey(p.org, contact.ID(i.number(attrRepresents)), representativeName(p.owner, i.id())).entry()
		own[attrRepresentative] = str(i.representative())
		items = append(items, own)
	}
	if p.kind == placeSharedTag {
		items = append(items, tagClaim(p.org, i))
	}
	return items
}

// maxWrites is DynamoDB's bound on the items of a BatchWriteItem.
const maxWrites = 25

// writeBatch writes items of different keys. What the store was too busy for is tried again, as long as that gets on.
func (t *Table) writeBatch(ctx context.Context, requests []types.WriteRequest) error {
	const patience = 100 // tries that write nothing, a quarter of a second each at most
	for idle := 0; len(requests) > 0; {
		out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{t.name: requests}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return failure(err)
		}
		units(ctx).wrote(out.ConsumedCapacity)
		left := out.UnprocessedItems[t.name]
		if len(left) < len(requests) {
			idle = 0
		}
		if requests = left; len(requests) == 0 {
			return nil
		}
		if idle++; idle > patience {
			return unavailable(errUnprocessed)
		}
		if err := backoff(ctx, idle, errUnprocessed); err != nil {
			return err
		}
	}
	return nil
}
