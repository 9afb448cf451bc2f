package dynamo

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
	item     Item
	place    place
	see      sight
	findings []Finding
	err      error
}

func (c *Check) judge(ctx context.Context, i Item, see sight) ([]Finding, error) {
	j := &judgement{check: c, ctx: ctx, item: i, place: whereIs(i.key()), see: see}
	switch j.place.kind {
	case placeStray:
		j.byHand(FoundStray, "nothing of the platform has such a key", "find out who wrote it, and remove it")
	case placeContact:
		j.ofContact()
	case placeGuard:
		j.ofGuard()
	case placePart:
		j.ofPart()
	case placeTag:
		j.ofTag()
	case placeImage:
		j.ofImage()
	case placeChanges:
		j.underContact()
		j.versioned()
	case placeReference:
		j.ofReference()
	case placeFind:
		j.ofFind()
	case placeRepresentative:
		j.ofRepresentative()
	case placeOption:
		j.ofOption()
	case placeClaim:
		j.ofClaim()
	case placeList:
		j.document()
		j.counting()
		j.kept(false)
	case placeConfiguration:
		j.document()
		j.kept(false)
	case placeDirectory:
		j.ofDirectory()
	case placeChunk:
		j.ofChunk()
	case placeGone:
		j.ofGone()
	case placeSharedTag:
		j.ofSharedTag()
	case placeEntry:
		j.ofEntry()
	case placeMember:
		j.ofMember()
	case placeAnswer:
		j.ofAnswer()
	case placePiece:
		j.ofPiece()
	case placePlatform:
		j.ofPlatform()
	case placeCounter:
		j.ofCounter()
	case placePlain, placeTagID: // an id that was a tag's once never is another's
	}
	return j.findings, j.err
}

