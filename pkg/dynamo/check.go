package dynamo

import (
	"context"
	"errors"
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
// is told, so that a change under way is no finding.
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

	mu       sync.Mutex
	counts   map[string]int64
	accounts map[accountNumber]contact.ID
}

type accountNumber struct{ org, account, number string }

// ImageObjects are what images show.
type ImageObjects interface {
	// Whole tells whether all objects of a version of an image's picture are there.
	Whole(ctx context.Context, o Owner, id contact.ID, version string) (bool, error)
	// Clear removes all objects of an image.
	Clear(ctx context.Context, o Owner, id contact.ID) error
}

// A Finding is something of which the table does not agree with itself.
type Finding struct {
	Org string `json:"org"`
	// Item is the item's pk and sk with a blank between, or the key of an object.
	Item   string `json:"item"`
	Detail string `json:"detail"`
	// Repair is what a repair would do, "" if it takes a person.
	Repair string `json:"repair,omitempty"`
	// Fix does so, unless something has changed there since; nil where Repair is "".
	Fix func(context.Context) error `json:"-"`
}

// ErrMoved says that what was found is not as it was: a second check tells what it is now.
var ErrMoved = contact.Refuse(contact.Unavailable, "it has changed since; check again")

// moved makes ErrMoved of what a transaction says of it.
func moved(err error) error {
	if errors.Is(err, errChanged) {
		return ErrMoved
	}
	return err
}

