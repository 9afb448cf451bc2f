package fsck

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// A judgement holds one item to those around it.
type itemCheck struct {
	check    *Check
	ctx      context.Context
	item     dynamo.Item
	key      keys.Parsed
	getItem  getFunc
	findings []Finding
	err      error
}

func (check *Check) checkItem(ctx context.Context, i dynamo.Item, getItem getFunc) ([]Finding, error) {
	c := &itemCheck{check: check, ctx: ctx, item: i, key: keys.Parse(i.Key()), getItem: getItem}
	switch c.key.Kind {
	case keys.KindUnknown:
		c.reportManual(FoundUnknown, "no item of the platform has such a key", "find out who wrote it, then delete it")
	case keys.KindContact:
		c.checkContact()
	case keys.KindGuard:
		c.checkGuard()
	case keys.KindPart:
		c.checkPart()
	case keys.KindTag:
		c.checkTag()
	case keys.KindImage:
		c.checkImage()
	case keys.KindOptionSet:
		c.checkOwner()
		c.checkVersion()
	case keys.KindReference:
		c.checkReference()
	case keys.KindLookup:
		c.checkLookup()
	case keys.KindRepresentative:
		c.checkRepresentative()
	case keys.KindOption:
		c.checkOption()
	case keys.KindUnique:
		c.checkUnique()
	case keys.KindCustomerList:
		c.checkDocument()
		c.checkChildCount()
		c.checkLinks(false)
	case keys.KindConfiguration:
		c.checkDocument()
		c.checkLinks(false)
	case keys.KindOffsetRoot:
		c.checkOffsetRoot()
	case keys.KindOffsetNode:
		c.checkOffsetNode()
	case keys.KindTombstone:
		c.checkTombstone()
	case keys.KindSharedTag:
		c.checkSharedTag()
	case keys.KindListItem:
		c.checkListItem()
	case keys.KindListMember:
		c.checkListMember()
	case keys.KindAnswer:
		c.checkAnswer()
	case keys.KindAnswerPart:
		c.checkAnswerPart()
	case keys.KindPlatform:
		c.checkPlatform()
	case keys.KindCounter:
		c.checkCounter()
	case keys.KindMappingRun, keys.KindTagID: // an id that was a tag's once never is another's
	}
	return c.findings, c.err
}

// find tells of something, and how it is repaired: by a transaction that begins with the item being as it was read.
func (c *itemCheck) report(kind FindingKind, detail, does string, repair func(tx *dynamo.Tx)) {
	c.reportFix(kind, detail, does, func(ctx context.Context) error {
		tx := c.check.store.Begin()
		c.requireUnchanged(tx, c.item.Key(), c.item)
		if !c.check.Restoring && c.key.Org != "" {
			tx.Check(keys.Organization(c.key.Org), dynamo.Require(dynamo.AttributeNotExists(accounts.AttrRestoring), ErrOutdated))
		}
		c.ctx, c.err = ctx, nil // what it reads to know what to write is read by now
		if repair(tx); c.err != nil {
			return c.err
		}
		return commitRepair(ctx, tx)
	})
}

// fixable tells of something that takes more than one transaction to repair.
func (c *itemCheck) reportFix(kind FindingKind, detail, does string, fix func(context.Context) error) {
	c.reportManual(kind, detail, does)
	f := &c.findings[len(c.findings)-1]
	key, found := c.item.Key(), *f
	f.fixOnce, f.Fix = fix, func(ctx context.Context) error { return c.check.repair(ctx, key, found, fix) }
}

// byHand tells of something that takes a person: what is right can't be known, or is lost.
func (c *itemCheck) reportManual(kind FindingKind, detail, advice string) {
	c.findings = append(c.findings, Finding{Kind: kind, Org: c.key.Org, Key: c.item.String("pk") + " " + c.item.String("sk"), Detail: detail, Repair: advice})
}

// note keeps the first error.
func (c *itemCheck) keepError(err error) { c.err = cmp.Or(c.err, err) }

// at reads another item; nil if there is none.
func (c *itemCheck) get(key dynamo.Key) dynamo.Item {
	item, err := c.getItem(key)
	c.keepError(err)
	return item
}

// asRead holds that an item is still as it was read.
func (c *itemCheck) requireUnchanged(tx *dynamo.Tx, key dynamo.Key, read dynamo.Item) {
	switch {
	case read == nil:
		tx.Check(key, dynamo.NotExists())
	case read.IsNumber(dynamo.AttrVersion):
		tx.Check(key, dynamo.Unchanged(read))
	default:
		tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(dynamo.AttrVersion, read))
	}
}