// find tells of something, and how it is repaired: by a transaction that begins with the item being as it was read.
func (j *judgement) find(kind FindingKind, detail, does string, repair func(tx *transaction)) {
	j.fixable(kind, detail, does, func(ctx context.Context) error {
		tx := j.check.table.begin()
		j.asRead(tx, j.item.key(), j.item)
		if !j.check.Restoring && j.place.org != "" {
			tx.require(organizationKey(j.place.org), condition{text: "attribute_not_exists(restoring)", explain: func(stored Item) error {
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
	key, found := j.item.key(), *f
	f.once, f.Fix = fix, func(ctx context.Context) error { return j.check.repair(ctx, key, found, fix) }
}

// byHand tells of something that takes a person: what is right can't be known, or is lost.
func (j *judgement) byHand(kind FindingKind, detail, advice string) {
	j.findings = append(j.findings, Finding{Kind: kind, Org: j.place.org, Key: j.item.text("pk") + " " + j.item.text("sk"), Detail: detail, Repair: advice})
}

// note keeps the first error.
func (j *judgement) note(err error) { j.err = cmp.Or(j.err, err) }

// at reads another item; nil if there is none.
func (j *judgement) at(key Key) Item {
	item, err := j.see(key)
	j.note(err)
	return item
}

// asRead holds that an item is still as it was read.
func (j *judgement) asRead(tx *transaction, key Key, read Item) {
	switch {
	case read == nil:
		tx.require(key, absent(func(Item) error { return errChanged }))
	case read.isNumber(attrVersion):
		tx.require(key, unchanged(read))
	default:
		tx.require(key, present(errChanged), asIs(attrVersion, read))
	}
}

func (j *judgement) self() target { return selfOf(j.item, j.place) }

// older tells whether the item was last written longer ago than that.
func (j *judgement) older(than time.Duration) bool {
	return j.item.number(attrUpdated) < j.check.table.now().Add(-than).UnixMilli()
}

func (j *judgement) ofContact() {
	j.document()
	j.kept(j.isDeleted(j.item))
	if j.item.is(attrDeleted) && j.item.is(attrReleasing) && (j.older(maxRun) || j.check.Restoring) {
		// What its parts still hold is found then, and let go one by one: the deletion itself would stop at what is damaged.
		j.find(FoundDeletion, "its deletion broke off", "end it: what its parts still hold is let go", func(tx *transaction) {
			tx.step(j.item.key()).update.remove(attrReleasing)
		})
	}
	j.erasure()
	j.guarded()
	j.representatives()
}

// account holds a number of an account to have been given out, to this contact alone, for one of its roles.
func (j *judgement) account(a account, roles ...string) {
	text := j.item.text(a.attribute)
	if text == "" {
		return
	}
	id, err := contact.ParseID(text)
	number := int64(id)
	if err != nil || number < a.first {
		j.byHand(FoundAccount, fmt.Sprintf("its %s account is %q, which is no number of one", a.attribute, text), "bring the contact back from a backup")
		return
	}
	key := counterKey(j.place.org, a.attribute)
	if counter := j.at(key); number >= a.first+counter.number(attrGiven) {
		j.find(FoundAccount, fmt.Sprintf("its %s account is %s, which the counter has not given out", a.attribute, text), "set the counter behind it", func(tx *transaction) {
			behind := number - a.first + 1
			tx.step(key).update.set(attrGiven, num(behind))
			tx.require(key, asIs(attrGiven, counter))
		})
	}
	o := Owner{Org: j.place.org, Contact: j.place.owner}
	if !slices.ContainsFunc(roles, func(role string) bool { return j.at(roleKey(role)(o)) != nil }) {
		j.byHand(FoundAccount, fmt.Sprintf("it has the %s account %s, and no role with it", a.attribute, text), "bring its role back from a backup, or PUT it anew")
	}
	j.check.mu.Lock()
	defer j.check.mu.Unlock()
	given := j.check.accounts[series{j.place.org, a.attribute}]
	if given == nil {
		given = map[int64]contact.ID{}
		j.check.accounts[series{j.place.org, a.attribute}] = given
	}
	switch other := given[number]; other {
	case 0:
		given[number] = j.place.owner
	case j.place.owner:
	default:
		j.byHand(FoundAccount, fmt.Sprintf("its %s account %s is that of contact %s too", a.attribute, text, other), "bring one of the two contacts back from a backup")
	}
}

// ofCounter holds a counter of account numbers to be one. Numbers that were given out are found where they are kept.
func (j *judgement) ofCounter() {
	if !j.item.isNumber(attrGiven) {
		j.find(FoundAccount, "it counts no numbers", "count from none", func(tx *transaction) {
			tx.require(j.item.key(), asIs(attrGiven, j.item))
			tx.step(j.item.key()).update.set(attrGiven, num(0))
		})
	}
}

// underContact holds that there is what the item lies under, and returns the contact.
func (j *judgement) underContact() Item {
	if j.place.owner == 0 {
		return nil
	}
	owner := j.at(contactKey(j.place.org, j.place.owner))
	identity := partTarget(j.place.owner, segmentIdentity, j.place.identity)
	switch {
	case owner == nil: // the platform never removes one: it is lost, and so would be what is left of it
		j.byHand(FoundOrphan, "there is no contact "+j.place.owner.String()+", under which it lies", "bring the contact back from a backup, or remove the item")
	case j.place.identity != 0 && j.at(identity.key(j.place.org)) == nil:
		j.remove(FoundOrphan, "there is no "+identity.describe()+", under which it lies")
	}
	return owner
}

// remove tells of an item that should not be there. What stands around it is found, once it is gone.
func (j *judgement) remove(kind FindingKind, detail string) {
	j.find(kind, detail, "remove it", func(tx *transaction) { tx.remove(j.item.key()) })
}

func (j *judgement) ofPart() {
	owner := j.underContact()
	j.document()
	j.kept(j.isDeleted(owner) && !owner.is(attrReleasing))
	j.given(j.item.id())
	if j.place.owner != 0 && j.item.holds() {
		j.seen(guardKey(j.place.org, j.place.owner))
	}
	if j.place.identity != 0 {
		j.seen(Owner{Org: j.place.org, Contact: j.place.owner, Identity: j.place.identity}.key())
	}
	switch {
	case j.item.is(attrErased): // its id alone is left
	case j.place.segment == segmentIdentity:
		j.counting()
		j.represents(owner)
	case j.place.segment == segmentLocation:
		j.members()
	case j.place.segment == segmentRole && owner != nil:
		j.ofRole()
	}
}

// ofRole holds a role to have the account of its contact.
func (j *judgement) ofRole() {
	owner := j.at(guardKey(j.place.org, j.place.owner))
	a := debtor
	if j.item.text("sk") == segmentRole+"#"+roleSupplier {
		a = creditor
	}
	number, mine := owner.text(a.attribute), j.item.text(attrAccount)
	if shown := shownAccount(j.item, a); owner != nil && mine == "" && shown != "" && (number == "" || number == shown) {
		j.find(FoundAccount, "the account that its document shows is not kept", "keep it", func(tx *transaction) {
			j.change(tx, func(u *update) { u.set(attrAccount, str(shown)) })
		})
		return
	}
	switch {
	case owner == nil: // told of the contact
	case number == mine:
	case number == "":
		j.find(FoundAccount, fmt.Sprintf("its account is %q, and its contact has no %s account", mine, a.attribute), "make it that of the contact", func(tx *transaction) {
			j.asRead(tx, owner.key(), owner)
			tx.step(owner.key()).update.set(a.attribute, str(mine))
			tx.require(owner.key(), condition{text: "attribute_not_exists(" + a.attribute + ")", explain: func(stored Item) error {
				if stored[a.attribute] != nil {
					return errChanged
				}
				return nil
			}})
		})
	default:
		j.byHand(FoundAccount, fmt.Sprintf("its account is %q, that of its contact %q", mine, number), "bring the contact and its roles back from a backup")
	}
}

// shownAccount is the number of an account that a role's document shows.
func shownAccount(role Item, a account) string {
	var shown map[string]any
	if json.Unmarshal([]byte(role.text(attrDoc)), &shown) != nil {
		return ""
	}
	number, _ := shown[a.attribute+"_account_id"].(string)
	return number
}

// members holds a location to count the active professional identities that name it.
func (j *judgement) members() {
	working := int64(0)
	if j.item.number(attrReferrers) != 0 {
		for _, by := range j.referrers(j.self()) {
			if strings.HasPrefix(by.part, segmentIdentity+"#") && j.at(by.key(j.place.org)).is(attrActive) {
				working++
			}
		}
	}
	counted := j.item.number(attrMemberCount)
	if j.err != nil || counted == working && j.item.isNumber(attrMemberCount) {
		return
	}
	j.find(FoundCount, fmt.Sprintf("it counts %d members, and %d work there", counted, working), fmt.Sprintf("count %d", working), func(tx *transaction) {
		tx.step(j.item.key()).update.set(attrMemberCount, num(working))
		tx.touch(j.item.key())
	})
}
