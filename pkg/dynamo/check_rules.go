package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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
		j.find("no item of the platform has such a key", "", nil)
	case placeContact:
		j.ofContact()
	case placePart:
		j.ofPart()
	case placeTag:
		j.ofTag()
	case placeImage:
		j.ofImage()
	case placeChanges:
		j.underContact()
	case placeReference:
		j.ofReference()
	case placeFind:
		j.ofFind()
	case placeClaim:
		j.ofClaim()
	case placeList, placeSharedTag:
		j.document()
	case placeEntry:
		j.ofEntry()
	case placeMember:
		j.ofMember()
	case placeAnswer, placePiece:
		j.ofAnswer()
	}
	return j.findings, j.err
}

// find tells of something; repair, nil for none, is a transaction that begins with the item being as it was read.
func (j *judgement) find(detail, does string, repair func(tx *transaction)) {
	if repair == nil {
		j.fixable(detail, "", nil)
		return
	}
	j.fixable(detail, does, func(ctx context.Context) error {
		tx := j.check.table.begin()
		j.asRead(tx, j.item.key(), j.item)
		repair(tx)
		return tx.commit(ctx, Record{})
	})
}

// fixable tells of something that takes more than one transaction to repair.
func (j *judgement) fixable(detail, does string, fix func(context.Context) error) {
	f := Finding{Org: j.place.org, Item: j.item.text("pk") + " " + j.item.text("sk"), Detail: detail, Repair: does}
	if fix != nil {
		f.Fix = func(ctx context.Context) error { return moved(fix(ctx)) }
	}
	j.findings = append(j.findings, f)
}

// at reads another item; nil if there is none.
func (j *judgement) at(key Key) Item {
	item, err := j.see(key)
	j.err = cmp.Or(j.err, err)
	return item
}

// asRead holds that an item is still as it was read.
func (j *judgement) asRead(tx *transaction, key Key, read Item) {
	switch {
	case read == nil:
		tx.require(key, absent(func(Item) error { return errChanged }))
	case read[attrVersion] != nil:
		tx.require(key, unchanged(read))
	default:
		tx.require(key, present(errChanged))
	}
}

func (j *judgement) self() target { return selfOf(j.item, j.place) }

// document holds what is stored to be readable, and to be what its key says.
func (j *judgement) document() {
	doc := []byte(j.item.text(attrDoc))
	var named struct {
		ID jsontext.Value `json:"id"`
	}
	if !isObject(doc) || json.Unmarshal(doc, &named) != nil {
		j.find("its document is no JSON object", "", nil)
		return
	}
	want := j.item.id().String()
	switch j.place.kind {
	case placeSharedTag:
		want = contact.ID(j.item.number(attrTag)).String()
	case placeImage:
		want = (contact.MaxID - j.item.id()).String()
	}
	if got := strings.Trim(string(named.ID), `"`); got != want && j.place.segment != segmentRole {
		j.find(fmt.Sprintf("its document says that its id is %s", got), "", nil)
	}
}

// ties holds what the item says that it claims, is found by and refers to.
func (j *judgement) ties() {
	for _, held := range j.item.texts(attrClaims) {
		space, value, _ := strings.Cut(held, "#")
		key := claimKey(j.place.org, space, value)
		switch entry := j.at(key); {
		case entry == nil:
			j.find("it claims "+held+", which has no entry", "put the entry", func(tx *transaction) {
				tx.claim(key, j.place.owner, space)
			})
		case contact.ID(entry.number(attrOwner)) != j.place.owner:
			j.find(fmt.Sprintf("it claims %s, which contact %d has", held, entry.number(attrOwner)), "", nil)
		}
	}
	for _, f := range j.item.texts(attrFinds) {
		if key := findKey(j.place.org, f, j.self()); j.at(key) == nil {
			j.find("it is to be found by "+f+", which has no entry", "put the entry", func(tx *transaction) { tx.put(key.entry()) })
		}
	}
	for _, name := range lastingOf(j.item) {
		to := parseTarget(name)
		target, key := j.at(to.key(j.place.org)), referenceKey(j.place.org, to, j.self())
		switch {
		case target == nil:
			j.find("it refers to "+to.describe()+", which is not there", "", nil)
		case to.part == "" && target.is(attrDeleted) && to.contact != j.place.owner:
			j.find("it refers to "+to.describe()+", which is deleted", "", nil)
		case j.at(key) == nil:
			// It is counted where the references are, once it is there.
			j.find("it refers to "+to.describe()+", which doesn't know", "put the reference beside it", func(tx *transaction) {
				tx.require(to.key(j.place.org), present(errChanged))
				tx.put(key.entry(), absent(func(Item) error { return errChanged }))
			})
		}
	}
	for _, name := range j.item.texts(attrUses) {
		if !slices.Contains(j.item.texts(attrRefers), name) {
			j.find("it uses "+parseTarget(name).describe()+", and doesn't refer to it", "", nil)
		}
	}
	if n := j.item.number(attrReferrers); n != 0 {
		if found := j.referrers(); j.err == nil && int64(len(found)) != n {
			j.recount(n, int64(len(found)))
		}
	}
}

