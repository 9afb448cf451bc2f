package fsck

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// A Check walks a table and holds every item to what others say of it: look-ups, unique values, references, counters and
// derived fields. It reads each item once, and the items that it must agree with; what seems wrong is read again before it
// is told, so that a change under way is no finding. It keeps the account numbers that it has seen, some 40 bytes each.
type Check struct {
	store *store.Store
	now   func() time.Time
	// org is the tenant to be checked, "" for all.
	org string
	// Told is given each finding. It is not called by two goroutines at once.
	Report func(Finding)
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
	HasAll(ctx context.Context, o contact.Owner, id contact.ID, version string) (bool, error)
	// Clear removes all objects of an image.
	Clear(ctx context.Context, o contact.Owner, id contact.ID) error
	// ClearContact removes all objects of a contact, and returns how many there were.
	ClearContact(ctx context.Context, o contact.Owner) (int, error)
}

// A FindingKind says which rule does not hold.
type FindingKind string

// The kinds of finding.
const (
	FoundUnknown        FindingKind = "unknown"        // nothing of the platform has such a key
	FoundDocument       FindingKind = "document"       // what is stored can't be read, or is not what its key says
	FoundLinks          FindingKind = "links"          // what is kept beside a document is not what follows from it
	FoundUnique         FindingKind = "unique"         // a unique value without its entry, or the other way about
	FoundLookup         FindingKind = "lookup"         // the same of what finds a contact
	FoundReference      FindingKind = "reference"      // the same of a reference
	FoundCount          FindingKind = "count"          // a number of references or members is wrong
	FoundRepresentative FindingKind = "representative" // an organization shows others than those who represent it
	FoundAccount        FindingKind = "account"        // an account number is nobody's, another's, or was not given out
	FoundOrphan         FindingKind = "orphan"         // what an item lies under is not there
	FoundList           FindingKind = "list"           // a customer list's entries and members differ
	FoundOffset         FindingKind = "offset-index"   // the marks of a list are not those of its rows
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
	// Key is the item's pk and sk with a blank between, or the key of an object.
	Key    string `json:"key"`
	Detail string `json:"detail"`
	// Repair is what Fix does; where that is nil, what somebody has to do.
	Repair string `json:"repair"`
	// Fix repairs it, if it is still so. ErrMoved says that it is not, another refusal what is in the way.
	Fix func(context.Context) error `json:"-"`
	// once is one try of it, on the records by which it was found: dynamo.ErrConflict if they are not as they were.
	fixOnce func(context.Context) error
}

// NewCheck returns a check of a tenant, of all for "". One that is being restored is left out: what it lacks is on its way.
func NewCheck(st *store.Store, now func() time.Time, org string, told func(Finding)) *Check {
	return &Check{store: st, now: now, org: org, Report: told, counts: map[string]int64{}, accounts: map[series]map[int64]contact.ID{}, tenants: map[string]bool{}}
}

// Counts are what was looked at, by what it is.
func (c *Check) Counts() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// scanned is how many parts of the table are read side by side.
const scanSegments = 4

// Run walks the table. Its error says that it could not be done.
func (c *Check) Run(ctx context.Context) error {
	if err := c.scan(ctx); err != nil || c.org != "" { // who names one organization knows that it is there
		return err
	}
	return c.checkOrganizations(ctx)
}

