package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
)

// A Tenant is all that one organization has in the table, as a backup holds it: its resources and counters. What says nothing that
// those don't say (claims of unique values, entries for look-up, what lies beside the target of a reference, marks of lists) is left out, and made
// anew from them. So are records of Idempotency-Keys, which are for a day alone, and images that are not shown.
type Tenant struct {
	table *Table
	org   string
}

// Tenant returns the tenant of a name.
func (t *Table) Tenant(org string) Tenant { return Tenant{t, org} }

// A Branch is a partition of a tenant. Each item of some has a partition of its own below it: together they are a block.
type Branch struct {
	PK    string
	holds blocks
}

type blocks int

const (
	noBlocks blocks = iota
	contactBlocks
	listBlocks
)

// A BranchName is the same for a branch of any tenant.
type BranchName string

// Name is the branch's pk without the tenant.
func (t Tenant) Name(b Branch) BranchName { return BranchName(t.within(b.PK)) }

// within is a pk without the tenant.
func (t Tenant) within(pk string) string { return strings.TrimPrefix(pk, keys.Tenant(t.org)) }

// Lists are the customer lists with what is in them.
func (t Tenant) Lists() Branch { return Branch{PK: keys.CustomerLists(t.org), holds: listBlocks} }

// Contacts are the contacts of each kind with their parts. A list of contacts only grows, and at its end.
func (t Tenant) Contacts() []Branch {
	return []Branch{t.contacts(contact.Individual), t.contacts(contact.Organization), t.contacts(contact.Placeholder)}
}

func (t Tenant) contacts(kind contact.Kind) Branch {
	return Branch{PK: keys.Contacts(t.org, kind), holds: contactBlocks}
}

// Own is what belongs to the tenant itself and can be referred to.
func (t Tenant) Own() Branch { return Branch{PK: keys.Parts(t.org, 0)} }

// Others are what else belongs to the tenant itself. The counters come last: they are then behind every number that was given out.
func (t Tenant) Others() []Branch {
	return []Branch{{PK: keys.Tag(t.org, "").PK}, {PK: keys.Configuration(t.org).PK}, {PK: keys.Counter(t.org, "").PK}}
}

// Block tells whether an item with a pk as an Entry has it begins a block, and of which branch.
func (t Tenant) Block(pk string) (BranchName, bool) {
	return BranchName(pk), slices.ContainsFunc(append(t.Contacts(), t.Lists()), func(b Branch) bool { return t.Name(b) == BranchName(pk) })
}

// An Entry is an item of a tenant.
type Entry struct {
	// SK is the sort key; sort keys order the items of a branch.
	SK string
	// JSON is the item in DynamoDB's JSON, which is the same for the same item; its pk is without the tenant's name.
	JSON []byte
	// Image is set on the item of an image, Contact is then whose it is.
	Image   *Picture
	Contact contact.ID

	item dynamo.Item
}

// Read hands the items of a branch to each, in their order, from behind a sort key on.
func (t Tenant) Read(ctx context.Context, b Branch, after string, each func(Entry) error) error {
	return t.query(ctx, b.PK, after, each)
}

// Below hands what lies below an item of a branch to each.
func (t Tenant) Below(ctx context.Context, b Branch, sk string, each func(Entry) error) error {
	switch id := (dynamo.Item{"sk": dynamo.String(sk)}).id(); b.holds {
	case contactBlocks:
		return t.query(ctx, keys.Parts(t.org, id), "", each)
	case listBlocks:
		return t.query(ctx, keys.ListItems(t.org, id), "", each)
	}
	return nil
}

