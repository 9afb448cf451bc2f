package fsck

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
)

// A judgement holds one item to those around it.
type judgement struct {
	check    *Check
	ctx      context.Context
	item     dynamo.Item
	place    place
	see      sight
	findings []Finding
	err      error
}

func (c *Check) judge(ctx context.Context, i dynamo.Item, see sight) ([]Finding, error) {
	j := &judgement{check: c, ctx: ctx, item: i, place: keys.Parse(i.Key()), see: see}
	switch j.key.Kind {
	case keys.KindUnknown:
		j.byHand(FoundStray, "nothing of the platform has such a key", "find out who wrote it, and remove it")
	case keys.KindContact:
		j.ofContact()
	case keys.KindGuard:
		j.ofGuard()
	case keys.KindPart:
		j.ofPart()
	case keys.KindTag:
		j.ofTag()
	case keys.KindImage:
		j.ofImage()
	case keys.KindOptionSet:
		j.underContact()
		j.versioned()
	case keys.KindReference:
		j.ofReference()
	case keys.KindLookup:
		j.ofFind()
	case keys.KindRepresentative:
		j.ofRepresentative()
	case keys.KindOption:
		j.ofOption()
	case keys.KindUnique:
		j.ofClaim()
	case keys.KindCustomerList:
		j.document()
		j.counting()
		j.kept(false)
	case keys.KindConfiguration:
		j.document()
		j.kept(false)
	case keys.KindOffsetRoot:
		j.ofDirectory()
	case keys.KindOffsetNode:
		j.ofChunk()
	case keys.KindTombstone:
		j.ofGone()
	case keys.KindSharedTag:
		j.ofSharedTag()
	case keys.KindListItem:
		j.ofEntry()
	case keys.KindListMember:
		j.ofMember()
	case keys.KindAnswer:
		j.ofAnswer()
	case keys.KindAnswerPart:
		j.ofPiece()
	case keys.KindPlatform:
		j.ofPlatform()
	case keys.KindCounter:
		j.ofCounter()
	case keys.KindMappingRun, keys.KindTagID: // an id that was a tag's once never is another's
	}
	return j.findings, j.err
}

