package fsck

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// A Check walks a table and holds every item to what others say of it: look-ups, unique values, references, counters and
// derived fields. It reads each item once, and the items that it must agree with; what seems wrong is read again before it
// is told, so that a change under way is no finding. It keeps the account numbers that it has seen, some 40 bytes each.
type Check struct {
	table *Table
	// org is the tenant to be checked, "" for all.
	org string
	// Told is given each finding. It is not called by two goroutines at once.
	Told func(Finding)
	// Progress, which may be nil, is told how many items have been looked at, now and then.
	Progress func(items int64)
	// Objects are those of the images; nil: they are not looked at.
	Objects ImageObjects
	// Restoring is set by a restore, which checks what it has brought before it opens it.
	Restoring bool

	mu       sync.Mutex
	counts   map[string]int64
	accounts map[series]map[int64]contact.ID
	tenants  map[string]bool // of which something was seen
}

// A series is the accounts of a kind that a tenant has given out.
type series struct{ org, attribute string }

// ImageObjects are what images show.
type ImageObjects interface {
	// Whole tells whether all objects of a version of an image's picture are there.
	Whole(ctx context.Context, o contact.Owner, id contact.ID, version string) (bool, error)
	// Clear removes all objects of an image.
	Clear(ctx context.Context, o contact.Owner, id contact.ID) error
	// ClearContact removes all objects of a contact, and returns how many there were.
	ClearContact(ctx context.Context, o contact.Owner) (int, error)
}

// A FindingKind says which rule does not hold.
type FindingKind string

// The kinds of finding.
const (
	FoundStray          FindingKind = "stray"          // nothing of the platform has such a key
	FoundDocument       FindingKind = "document"       // what is stored can't be read, or is not what its key says
	FoundTies           FindingKind = "ties"           // what is kept beside a document is not what follows from it
	FoundClaim          FindingKind = "claim"          // a unique value without its entry, or the other way about
	FoundLookup         FindingKind = "look-up"        // the same of what finds a contact
	FoundReference      FindingKind = "reference"      // the same of a reference
	FoundCount          FindingKind = "count"          // a number of references or members is wrong
	FoundRepresentative FindingKind = "representative" // an organization shows others than those who represent it
	FoundAccount        FindingKind = "account"        // an account number is nobody's, another's, or was not given out
	FoundOrphan         FindingKind = "orphan"         // what an item lies under is not there
	FoundList           FindingKind = "list"           // a customer list's entries and members differ
	FoundMarks          FindingKind = "marks"          // the marks of a list are not those of its rows
	FoundTag            FindingKind = "tag"            // a tag is not the one that all share
	FoundDeletion       FindingKind = "deletion"       // a deletion broke off
	FoundImage          FindingKind = "image"          // an image was never processed, or lacks what it shows
	FoundObject         FindingKind = "object"         // no image shows an object
	FoundAnswer         FindingKind = "answer"         // a kept answer never expires, or lacks pieces
	FoundGuard          FindingKind = "guard"          // what a contact's parts check of it is not as the contact is
	FoundID             FindingKind = "id"             // two resources have an id that one alone can have
	FoundVersion        FindingKind = "version"        // a resource has no version
	FoundPlatform       FindingKind = "platform"       // a record of the platform lacks something, or names no organization
)

// A Finding is something of which the table does not agree with itself.
type Finding struct {
	Kind FindingKind `json:"kind"`
	Org  string      `json:"org"`
	// dynamo.Key is the item's pk and sk with a blank between, or the key of an object.
	dynamo.Key    string `json:"key"`
	Detail string `json:"detail"`
	// Repair is what Fix does; where that is nil, what somebody has to do.
	Repair string `json:"repair"`
	// Fix repairs it, if it is still so. ErrMoved says that it is not, another refusal what is in the way.
	Fix func(context.Context) error `json:"-"`
	// once is one try of it, on the records by which it was found: dynamo.ErrConflict if they are not as they were.
	once func(context.Context) error
}

// NewCheck returns a check of a tenant, of all for "". One that is being restored is left out: what it lacks is on its way.
func NewCheck(t *Table, org string, told func(Finding)) *Check {
	return &Check{table: t, org: org, Told: told, counts: map[string]int64{}, accounts: map[series]map[int64]contact.ID{}, tenants: map[string]bool{}}
}

// Counts are what was looked at, by what it is.
func (c *Check) Counts() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// scanned is how many parts of the table are read side by side.
const scanned = 4

// Run walks the table. Its error says that it could not be done.
func (c *Check) Run(ctx context.Context) error {
	if err := c.scan(ctx); err != nil || c.org != "" { // who names one organization knows that it is there
		return err
	}
	return c.organizations(ctx)
}