func (c *itemCheck) target() keys.Target { return c.key.Self(c.item.Key()) }

// older tells whether the item was last written longer ago than that.
func (c *itemCheck) isOlder(than time.Duration) bool {
	return c.item.Number(store.AttrUpdated) < c.check.now().Add(-than).UnixMilli()
}

func (c *itemCheck) checkContact() {
	c.checkDocument()
	c.checkLinks(c.isDeleted(c.item))
	if c.item.Bool(store.AttrDeleted) && c.item.Bool(store.AttrReleasing) && (c.isOlder(idempotency.MaxRun) || c.check.Restoring) {
		// What its parts still hold is found then, and let go one by one: the deletion itself would stop at what is damaged.
		c.report(FoundDeletion, "its deletion was interrupted", "complete it; the links of its parts are removed", func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Remove(store.AttrReleasing)
		})
	}
	c.checkErasure()
	c.checkHasGuard()
	c.checkRepresentatives()
}

// account holds a number of an account to have been given out, to this contact alone, for one of its roles.
func (c *itemCheck) checkAccount(a store.Account, roles ...string) {
	text := c.item.String(a.Attribute)
	if text == "" {
		return
	}
	id, err := contact.ParseID(text)
	number := int64(id)
	if err != nil || number < a.First {
		c.reportManual(FoundAccount, fmt.Sprintf("its %s account number %q is invalid", a.Attribute, text), "restore the contact from a backup")
		return
	}
	key := keys.Counter(c.key.Org, a.Attribute)
	if counter := c.get(key); number >= a.First+counter.Number(keys.AttrCounter) {
		c.report(FoundAccount, fmt.Sprintf("its %s account number %s was never assigned by the counter", a.Attribute, text), "advance the counter past it", func(tx *dynamo.Tx) {
			behind := number - a.First + 1
			tx.Update(key).Set(keys.AttrCounter, dynamo.Number(behind))
			tx.Check(key, dynamo.SameAttribute(keys.AttrCounter, counter))
		})
	}
	o := contact.Owner{Org: c.key.Org, Contact: c.key.Owner}
	if !slices.ContainsFunc(roles, func(role string) bool { return c.get(keys.Role(o, role)) != nil }) {
		c.reportManual(FoundAccount, fmt.Sprintf("it has the %s account number %s, but no role has it", a.Attribute, text), "restore its role from a backup, or PUT it again")
	}
	c.check.mu.Lock()
	defer c.check.mu.Unlock()
	reserve := c.check.accounts[series{c.key.Org, a.Attribute}]
	if reserve == nil {
		reserve = map[int64]contact.ID{}
		c.check.accounts[series{c.key.Org, a.Attribute}] = reserve
	}
	switch other := reserve[number]; other {
	case 0:
		reserve[number] = c.key.Owner
	case c.key.Owner:
	default: // it is told of the later one, whichever was read first
		first, second := min(other, c.key.Owner), max(other, c.key.Owner)
		c.reportManual(FoundAccount, fmt.Sprintf("its %s account number %s also belongs to contact %s", a.Attribute, text, first), "restore one of the two contacts from a backup")
		key := keys.Guard(c.key.Org, second)
		c.findings[len(c.findings)-1].Key = key.PK + " " + key.SK
	}
}

// checkCounter holds a counter of account numbers to be one. Numbers that were given out are found where they are kept.
func (c *itemCheck) checkCounter() {
	if !c.item.IsNumber(keys.AttrCounter) {
		c.report(FoundAccount, "its counter is not a number", "set it to 0", func(tx *dynamo.Tx) {
			tx.Check(c.item.Key(), dynamo.SameAttribute(keys.AttrCounter, c.item))
			tx.Update(c.item.Key()).Set(keys.AttrCounter, dynamo.Number(0))
		})
	}
}

// underContact holds that there is what the item lies under, and returns the contact.
func (c *itemCheck) checkOwner() dynamo.Item {
	if c.key.Owner == 0 {
		return nil
	}
	owner := c.get(keys.Contact(c.key.Org, c.key.Owner))
	identity := keys.PartTarget(c.key.Owner, keys.SegmentIdentity, c.key.Identity)
	switch {
	case owner == nil: // the platform never removes one: it is lost, and so would be what is left of it
		c.reportManual(FoundOrphan, "its contact "+c.key.Owner.String()+" does not exist", "restore the contact from a backup, or delete the item")
	case c.key.Identity != 0 && c.get(identity.Key(c.key.Org)) == nil:
		c.reportRemoval(FoundOrphan, "its "+identity.Describe()+" does not exist")
	}
	return owner
}

