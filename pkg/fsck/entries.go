package fsck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// The rules of what stands beside resources: entries that are nothing without what they lead to.

func (j *judgement) checkSharedTag() {
	j.document()
	tag, err := store.Decode[contact.Tag](j.item)
	if err == nil && !j.item.Bool(store.AttrErased) && keys.Tag(j.key.Org, tag.Name) != j.item.Key() {
		j.byHand(FoundDocument, fmt.Sprintf("its document says that its name is %q", tag.Name), "bring it back from a backup")
	}
	unique := store.TagIDItem(j.key.Org, j.item)
	has := func(sk string) bool { // that is kept in the claim of the id
		return sk != "" && j.at(dynamo.Key{PK: j.item.Key().PK, SK: sk}).Number(store.AttrTag) == j.item.Number(store.AttrTag)
	}
	switch there := j.at(unique.Key()); {
	case there == nil:
		j.find(FoundTag, "its id is not reserved", "reserve it", func(tx *dynamo.Tx) { tx.Put(unique, dynamo.NotExists()) })
	case there.String(store.AttrTagKey) == j.item.String("sk"):
	case !has(there.String(store.AttrTagKey)):
		j.find(FoundTag, "the reservation of its id names a tag that doesn't have it", "reserve it for the one that does", func(tx *dynamo.Tx) {
			tx.Check(unique.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrTagKey, there))
			tx.Update(unique.Key()).Set(store.AttrTagKey, unique[store.AttrTagKey])
		})
	default:
		j.byHand(FoundID, "its id is that of another tag too", "take one of the two off all contacts, and remove its item")
	}
}

func (j *judgement) checkTag() {
	owner := j.underContact()
	j.document()
	j.kept(j.isDeleted(owner) && !owner.Bool(store.AttrReleasing))
	if store.HasLinks(j.item) {
		j.seen(keys.Guard(j.key.Org, j.key.Owner))
	}
	tag, err := store.Decode[contact.Tag](j.item)
	if err != nil {
		return // told of its document
	}
	if tag.Name == "" {
		j.byHand(FoundDocument, "its document has no name", "remove the tag from the contact, and add it again")
		return
	}
	key := keys.Tag(j.key.Org, tag.Name)
	switch shared := j.at(key); {
	case shared == nil:
		j.find(FoundTag, fmt.Sprintf("the tag %q is not shared", tag.Name), "share it under its id", func(tx *dynamo.Tx) {
			doc, _ := store.Document(j.item) // the tag was decoded from it
			shared := store.NewItem(key, doc, j.check.now())
			shared[store.AttrTag] = dynamo.Number(int64(store.IDOf(j.item)))
			tx.Put(shared, dynamo.NotExists())
		})
	case contact.ID(shared.Number(store.AttrTag)) != store.IDOf(j.item):
		j.byHand(FoundTag, fmt.Sprintf("the tag %q is shared under the id %d", tag.Name, shared.Number(store.AttrTag)), "remove the tag from the contact, and add it again")
	}
}

// unprocessed is how long a picture can take until it is shown, with all tries of its event.
const unprocessed = 24 * time.Hour

func (j *judgement) checkImage() {
	j.underContact()
	j.document()
	j.reserve(contact.MaxID - store.IDOf(j.item))
	picture, err := store.PictureOf(j.item)
	switch state := j.item.String(store.AttrState); {
	case err != nil:
		if doc, unreadable := store.Document(j.item); unreadable == nil && store.IsObject(doc) {
			j.byHand(FoundDocument, fmt.Sprintf("its document can't be read: %v", err), "delete the image, and add it again")
		}
	case state == store.StateDeleting && j.older(time.Hour):
		j.leaving(picture)
	case state == store.StatePending && j.item[dynamo.AttrExpires] == nil:
		j.find(FoundImage, "it waits for a picture, and never expires", "let it expire now", func(tx *dynamo.Tx) {
			tx.Update(j.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(j.check.now().Unix()))
		})
	case state != "":
	case picture.Status == contact.ImageProcessing && j.older(unprocessed):
		j.byHand(FoundImage, "its picture was never processed", "look into the dead-letter queue and send its event again, or delete the image")
	case picture.Status == contact.ImageReady:
		j.objects(picture)
	}
}