// referrers are what is noted beside the item as referring to it.
func (j *judgement) referrers() (by []target) {
	prefix := referencePrefix(j.self())
	err := j.check.table.prefixed(partsOf(j.place.org, j.place.owner)).read(j.ctx, prefix, 0, func(i Item) {
		by = append(by, parseTarget(strings.TrimPrefix(i.text("sk"), prefix)))
	})
	j.err = cmp.Or(j.err, err)
	return by
}

func (j *judgement) recount(counted, found int64) {
	j.find(fmt.Sprintf("it counts %d references to it, and there are %d", counted, found), fmt.Sprintf("count %d", found), func(tx *transaction) {
		tx.require(j.item.key(), condition{text: "referrers = :counted", values: values{":counted": num(counted)}, explain: func(stored Item) error {
			if stored.number(attrReferrers) != counted {
				return errChanged
			}
			return nil
		}})
		tx.step(j.item.key()).update.set(attrReferrers, num(found))
	})
}

func (j *judgement) ofContact() {
	j.document()
	j.ties()
	if j.item.is(attrDeleted) && j.item.is(attrReleasing) && j.older(time.Minute) {
		j.fixable("its deletion broke off", "go on with it", func(ctx context.Context) error {
			return j.check.table.finishDeletion(ctx, j.place.org, j.place.owner)
		})
	}
	for _, a := range []account{debtor, creditor} {
		j.account(a)
	}
	representatives, _ := j.item[attrRepresentatives].(*types.AttributeValueMemberM)
	if representatives == nil {
		return
	}
	for id, shown := range representatives.Value {
		var r contact.Representative
		text, _ := shown.(*types.AttributeValueMemberS)
		if text == nil || json.Unmarshal([]byte(text.Value), &r) != nil {
			j.find("its representative "+id+" can't be read", "", nil)
			continue
		}
		identity := partTarget(r.ProfessionalIdentity.ContactID, segmentIdentity, r.ProfessionalIdentity.ProfessionalIdentityID)
		if item := j.at(identity.key(j.place.org)); item == nil || contact.ID(item.number(attrRepresents)) != j.place.owner {
			j.find("it shows the "+identity.describe()+", which doesn't represent it", "show it no more", func(tx *transaction) {
				j.asRead(tx, identity.key(j.place.org), item)
				tx.step(j.item.key()).update.remove(attrRepresentatives + "." + id)
				tx.touch(j.item.key())
			})
		}
	}
}

// finishDeletion goes on with the deletion of a contact that broke off.
func (t *Table) finishDeletion(ctx context.Context, org string, id contact.ID) error {
	switch id.Kind() {
	case contact.Individual:
		return Individuals(t).Delete(ctx, org, id, Match{})
	case contact.Organization:
		return Organizations(t).Delete(ctx, org, id, Match{})
	}
	return PlaceholderCustomers(t).Delete(ctx, org, id, Match{})
}

// older tells whether the item was last written longer ago than that.
func (j *judgement) older(than time.Duration) bool {
	return j.item.number(attrUpdated) < j.check.table.now().Add(-than).UnixMilli()
}