// remove tells of an item that should not be there. What stands around it is found, once it is gone.
func (c *itemCheck) reportRemoval(kind FindingKind, detail string) {
	c.report(kind, detail, "delete it", func(tx *dynamo.Tx) { tx.Delete(c.item.Key()) })
}

func (c *itemCheck) checkPart() {
	owner := c.checkOwner()
	c.checkDocument()
	c.checkLinks(c.isDeleted(owner) && !owner.Bool(store.AttrReleasing))
	c.checkLastID(store.IDOf(c.item))
	if c.key.Owner != 0 && store.HasLinks(c.item) {
		c.checkCountedBy(keys.Guard(c.key.Org, c.key.Owner))
	}
	if c.key.Identity != 0 {
		c.checkCountedBy(keys.Owner(contact.Owner{Org: c.key.Org, Contact: c.key.Owner, Identity: c.key.Identity}))
	}
	switch {
	case c.item.Bool(store.AttrErased): // its id alone is left
	case c.key.Segment == keys.SegmentIdentity:
		c.checkChildCount()
		c.checkIdentity(owner)
	case c.key.Segment == keys.SegmentLocation:
		c.checkMemberCount()
	case c.key.Segment == keys.SegmentRole && owner != nil:
		c.checkRole()
	}
}

// checkRole holds a role to have the account of its contact.
func (c *itemCheck) checkRole() {
	owner := c.get(keys.Guard(c.key.Org, c.key.Owner))
	a := store.Debtor
	if c.item.String("sk") == keys.SegmentRole+"#"+keys.RoleSupplier {
		a = store.Creditor
	}
	number, mine := owner.String(a.Attribute), c.item.String(store.AttrAccount)
	if shown := documentAccount(c.item, a); owner != nil && mine == "" && shown != "" && (number == "" || number == shown) {
		c.report(FoundAccount, "the account number in its document is not stored as an attribute", "store it", func(tx *dynamo.Tx) {
			c.update(tx, func(u *dynamo.Update) { u.Set(store.AttrAccount, dynamo.String(shown)) })
		})
		return
	}
	switch {
	case owner == nil: // told of the contact
	case number == mine:
	case number == "":
		c.report(FoundAccount, fmt.Sprintf("its account number is %q, but its contact has no %s account number", mine, a.Attribute), "set it on the contact", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, owner.Key(), owner)
			tx.Update(owner.Key()).Set(a.Attribute, dynamo.String(mine))
			tx.Check(owner.Key(), dynamo.SameAttribute(a.Attribute, owner))
		})
	default:
		c.reportManual(FoundAccount, fmt.Sprintf("its account number is %q, but its contact has %q", mine, number), "restore the contact and its roles from a backup")
	}
}

// shownAccount is the number of an account that a role's document shows.
func documentAccount(role dynamo.Item, a store.Account) string {
	var shown map[string]any
	if json.Unmarshal([]byte(role.String(store.AttrDoc)), &shown) != nil {
		return ""
	}
	number, _ := shown[a.Attribute+"_account_id"].(string)
	return number
}

// members holds a location to count the active professional identities that name it.
func (c *itemCheck) checkMemberCount() {
	working := int64(0)
	if c.item.Number(store.AttrReferenceCount) != 0 {
		for _, by := range c.referencing(c.target()) {
			if strings.HasPrefix(by.Part, keys.SegmentIdentity+"#") && c.get(by.Key(c.key.Org)).Bool(store.AttrActive) {
				working++
			}
		}
	}
	counted := c.item.Number(store.AttrMemberCount)
	if c.err != nil || counted == working && c.item.IsNumber(store.AttrMemberCount) {
		return
	}
	c.report(FoundCount, fmt.Sprintf("its member_count is %d, but %d active identities name it", counted, working), fmt.Sprintf("set it to %d", working), func(tx *dynamo.Tx) {
		tx.Update(c.item.Key()).Set(store.AttrMemberCount, dynamo.Number(working))
		store.Touch(tx, c.item.Key(), c.check.now())
	})
}