// find tells of something, and how it is repaired: by a transaction that begins with the item being as it was read.
func (j *judgement) find(kind FindingKind, detail, does string, repair func(tx *transaction)) {
	j.fixable(kind, detail, does, func(ctx context.Context) error {
		tx := j.check.table.begin()
		j.asRead(tx, j.item.Key(), j.item)
		if !j.check.Restoring && j.key.Org != "" {
			tx.Check(keys.Organization(j.key.Org), dynamo.Condition{text: "attribute_not_exists(restoring)", explain: func(stored dynamo.Item) error {
				if stored[attrRestoring] != nil {
					return ErrMoved
				}
				return nil
			}})
		}
		j.ctx, j.err = ctx, nil // what it reads to know what to write is read by now
		if repair(tx); j.err != nil {
			return j.err
		}
		return j.commitRepair(ctx, tx)
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
func (j *judgement) asRead(tx *transaction, key dynamo.Key, read dynamo.Item) {
	switch {
	case read == nil:
		tx.Check(key, dynamo.NotExists())
	case read.IsNumber(dynamo.AttrVersion):
		tx.Check(key, dynamo.Unchanged(read))
	default:
		tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(dynamo.AttrVersion, read))
	}
}

func (j *judgement) self() keys.Target { return selfOf(j.item, j.key) }

// older tells whether the item was last written longer ago than that.
func (j *judgement) older(than time.Duration) bool {
	return j.item.Number(attrUpdated) < j.check.table.now().Add(-than).UnixMilli()
}

func (j *judgement) ofContact() {
	j.document()
	j.kept(j.isDeleted(j.item))
	if j.item.Bool(attrDeleted) && j.item.Bool(attrReleasing) && (j.older(maxRun) || j.check.Restoring) {
		// What its parts still hold is found then, and let go one by one: the deletion itself would stop at what is damaged.
		j.find(FoundDeletion, "its deletion broke off", "end it: what its parts still hold is let go", func(tx *transaction) {
			tx.Update(j.item.Key()).Remove(attrReleasing)
		})
	}
	j.erasure()
	j.guarded()
	j.representatives()
}

// account holds a number of an account to have been given out, to this contact alone, for one of its roles.
func (j *judgement) account(a account, roles ...string) {
	text := j.item.String(a.attribute)
	if text == "" {
		return
	}
	id, err := contact.ParseID(text)
	number := int64(id)
	if err != nil || number < a.first {
		j.byHand(FoundAccount, fmt.Sprintf("its %s account is %q, which is no number of one", a.attribute, text), "bring the contact back from a backup")
		return
	}
	key := keys.Counter(j.key.Org, a.attribute)
	if counter := j.at(key); number >= a.first+counter.Number(attrGiven) {
		j.find(FoundAccount, fmt.Sprintf("its %s account is %s, which the counter has not given out", a.attribute, text), "set the counter behind it", func(tx *transaction) {
			behind := number - a.first + 1
			tx.Update(key).Set(attrGiven, dynamo.Number(behind))
			tx.Check(key, dynamo.SameAttribute(attrGiven, counter))
		})
	}
	o := contact.Owner{Org: j.key.Org, Contact: j.key.Owner}
	if !slices.ContainsFunc(roles, func(role string) bool { return j.at(keys.Role(o, role)) != nil }) {
		j.byHand(FoundAccount, fmt.Sprintf("it has the %s account %s, and no role with it", a.attribute, text), "bring its role back from a backup, or PUT it anew")
	}
	j.check.mu.Lock()
	defer j.check.mu.Unlock()
	given := j.check.accounts[series{j.key.Org, a.attribute}]
	if given == nil {
		given = map[int64]contact.ID{}
		j.check.accounts[series{j.key.Org, a.attribute}] = given
	}
	switch other := given[number]; other {
	case 0:
		given[number] = j.key.Owner
	case j.key.Owner:
	default: // it is told of the later one, whichever was read first
		first, second := min(other, j.key.Owner), max(other, j.key.Owner)
		j.byHand(FoundAccount, fmt.Sprintf("its %s account %s is that of contact %s too", a.attribute, text, first), "bring one of the two contacts back from a backup")
		key := keys.Guard(j.key.Org, second)
		j.findings[len(j.findings)-1].Key = key.PK + " " + key.SK
	}
}

// ofCounter holds a counter of account numbers to be one. Numbers that were given out are found where they are kept.
func (j *judgement) ofCounter() {
	if !j.item.IsNumber(attrGiven) {
		j.find(FoundAccount, "it counts no numbers", "count from none", func(tx *transaction) {
			tx.Check(j.item.Key(), dynamo.SameAttribute(attrGiven, j.item))
			tx.Update(j.item.Key()).Set(attrGiven, dynamo.Number(0))
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
		j.byHand(FoundOrphan, "there is no contact "+j.key.Owner.String()+", under which it lies", "bring the contact back from a backup, or remove the item")
	case j.key.Identity != 0 && j.at(identity.Key(j.key.Org)) == nil:
		j.remove(FoundOrphan, "there is no "+identity.Describe()+", under which it lies")
	}
	return owner
}

// remove tells of an item that should not be there. What stands around it is found, once it is gone.
func (j *judgement) remove(kind FindingKind, detail string) {
	j.find(kind, detail, "remove it", func(tx *transaction) { tx.Delete(j.item.Key()) })
}

func (j *judgement) ofPart() {
	owner := j.underContact()
	j.document()
	j.kept(j.isDeleted(owner) && !owner.Bool(attrReleasing))
	j.given(j.item.id())
	if j.key.Owner != 0 && j.item.holds() {
		j.seen(keys.Guard(j.key.Org, j.key.Owner))
	}
	if j.key.Identity != 0 {
		j.seen(contact.Owner{Org: j.key.Org, Contact: j.key.Owner, Identity: j.key.Identity}.Key())
	}
	switch {
	case j.item.Bool(attrErased): // its id alone is left
	case j.key.Segment == keys.SegmentIdentity:
		j.counting()
		j.represents(owner)
	case j.key.Segment == keys.SegmentLocation:
		j.members()
	case j.key.Segment == keys.SegmentRole && owner != nil:
		j.ofRole()
	}
}

// ofRole holds a role to have the account of its contact.
func (j *judgement) ofRole() {
	owner := j.at(keys.Guard(j.key.Org, j.key.Owner))
	a := debtor
	if j.item.String("sk") == keys.SegmentRole+"#"+keys.RoleSupplier {
		a = creditor
	}
	number, mine := owner.String(a.attribute), j.item.String(attrAccount)
	if shown := shownAccount(j.item, a); owner != nil && mine == "" && shown != "" && (number == "" || number == shown) {
		j.find(FoundAccount, "the account that its document shows is not kept", "keep it", func(tx *transaction) {
			j.change(tx, func(u *dynamo.Update) { u.Set(attrAccount, dynamo.String(shown)) })
		})
		return
	}
	switch {
	case owner == nil: // told of the contact
	case number == mine:
	case number == "":
		j.find(FoundAccount, fmt.Sprintf("its account is %q, and its contact has no %s account", mine, a.attribute), "make it that of the contact", func(tx *transaction) {
			j.asRead(tx, owner.Key(), owner)
			tx.Update(owner.Key()).Set(a.attribute, dynamo.String(mine))
			tx.Check(owner.Key(), dynamo.SameAttribute(a.attribute, owner))
		})
	default:
		j.byHand(FoundAccount, fmt.Sprintf("its account is %q, that of its contact %q", mine, number), "bring the contact and its roles back from a backup")
	}
}

// shownAccount is the number of an account that a role's document shows.
func shownAccount(role dynamo.Item, a account) string {
	var shown map[string]any
	if json.Unmarshal([]byte(role.String(attrDoc)), &shown) != nil {
		return ""
	}
	number, _ := shown[a.attribute+"_account_id"].(string)
	return number
}

// members holds a location to count the active professional identities that name it.
func (j *judgement) members() {
	working := int64(0)
	if j.item.Number(attrReferrers) != 0 {
		for _, by := range j.referrers(j.self()) {
			if strings.HasPrefix(by.Part, keys.SegmentIdentity+"#") && j.at(by.Key(j.key.Org)).Bool(attrActive) {
				working++
			}
		}
	}
	counted := j.item.Number(attrMemberCount)
	if j.err != nil || counted == working && j.item.IsNumber(attrMemberCount) {
		return
	}
	j.find(FoundCount, fmt.Sprintf("it counts %d members, and %d work there", counted, working), fmt.Sprintf("count %d", working), func(tx *transaction) {
		tx.Update(j.item.Key()).Set(attrMemberCount, dynamo.Number(working))
		tx.touch(j.item.Key())
	})
}
