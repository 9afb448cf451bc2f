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
type judgement struct {
	check    *Check
	ctx      context.Context
	item     dynamo.Item
	key      keys.Parsed
	see      sight
	findings []Finding
	err      error
}

func (c *Check) judge(ctx context.Context, i dynamo.Item, see sight) ([]Finding, error) {
	j := &judgement{check: c, ctx: ctx, item: i, key: keys.Parse(i.Key()), see: see}
	switch j.key.Kind {
	case keys.KindUnknown:
		j.byHand(FoundUnknown, "nothing of the platform has such a key", "find out who wrote it, and remove it")
	case keys.KindContact:
		j.checkContact()
	case keys.KindGuard:
		j.checkGuard()
	case keys.KindPart:
		j.checkPart()
	case keys.KindTag:
		j.checkTag()
	case keys.KindImage:
		j.checkImage()
	case keys.KindOptionSet:
		j.underContact()
		j.versioned()
	case keys.KindReference:
		j.checkReference()
	case keys.KindLookup:
		j.checkLookup()
	case keys.KindRepresentative:
		j.checkRepresentative()
	case keys.KindOption:
		j.checkOption()
	case keys.KindUnique:
		j.checkUnique()
	case keys.KindCustomerList:
		j.document()
		j.counting()
		j.kept(false)
	case keys.KindConfiguration:
		j.document()
		j.kept(false)
	case keys.KindOffsetRoot:
		j.checkOffsetRoot()
	case keys.KindOffsetNode:
		j.checkOffsetNode()
	case keys.KindTombstone:
		j.checkTombstone()
	case keys.KindSharedTag:
		j.checkSharedTag()
	case keys.KindListItem:
		j.checkListItem()
	case keys.KindListMember:
		j.checkListMember()
	case keys.KindAnswer:
		j.checkAnswer()
	case keys.KindAnswerPart:
		j.checkAnswerPart()
	case keys.KindPlatform:
		j.checkPlatform()
	case keys.KindCounter:
		j.checkCounter()
	case keys.KindMappingRun, keys.KindTagID: // an id that was a tag's once never is another's
	}
	return j.findings, j.err
}

// find tells of something, and how it is repaired: by a transaction that begins with the item being as it was read.
func (j *judgement) find(kind FindingKind, detail, does string, repair func(tx *dynamo.Tx)) {
	j.fixable(kind, detail, does, func(ctx context.Context) error {
		tx := j.check.store.Begin()
		j.asRead(tx, j.item.Key(), j.item)
		if !j.check.Restoring && j.key.Org != "" {
			tx.Check(keys.Organization(j.key.Org), dynamo.Require(dynamo.AttributeNotExists(accounts.AttrRestoring), ErrMoved))
		}
		j.ctx, j.err = ctx, nil // what it reads to know what to write is read by now
		if repair(tx); j.err != nil {
			return j.err
		}
		return commitRepair(ctx, tx)
	})
}

// fixable tells of something that takes more than one transaction to repair.
func (j *judgement) fixable(kind FindingKind, detail, does string, fix func(context.Context) error) {
	j.byHand(kind, detail, does)
	f := &j.findings[len(j.findings)-1]
	key, found := j.item.Key(), *f
	f.once, f.Fix = fix, func(ctx context.Context) error { return j.check.repair(ctx, key, found, fix) }
}

// byHand tells of something that takes a person: what is right can't be known, or is lost.
func (j *judgement) byHand(kind FindingKind, detail, advice string) {
	j.findings = append(j.findings, Finding{Kind: kind, Org: j.key.Org, Key: j.item.String("pk") + " " + j.item.String("sk"), Detail: detail, Repair: advice})
}

// note keeps the first error.
func (j *judgement) note(err error) { j.err = cmp.Or(j.err, err) }

// at reads another item; nil if there is none.
func (j *judgement) at(key dynamo.Key) dynamo.Item {
	item, err := j.see(key)
	j.note(err)
	return item
}

// asRead holds that an item is still as it was read.
func (j *judgement) asRead(tx *dynamo.Tx, key dynamo.Key, read dynamo.Item) {
	switch {
	case read == nil:
		tx.Check(key, dynamo.NotExists())
	case read.IsNumber(dynamo.AttrVersion):
		tx.Check(key, dynamo.Unchanged(read))
	default:
		tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(dynamo.AttrVersion, read))
	}
}

