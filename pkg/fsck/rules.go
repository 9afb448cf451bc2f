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

// An itemCheck checks one item against those that it must agree with. The rules of contacts and parts are here, those of entries, links,
// guard items, representatives, offset indexes, changes, histories, jobs and the platform's records in the files of these names.
type itemCheck struct {
	check   *Check
	ctx     context.Context
	item    dynamo.Item
	key     keys.Parsed
	getItem getFunc
	// collecting is true while the check only finds out which items it reads: it makes no Query, and its findings don't count.
	collecting bool
	findings   []Finding
	err        error
}

func (c *Check) checkItem(ctx context.Context, i dynamo.Item, getItem getFunc, collecting bool) ([]Finding, error) {
	item := &itemCheck{check: c, ctx: ctx, item: i, key: keys.Parse(i.Key()), getItem: getItem, collecting: collecting}
	switch item.key.Kind {
	case keys.KindUnknown:
		item.reportManual(FoundUnknown, "no item of the platform has such a key", "find out who wrote it, then delete it")
	case keys.KindContact:
		item.checkContact()
	case keys.KindGuard:
		item.checkGuard()
	case keys.KindPart:
		item.checkPart()
	case keys.KindTag:
		item.checkTag()
	case keys.KindImage:
		item.checkImage()
	case keys.KindOptionSet:
		item.checkOwner()
		item.checkVersion()
	case keys.KindReference:
		item.checkReference()
	case keys.KindLookup, keys.KindWord:
		item.checkLookup()
	case keys.KindName:
		item.checkName()
	case keys.KindRepresentative:
		item.checkRepresentative()
	case keys.KindOption:
		item.checkOption()
	case keys.KindUnique:
		item.checkUnique()
	case keys.KindCustomerList:
		item.checkDocument()
		item.checkChildCount()
		item.checkLinks(false)
	case keys.KindConfiguration:
		item.checkDocument()
		item.checkLinks(false)
	case keys.KindOffsetRoot:
		item.checkOffsetRoot()
	case keys.KindOffsetNode:
		item.checkOffsetNode()
	case keys.KindTombstone:
		item.checkTombstone()
	case keys.KindSharedTag:
		item.checkSharedTag()
	case keys.KindListItem:
		item.checkListItem()
	case keys.KindListMember:
		item.checkListMember()
	case keys.KindAnswer:
		item.checkAnswer()
	case keys.KindAnswerPart:
		item.checkAnswerPart()
	case keys.KindPlatform:
		item.checkPlatform()
	case keys.KindSession:
		item.checkSession()
	case keys.KindFailedLogins:
		item.checkExpiry()
	case keys.KindCounter:
		item.checkCounter()
	case keys.KindChange:
		item.checkChange()
	case keys.KindHistory:
		item.checkHistory()
	case keys.KindWebhook:
		item.checkWebhook()
	case keys.KindWebhookPlace, keys.KindWebhookTest, keys.KindWebhookLane, keys.KindWebhookDue, keys.KindWebhookWaiting, keys.KindWebhookDelivery:
		item.checkWebhookItem()
	case keys.KindExport:
		item.checkExport()
	case keys.KindJob, keys.KindJobPlace:
		item.checkJobItem()
	case keys.KindMappingRun, keys.KindTagID: // the id of a tag is never used again
	}
	return item.findings, item.err
}

// report reports a finding that one transaction repairs, on the condition that the item is as it was read.
func (c *itemCheck) report(kind FindingKind, detail, action string, repair func(tx *dynamo.Tx)) {
	c.reportFix(kind, detail, action, func(ctx context.Context) error {
		tx := c.check.store.Begin()
		c.requireUnchanged(tx, c.item.Key(), c.item)
		tx.SetRead(c.item)
		if !c.check.Restoring && c.key.Org != "" {
			tx.Check(keys.Organization(c.key.Org), dynamo.Require(dynamo.AttributeNotExists(accounts.AttrRestoring), ErrOutdated))
		}
		c.ctx, c.err = ctx, nil // repair may read further items
		if repair(tx); c.err != nil {
			return c.err
		}
		return c.check.commitRepair(ctx, tx)
	})
}

