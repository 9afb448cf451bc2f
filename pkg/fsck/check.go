package fsck

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// A Check scans a table and compares each item with those that it must agree with: lookup entries, unique values, references,
// counters and derived fields. It reads a contradiction again before it reports it, so that a concurrent change is no finding. It
// keeps the account numbers that it has seen in memory, some 40 bytes each.
type Check struct {
	store *store.Store
	now   func() time.Time
	// org is the tenant to check, "" for all.
	org string
	// Report is called with each finding, never concurrently.
	Report func(Finding)
	// Progress is called with the number of checked items, every thousand. It may be nil.
	Progress func(items int64)
	// Objects are those of the images, nil to skip them.
	Objects ImageObjects
	// Restoring is set by a restore, which checks an organization before it opens it.
	Restoring bool

	mu       sync.Mutex
	counts   map[string]int64
	accounts map[series]map[int64]contact.ID
	tenants  map[string]bool // those with records

	usersMu sync.Mutex
	users   map[string]bool // the partitions of all users' sessions
}

// A series is the account numbers of a kind in a tenant.
type series struct{ org, attribute string }

// ImageObjects are the objects of images in the bucket.
type ImageObjects interface {
	// HasAll reports whether all objects of a version of an image exist.
	HasAll(ctx context.Context, o contact.Owner, id contact.ID, version string) (bool, error)
	// Clear deletes all objects of an image.
	Clear(ctx context.Context, o contact.Owner, id contact.ID) error
	// ClearContact deletes all objects of a contact, and returns their number.
	ClearContact(ctx context.Context, o contact.Owner) (int, error)
}

// A FindingKind is the rule that is broken.
type FindingKind string

// The kinds of finding.
const (
	FoundUnknown        FindingKind = "unknown"        // the platform makes no such key
	FoundDocument       FindingKind = "document"       // the document can't be read, or contradicts its key
	FoundLinks          FindingKind = "links"          // the links of an item don't follow from its document
	FoundUnique         FindingKind = "unique"         // a unique value without its entry, or the reverse
	FoundLookup         FindingKind = "lookup"         // a lookup key without its entry, or the reverse
	FoundReference      FindingKind = "reference"      // a reference without its item, or the reverse
	FoundCount          FindingKind = "count"          // a count of references, representatives or members is wrong
	FoundRepresentative FindingKind = "representative" // an organization's representatives differ from the identities
	FoundAccount        FindingKind = "account"        // an account number has no role, two owners, or was not assigned
	FoundOrphan         FindingKind = "orphan"         // the parent of an item is missing
	FoundList           FindingKind = "list"           // the items and the members of a customer list differ
	FoundOffset         FindingKind = "offset-index"   // the offset index of a list differs from its rows
	FoundTag            FindingKind = "tag"            // a contact's tag differs from the shared one
	FoundDeletion       FindingKind = "deletion"       // a deletion was interrupted
	FoundImage          FindingKind = "image"          // an image was never processed, or lacks objects
	FoundObject         FindingKind = "object"         // an object belongs to no image
	FoundAnswer         FindingKind = "answer"         // a stored answer never expires, or lacks parts
	FoundGuard          FindingKind = "guard"          // a contact's guard item is missing or differs from the contact
	FoundID             FindingKind = "id"             // two resources have one id
	FoundVersion        FindingKind = "version"        // a resource has no version
	FoundChange         FindingKind = "change"         // a change of no contact, or later than its contact's guard item says
	FoundHistory        FindingKind = "history"        // a change without an entry in the contact's history, or an entry that fits to nothing
	FoundWebhook        FindingKind = "webhook"        // what waits for a webhook would never be sent
	FoundPlatform       FindingKind = "platform"       // a record of the platform is incomplete, or names a missing organization
)

// A Finding is a contradiction in the table or the bucket.
type Finding struct {
	Kind FindingKind `json:"kind"`
	Org  string      `json:"org"`
	// Key is the item's pk and sk, separated by a blank, or the key of an object.
	Key    string `json:"key"`
	Detail string `json:"detail"`
	// Repair describes what Fix does, or what the operator has to do if Fix is nil.
	Repair string `json:"repair"`
	// Fix repairs the finding if it still exists, else it returns ErrOutdated. A *contact.Error says why no repair is possible.
	Fix func(context.Context) error `json:"-"`
	// fixOnce attempts the repair on the records as they were read: dynamo.ErrConflict if they have changed.
	fixOnce func(context.Context) error
}

// NewCheck returns a check of a tenant, "" for all. It reports nothing of a tenant that is being restored, because that is incomplete.
func NewCheck(st *store.Store, now func() time.Time, org string, report func(Finding)) *Check {
	return &Check{store: st, now: now, org: org, Report: report, counts: map[string]int64{}, accounts: map[series]map[int64]contact.ID{}, tenants: map[string]bool{}}
}

// Counts returns the number of checked items by kind.
func (c *Check) Counts() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// scanSegments is how many segments of the table are read in parallel.
const scanSegments = 4