// NewCheck returns a check of a tenant, of all for "".
func NewCheck(t *Table, org string, told func(Finding)) *Check {
	return &Check{table: t, org: org, Told: told, counts: map[string]int64{}, accounts: map[accountNumber]contact.ID{}}
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
	return EachParallel(ctx, scanned, func(ctx context.Context, segment int) error {
		input := dynamodb.ScanInput{TableName: &c.table.name, ConsistentRead: aws.Bool(true),
			Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(scanned)}
		if c.org != "" {
			input.FilterExpression = aws.String("pk = :org OR begins_with(pk, :tenant)")
			input.ExpressionAttributeValues = values{":org": str(tenant(c.org)), ":tenant": str(tenant(c.org) + "#")}
		}
		for pages := dynamodb.NewScanPaginator(c.table.client, &input); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return failure(err)
			}
			for items := range slices.Chunk(page.Items, maxGets) {
				if err := c.look(ctx, items); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// A sight is how a check sees other items: as they were read together, or one by one.
type sight func(Key) (Item, error)

// look checks some items.
func (c *Check) look(ctx context.Context, items []map[string]types.AttributeValue) error {
	var wanted []Key
	known := map[Key]Item{}
	for _, i := range items {
		for _, key := range c.sees(i) {
			if _, there := known[key]; !there {
				known[key] = nil
				wanted = append(wanted, key)
			}
		}
	}
	found, err := c.table.gets(ctx, wanted, "")
	if err != nil {
		return err
	}
	for i, key := range wanted {
		known[key] = found[i]
	}
	see := func(key Key) (Item, error) {
		if item, there := known[key]; there {
			return item, nil
		}
		return c.table.get(ctx, key)
	}
	for _, i := range items {
		suspicions, err := c.judge(ctx, i, see)
		if err != nil {
			return err
		}
		if len(suspicions) > 0 {
			if err := c.confirm(ctx, i); err != nil {
				return err
			}
		}
		c.counted(i)
	}
	return nil
}

// maxLooks bounds how often something is looked at that goes on changing.
const maxLooks = 10

// confirm tells what is wrong with an item that has not changed while everything around it was read.
func (c *Check) confirm(ctx context.Context, read Item) error {
	see := func(key Key) (Item, error) { return c.table.get(ctx, key) }
	for range maxLooks {
		before, err := see(read.key())
		if err != nil || before == nil {
			return err
		}
		findings, err := c.judge(ctx, before, see)
		if err != nil || len(findings) == 0 {
			return err
		}
		after, err := see(read.key())
		if err != nil {
			return err
		}
		if reflect.DeepEqual(before, after) {
			c.mu.Lock()
			for _, f := range findings {
				c.Told(f)
			}
			c.mu.Unlock()
			return nil
		}
	}
	return nil
}

// counted counts an item that was looked at.
func (c *Check) counted(i Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts["items"]++
	c.counts[placeNames[whereIs(i.key()).kind]]++
	for attribute, name := range map[string]string{attrClaims: "claims held", attrFinds: "finds held", attrRefers: "references held"} {
		c.counts[name] += int64(len(i.texts(attribute)))
	}
	if n := c.counts["items"]; c.Progress != nil && n%1000 == 0 {
		c.Progress(n)
	}
}

var placeNames = map[placeKind]string{
	placeStray: "strays", placePlatform: "platform records", placeContact: "contacts", placePart: "parts", placeTag: "tags of contacts",
	placeImage: "images", placeReference: "references", placeChanges: "counters of changes", placeFind: "finds", placeClaim: "claims",
	placeList: "customer lists", placeEntry: "entries of lists", placeMember: "members of lists", placeSharedTag: "tags", placeAnswer: "answers",
	placePiece: "pieces of answers", placePlain: "others",
}

// sees are the keys of the items that an item must agree with, as far as its own attributes tell.
func (c *Check) sees(i Item) (keys []Key) {
	p := whereIs(i.key())
	self := selfOf(i, p)
	for _, held := range i.texts(attrClaims) {
		space, value, _ := strings.Cut(held, "#")
		keys = append(keys, claimKey(p.org, space, value))
	}
	for _, f := range i.texts(attrFinds) {
		keys = append(keys, findKey(p.org, f, self))
	}
	for _, name := range lastingOf(i) {
		to := parseTarget(name)
		keys = append(keys, referenceKey(p.org, to, self), to.key(p.org))
	}
	switch p.kind {
	case placePart, placeTag, placeImage, placeChanges:
		if p.owner != 0 {
			keys = append(keys, contactKey(p.org, p.owner))
		}
		if p.identity != 0 {
			keys = append(keys, partTarget(p.owner, segmentIdentity, p.identity).key(p.org))
		}
		if i[attrRepresents] != nil {
			keys = append(keys, contactKey(p.org, contact.ID(i.number(attrRepresents))))
		}
	case placeReference:
		keys = append(keys, p.of.key(p.org), p.by.key(p.org))
	case placeFind:
		keys = append(keys, p.by.key(p.org))
	case placeClaim:
		keys = append(keys, holders(p, i)...)
	case placeEntry:
		keys = append(keys, listKey(p.org, p.list))
	case placeMember:
		keys = append(keys, listKey(p.org, p.list), entryKey(p.org, p.list, contact.ID(i.number(attrPosition))))
	}
	return keys
}

// selfOf is how others name an item.
func selfOf(i Item, p place) target {
	if p.kind == placeContact {
		return target{contact: p.owner}
	}
	return target{p.owner, i.text("sk")}
}

// lastingOf are the targets of an item's lasting references.
func lastingOf(i Item) (names []string) {
	for _, name := range i.texts(attrRefers) {
		if !strings.HasPrefix(name, mayGo) {
			names = append(names, name)
		}
	}
	return names
}

// holders are where the resource can be that claims a value: the contact that the claim leads to, or a role of it.
func holders(p place, claim Item) []Key {
	o := Owner{Org: p.org, Contact: contact.ID(claim.number(attrOwner))}
	keys := []Key{contactKey(p.org, o.Contact)}
	if role, ok := map[string]string{spaceCustomer: roleCustomer, spaceSupplier: roleSupplier, spaceAlternativePayer: roleAlternativePayer}[p.space]; ok {
		keys = append(keys, roleKey(role)(o))
	}
	return keys
}