// reportFix reports a finding whose repair needs more than one transaction.
func (c *itemCheck) reportFix(kind FindingKind, detail, action string, fix func(context.Context) error) {
	c.reportManual(kind, detail, action)
	f := &c.findings[len(c.findings)-1]
	key, found := c.item.Key(), *f
	f.fixOnce, f.Fix = fix, func(ctx context.Context) error { return c.check.repair(ctx, key, found, fix) }
}

// reportManual reports a finding that needs a decision, because the correct value is unknown or lost.
func (c *itemCheck) reportManual(kind FindingKind, detail, advice string) {
	c.findings = append(c.findings, Finding{Kind: kind, Org: c.key.Org, Key: c.item.String("pk") + " " + c.item.String("sk"), Detail: detail, Repair: advice})
}

// keepError keeps the first error.
func (c *itemCheck) keepError(err error) { c.err = cmp.Or(c.err, err) }

// get reads another item, nil if there is none.
func (c *itemCheck) get(key dynamo.Key) dynamo.Item {
	item, err := c.getItem(key)
	c.keepError(err)
	return item
}

// query calls each with the items of a contact's partition that have a prefix.
func (c *itemCheck) query(owner contact.ID, prefix string, each func(dynamo.Item)) {
	if !c.collecting {
		c.keepError(c.check.store.Query(keys.Parts(c.key.Org, owner)).Prefix(prefix).Read(c.ctx, 0, each))
	}
}

// requireUnchanged requires that an item is as it was read.
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

// isOlder reports whether the item was last written longer ago than age.
func (c *itemCheck) isOlder(age time.Duration) bool {
	return c.item.Number(store.AttrUpdated) < c.check.now().Add(-age).UnixMilli()
}

func (c *itemCheck) checkContact() {
	c.checkDocument()
	releasing := c.item.Bool(store.AttrDeleted) && c.item.Bool(store.AttrReleasing)
	if releasing { // it can still have references
		c.checkReferences()
	} else {
		c.checkLinks(c.isDeleted(c.item))
	}
	if releasing && (c.isOlder(idempotency.MaxRun) || c.check.Restoring) {
		// The remaining links of its parts are findings of their own then: the deletion itself would stop at a damaged one.
		c.report(FoundDeletion, "its deletion was interrupted", "complete it; the links of its parts are removed", func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Remove(store.AttrReleasing)
			tx.Update(c.item.Key()).Remove(store.AttrReferences)
		})
	}
	c.checkListed()
	c.checkErasure()
	c.checkHasGuard()
	c.checkRepresentatives()
}

// checkAccount checks that an account number was assigned by the counter, to this contact only, for one of its roles.
func (c *itemCheck) checkAccount(a store.AccountSeries, roles ...string) {
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
			assigned := number - a.First + 1
			tx.Update(key).Set(keys.AttrCounter, dynamo.Number(assigned))
			tx.Check(key, dynamo.SameAttribute(keys.AttrCounter, counter))
		})
	}
	o := contact.Owner{Org: c.key.Org, Contact: c.key.Owner}
	if !slices.ContainsFunc(roles, func(role string) bool { return c.get(keys.Role(o, role)) != nil }) {
		c.reportManual(FoundAccount, fmt.Sprintf("it has the %s account number %s, but no role has it", a.Attribute, text), "restore its role from a backup, or PUT it again")
	}
	c.check.mu.Lock()
	defer c.check.mu.Unlock()
	owners := c.check.accounts[series{c.key.Org, a.Attribute}]
	if owners == nil {
		owners = map[int64]contact.ID{}
		c.check.accounts[series{c.key.Org, a.Attribute}] = owners
	}
	switch other := owners[number]; other {
	case 0:
		owners[number] = c.key.Owner
	case c.key.Owner:
	default: // reported for the later contact, in whichever order the two are read
		first, second := min(other, c.key.Owner), max(other, c.key.Owner)
		c.reportManual(FoundAccount, fmt.Sprintf("its %s account number %s also belongs to contact %s", a.Attribute, text, first), "restore one of the two contacts from a backup")
		key := keys.Guard(c.key.Org, second)
		c.findings[len(c.findings)-1].Key = key.PK + " " + key.SK
	}
}

// checkCounter checks that a counter of account numbers is a number. checkAccount compares it with the numbers in use.
func (c *itemCheck) checkCounter() {
	if !c.item.IsNumber(keys.AttrCounter) {
		c.report(FoundAccount, "its counter is not a number", "set it to 0", func(tx *dynamo.Tx) {
			tx.Check(c.item.Key(), dynamo.SameAttribute(keys.AttrCounter, c.item))
			tx.Update(c.item.Key()).Set(keys.AttrCounter, dynamo.Number(0))
		})
	}
}

