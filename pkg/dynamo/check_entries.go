package dynamo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"contacts/pkg/contact"
)

// The rules of what stands beside resources: entries that are nothing without what they lead to.

func (j *judgement) ofSharedTag() {
	j.document()
	tag, err := decode[contact.Tag](j.item)
	if err == nil && !j.item.is(attrErased) && tagKey(j.place.org, tag.Name) != j.item.key() {
		j.byHand(FoundDocument, fmt.Sprintf("its document says that its name is %q", tag.Name), "bring it back from a backup")
	}
	claim := tagClaim(j.place.org, j.item)
	has := func(sk string) bool { // that is kept in the claim of the id
		return sk != "" && j.at(Key{j.item.key().PK, sk}).number(attrTag) == j.item.number(attrTag)
	}
	switch there := j.at(claim.key()); {
	case there == nil:
		j.find(FoundTag, "its id is not claimed", "claim it", func(tx *transaction) { tx.put(claim, absent(func(Item) error { return errChanged })) })
	case there.text(attrName) == j.item.text("sk"):
	case !has(there.text(attrName)):
		j.find(FoundTag, "the claim of its id names a tag that doesn't have it", "claim it for the one that does", func(tx *transaction) {
			tx.require(claim.key(), present(errChanged), asIs(attrName, there))
			tx.step(claim.key()).update.set(attrName, claim[attrName])
		})
	default:
		j.byHand(FoundID, "its id is that of another tag too", "take one of the two off all contacts, and remove its item")
	}
}

func (j *judgement) ofTag() {
	owner := j.underContact()
	j.document()
	j.kept(j.isDeleted(owner) && !owner.is(attrReleasing))
	if j.item.holds() {
		j.seen(guardKey(j.place.org, j.place.owner))
	}
	tag, err := decode[contact.Tag](j.item)
	if err != nil {
		return // told of its document
	}
	if tag.Name == "" {
		j.byHand(FoundDocument, "its document has no name", "remove the tag from the contact, and add it again")
		return
	}
	key := tagKey(j.place.org, tag.Name)
	switch shared := j.at(key); {
	case shared == nil:
		j.find(FoundTag, fmt.Sprintf("the tag %q is not shared", tag.Name), "share it under its id", func(tx *transaction) {
			shared := newItem(key, []byte(j.item.text(attrDoc)), j.check.table.now())
			shared[attrTag] = num(int64(j.item.id()))
			tx.put(shared, absent(func(Item) error { return errChanged }))
		})
	case contact.ID(shared.number(attrTag)) != j.item.id():
		j.byHand(FoundTag, fmt.Sprintf("the tag %q is shared under the id %d", tag.Name, shared.number(attrTag)), "remove the tag from the contact, and add it again")
	}
}

// unprocessed is how long a picture can take until it is shown, with all tries of its event.
const unprocessed = 24 * time.Hour

func (j *judgement) ofImage() {
	j.underContact()
	j.document()
	j.given(contact.MaxID - j.item.id())
	picture, err := pictureOf(j.item)
	switch state := j.item.text(attrState); {
	case err != nil:
		if isObject([]byte(j.item.text(attrDoc))) {
			j.byHand(FoundDocument, fmt.Sprintf("its document can't be read: %v", err), "delete the image, and add it again")
		}
	case state == leaving && j.older(time.Hour):
		j.leaving(picture)
	case state == pending && j.item[attrExpires] == nil:
		j.find(FoundImage, "it waits for a picture, and never expires", "let it expire now", func(tx *transaction) {
			tx.step(j.item.key()).update.set(attrExpires, num(j.check.table.now().Unix()))
		})
	case state != "":
	case picture.Status == contact.ImageProcessing && j.older(unprocessed):
		j.byHand(FoundImage, "its picture was never processed", "look into the dead-letter queue and send its event again, or delete the image")
	case picture.Status == contact.ImageReady:
		j.objects(picture)
	}
}