func (c *Check) scan(ctx context.Context) error {
	return dynamo.EachParallel(ctx, scanned, func(ctx context.Context, segment int) error {
		input := dynamodb.ScanInput{TableName: &c.table.name, ConsistentRead: aws.Bool(true),
			Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(scanned)}
		if c.org != "" {
			input.FilterExpression = aws.String("pk = :org OR begins_with(pk, :tenant)")
			input.ExpressionAttributeValues = values{":org": dynamo.String(keys.Tenant(c.org)), ":tenant": dynamo.String(keys.Tenant(c.org) + "#")}
		}
		var seen seenIDs
		for pages := dynamodb.NewScanPaginator(c.table.client, &input); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return failure(err)
			}
			for items := range slices.Chunk(page.Items, dynamo.MaxBatchGet) {
				if err := c.look(ctx, items); err != nil {
					return err
				}
				if err := c.duplicates(ctx, &seen, items); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// A sight is how a check sees other items: as they were read together, or one by one.
type sight func(dynamo.Key) (dynamo.Item, error)

// look checks some items.
func (c *Check) look(ctx context.Context, items []map[string]types.AttributeValue) error {
	var wanted []dynamo.Key
	known := map[dynamo.Key]dynamo.Item{}
	for _, i := range items {
		for _, key := range c.sees(i) {
			if _, there := known[key]; !there && key.IsValid() {
				known[key] = nil
				wanted = append(wanted, key)
			}
		}
	}
	found, err := c.table.BatchGet(ctx, wanted, "")
	if err != nil {
		return err
	}
	for i, key := range wanted {
		known[key] = found[i]
	}
	see := func(key dynamo.Key) (dynamo.Item, error) {
		if item, there := known[key]; there {
			return item, nil
		}
		return c.one(ctx, key)
	}
	for _, i := range items {
		suspicions, err := c.judge(ctx, i, see)
		if err != nil {
			return err
		}
		if len(suspicions) > 0 {
			if err := c.confirm(ctx, i, suspicions); err != nil {
				return err
			}
		}
		c.counted(i)
	}
	return nil
}

// one reads an item; nil if there is none, or can be none.
func (c *Check) one(ctx context.Context, key dynamo.Key) (dynamo.Item, error) {
	if !key.IsValid() {
		return nil, nil
	}
	return c.table.Get(ctx, key)
}

// maxLooks bounds how often something is looked at that goes on changing.
const maxLooks = 10

// confirm tells what is wrong with an item if it is found again, just so, while the item does not change.
func (c *Check) confirm(ctx context.Context, read dynamo.Item, suspected []Finding) error {
	see := func(key dynamo.Key) (dynamo.Item, error) { return c.one(ctx, key) }
	for range maxLooks {
		before, err := see(read.Key())
		if err != nil || before == nil {
			return err
		}
		found, err := c.judge(ctx, before, see)
		if err != nil || len(found) == 0 {
			return err
		}
		after, err := see(read.Key())
		if err != nil {
			return err
		}
		if reflect.DeepEqual(before, after) && slices.EqualFunc(found, suspected, func(a, b Finding) bool { return a.Detail == b.Detail }) {
			return c.tell(ctx, found)
		}
		suspected = found
	}
	return nil
}

// tell tells of findings, unless their tenant is being restored.
func (c *Check) tell(ctx context.Context, found []Finding) error {
	var tenant dynamo.Item
	if org := found[0].Org; org != "" {
		var err error
		if tenant, err = c.table.Get(ctx, keys.Organization(org)); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if tenant[attrRestoring] != nil && !c.Restoring {
		c.counts["of organizations half restored"]++
		return nil
	}
	for _, f := range found {
		c.Told(f)
	}
	return nil
}

// counted counts an item that was looked at.
func (c *Check) counted(i dynamo.Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := keys.Parse(i.Key())
	c.counts["items"]++
	c.counts[placeNames[p.kind]]++
	if p.org != "" && p.kind != keys.KindUnknown {
		c.tenants[p.org] = true
	}
	if n := c.counts["items"]; c.Progress != nil && n%1000 == 0 {
		c.Progress(n)
	}
}

var placeNames = map[placeKind]string{
	keys.KindUnknown: "strays", keys.KindPlatform: "platform records", keys.KindContact: "contacts", keys.KindPart: "parts", keys.KindTag: "tags of contacts",
	keys.KindImage: "images", keys.KindReference: "references", keys.KindOptionSet: "counters of changes", keys.KindLookup: "look-ups", keys.KindOption: "look-ups", keys.KindGuard: "guards", keys.KindRepresentative: "representatives", keys.KindTagID: "ids of tags", keys.KindUnique: "claims",
	keys.KindCustomerList: "customer lists", keys.KindListItem: "entries of lists", keys.KindListMember: "members of lists", keys.KindSharedTag: "tags", keys.KindAnswer: "answers",
	keys.KindOffsetRoot: "marks of lists", keys.KindOffsetNode: "marks of lists", keys.KindTombstone: "removals from lists",
	keys.KindAnswerPart: "pieces of answers", keys.KindCounter: "counters", keys.KindMappingRun: "others", keys.KindConfiguration: "configurations",
}

// sees are the keys of the items that an item must agree with, as far as its own attributes tell.
func (c *Check) sees(i dynamo.Item) (keys []dynamo.Key) {
	p := keys.Parse(i.Key())
	self := selfOf(i, p)
	for _, held := range i.Strings(attrClaims) {
		space, value, _ := strings.Cut(held, "#")
		keys = append(keys, keys.Unique(p.org, space, value))
	}
	for _, f := range i.Strings(attrFinds) {
		keys = append(keys, findEntry(p.org, f, self).Key())
	}
	for _, name := range lastingOf(i) {
		to := keys.ParseTarget(name)
		keys = append(keys, keys.Reference(p.org, to, self), to.Guard(p.org))
	}
	switch p.kind {
	case keys.KindPart, keys.KindTag, keys.KindImage, keys.KindOptionSet:
		if p.owner != 0 {
			keys = append(keys, keys.Contact(p.org, p.owner), keys.Guard(p.org, p.owner))
		}
		if p.identity != 0 {
			keys = append(keys, keys.PartTarget(p.owner, keys.SegmentIdentity, p.identity).Key(p.org))
		}
		if p.segment == keys.SegmentPhone {
			keys = append(keys, keys.Organization(p.org))
		}
		if i[attrRepresents] != nil {
			organization := contact.ID(i.Number(attrRepresents))
			keys = append(keys, keys.Contact(p.org, organization), keys.Representative(p.org, organization, keys.RepresentativeName(p.owner, i.id())))
		}
	case keys.KindReference:
		keys = append(keys, p.of.Guard(p.org), p.by.Key(p.org))
	case keys.KindLookup:
		keys = append(keys, p.by.Key(p.org))
	case keys.KindOption:
		keys = append(keys, optionOf(i).Key(p.org))
	case keys.KindSharedTag:
		keys = append(keys, tagClaim(p.org, i).Key())
	case keys.KindUnique:
		keys = append(keys, holders(p, i)...)
	case keys.KindListItem:
		keys = append(keys, keys.CustomerList(p.org, p.list))
		if ref, err := decode[contact.ContactRef](i); err == nil {
			keys = append(keys, keys.ListMember(p.org, p.list, ref.ID), keys.Contact(p.org, ref.ID))
		}
	case keys.KindListMember:
		keys = append(keys, keys.CustomerList(p.org, p.list), keys.ListItem(p.org, p.list, contact.ID(i.Number(attrPosition))))
	case keys.KindOffsetRoot, keys.KindOffsetNode, keys.KindTombstone:
		keys = append(keys, seesOfMarks(i, p)...)
	case keys.KindAnswerPart:
		keys = append(keys, i.Key().whole())
	case keys.KindPlatform:
		keys = append(keys, seesOfPlatform(i)...)
	case keys.KindGuard:
		keys = append(keys, keys.Contact(p.org, p.owner))
		for _, a := range []account{debtor, creditor} {
			if i[a.attribute] != nil {
				keys = append(keys, keys.Counter(p.org, a.attribute))
			}
		}
	case keys.KindContact:
		keys = append(keys, keys.Guard(p.org, p.owner))
		inline, _ := i.inline()
		for name := range inline {
			identity, _ := keys.ParseRepresentativeName(name)
			keys = append(keys, identity.Key(p.org))
		}
	case keys.KindRepresentative:
		identity, _ := keys.ParseRepresentativeName(p.name)
		keys = append(keys, keys.Contact(p.org, p.owner), identity.Key(p.org))
	}
	if p.kind == keys.KindTag {
		if tag, err := decode[contact.Tag](i); err == nil {
			keys = append(keys, keys.Tag(p.org, tag.Name))
		}
	}
	return keys
}

// selfOf is how others name an item.
func selfOf(i dynamo.Item, p place) keys.Target {
	if p.kind == keys.KindContact || p.kind == keys.KindGuard {
		return keys.Target{Contact: p.owner}
	}
	return keys.Target{Contact: p.owner, Part: i.String("sk")}
}

// lastingOf are the targets of an item's lasting references.
func lastingOf(i dynamo.Item) (names []string) {
	for _, name := range i.Strings(attrRefers) {
		if !strings.HasPrefix(name, mayGo) {
			names = append(names, name)
		}
	}
	return names
}

// holders are where the resource can be that claims a value: the contact that the claim leads to, or a role of it.
func holders(p place, claim dynamo.Item) []dynamo.Key {
	o := contact.Owner{Org: p.org, Contact: contact.ID(claim.Number(attrOwner))}
	keys := []dynamo.Key{keys.Contact(p.org, o.Contact)}
	if role, ok := map[string]string{keys.SpaceCustomer: keys.RoleCustomer, keys.SpaceSupplier: keys.RoleSupplier, keys.SpaceAlternativePayer: keys.RoleAlternativePayer}[p.space]; ok {
		keys = append(keys, keys.Role(o, role))
	}
	return keys
}