func (c *Check) scan(ctx context.Context) error {
	var filter dynamo.Expr
	if c.org != "" {
		filter = dynamo.Or(dynamo.AttributeEquals("pk", dynamo.String(keys.Tenant(c.org))), dynamo.BeginsWith("pk", keys.Tenant(c.org)+"#"))
	}
	return dynamo.EachParallel(ctx, scanSegments, func(ctx context.Context, segment int) error {
		var seen seenIDs
		return c.store.Scan(ctx, segment, scanSegments, filter, func(page []dynamo.Item) error {
			for items := range slices.Chunk(page, dynamo.MaxBatchGet) {
				if err := c.checkItems(ctx, items); err != nil {
					return err
				}
				if err := c.checkDuplicateIDs(ctx, &seen, items); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// A sight is how a check neighbours other items: as they were read together, or one by one.
type getFunc func(dynamo.Key) (dynamo.Item, error)

// look checks some items.
func (c *Check) checkItems(ctx context.Context, items []dynamo.Item) error {
	var wanted []dynamo.Key
	known := map[dynamo.Key]dynamo.Item{}
	for _, i := range items {
		for _, key := range c.relatedKeys(i) {
			if _, there := known[key]; !there && key.IsValid() {
				known[key] = nil
				wanted = append(wanted, key)
			}
		}
	}
	found, err := c.store.BatchGet(ctx, wanted, "")
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
		return c.get(ctx, key)
	}
	for _, i := range items {
		suspicions, err := c.checkItem(ctx, i, see)
		if err != nil {
			return err
		}
		if len(suspicions) > 0 {
			if err := c.confirm(ctx, i, suspicions); err != nil {
				return err
			}
		}
		c.count(i)
	}
	return nil
}

// one reads an item; nil if there is none, or can be none.
func (c *Check) get(ctx context.Context, key dynamo.Key) (dynamo.Item, error) {
	if !key.IsValid() {
		return nil, nil
	}
	return c.store.Get(ctx, key)
}

// maxLooks bounds how often something is looked at that goes on changing.
const maxReads = 10

// confirm tells what is wrong with an item if it is found again, just so, while the item does not change.
func (c *Check) confirm(ctx context.Context, read dynamo.Item, suspected []Finding) error {
	see := func(key dynamo.Key) (dynamo.Item, error) { return c.get(ctx, key) }
	for range maxReads {
		before, err := see(read.Key())
		if err != nil || before == nil {
			return err
		}
		found, err := c.checkItem(ctx, before, see)
		if err != nil || len(found) == 0 {
			return err
		}
		after, err := see(read.Key())
		if err != nil {
			return err
		}
		if reflect.DeepEqual(before, after) && slices.EqualFunc(found, suspected, func(a, b Finding) bool { return a.Detail == b.Detail }) {
			return c.report(ctx, found)
		}
		suspected = found
	}
	return nil
}

// tell tells of findings, unless their tenant is being restored.
func (c *Check) report(ctx context.Context, found []Finding) error {
	var tenant dynamo.Item
	if org := found[0].Org; org != "" {
		var err error
		if tenant, err = c.store.Get(ctx, keys.Organization(org)); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if tenant[accounts.AttrRestoring] != nil && !c.Restoring {
		c.counts["items of organizations being restored"]++
		return nil
	}
	for _, f := range found {
		c.Report(f)
	}
	return nil
}

// counted counts an item that was looked at.
func (c *Check) count(i dynamo.Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := keys.Parse(i.Key())
	c.counts["items"]++
	c.counts[kindNames[p.Kind]]++
	if p.Org != "" && p.Kind != keys.KindUnknown {
		c.tenants[p.Org] = true
	}
	if n := c.counts["items"]; c.Progress != nil && n%1000 == 0 {
		c.Progress(n)
	}
}

var kindNames = map[keys.Kind]string{
	keys.KindUnknown: "unknown items", keys.KindPlatform: "platform records", keys.KindContact: "contacts", keys.KindPart: "parts", keys.KindTag: "tags of contacts",
	keys.KindImage: "images", keys.KindReference: "references", keys.KindOptionSet: "option sets", keys.KindLookup: "lookup entries", keys.KindOption: "lookup entries", keys.KindGuard: "guard items", keys.KindRepresentative: "representatives", keys.KindTagID: "ids of tags", keys.KindUnique: "unique values",
	keys.KindCustomerList: "customer lists", keys.KindListItem: "list items", keys.KindListMember: "list members", keys.KindSharedTag: "tags", keys.KindAnswer: "answers",
	keys.KindOffsetRoot: "offset indexes", keys.KindOffsetNode: "offset indexes", keys.KindTombstone: "tombstones",
	keys.KindAnswerPart: "parts of answers", keys.KindCounter: "counters", keys.KindMappingRun: "others", keys.KindConfiguration: "configurations",
}

// neighbours are the keys of the items that an item must agree with, as far as its own attributes tell.
func (c *Check) relatedKeys(i dynamo.Item) (others []dynamo.Key) {
	p := keys.Parse(i.Key())
	self := p.Self(i.Key())
	for _, held := range i.Strings(store.AttrUniques) {
		space, value, _ := strings.Cut(held, "#")
		others = append(others, keys.Unique(p.Org, space, value))
	}
	for _, f := range i.Strings(store.AttrLookups) {
		others = append(others, store.LookupItem(p.Org, f, self).Key())
	}
	for _, name := range store.RestrictReferences(i) {
		to := keys.ParseTarget(name)
		others = append(others, keys.Reference(p.Org, to, self), to.Guard(p.Org))
	}
	switch p.Kind {
	case keys.KindPart, keys.KindTag, keys.KindImage, keys.KindOptionSet:
		if p.Owner != 0 {
			others = append(others, keys.Contact(p.Org, p.Owner), keys.Guard(p.Org, p.Owner))
		}
		if p.Identity != 0 {
			others = append(others, keys.PartTarget(p.Owner, keys.SegmentIdentity, p.Identity).Key(p.Org))
		}
		if p.Segment == keys.SegmentPhone {
			others = append(others, keys.Organization(p.Org))
		}
		if i[store.AttrRepresents] != nil {
			organization := contact.ID(i.Number(store.AttrRepresents))
			others = append(others, keys.Contact(p.Org, organization), keys.Representative(p.Org, organization, keys.RepresentativeName(p.Owner, store.IDOf(i))))
		}
	case keys.KindReference:
		others = append(others, p.Of.Guard(p.Org), p.By.Key(p.Org))
	case keys.KindLookup:
		others = append(others, p.By.Key(p.Org))
	case keys.KindOption:
		others = append(others, store.OptionTarget(i).Key(p.Org))
	case keys.KindSharedTag:
		others = append(others, store.TagIDItem(p.Org, i).Key())
	case keys.KindUnique:
		others = append(others, uniqueOwners(p, i)...)
	case keys.KindListItem:
		others = append(others, keys.CustomerList(p.Org, p.List))
		if ref, err := store.Decode[contact.ContactRef](i); err == nil {
			others = append(others, keys.ListMember(p.Org, p.List, ref.ID), keys.Contact(p.Org, ref.ID))
		}
	case keys.KindListMember:
		others = append(others, keys.CustomerList(p.Org, p.List), keys.ListItem(p.Org, p.List, contact.ID(i.Number(store.AttrPosition))))
	case keys.KindOffsetRoot, keys.KindOffsetNode, keys.KindTombstone:
		others = append(others, relatedOffsetKeys(i, p)...)
	case keys.KindAnswerPart:
		others = append(others, keys.AnswerOf(i.Key()))
	case keys.KindPlatform:
		others = append(others, relatedOrganizations(i)...)
	case keys.KindGuard:
		others = append(others, keys.Contact(p.Org, p.Owner))
		for _, a := range store.AccountKinds {
			if i[a.Attribute] != nil {
				others = append(others, keys.Counter(p.Org, a.Attribute))
			}
		}
	case keys.KindContact:
		others = append(others, keys.Guard(p.Org, p.Owner))
		inline, _ := store.InlineRepresentatives(i)
		for name := range inline {
			identity, _ := keys.ParseRepresentativeName(name)
			others = append(others, identity.Key(p.Org))
		}
	case keys.KindRepresentative:
		identity, _ := keys.ParseRepresentativeName(p.Name)
		others = append(others, keys.Contact(p.Org, p.Owner), identity.Key(p.Org))
	}
	if p.Kind == keys.KindTag {
		if tag, err := store.Decode[contact.Tag](i); err == nil {
			others = append(others, keys.Tag(p.Org, tag.Name))
		}
	}
	return others
}

// holders are where the resource can be that claims a value: the contact that the claim leads to, or a role of it.
func uniqueOwners(p keys.Parsed, unique dynamo.Item) []dynamo.Key {
	o := contact.Owner{Org: p.Org, Contact: contact.ID(unique.Number(store.AttrOwner))}
	others := []dynamo.Key{keys.Contact(p.Org, o.Contact)}
	if role, ok := map[string]string{keys.SpaceCustomer: keys.RoleCustomer, keys.SpaceSupplier: keys.RoleSupplier, keys.SpaceAlternativePayer: keys.RoleAlternativePayer}[p.Space]; ok {
		others = append(others, keys.Role(o, role))
	}
	return others
}