// leaving is an image whose deletion broke off.
func (j *judgement) leaving(p store.Picture) {
	const detail = "its deletion broke off"
	if j.check.Objects == nil {
		j.byHand(FoundDeletion, detail, "check with the bucket: a repair can go on with it then")
		return
	}
	o := contact.Owner{Org: j.key.Org, Contact: j.key.Owner}
	j.fixable(FoundDeletion, detail, "go on with it", func(ctx context.Context) error {
		return store.ImagesOf(j.check.store).Remove(ctx, o, p.ID, idempotency.Write{}, func(ctx context.Context) error { return j.check.Objects.Clear(ctx, o, p.ID) })
	})
}

// objects holds an image that is shown to have what it shows.
func (j *judgement) objects(p store.Picture) {
	if j.check.Objects == nil {
		return
	}
	whole, err := j.check.Objects.Whole(j.ctx, contact.Owner{Org: j.key.Org, Contact: j.key.Owner}, p.ID, p.Version)
	j.note(err)
	if err == nil && !whole {
		j.byHand(FoundImage, "objects that it shows are not in the bucket", "bring images/… of it back from a backup or a former version, or delete the image")
	}
}

func (j *judgement) checkReference() {
	guard := j.key.Of.Guard(j.key.Org)
	by, to := j.at(j.key.By.Key(j.key.Org)), j.at(guard)
	switch {
	case !slices.Contains(by.Strings(store.AttrReferences), j.key.Of.String()):
		// What it was counted for is found out where it is counted, once it is gone.
		j.find(FoundReference, j.key.By.Describe()+" doesn't refer to "+j.key.Of.Describe(), "remove it", func(tx *dynamo.Tx) {
			j.asRead(tx, j.key.By.Key(j.key.Org), by)
			tx.Delete(j.item.Key())
		})
	case to == nil:
		// Told of what refers to it.
	case to.Number(store.AttrReferenceCount) < 1:
		j.find(FoundCount, j.key.Of.Describe()+" counts no reference to it", "count all of them", func(tx *dynamo.Tx) {
			tx.Check(guard, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrReferenceCount, to))
			tx.Update(guard).Set(store.AttrReferenceCount, dynamo.Number(int64(len(j.referrers(j.key.Of)))))
		})
	}
}

func (j *judgement) checkLookup() {
	key := j.key.By.Key(j.key.Org)
	if part := j.at(key); !slices.Contains(part.Strings(store.AttrLookups), j.key.Name) {
		j.find(FoundLookup, j.key.By.Describe()+" is not to be found by it", "remove it", func(tx *dynamo.Tx) {
			j.asRead(tx, key, part)
			tx.Delete(j.item.Key())
		})
	}
}

func (j *judgement) checkUnique() {
	read := map[dynamo.Key]dynamo.Item{}
	for _, key := range holders(j.key, j.item) {
		read[key] = j.at(key)
		for _, held := range read[key].Strings(store.AttrUniques) {
			if space, value, _ := strings.Cut(held, "#"); space == j.key.Space && keys.UniqueSortKey(value) == j.key.Name {
				return
			}
		}
	}
	j.find(FoundUnique, fmt.Sprintf("contact %d doesn't have it", j.item.Number(store.AttrOwner)), "remove it", func(tx *dynamo.Tx) {
		for key, item := range read {
			j.asRead(tx, key, item)
		}
		tx.Check(j.item.Key(), dynamo.SameAttribute(store.AttrOwner, j.item))
		tx.Delete(j.item.Key())
	})
}

func (j *judgement) checkListItem() {
	j.seen(keys.CustomerList(j.key.Org, j.key.List))
	ref, err := store.Decode[contact.ContactRef](j.item)
	if err != nil {
		j.byHand(FoundDocument, "it names no customer", "remove it")
		return
	}
	key := keys.ListMember(j.key.Org, j.key.List, ref.ID)
	option := j.at(key)
	switch {
	case j.at(keys.CustomerList(j.key.Org, j.key.List)) == nil:
		j.remove(FoundOrphan, fmt.Sprintf("there is no customer list %s", j.key.List))
		return
	case contact.ID(option.Number(store.AttrPosition)) == store.IDOf(j.item):
	case j.isCustomer(ref.ID) && !j.isAt(contact.ID(option.Number(store.AttrPosition)), ref.ID):
		j.find(FoundList, fmt.Sprintf("customer %s does not stand there", ref.ID), "note that it does", func(tx *dynamo.Tx) {
			j.stands(tx, key, option)
			if option == nil {
				option = key.Item()
				option[store.AttrPosition] = dynamo.Number(int64(store.IDOf(j.item)))
				tx.Put(option)
				return
			}
			tx.Update(key).Set(store.AttrPosition, dynamo.Number(int64(store.IDOf(j.item))))
		})
		return
	default:
		j.find(FoundList, fmt.Sprintf("customer %s does not stand there", ref.ID), "remove it", func(tx *dynamo.Tx) {
			j.stands(tx, key, option)
			j.check.store.Offsets().Remove(tx, j.item.Key())
			tx.Delete(j.item.Key())
		})
		return
	}
	if ref.ID.Kind() == contact.Part || j.at(keys.Contact(j.key.Org, ref.ID)) == nil {
		j.byHand(FoundList, fmt.Sprintf("there is no customer %s", ref.ID), "bring the contact back from a backup, or take it off the list")
	}
}