func (j *judgement) self() keys.Target { return j.key.Self(j.item.Key()) }

// older tells whether the item was last written longer ago than that.
func (j *judgement) older(than time.Duration) bool {
	return j.item.Number(store.AttrUpdated) < j.check.now().Add(-than).UnixMilli()
}

func (j *judgement) checkContact() {
	j.document()
	j.kept(j.isDeleted(j.item))
	if j.item.Bool(store.AttrDeleted) && j.item.Bool(store.AttrReleasing) && (j.older(idempotency.MaxRun) || j.check.Restoring) {
		// What its parts still hold is found then, and let go one by one: the deletion itself would stop at what is damaged.
		j.find(FoundDeletion, "its deletion broke off", "end it: what its parts still hold is let go", func(tx *dynamo.Tx) {
			tx.Update(j.item.Key()).Remove(store.AttrReleasing)
		})
	}
	j.erasure()
	j.guarded()
	j.representatives()
}

// account holds a number of an account to have been given out, to this contact alone, for one of its roles.
func (j *judgement) account(a store.Account, roles ...string) {
	text := j.item.String(a.Attribute)
	if text == "" {
		return
	}
	id, err := contact.ParseID(text)
	number := int64(id)
	if err != nil || number < a.First {
		j.byHand(FoundAccount, fmt.Sprintf("its %s account is %q, which is no number of one", a.Attribute, text), "bring the contact back from a backup")
		return
	}
	key := keys.Counter(j.key.Org, a.Attribute)
	if counter := j.at(key); number >= a.First+counter.Number(keys.AttrCounter) {
		j.find(FoundAccount, fmt.Sprintf("its %s account is %s, which the counter has not given out", a.Attribute, text), "set the counter behind it", func(tx *dynamo.Tx) {
			behind := number - a.First + 1
			tx.Update(key).Set(keys.AttrCounter, dynamo.Number(behind))
			tx.Check(key, dynamo.SameAttribute(keys.AttrCounter, counter))
		})
	}
	o := contact.Owner{Org: j.key.Org, Contact: j.key.Owner}
	if !slices.ContainsFunc(roles, func(role string) bool { return j.at(keys.Role(o, role)) != nil }) {
		j.byHand(FoundAccount, fmt.Sprintf("it has the %s account %s, and no role with it", a.Attribute, text), "bring its role back from a backup, or PUT it anew")
	}
	j.check.mu.Lock()
	defer j.check.mu.Unlock()
	reserve := j.check.accounts[series{j.key.Org, a.Attribute}]
	if reserve == nil {
		reserve = map[int64]contact.ID{}
		j.check.accounts[series{j.key.Org, a.Attribute}] = reserve
	}
	switch other := reserve[number]; other {
	case 0:
		reserve[number] = j.key.Owner
	case j.key.Owner:
	default: // it is told of the later one, whichever was read first
		first, second := min(other, j.key.Owner), max(other, j.key.Owner)
		j.byHand(FoundAccount, fmt.Sprintf("its %s account %s is that of contact %s too", a.Attribute, text, first), "bring one of the two contacts back from a backup")
		key := keys.Guard(j.key.Org, second)
		j.findings[len(j.findings)-1].Key = key.PK + " " + key.SK
	}
}

// checkCounter holds a counter of account numbers to be one. Numbers that were given out are found where they are kept.
func (j *judgement) checkCounter() {
	if !j.item.IsNumber(keys.AttrCounter) {
		j.find(FoundAccount, "it counts no numbers", "count from none", func(tx *dynamo.Tx) {
			tx.Check(j.item.Key(), dynamo.SameAttribute(keys.AttrCounter, j.item))
			tx.Update(j.item.Key()).Set(keys.AttrCounter, dynamo.Number(0))
		})
	}
}

// underContact holds that there is what the item lies under, and returns the contact.
func (j *judgement) underContact() dynamo.Item {
	if j.key.Owner == 0 {
		return nil
	}
	owner := j.at(keys.Contact(j.key.Org, j.key.Owner))
	identity := keys.PartTarget(j.key.Owner, keys.SegmentIdentity, j.key.Identity)
	switch {
	case owner == nil: // the platform never removes one: it is lost, and so would be what is left of it
		j.byHand(FoundOrphan, "there is no contact "+j.key.Owner.String()+", to which it belongs", "bring the contact back from a backup, or remove the item")
	case j.key.Identity != 0 && j.at(identity.Key(j.key.Org)) == nil:
		j.remove(FoundOrphan, "there is no "+identity.Describe()+", to which it belongs")
	}
	return owner
}

