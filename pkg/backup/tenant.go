package backup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// A Tenant is all that one organization has in the table, as a backup holds it: its resources and counters. What says nothing that
// those don't say (claims of unique values, entries for look-up, what lies beside the target of a reference, marks of lists) is left out, and made
// anew from them. So are records of Idempotency-Keys, which are for a day alone, and images that are not shown.
type Tenant struct {
	store *store.Store
	org   string
}

// NewTenant returns the tenant of a name.
func NewTenant(st *store.Store, org string) Tenant { return Tenant{st, org} }

// A Branch is a partition of a tenant. Each item of some has a partition of its own below it: together they are a block.
type Branch struct {
	PK       string
	children childKind
}

type childKind int

const (
	noChildren childKind = iota
	contactParts
	listItems
)

// A BranchName is the same for a branch of any tenant.
type BranchName string

// Name is the branch's pk without the tenant.
func (t Tenant) Name(b Branch) BranchName { return BranchName(t.within(b.PK)) }

// within is a pk without the tenant.
func (t Tenant) within(pk string) string { return strings.TrimPrefix(pk, keys.Tenant(t.org)) }

// Lists are the customer lists with what is in them.
func (t Tenant) Lists() Branch { return Branch{PK: keys.CustomerLists(t.org), children: listItems} }

// Contacts are the contacts of each kind with their parts. A list of contacts only grows, and at its end.
func (t Tenant) Contacts() []Branch {
	return []Branch{t.contacts(contact.Individual), t.contacts(contact.Organization), t.contacts(contact.Placeholder)}
}

func (t Tenant) contacts(kind contact.Kind) Branch {
	return Branch{PK: keys.Contacts(t.org, kind), children: contactParts}
}

// Own is what belongs to the tenant itself and can be referred to.
func (t Tenant) TenantItems() Branch { return Branch{PK: keys.Parts(t.org, 0)} }

// Others are what else belongs to the tenant itself. The counters come last: they are then behind every number that was given out.
func (t Tenant) Others() []Branch {
	return []Branch{{PK: keys.Tags(t.org)}, {PK: keys.Configuration(t.org).PK}, {PK: keys.Counters(t.org)}}
}

// Block tells whether an item with a pk as an Entry has it begins a block, and of which branch.
func (t Tenant) BranchOf(pk string) (BranchName, bool) {
	return BranchName(pk), slices.ContainsFunc(append(t.Contacts(), t.Lists()), func(b Branch) bool { return t.Name(b) == BranchName(pk) })
}

// An Entry is an item of a tenant.
type Entry struct {
	// SK is the sort key; sort keys order the items of a branch.
	SK string
	// JSON is the item in DynamoDB's JSON, which is the same for the same item; its pk is without the tenant's name.
	JSON []byte
	// Image is set on the item of an image, Contact is then whose it is.
	Image   *store.Picture
	Contact contact.ID

	item dynamo.Item
}

// Read hands the items of a branch to each, in their order, from behind a sort key on.
func (t Tenant) Read(ctx context.Context, b Branch, after string, each func(Entry) error) error {
	return t.query(ctx, b.PK, after, each)
}

// Below hands what lies below an item of a branch to each.
func (t Tenant) Children(ctx context.Context, b Branch, sk string, each func(Entry) error) error {
	switch id := keys.LastID(sk); b.children {
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
		entry, kept, err := t.export(item)
		if err == nil && kept {
			err = each(entry)
		}
		failed = err
		return err == nil
	})
	return cmp.Or(failed, err)
}

// Contact reads the item of a contact, and tells of which branch it is.
func (t Tenant) Contact(ctx context.Context, id contact.ID) (b Branch, entry Entry, there bool, err error) {
	key := keys.Contact(t.org, id)
	item, err := t.store.Get(ctx, key)
	if err == nil && item != nil {
		entry, there, err = t.export(item)
	}
	return t.contacts(id.Kind()), entry, there, err
}

// CountsChanges reports whether an entry counts the changes of its contact's options.
func (e Entry) IsOptionSet() bool { return keys.Parse(e.item.Key()).Kind == keys.KindOptionSet }

// Torn reports whether a contact was deleted, or its options changed, since it was read with what lies below it, changes among that
// if there is one; and how the contact is now. One read unit for each of the two.
func (t Tenant) Changed(ctx context.Context, b Branch, root, changes Entry) (now Entry, torn bool, err error) {
	if b.children != contactParts {
		return root, false, nil
	}
	items, err := t.store.BatchGet(ctx, []dynamo.Key{root.item.Key(), keys.OptionSet(contact.Owner{Org: t.org, Contact: store.IDOf(root.item)})}, "")
	if err != nil || items[0] == nil {
		return root, false, err
	}
	torn = items[0].Bool(store.AttrDeleted) != root.item.Bool(store.AttrDeleted) || items[0].Bool(store.AttrReleasing) != root.item.Bool(store.AttrReleasing) ||
		items[1].Number(dynamo.AttrVersion) != changes.item.Number(dynamo.AttrVersion)
	now, _, err = t.export(items[0])
	return now, torn, err
}

// Image reads the item of an image again. None, if it isn't shown any more.
func (t Tenant) Image(ctx context.Context, owner, id contact.ID) (entry Entry, there bool, err error) {
	item, err := t.store.Get(ctx, keys.Image(contact.Owner{Org: t.org, Contact: owner}, id))
	if err != nil || item == nil {
		return Entry{}, false, err
	}
	return t.export(item)
}

// export is an item as a backup has it, unless it has none of it.
func (t Tenant) export(i dynamo.Item) (entry Entry, kept bool, err error) {
	key := i.Key()
	switch p := keys.Parse(key); p.Kind {
	case keys.KindReference, keys.KindRepresentative:
		return Entry{}, false, nil
	case keys.KindImage:
		picture, err := store.PictureOf(i)
		if err != nil {
			return Entry{}, false, fmt.Errorf("dynamo: the image %v can't be read: %w", key, err)
		}
		if i[store.AttrState] != nil {
			return Entry{}, false, nil
		}
		entry.Image, entry.Contact = &picture, p.Owner
	}
	exported := maps.Clone(i)
	exported["pk"] = dynamo.String(t.within(key.PK))
	entry.SK, entry.item = key.SK, i
	entry.JSON, err = dynamo.EncodeJSON(exported)
	return entry, err == nil, err
}

// Dependencies are what an item has to do with items of other contacts.
type Dependencies struct {
	Contact    contact.ID // whose it is, 0 for the tenant's own
	Self       string     // how others name it
	Deleted    bool       // nothing may refer to it
	References []string   // what has to be there for it, and not deleted
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
		b.References = append(b.References, guard) // a guard that says that it is deleted was read later
	}
	for _, name := range store.RestrictReferences(i) {
		if to := keys.ParseTarget(name); to.Contact != p.Owner || to.Part != "" {
			b.References = append(b.References, name)
		}
	}
	return b
}

// Referred is the contact that a name of Dependencies or a sort key of a contact leads to, 0 for the tenant itself.
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
		return nil, fmt.Errorf("%v is not of one tenant", item.Key())
	}
	switch p.Kind {
	case keys.KindUnknown, keys.KindReference, keys.KindRepresentative, keys.KindLookup, keys.KindOption, keys.KindTagID, keys.KindUnique,
		keys.KindAnswer, keys.KindAnswerPart, keys.KindOffsetRoot, keys.KindOffsetNode, keys.KindTombstone:
		return nil, fmt.Errorf("%v is no item that a backup has", item.Key())
	}
	return item, nil
}