// leaving is an image whose deletion broke off.
func (j *judgement) leaving(p Picture) {
	const detail = "its deletion broke off"
	if j.check.Objects == nil {
		j.byHand(FoundDeletion, detail, "check with the bucket: a repair can go on with it then")
		return
	}
	o := Owner{Org: j.place.org, Contact: j.place.owner}
	j.fixable(FoundDeletion, detail, "go on with it", func(ctx context.Context) error {
		return ImagesOf(j.check.table).Remove(ctx, o, p.ID, contact.Precondition{}, func(ctx context.Context) error { return j.check.Objects.Clear(ctx, o, p.ID) })
	})
}

// objects holds an image that is shown to have what it shows.
func (j *judgement) objects(p Picture) {
	if j.check.Objects == nil {
		return
	}
	whole, err := j.check.Objects.Whole(j.ctx, Owner{Org: j.place.org, Contact: j.place.owner}, p.ID, p.Version)
	j.note(err)
	if err == nil && !whole {
		j.byHand(FoundImage, "objects that it shows are not in the bucket", "bring images/… of it back from a backup or a former version, or delete the image")
	}
}

func (j *judgement) ofReference() {
	guard := j.place.of.guard(j.place.org)
	by, to := j.at(j.place.by.key(j.place.org)), j.at(guard)
	switch {
	case !slices.Contains(by.texts(attrRefers), j.place.of.String()):
		// What it was counted for is found out where it is counted, once it is gone.
		j.find(FoundReference, j.place.by.describe()+" doesn't refer to "+j.place.of.describe(), "remove it", func(tx *transaction) {
			j.asRead(tx, j.place.by.key(j.place.org), by)
			tx.remove(j.item.key())
		})
	case to == nil:
		// Told of what refers to it.
	case to.number(attrReferrers) < 1:
		j.find(FoundCount, j.place.of.describe()+" counts no reference to it", "count all of them", func(tx *transaction) {
			tx.require(guard, present(errChanged), asIs(attrReferrers, to))
			tx.step(guard).update.set(attrReferrers, num(int64(len(j.referrers(j.place.of)))))
		})
	}
}

func (j *judgement) ofFind() {
	key := j.place.by.key(j.place.org)
	if part := j.at(key); !slices.Contains(part.texts(attrFinds), j.place.name) {
		j.find(FoundLookup, j.place.by.describe()+" is not to be found by it", "remove it", func(tx *transaction) {
			j.asRead(tx, key, part)
			tx.remove(j.item.key())
		})
	}
}

func (j *judgement) ofClaim() {
	read := map[Key]Item{}
	for _, key := range holders(j.place, j.item) {
		read[key] = j.at(key)
		for _, held := range read[key].texts(attrClaims) {
			if space, value, _ := strings.Cut(held, "#"); space == j.place.space && bounded(value) == j.place.name {
				return
			}
		}
	}
	j.find(FoundClaim, fmt.Sprintf("contact %d doesn't claim it", j.item.number(attrOwner)), "remove it", func(tx *transaction) {
		for key, item := range read {
			j.asRead(tx, key, item)
		}
		tx.require(j.item.key(), asIs(attrOwner, j.item))
		tx.remove(j.item.key())
	})
}

func (j *judgement) ofEntry() {
	j.seen(listKey(j.place.org, j.place.list))
	ref, err := decode[contact.ContactRef](j.item)
	if err != nil {
		j.byHand(FoundDocument, "it names no customer", "remove it")
		return
	}
	key := memberKey(j.place.org, j.place.list, ref.ID)
	member := j.at(key)
	switch {
	case j.at(listKey(j.place.org, j.place.list)) == nil:
		j.remove(FoundOrphan, fmt.Sprintf("there is no customer list %s", j.place.list))
		return
	case contact.ID(member.number(attrPosition)) == j.item.id():
	case j.isCustomer(ref.ID) && !j.isAt(contact.ID(member.number(attrPosition)), ref.ID):
		j.find(FoundList, fmt.Sprintf("customer %s does not stand there", ref.ID), "note that it does", func(tx *transaction) {
			j.stands(tx, key, member)
			if member == nil {
				member = key.entry()
				member[attrPosition] = num(int64(j.item.id()))
				tx.put(member)
				return
			}
			tx.step(key).update.set(attrPosition, num(int64(j.item.id())))
		})
		return
	default:
		j.find(FoundList, fmt.Sprintf("customer %s does not stand there", ref.ID), "remove it", func(tx *transaction) {
			j.stands(tx, key, member)
			tx.takeOff(j.item.key())
			tx.remove(j.item.key())
		})
		return
	}
	if ref.ID.Kind() == contact.Part || j.at(contactKey(j.place.org, ref.ID)) == nil {
		j.byHand(FoundList, fmt.Sprintf("there is no customer %s", ref.ID), "bring the contact back from a backup, or take it off the list")
	}
}