// remove tells of an item that should not be there. What stands around it is found, once it is gone.
func (j *judgement) remove(kind FindingKind, detail string) {
	j.find(kind, detail, "remove it", func(tx *dynamo.Tx) { tx.Delete(j.item.Key()) })
}

func (j *judgement) checkPart() {
	owner := j.underContact()
	j.document()
	j.kept(j.isDeleted(owner) && !owner.Bool(store.AttrReleasing))
	j.reserve(store.IDOf(j.item))
	if j.key.Owner != 0 && store.HasLinks(j.item) {
		j.seen(keys.Guard(j.key.Org, j.key.Owner))
	}
	if j.key.Identity != 0 {
		j.seen(keys.Owner(contact.Owner{Org: j.key.Org, Contact: j.key.Owner, Identity: j.key.Identity}))
	}
	switch {
	case j.item.Bool(store.AttrErased): // its id alone is left
	case j.key.Segment == keys.SegmentIdentity:
		j.counting()
		j.represents(owner)
	case j.key.Segment == keys.SegmentLocation:
		j.options()
	case j.key.Segment == keys.SegmentRole && owner != nil:
		j.checkRole()
	}
}

// checkRole holds a role to have the account of its contact.
func (j *judgement) checkRole() {
	owner := j.at(keys.Guard(j.key.Org, j.key.Owner))
	a := store.Debtor
	if j.item.String("sk") == keys.SegmentRole+"#"+keys.RoleSupplier {
		a = store.Creditor
	}
	number, mine := owner.String(a.Attribute), j.item.String(store.AttrAccount)
	if shown := shownAccount(j.item, a); owner != nil && mine == "" && shown != "" && (number == "" || number == shown) {
		j.find(FoundAccount, "the account that its document shows is not kept", "keep it", func(tx *dynamo.Tx) {
			j.change(tx, func(u *dynamo.Update) { u.Set(store.AttrAccount, dynamo.String(shown)) })
		})
		return
	}
	switch {
	case owner == nil: // told of the contact
	case number == mine:
	case number == "":
		j.find(FoundAccount, fmt.Sprintf("its account is %q, and its contact has no %s account", mine, a.Attribute), "make it that of the contact", func(tx *dynamo.Tx) {
			j.asRead(tx, owner.Key(), owner)
			tx.Update(owner.Key()).Set(a.Attribute, dynamo.String(mine))
			tx.Check(owner.Key(), dynamo.SameAttribute(a.Attribute, owner))
		})
	default:
		j.byHand(FoundAccount, fmt.Sprintf("its account is %q, that of its contact %q", mine, number), "bring the contact and its roles back from a backup")
	}
}

// shownAccount is the number of an account that a role's document shows.
func shownAccount(role dynamo.Item, a store.Account) string {
	var shown map[string]any
	if doc, err := store.Document(role); err != nil || json.Unmarshal(doc, &shown) != nil {
		return ""
	}
	number, _ := shown[a.Attribute+"_account_id"].(string)
	return number
}

// members holds a location to count the active professional identities that name it.
func (j *judgement) options() {
	working := int64(0)
	if j.item.Number(store.AttrReferenceCount) != 0 {
		for _, by := range j.referrers(j.self()) {
			if strings.HasPrefix(by.Part, keys.SegmentIdentity+"#") && j.at(by.Key(j.key.Org)).Bool(store.AttrActive) {
				working++
			}
		}
	}
	counted := j.item.Number(store.AttrMemberCount)
	if j.err != nil || counted == working && j.item.IsNumber(store.AttrMemberCount) {
		return
	}
	j.find(FoundCount, fmt.Sprintf("it counts %d members, and %d work there", counted, working), fmt.Sprintf("count %d", working), func(tx *dynamo.Tx) {
		tx.Update(j.item.Key()).Set(store.AttrMemberCount, dynamo.Number(working))
		store.Touch(tx, j.item.Key(), j.check.now())
	})
}
