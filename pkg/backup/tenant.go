package backup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
	"contacts/pkg/webhook"
)

// A Tenant is the data of one organization that a backup has: its resources and counters. Items that follow from those (of unique values,
// lookup keys, references, separate representatives, tag ids) are left out; a restore writes them again. Changes, histories, offset indexes,
// records of Idempotency-Keys, which expire within a day, pending images, and the places of webhooks are left out, too.
type Tenant struct {
	store *store.Store
	org   string
}

// NewTenant returns the tenant of a name.
func NewTenant(st *store.Store, org string) Tenant { return Tenant{st, org} }

// A Branch is a partition of a tenant. Its items may have children, in a partition for each.
type Branch struct {
	PK        string
	childKind childKind
}

type childKind int

const (
	noChildren childKind = iota
	contactParts
	listItems
)

// A BranchName is the same for a branch of any tenant.
type BranchName string

// Name returns the branch's pk without the tenant.
func (t Tenant) Name(b Branch) BranchName { return BranchName(t.within(b.PK)) }

// within returns a pk without the tenant.
func (t Tenant) within(pk string) string { return strings.TrimPrefix(pk, keys.Tenant(t.org)) }

// Lists returns the branch of the customer lists with their items.
func (t Tenant) Lists() Branch { return Branch{PK: keys.CustomerLists(t.org), childKind: listItems} }

// Contacts returns the branches of the contacts of each kind with their parts. New contacts come last.
func (t Tenant) Contacts() []Branch {
	return []Branch{t.contacts(contact.Individual), t.contacts(contact.Organization), t.contacts(contact.Placeholder)}
}

func (t Tenant) contacts(kind contact.Kind) Branch {
	return Branch{PK: keys.Contacts(t.org, kind), childKind: contactParts}
}

// TenantItems returns the branch of the tenant's own items that can be referred to.
func (t Tenant) TenantItems() Branch { return Branch{PK: keys.Parts(t.org, 0)} }

// Others returns the branches of the tenant's other items. The counters come last, so that they are not less than any copied number.
func (t Tenant) Others() []Branch {
	return []Branch{{PK: keys.Tags(t.org)}, {PK: keys.Configuration(t.org).PK}, {PK: keys.Webhooks(t.org)}, {PK: keys.Counters(t.org)}}
}

// BranchOf returns the branch whose items have the pk of an Entry; false if such items have no children.
func (t Tenant) BranchOf(pk string) (BranchName, bool) {
	return BranchName(pk), slices.ContainsFunc(append(t.Contacts(), t.Lists()), func(b Branch) bool { return t.Name(b) == BranchName(pk) })
}

// An Entry is an item of a tenant.
type Entry struct {
	// SK is the sort key; sort keys order the items of a branch.
	SK string
	// JSON is the item in DynamoDB's JSON, the same for equal items. Its pk is without the tenant.
	JSON []byte
	// Image and its Contact are set for the item of an image.
	Image   *store.Picture
	Contact contact.ID

	item dynamo.Item
}

// Read calls each with the items of a branch after a sort key, in their order.
func (t Tenant) Read(ctx context.Context, b Branch, after string, each func(Entry) error) error {
	return t.query(ctx, b.PK, after, each)
}

// Children calls each with the children of an item of a branch.
func (t Tenant) Children(ctx context.Context, b Branch, sk string, each func(Entry) error) error {
	switch id := keys.LastID(sk); b.childKind {
	case contactParts:
		return t.query(ctx, keys.Parts(t.org, id), "", each)
	case listItems:
		return t.query(ctx, keys.ListItems(t.org, id), "", each)
	}
	return nil
}

func (t Tenant) query(ctx context.Context, partition, after string, each func(Entry) error) error {
	q := t.store.Query(partition)
	if after != "" {
		q.After(dynamo.Key{PK: partition, SK: after})
	}
	var failed error
	err := dynamo.ReadEach(ctx, q, 0, dynamo.ReadItem, func(item dynamo.Item) bool {
		entry, included, err := t.export(item)
		if err == nil && included {
			err = each(entry)
		}
		failed = err
		return err == nil
	})
	return cmp.Or(failed, err)
}

// Contact reads the item of a contact, and returns its branch; false if there is none.
func (t Tenant) Contact(ctx context.Context, id contact.ID) (b Branch, entry Entry, there bool, err error) {
	key := keys.Contact(t.org, id)
	item, err := t.store.Get(ctx, key)
	if err == nil && item != nil {
		entry, there, err = t.export(item)
	}
	return t.contacts(id.Kind()), entry, there, err
}

// IsOptionSet reports whether an entry counts the changes of its contact's options.
func (e Entry) IsOptionSet() bool { return keys.Parse(e.item.Key()).Kind == keys.KindOptionSet }

