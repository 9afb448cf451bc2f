package backup

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
	"contacts/pkg/webhook"
)

// A Restore is a run that fills a tenant from a backup.
type Restore struct {
	Tenant
	*accounts.Restore
}

// BeginRestore creates or closes an organization for a restore from a backup, or continues an interrupted one. Taken if the organization
// has any items, or is being restored from another backup.
func BeginRestore(ctx context.Context, st *store.Store, a *accounts.Accounts, o accounts.Organization, backup string) (*Restore, error) {
	r := &Restore{Tenant: NewTenant(st, o.ID)}
	o.Restoring = backup
	var err error
	r.Restore, err = a.BeginRestore(ctx, o, rand.Text(), r.requireEmpty)
	return r, err
}

// requireEmpty returns Taken if the tenant has any items.
func (t Tenant) requireEmpty(ctx context.Context) error {
	found := contact.Refuse(contact.Taken, "organization %s is not empty: restore to another name, or into another table", t.org)
	for _, b := range slices.Concat(t.Contacts(), []Branch{t.Lists(), t.TenantItems()}, t.Others()) {
		if err := t.Read(ctx, b, "", func(Entry) error { return found }); err != nil {
			return err
		}
	}
	return nil
}

// Write stores items with those that follow from them. Repeating it changes nothing.
func (r *Restore) Write(ctx context.Context, items []dynamo.Item) error {
	var all []dynamo.Item
	for _, i := range items {
		if keys.Parse(i.Key()).Kind == keys.KindWebhook {
			webhook.Restored(i, time.Now())
		}
		all = append(append(all, derivedItems(i)...), i)
	}
	return r.store.PutAll(ctx, all)
}

// derivedItems returns the items that follow from a resource's item: of its unique values, its lookup keys, its references, its name in the list by
// name, the separate representative of a professional identity, the item that reserves a tag's id, and the mark of an organization with webhooks.
func derivedItems(i dynamo.Item) (items []dynamo.Item) {
	p := keys.Parse(i.Key())
	self := p.Self(i.Key())
	for _, held := range i.Strings(store.AttrUniques) {
		space, value := keys.CutUnique(held)
		items = append(items, store.UniqueItem(p.Org, space, value, self.Contact))
	}
	for _, f := range i.Strings(store.AttrLookups) {
		items = append(items, store.LookupItems(p.Org, f, self)...)
	}
	for _, name := range store.RestrictReferences(i) {
		items = append(items, keys.Reference(p.Org, keys.ParseTarget(name), self).Item())
	}
	if name := i.String(store.AttrListed); name != "" {
		items = append(items, store.NameItem(p.Org, name, self.Contact, i.Bool(store.AttrDeleted)))
	}
	if i.Bool(store.AttrSeparate) {
		own := keys.Representative(p.Org, contact.ID(i.Number(store.AttrRepresents)), keys.RepresentativeName(p.Owner, store.IDOf(i))).Item()
		own[store.AttrRepresentative] = dynamo.String(store.RepresentativeText(i))
		items = append(items, own)
	}
	switch p.Kind {
	case keys.KindSharedTag:
		items = append(items, store.TagIDItem(p.Org, i))
	case keys.KindWebhook:
		items = append(items, webhook.MarkItem(p.Org))
	}
	return items
}