// isAt tells whether a customer has an entry at a place of the list.
func (j *judgement) isAt(position, customer contact.ID) bool {
	entry := j.at(entryKey(j.place.org, j.place.list, position))
	ref, err := decode[contact.ContactRef](entry)
	return err == nil && ref.ID == customer
}

// stands holds that a member stands where it stood.
func (j *judgement) stands(tx *transaction, key Key, member Item) {
	j.asRead(tx, key, member)
	if member != nil {
		tx.require(key, asIs(attrPosition, member))
	}
}

func (j *judgement) ofMember() {
	j.seen(listKey(j.place.org, j.place.list))
	key := entryKey(j.place.org, j.place.list, contact.ID(j.item.number(attrPosition)))
	entry := j.at(key)
	ref, err := decode[contact.ContactRef](entry)
	switch {
	case j.at(listKey(j.place.org, j.place.list)) == nil:
		j.remove(FoundOrphan, fmt.Sprintf("there is no customer list %s", j.place.list))
	case err != nil || ref.ID != j.place.customer:
		j.find(FoundList, fmt.Sprintf("it stands at %d, where there is another customer or none", j.item.number(attrPosition)),
			"remove it: the customer is in the list no more", func(tx *transaction) {
				j.asRead(tx, key, entry)
				j.stands(tx, j.item.key(), j.item)
				tx.remove(j.item.key())
			})
	}
}

func (j *judgement) ofAnswer() {
	if j.expiring(); j.past() {
		return
	}
	for n := int64(1); n <= j.item.number(attrPieces); n++ {
		if j.at(j.item.key().piece(n)) == nil {
			j.find(FoundAnswer, fmt.Sprintf("piece %d of its %d is not there", n, j.item.number(attrPieces)),
				"remove it: a repeat of the request is no repeat any more", func(tx *transaction) { tx.remove(j.item.key()) })
			return
		}
	}
}

// unanswered is how long pieces of an answer can wait for the record that names them: longer than any function runs.
const unanswered = time.Hour

func (j *judgement) ofPiece() {
	if j.expiring(); j.past() || time.Unix(j.item.number(attrExpires), 0).After(j.check.table.now().Add(retention-unanswered)) {
		return
	}
	key := j.item.key().whole()
	if record := j.at(key); fmt.Sprintf("%06d", record.number(attrPieces)) < j.place.piece {
		j.find(FoundAnswer, "no answer has this piece", "remove it", func(tx *transaction) {
			tx.require(j.item.key(), asIs(attrExpires, j.item)) // not one that another run has just put
			if record == nil {
				j.asRead(tx, key, nil)
			} else {
				tx.require(key, present(errChanged), asIs(attrPieces, record))
			}
			tx.remove(j.item.key())
		})
	}
}

// past tells whether the item counts as gone: the store removes it some time later.
func (j *judgement) past() bool {
	return j.item[attrExpires] != nil && j.item.number(attrExpires) < j.check.table.now().Unix()
}

// expiring holds that the item does not stay for ever.
func (j *judgement) expiring() {
	if j.item[attrExpires] == nil {
		j.find(FoundAnswer, "it never expires", "let it expire in a day", func(tx *transaction) {
			tx.step(j.item.key()).update.set(attrExpires, num(j.check.table.now().Add(retention).Unix()))
		})
	}
}