// checkOwner checks that the item's contact and professional identity exist, and returns the contact.
func (c *itemCheck) checkOwner() dynamo.Item {
	if c.key.Owner == 0 {
		return nil
	}
	owner := c.get(keys.Contact(c.key.Org, c.key.Owner))
	identity := keys.PartTarget(c.key.Owner, keys.SegmentIdentity, c.key.Identity)
	switch {
	case owner == nil: // the platform never deletes the item of a contact, so deleting its parts would lose more data
		c.reportManual(FoundOrphan, "its contact "+c.key.Owner.String()+" does not exist", "restore the contact from a backup, or delete the item")
	case c.key.Identity != 0 && c.get(identity.Key(c.key.Org)) == nil:
		c.reportRemoval(FoundOrphan, "its "+identity.Describe()+" does not exist")
	}
	return owner
}

// reportRemoval reports an item that should not exist. Whatever depends on it is a finding once it is deleted.
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
	case c.item.Bool(store.AttrErased): // only its id is left
	case c.key.Segment == keys.SegmentIdentity:
		c.checkChildCount()
		c.checkIdentity(owner)
	case c.key.Segment == keys.SegmentLocation:
		c.checkMemberCount()
	case c.key.Segment == keys.SegmentRole && owner != nil:
		c.checkRole()
	}
}

// checkRole checks that a role has the account number of its contact.
func (c *itemCheck) checkRole() {
	owner := c.get(keys.Guard(c.key.Org, c.key.Owner))
	a := store.Debtor
	if c.item.String("sk") == keys.SegmentRole+"#"+keys.RoleSupplier {
		a = store.Creditor
	}
	number, own := owner.String(a.Attribute), c.item.String(store.AttrAccount)
	if shown := documentAccount(c.item, a); owner != nil && own == "" && shown != "" && (number == "" || number == shown) {
		c.report(FoundAccount, "the account number in its document is not stored as an attribute", "store it", func(tx *dynamo.Tx) {
			c.update(tx, func(u *dynamo.Update) { u.Set(store.AttrAccount, dynamo.String(shown)) })
		})
		return
	}
	switch {
	case owner == nil: // reported by checkOwner
	case number == own:
	case number == "":
		c.report(FoundAccount, fmt.Sprintf("its account number is %q, but its contact has no %s account number", own, a.Attribute), "set it on the contact", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, owner.Key(), owner)
			tx.Update(owner.Key()).Set(a.Attribute, dynamo.String(own))
			tx.Check(owner.Key(), dynamo.SameAttribute(a.Attribute, owner))
		})
	default:
		c.reportManual(FoundAccount, fmt.Sprintf("its account number is %q, but its contact has %q", own, number), "restore the contact and its roles from a backup")
	}
}

// documentAccount returns the account number in a role's document, "" if there is none.
func documentAccount(role dynamo.Item, a store.AccountSeries) string {
	var shown map[string]any
	if doc, err := store.Document(role); err != nil || json.Unmarshal(doc, &shown) != nil {
		return ""
	}
	number, _ := shown[a.Attribute+"_account_id"].(string)
	return number
}

// checkMemberCount checks that a location counts the active professional identities that name it.
func (c *itemCheck) checkMemberCount() {
	active := int64(0)
	if c.item.Number(store.AttrReferenceCount) != 0 {
		for _, by := range c.referencing(c.target()) {
			if strings.HasPrefix(by.Part, keys.SegmentIdentity+"#") && c.get(by.Key(c.key.Org)).Bool(store.AttrActive) {
				active++
			}
		}
	}
	counted := c.item.Number(store.AttrMemberCount)
	if c.err != nil || counted == active && c.item.IsNumber(store.AttrMemberCount) {
		return
	}
	c.report(FoundCount, fmt.Sprintf("its member_count is %d, but %d active identities name it", counted, active), fmt.Sprintf("set it to %d", active), func(tx *dynamo.Tx) {
		tx.Update(c.item.Key()).Set(store.AttrMemberCount, dynamo.Number(active))
		store.Touch(tx, c.item.Key(), c.check.now())
	})
}