func (t Tenant) query(ctx context.Context, partition, after string, each func(Entry) error) error {
	input := &dynamodb.QueryInput{
		TableName: &t.table.name, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: values{":pk": dynamo.String(partition)},
	}
	if after != "" {
		input.ExclusiveStartKey = dynamo.Key{partition, after}.attributes()
	}
	for pages := dynamodb.NewQueryPaginator(t.table.client, input); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failure(err)
		}
		units(ctx).read(page.ConsumedCapacity)
		for _, item := range page.Items {
			entry, kept, err := t.export(item)
			if err == nil && kept {
				err = each(entry)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Contact reads the item of a contact, and tells of which branch it is.
func (t Tenant) Contact(ctx context.Context, id contact.ID) (b Branch, entry Entry, there bool, err error) {
	key := keys.Contact(t.org, id)
	item, err := t.table.Get(ctx, key)
	if err == nil && item != nil {
		entry, there, err = t.export(item)
	}
	return t.contacts(id.Kind()), entry, there, err
}

// CountsChanges reports whether an entry counts the changes of its contact's options.
func (e Entry) CountsChanges() bool { return keys.Parse(e.item.Key()).kind == keys.KindOptionSet }

// Torn reports whether a contact was deleted, or its options changed, since it was read with what lies below it, changes among that
// if there is one; and how the contact is now. One read unit for each of the two.
func (t Tenant) Torn(ctx context.Context, b Branch, root, changes Entry) (now Entry, torn bool, err error) {
	if b.holds != contactBlocks {
		return root, false, nil
	}
	items, err := t.table.BatchGet(ctx, []dynamo.Key{root.item.Key(), keys.OptionSet(contact.Owner{Org: t.org, Contact: root.item.id()})}, "")
	if err != nil || items[0] == nil {
		return root, false, err
	}
	torn = items[0].Bool(attrDeleted) != root.item.Bool(attrDeleted) || items[0].Bool(attrReleasing) != root.item.Bool(attrReleasing) ||
		items[1].Number(dynamo.AttrVersion) != changes.item.Number(dynamo.AttrVersion)
	now, _, err = t.export(items[0])
	return now, torn, err
}

// Image reads the item of an image again. None, if it isn't shown any more.
func (t Tenant) Image(ctx context.Context, owner, id contact.ID) (entry Entry, there bool, err error) {
	item, err := t.table.Get(ctx, imageTarget(contact.Owner{Org: t.org, Contact: owner}, id).Key(t.org))
	if err != nil || item == nil {
		return Entry{}, false, err
	}
	return t.export(item)
}

// export is an item as a backup has it, unless it has none of it.
func (t Tenant) export(i dynamo.Item) (entry Entry, kept bool, err error) {
	key := i.Key()
	switch p := keys.Parse(key); p.kind {
	case keys.KindReference, keys.KindRepresentative:
		return Entry{}, false, nil
	case keys.KindImage:
		picture, err := pictureOf(i)
		if err != nil {
			return Entry{}, false, fmt.Errorf("dynamo: the image %v can't be read: %w", key, err)
		}
		if i[attrState] != nil {
			return Entry{}, false, nil
		}
		entry.Image, entry.Contact = &picture, p.owner
	}
	attributes := map[string]any{}
	for name, value := range i {
		if name == "pk" {
			value = dynamo.String(t.within(key.PK))
		}
		if attributes[name], err = exported(value); err != nil {
			return Entry{}, false, fmt.Errorf("dynamo: attribute %s of %v: %w", name, key, err)
		}
	}
	entry.SK, entry.item = key.SK, i
	entry.JSON, err = json.Marshal(attributes, json.Deterministic(true))
	return entry, true, err
}

// Bonds are what an item has to do with items of other contacts.
type Bonds struct {
	Contact contact.ID // whose it is, 0 for the tenant's own
	Self    string     // how others name it
	Gone    bool       // nothing may refer to it
	Refers  []string   // what has to be there for it, and not deleted: its lasting references to others
	Claims  []string   // values that no other contact may have
}

// Bonds returns those of an item.
func (t Tenant) Bonds(i dynamo.Item) Bonds {
	p := keys.Parse(i.Key())
	b := Bonds{Contact: p.owner, Self: selfOf(i, p).String(), Gone: i.Bool(attrDeleted) && !i.Bool(attrErasing) && !i.Bool(attrErased), Claims: i.Strings(attrClaims)}
	switch guard := (keys.Target{Contact: p.owner, Part: keys.SegmentGuard}).String(); {
	case p.kind == keys.KindGuard:
		b.Self = guard
	case p.kind == keys.KindContact && !i.Bool(attrDeleted):
		b.Refers = append(b.Refers, guard) // a guard that says that it is deleted was read later
	}
	for _, name := range lastingOf(i) {
		if to := keys.ParseTarget(name); to.Contact != p.owner || to.Part != "" {
			b.Refers = append(b.Refers, name)
		}
	}
	return b
}

// Referred is the contact that a name of Bonds or a sort key of a contact leads to, 0 for the tenant itself.
func Referred(name string) contact.ID { return keys.ParseTarget(name).contact }

// exported is a value in DynamoDB's JSON.
func exported(value types.AttributeValue) (any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}, nil
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}, nil
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}, nil
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}, nil
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": slices.Sorted(slices.Values(v.Value))}, nil
	case *types.AttributeValueMemberM:
		m := map[string]any{}
		for name, inner := range v.Value {
			var err error
			if m[name], err = exported(inner); err != nil {
				return nil, err
			}
		}
		return map[string]any{"M": m}, nil
	}
	return nil, fmt.Errorf("%T is of a type that no item has", value)
}

// imported is a value as DynamoDB's JSON has it.
type imported struct {
	S, N *string             `json:",omitzero"`
	BOOL *bool               `json:",omitzero"`
	B    []byte              `json:",omitzero"`
	SS   []string            `json:",omitzero"`
	M    map[string]imported `json:",omitzero"`
}

func (v imported) value() (types.AttributeValue, error) {
	switch {
	case v.S != nil:
		return dynamo.String(*v.S), nil
	case v.N != nil:
		return &types.AttributeValueMemberN{Value: *v.N}, nil
	case v.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *v.BOOL}, nil
	case v.B != nil:
		return dynamo.Binary(v.B), nil
	case v.SS != nil:
		return &types.AttributeValueMemberSS{Value: v.SS}, nil
	case v.M != nil:
		m := map[string]types.AttributeValue{}
		for name, inner := range v.M {
			var err error
			if m[name], err = inner.value(); err != nil {
				return nil, err
			}
		}
		return dynamo.Map(m), nil
	}
	return nil, errors.New("a value has no type")
}

// ParseEntry reads the JSON of an Entry as an item of an organization.
func ParseEntry(org string, text []byte) (dynamo.Item, error) {
	var attributes map[string]imported
	if err := json.Unmarshal(text, &attributes, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	item := dynamo.Item{}
	for name, v := range attributes {
		value, err := v.value()
		if err != nil {
			return nil, err
		}
		item[name] = value
	}
	item["pk"] = dynamo.String(keys.Tenant(org) + item.String("pk"))
	switch p := keys.Parse(item.Key()); {
	case p.org != org:
		return nil, fmt.Errorf("%v is not of one tenant", item.Key())
	case p.kind == keys.KindUnknown, p.kind == keys.KindReference, p.kind == keys.KindRepresentative, p.kind == keys.KindLookup, p.kind == keys.KindOption, p.kind == keys.KindTagID, p.kind == keys.KindUnique, p.kind == keys.KindAnswer, p.kind == keys.KindAnswerPart,
		p.kind == keys.KindOffsetRoot, p.kind == keys.KindOffsetNode, p.kind == keys.KindTombstone:
		return nil, fmt.Errorf("%v is no item that a backup has", item.Key())
	}
	return item, nil
}