// isAt tells whether a customer has an entry at a place of the list.
func (j *judgement) isAt(position, customer contact.ID) bool {
	entry := j.at(keys.ListItem(j.key.Org, j.key.List, position))
	ref, err := store.Decode[contact.ContactRef](entry)
	return err == nil && ref.ID == customer
}

// stands holds that a member stands where it stood.
func (j *judgement) stands(tx *dynamo.Tx, key dynamo.Key, option dynamo.Item) {
	j.asRead(tx, key, option)
	if option != nil {
		tx.Check(key, dynamo.SameAttribute(store.AttrPosition, option))
	}
}

func (j *judgement) checkListMember() {
	j.seen(keys.CustomerList(j.key.Org, j.key.List))
	key := keys.ListItem(j.key.Org, j.key.List, contact.ID(j.item.Number(store.AttrPosition)))
	entry := j.at(key)
	ref, err := store.Decode[contact.ContactRef](entry)
	switch {
	case j.at(keys.CustomerList(j.key.Org, j.key.List)) == nil:
		j.remove(FoundOrphan, fmt.Sprintf("there is no customer list %s", j.key.List))
	case err != nil || ref.ID != j.key.Customer:
		j.find(FoundList, fmt.Sprintf("it stands at %d, where there is another customer or none", j.item.Number(store.AttrPosition)),
			"remove it: the customer is in the list no more", func(tx *dynamo.Tx) {
				j.asRead(tx, key, entry)
				j.stands(tx, j.item.Key(), j.item)
				tx.Delete(j.item.Key())
			})
	}
}

func (j *judgement) checkAnswer() {
	if j.expiring(); j.past() {
		return
	}
	for n := int64(1); n <= j.item.Number(idempotency.AttrParts); n++ {
		if j.at(keys.AnswerPart(j.item.Key(), n)) == nil {
			j.find(FoundAnswer, fmt.Sprintf("piece %d of its %d is not there", n, j.item.Number(idempotency.AttrParts)),
				"remove it: a repeat of the request is no repeat any more", func(tx *dynamo.Tx) { tx.Delete(j.item.Key()) })
			return
		}
	}
}

// unanswered is how long pieces of an answer can wait for the record that names them: longer than any function runs.
const unanswered = time.Hour

func (j *judgement) checkAnswerPart() {
	if j.expiring(); j.past() || time.Unix(j.item.Number(dynamo.AttrExpires), 0).After(j.check.now().Add(idempotency.Retention-unanswered)) {
		return
	}
	key := keys.AnswerOf(j.item.Key())
	if record := j.at(key); fmt.Sprintf("%06d", record.Number(idempotency.AttrParts)) < j.key.AnswerPart {
		j.find(FoundAnswer, "no answer has this piece", "remove it", func(tx *dynamo.Tx) {
			tx.Check(j.item.Key(), dynamo.SameAttribute(dynamo.AttrExpires, j.item)) // not one that another run has just put
			if record == nil {
				j.asRead(tx, key, nil)
			} else {
				tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(idempotency.AttrParts, record))
			}
			tx.Delete(j.item.Key())
		})
	}
}

// past tells whether the item counts as gone: the store removes it some time later.
func (j *judgement) past() bool {
	return j.item[dynamo.AttrExpires] != nil && j.item.Number(dynamo.AttrExpires) < j.check.now().Unix()
}

// expiring holds that the item does not stay for ever.
func (j *judgement) expiring() {
	if j.item[dynamo.AttrExpires] == nil {
		j.find(FoundAnswer, "it never expires", "let it expire in a day", func(tx *dynamo.Tx) {
			tx.Update(j.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(j.check.now().Add(idempotency.Retention).Unix()))
		})
	}
}