// account holds a number of an account to have been given out, to this contact alone.
func (j *judgement) account(a account) {
	number := j.item.text(a.attribute)
	if number == "" {
		return
	}
	counter := j.at(counterKey(j.place.org, a.attribute))
	if n, err := contact.ParseID(number); err != nil || int64(n) < a.first || int64(n) >= a.first+counter.number(attrGiven) {
		j.find(fmt.Sprintf("its %s account is %s, which the counter has not given out", a.attribute, number), "", nil)
	}
	j.check.mu.Lock()
	defer j.check.mu.Unlock()
	given := accountNumber{j.place.org, a.attribute, number}
	if other := j.check.accounts[given]; other != 0 && other != j.place.owner {
		j.find(fmt.Sprintf("its %s account %s is that of contact %s too", a.attribute, number, other), "", nil)
	}
	j.check.accounts[given] = j.place.owner
}

// underContact holds that there is what the item lies under, and returns the contact.
func (j *judgement) underContact() Item {
	if j.place.owner == 0 {
		return nil
	}
	owner := j.at(contactKey(j.place.org, j.place.owner))
	if owner == nil {
		j.remove("there is no contact " + j.place.owner.String() + ", under which it lies")
	} else if identity := partTarget(j.place.owner, segmentIdentity, j.place.identity); j.place.identity != 0 && j.at(identity.key(j.place.org)) == nil {
		j.remove("there is no " + identity.describe() + ", under which it lies")
	}
	return owner
}

// remove tells of an item that should not be there; its entries go with it.
func (j *judgement) remove(detail string) {
	j.find(detail, "remove it", func(tx *transaction) {
		tx.tie(j.place.org, j.self(), j.item, nil, ties{})
		tx.remove(j.item.key())
	})
}

func (j *judgement) ofPart() {
	owner := j.underContact()
	j.document()
	j.ties()
	switch {
	case j.place.segment == segmentIdentity:
		j.represents()
	case j.place.segment == segmentLocation:
		j.members()
	case j.place.segment == segmentRole && owner != nil:
		a := debtor
		if j.item.text("sk") == segmentRole+"#"+roleSupplier {
			a = creditor
		}
		if number := owner.text(a.attribute); number != j.item.text(attrAccount) {
			j.find(fmt.Sprintf("its account is %q, that of its contact %q", j.item.text(attrAccount), number), "", nil)
		}
	}
}

// represents holds a professional identity to be shown by its organization as it is.
func (j *judgement) represents() {
	organization := contact.ID(j.item.number(attrRepresents))
	if organization.Kind() != contact.Organization {
		j.find("it represents no organization", "", nil)
		return
	}
	key := contactKey(j.place.org, organization)
	item := j.at(key)
	if item == nil {
		j.find("it represents organization "+organization.String()+", which is not there", "", nil)
		return
	}
	shown, _ := item[attrRepresentatives].(*types.AttributeValueMemberM)
	want := j.item.representative(j.place.owner, j.item.id())
	if shown != nil {
		if text, ok := shown.Value[digits(j.item.id())].(*types.AttributeValueMemberS); ok && text.Value == want {
			return
		}
	}
	j.find("organization "+organization.String()+" doesn't show it among its representatives as it is", "show it so", func(tx *transaction) {
		tx.step(key).update.set(attrRepresentatives+"."+digits(j.item.id()), str(want))
		tx.touch(key)
		tx.require(key, present(errChanged))
	})
}

// members holds a location to count the active professional identities that name it.
func (j *judgement) members() {
	working := int64(0)
	for _, by := range j.referrers() {
		if strings.HasPrefix(by.part, segmentIdentity+"#") && j.at(by.key(j.place.org)).is(attrActive) {
			working++
		}
	}
	counted := j.item.number(attrMemberCount)
	if j.err != nil || counted == working {
		return
	}
	j.find(fmt.Sprintf("it counts %d members, and %d work there", counted, working), fmt.Sprintf("count %d", working), func(tx *transaction) {
		tx.step(j.item.key()).update.set(attrMemberCount, num(working))
		tx.touch(j.item.key())
	})
}