// Run checks the table. An error means that the check is incomplete.
func (c *Check) Run(ctx context.Context) error {
	if err := c.scan(ctx); err != nil || c.org != "" { // the caller has found the organization
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

// A getFunc reads another item: from batches that were read before, or from the table.
type getFunc func(dynamo.Key) (dynamo.Item, error)

// checkItems checks some items. It reads those that they must agree with in batches: an item asks for others, these for further ones.
func (c *Check) checkItems(ctx context.Context, items []dynamo.Item) error {
	known := map[dynamo.Key]dynamo.Item{}
	for {
		var wanted []dynamo.Key
		for _, i := range items {
			if _, err := c.checkItem(ctx, i, func(key dynamo.Key) (dynamo.Item, error) {
				if _, there := known[key]; !there && key.IsValid() {
					known[key] = nil
					wanted = append(wanted, key)
				}
				return known[key], nil
			}, true); err != nil {
				return err
			}
		}
		if len(wanted) == 0 {
			break
		}
		found, err := c.store.BatchGet(ctx, wanted, "")
		if err != nil {
			return err
		}
		for i, key := range wanted {
			known[key] = found[i]
		}
	}
	getItem := func(key dynamo.Key) (dynamo.Item, error) {
		if item, there := known[key]; there {
			return item, nil
		}
		return c.get(ctx, key)
	}
	for _, i := range items {
		findings, err := c.checkItem(ctx, i, getItem, false)
		if err != nil {
			return err
		}
		if len(findings) > 0 {
			if err := c.confirm(ctx, i, findings); err != nil {
				return err
			}
		}
		c.count(i)
	}
	return nil
}

// get reads an item, nil if there is none or the key is invalid.
func (c *Check) get(ctx context.Context, key dynamo.Key) (dynamo.Item, error) {
	if !key.IsValid() {
		return nil, nil
	}
	return c.store.Get(ctx, key)
}

// maxReads bounds how often an item that keeps changing is read.
const maxReads = 10

// confirm reports the findings of an item if a second check has the same ones while the item does not change.
func (c *Check) confirm(ctx context.Context, read dynamo.Item, suspected []Finding) error {
	getItem := func(key dynamo.Key) (dynamo.Item, error) { return c.get(ctx, key) }
	for range maxReads {
		before, err := getItem(read.Key())
		if err != nil || before == nil {
			return err
		}
		found, err := c.checkItem(ctx, before, getItem, false)
		if err != nil || len(found) == 0 {
			return err
		}
		after, err := getItem(read.Key())
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

// report reports findings, unless their tenant is being restored.
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

// count counts a checked item.
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
	keys.KindUnknown: "unknown items", keys.KindPlatform: "platform records", keys.KindSession: "sessions", keys.KindFailedLogins: "counts of failed logins",
	keys.KindContact: "contacts", keys.KindPart: "parts", keys.KindTag: "tags of contacts",
	keys.KindImage: "images", keys.KindReference: "references", keys.KindOptionSet: "option sets", keys.KindLookup: "lookup entries", keys.KindOption: "lookup entries", keys.KindWord: "words of names", keys.KindName: "names in lists", keys.KindGuard: "guard items", keys.KindRepresentative: "representatives", keys.KindTagID: "ids of tags", keys.KindUnique: "unique values",
	keys.KindCustomerList: "customer lists", keys.KindListItem: "list items", keys.KindListMember: "list members", keys.KindSharedTag: "tags", keys.KindAnswer: "answers",
	keys.KindOffsetRoot: "offset indexes", keys.KindOffsetNode: "offset indexes", keys.KindTombstone: "tombstones",
	keys.KindChange: "changes", keys.KindHistory: "entries of histories", keys.KindAnswerPart: "parts of answers", keys.KindCounter: "counters", keys.KindMappingRun: "others", keys.KindConfiguration: "configurations",
	keys.KindWebhook: "webhooks", keys.KindWebhookPlace: "places of webhooks", keys.KindWebhookTest: "tests of webhooks", keys.KindWebhookLane: "waiting events of webhooks",
	keys.KindWebhookDue: "waiting events of webhooks", keys.KindWebhookWaiting: "waiting events of webhooks", keys.KindWebhookDelivery: "deliveries of webhooks",
	keys.KindExport: "exports", keys.KindJob: "jobs", keys.KindJobPlace: "jobs",
}

// uniqueOwners returns the keys of the resources that may have a unique value: the contact that its item names, or a role of it.
func uniqueOwners(p keys.Parsed, unique dynamo.Item) []dynamo.Key {
	o := contact.Owner{Org: p.Org, Contact: contact.ID(unique.Number(store.AttrOwner))}
	others := []dynamo.Key{keys.Contact(p.Org, o.Contact)}
	if role, ok := map[string]string{contact.SpaceCustomer: keys.RoleCustomer, contact.SpaceSupplier: keys.RoleSupplier, contact.SpaceAlternativePayer: keys.RoleAlternativePayer}[p.Space]; ok {
		others = append(others, keys.Role(o, role))
	}
	return others
}