// Changed reports whether a contact was deleted, or its options changed, since it was read with its parts, and returns the contact's current
// item. options is the option set that was read, if there was one. It costs a read unit for each of the two.
func (t Tenant) Changed(ctx context.Context, b Branch, root, options Entry) (now Entry, changed bool, err error) {
	if b.childKind != contactParts {
		return root, false, nil
	}
	items, err := t.store.BatchGet(ctx, []dynamo.Key{root.item.Key(), keys.OptionSet(contact.Owner{Org: t.org, Contact: store.IDOf(root.item)})}, "")
	if err != nil || items[0] == nil {
		return root, false, err
	}
	changed = items[0].Bool(store.AttrDeleted) != root.item.Bool(store.AttrDeleted) || items[0].Bool(store.AttrReleasing) != root.item.Bool(store.AttrReleasing) ||
		items[1].Number(dynamo.AttrVersion) != options.item.Number(dynamo.AttrVersion)
	now, _, err = t.export(items[0])
	return now, changed, err
}

// Image reads the item of an image again; false if it no longer exists.
func (t Tenant) Image(ctx context.Context, owner, id contact.ID) (entry Entry, there bool, err error) {
	item, err := t.store.Get(ctx, keys.Image(contact.Owner{Org: t.org, Contact: owner}, id))
	if err != nil || item == nil {
		return Entry{}, false, err
	}
	return t.export(item)
}

// export returns an item as a backup has it; false if a backup leaves it out.
func (t Tenant) export(i dynamo.Item) (entry Entry, included bool, err error) {
	key := i.Key()
	switch p := keys.Parse(key); p.Kind {
	case keys.KindReference, keys.KindRepresentative, keys.KindHistory:
		return Entry{}, false, nil
	case keys.KindImage:
		picture, err := store.PictureOf(i)
		if err != nil {
			return Entry{}, false, fmt.Errorf("backup: the image %v can't be read: %w", key, err)
		}
		if i[store.AttrState] != nil {
			return Entry{}, false, nil
		}
		entry.Image, entry.Contact = &picture, p.Owner
	}
	exported := maps.Clone(i)
	exported["pk"] = dynamo.String(t.within(key.PK))
	if changed := i[changes.AttrChanged]; changed != nil { // a guard item: the history begins anew
		exported[store.AttrUnkept] = changed
	}
	if keys.Parse(key).Kind == keys.KindWebhook {
		webhook.BackedUp(exported)
	}
	entry.SK, entry.item = key.SK, i
	entry.JSON, err = dynamo.EncodeJSON(exported)
	return entry, err == nil, err
}

// Dependencies are the links of an item to items of other contacts.
type Dependencies struct {
	Contact    contact.ID // its contact, 0 for the tenant itself
	Self       string     // the name by which others refer to it
	Deleted    bool       // nothing may refer to it
	References []string   // names that must exist and not be deleted
	Uniques    []string   // values that no other contact may have
}

// Dependencies returns those of an item.
func (t Tenant) Dependencies(i dynamo.Item) Dependencies {
	p := keys.Parse(i.Key())
	b := Dependencies{Contact: p.Owner, Self: p.Self(i.Key()).String(), Deleted: i.Bool(store.AttrDeleted) && !i.Bool(store.AttrErasing) && !i.Bool(store.AttrErased), Uniques: i.Strings(store.AttrUniques)}
	switch guard := (keys.Target{Contact: p.Owner, Part: keys.SegmentGuard}).String(); {
	case p.Kind == keys.KindGuard:
		b.Self = guard
	case p.Kind == keys.KindContact && !i.Bool(store.AttrDeleted):
		b.References = append(b.References, guard) // a guard item with deleted was read later than the contact
	}
	for _, name := range store.RestrictReferences(i) {
		if to := keys.ParseTarget(name); to.Contact != p.Owner || to.Part != "" {
			b.References = append(b.References, name)
		}
	}
	return b
}

// ContactOf returns the contact of a name of Dependencies or of a contact's sort key, 0 for the tenant itself.
func ContactOf(name string) contact.ID { return keys.ParseTarget(name).Contact }

// ParseEntry reads the JSON of an Entry as an item of an organization.
func ParseEntry(org string, text []byte) (dynamo.Item, error) {
	item, err := dynamo.DecodeJSON(text)
	if err != nil {
		return nil, err
	}
	item["pk"] = dynamo.String(keys.Tenant(org) + item.String("pk"))
	p := keys.Parse(item.Key())
	if p.Org != org {
		return nil, fmt.Errorf("%v is not an item of the tenant", item.Key())
	}
	switch p.Kind {
	case keys.KindUnknown, keys.KindReference, keys.KindRepresentative, keys.KindLookup, keys.KindWord, keys.KindName, keys.KindOption, keys.KindTagID, keys.KindUnique,
		keys.KindAnswer, keys.KindAnswerPart, keys.KindOffsetRoot, keys.KindOffsetNode, keys.KindTombstone, keys.KindChange, keys.KindHistory,
		keys.KindWebhookPlace, keys.KindWebhookTest, keys.KindWebhookLane, keys.KindWebhookDue, keys.KindWebhookWaiting, keys.KindWebhookDelivery,
		keys.KindExport, keys.KindJob, keys.KindJobPlace:
		return nil, fmt.Errorf("a backup has no item such as %v", item.Key())
	}
	return item, nil
}
