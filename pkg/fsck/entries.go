package fsck

import (
	"context"
	"fmt"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// Checks of tags, images, references, lookup entries, unique values, customer lists and stored answers.

func (c *itemCheck) checkSharedTag() {
	c.checkDocument()
	tag, err := store.Decode[contact.Tag](c.item)
	if err == nil && !c.item.Bool(store.AttrErased) && keys.Tag(c.key.Org, tag.Name) != c.item.Key() {
		c.reportManual(FoundDocument, fmt.Sprintf("its document has the name %q", tag.Name), "restore it from a backup")
	}
	unique := store.TagIDItem(c.key.Org, c.item)
	has := func(sk string) bool { // reports whether the tag of that sort key has the same id
		return sk != "" && c.get(dynamo.Key{PK: c.item.Key().PK, SK: sk}).Number(store.AttrTag) == c.item.Number(store.AttrTag)
	}
	switch there := c.get(unique.Key()); {
	case there == nil:
		c.report(FoundTag, "its id is not reserved", "reserve it", func(tx *dynamo.Tx) { tx.Put(unique, dynamo.NotExists()) })
	case there.String(store.AttrTagKey) == c.item.String("sk"):
	case !has(there.String(store.AttrTagKey)):
		c.report(FoundTag, "the reservation of its id names a tag that doesn't have it", "reserve it for this tag", func(tx *dynamo.Tx) {
			tx.Check(unique.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrTagKey, there))
			tx.Update(unique.Key()).Set(store.AttrTagKey, unique[store.AttrTagKey])
		})
	default:
		c.reportManual(FoundID, "its id is also used by another tag", "remove one of the two tags from all contacts, then delete its item")
	}
}

func (c *itemCheck) checkTag() {
	owner := c.checkOwner()
	c.checkDocument()
	c.checkLinks(c.isDeleted(owner) && !owner.Bool(store.AttrReleasing))
	if store.HasLinks(c.item) {
		c.checkCountedBy(keys.Guard(c.key.Org, c.key.Owner))
	}
	tag, err := store.Decode[contact.Tag](c.item)
	if err != nil {
		return // reported by checkDocument
	}
	if tag.Name == "" {
		c.reportManual(FoundDocument, "its document has no name", "remove the tag from the contact, and add it again")
		return
	}
	key := keys.Tag(c.key.Org, tag.Name)
	switch shared := c.get(key); {
	case shared == nil:
		c.report(FoundTag, fmt.Sprintf("the tag %q is not shared", tag.Name), "share it under its id", func(tx *dynamo.Tx) {
			doc, _ := store.Document(c.item) // the tag was decoded from it
			shared := store.NewItem(key, doc, c.check.now())
			shared[store.AttrTag] = dynamo.Number(int64(store.IDOf(c.item)))
			tx.Put(shared, dynamo.NotExists())
		})
	case contact.ID(shared.Number(store.AttrTag)) != store.IDOf(c.item):
		c.reportManual(FoundTag, fmt.Sprintf("the tag %q is shared under the id %d", tag.Name, shared.Number(store.AttrTag)), "remove the tag from the contact, and add it again")
	}
}

// maxProcessing is the longest time that a picture takes to be processed, with all retries of its event.
const maxProcessing = 24 * time.Hour

func (c *itemCheck) checkImage() {
	c.checkOwner()
	c.checkDocument()
	c.checkLastID(contact.MaxID - store.IDOf(c.item))
	picture, err := store.PictureOf(c.item)
	switch state := c.item.String(store.AttrState); {
	case err != nil:
		if doc, unreadable := store.Document(c.item); unreadable == nil && store.IsObject(doc) {
			c.reportManual(FoundDocument, fmt.Sprintf("its document can't be read: %v", err), "delete the image, and add it again")
		}
	case state == store.StateDeleting && c.isOlder(time.Hour):
		c.reportInterruptedDeletion(picture)
	case state == store.StatePending && c.item[dynamo.AttrExpires] == nil:
		c.report(FoundImage, "it is pending and never expires", "expire it now", func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(c.check.now().Unix()))
		})
	case state != "":
	case picture.Status == contact.ImageProcessing && c.isOlder(maxProcessing):
		c.reportManual(FoundImage, "its picture was never processed", "redrive its event from the dead-letter queue, or delete the image")
	case picture.Status == contact.ImageReady:
		c.checkObjects(picture)
	}
}

// reportInterruptedDeletion reports an image whose deletion was interrupted.
func (c *itemCheck) reportInterruptedDeletion(p store.Picture) {
	const detail = "its deletion was interrupted"
	if c.check.Objects == nil {
		c.reportManual(FoundDeletion, detail, "repeat the check with --bucket, so that a repair can complete it")
		return
	}
	o := contact.Owner{Org: c.key.Org, Contact: c.key.Owner}
	c.reportFix(FoundDeletion, detail, "complete it", func(ctx context.Context) error {
		return store.ImagesOf(c.check.store).Remove(ctx, o, p.ID, idempotency.Write{}, func(ctx context.Context) error { return c.check.Objects.Clear(ctx, o, p.ID) })
	})
}

// checkObjects checks that a ready image has all of its objects.
func (c *itemCheck) checkObjects(p store.Picture) {
	if c.check.Objects == nil || c.collecting {
		return
	}
	whole, err := c.check.Objects.HasAll(c.ctx, contact.Owner{Org: c.key.Org, Contact: c.key.Owner}, p.ID, p.Version)
	c.keepError(err)
	if err == nil && !whole {
		c.reportManual(FoundImage, "objects of its current version are not in the bucket", "restore its objects under images/ from a backup or an earlier version, or delete the image")
	}
}

func (c *itemCheck) checkReference() {
	guard := c.key.Of.Guard(c.key.Org)
	by, to := c.get(c.key.By.Key(c.key.Org)), c.get(guard)
	switch {
	case !slices.Contains(by.Strings(store.AttrReferences), c.key.Of.String()):
		// The reference count is checked on the target, once the item is deleted.
		c.report(FoundReference, c.key.By.Describe()+" doesn't refer to "+c.key.Of.Describe(), "delete it", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, c.key.By.Key(c.key.Org), by)
			tx.Delete(c.item.Key())
		})
	case to == nil:
		// Reported for the resource that refers to it.
	case to.Number(store.AttrReferenceCount) < 1:
		c.report(FoundCount, c.key.Of.Describe()+" has no reference count", "count the references", func(tx *dynamo.Tx) {
			tx.Check(guard, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrReferenceCount, to))
			tx.Update(guard).Set(store.AttrReferenceCount, dynamo.Number(int64(len(c.referencing(c.key.Of)))))
		})
	}
}

func (c *itemCheck) checkLookup() {
	key := c.key.By.Key(c.key.Org)
	part := c.get(key)
	if !slices.ContainsFunc(part.Strings(store.AttrLookups), func(f string) bool { return c.isEntryOf(f) }) {
		c.report(FoundLookup, c.key.By.Describe()+" does not have this lookup key", "delete it", func(tx *dynamo.Tx) {
			c.requireUnchanged(tx, key, part)
			tx.Delete(c.item.Key())
		})
	}
}

// isEntryOf reports whether the item is an entry of a lookup key of what it leads to.
func (c *itemCheck) isEntryOf(lookup string) bool {
	return slices.ContainsFunc(store.LookupItems(c.key.Org, lookup, c.key.By), func(entry dynamo.Item) bool { return entry.Key() == c.item.Key() })
}

func (c *itemCheck) checkUnique() {
	read := map[dynamo.Key]dynamo.Item{}
	for _, key := range uniqueOwners(c.key, c.item) {
		read[key] = c.get(key)
		for _, held := range read[key].Strings(store.AttrUniques) {
			if space, value := keys.CutUnique(held); space == c.key.Space && keys.UniqueSortKey(value) == c.key.Name {
				return
			}
		}
	}
	c.report(FoundUnique, fmt.Sprintf("contact %d doesn't have this value", c.item.Number(store.AttrOwner)), "delete it", func(tx *dynamo.Tx) {
		for key, item := range read {
			c.requireUnchanged(tx, key, item)
		}
		tx.Check(c.item.Key(), dynamo.SameAttribute(store.AttrOwner, c.item))
		tx.Delete(c.item.Key())
	})
}

func (c *itemCheck) checkListItem() {
	if !c.hasList() {
		return
	}
	ref, err := store.Decode[contact.ContactRef](c.item)
	if err != nil {
		c.reportManual(FoundDocument, "its document names no customer", "delete it")
		return
	}
	key := keys.ListMember(c.key.Org, c.key.List, ref.ID)
	member := c.get(key)
	switch {
	case contact.ID(member.Number(store.AttrPosition)) == store.IDOf(c.item):
	case c.isCustomer(ref.ID) && !c.hasItemAt(contact.ID(member.Number(store.AttrPosition)), ref.ID):
		c.report(FoundList, fmt.Sprintf("the member item of customer %s does not lead to it", ref.ID), "set its position", func(tx *dynamo.Tx) {
			c.requirePosition(tx, key, member)
			tx.Update(key).Set(store.AttrPosition, dynamo.Number(int64(store.IDOf(c.item)))) // which creates it if there is none
		})
		return
	default:
		c.report(FoundList, fmt.Sprintf("the member item of customer %s does not lead to it", ref.ID), "delete it", func(tx *dynamo.Tx) {
			c.requirePosition(tx, key, member)
			c.check.store.Offsets().Remove(tx, c.item.Key())
			tx.Delete(c.item.Key())
		})
		return
	}
	if ref.ID.Kind() == contact.Part || c.get(keys.Contact(c.key.Org, ref.ID)) == nil {
		c.reportManual(FoundList, fmt.Sprintf("customer %s does not exist", ref.ID), "restore the contact from a backup, or remove it from the list")
	}
}

// hasItemAt reports whether the list item at a position is that of a customer.
func (c *itemCheck) hasItemAt(position, customer contact.ID) bool {
	entry := c.get(keys.ListItem(c.key.Org, c.key.List, position))
	ref, err := store.Decode[contact.ContactRef](entry)
	return err == nil && ref.ID == customer
}

// requirePosition requires that a member item has the position that was read.
func (c *itemCheck) requirePosition(tx *dynamo.Tx, key dynamo.Key, member dynamo.Item) {
	c.requireUnchanged(tx, key, member)
	if member != nil {
		tx.Check(key, dynamo.SameAttribute(store.AttrPosition, member))
	}
}

func (c *itemCheck) checkListMember() {
	if !c.hasList() {
		return
	}
	key := keys.ListItem(c.key.Org, c.key.List, contact.ID(c.item.Number(store.AttrPosition)))
	entry := c.get(key)
	ref, err := store.Decode[contact.ContactRef](entry)
	if err != nil || ref.ID != c.key.Customer {
		c.report(FoundList, fmt.Sprintf("its position %d has another customer or none", c.item.Number(store.AttrPosition)),
			"delete it: the customer is no longer in the list", func(tx *dynamo.Tx) {
				c.requireUnchanged(tx, key, entry)
				c.requirePosition(tx, c.item.Key(), c.item)
				tx.Delete(c.item.Key())
			})
	}
}

func (c *itemCheck) checkAnswer() {
	if c.checkExpires(); c.isExpired() {
		return
	}
	for n := int64(1); n <= c.item.Number(idempotency.AttrParts); n++ {
		if c.get(keys.AnswerPart(c.item.Key(), n)) == nil {
			c.report(FoundAnswer, fmt.Sprintf("part %d of %d is missing", n, c.item.Number(idempotency.AttrParts)),
				"delete it: a repeat of the request runs again", func(tx *dynamo.Tx) { tx.Delete(c.item.Key()) })
			return
		}
	}
}

// maxAnswering is how old parts of an answer may be without a record that counts them: longer than any function runs.
const maxAnswering = time.Hour

func (c *itemCheck) checkAnswerPart() {
	if c.checkExpires(); c.isExpired() || time.Unix(c.item.Number(dynamo.AttrExpires), 0).After(c.check.now().Add(idempotency.Retention-maxAnswering)) {
		return
	}
	key := keys.AnswerOf(c.item.Key())
	if record := c.get(key); fmt.Sprintf("%06d", record.Number(idempotency.AttrParts)) < c.key.AnswerPart {
		c.report(FoundAnswer, "no answer has this part", "delete it", func(tx *dynamo.Tx) {
			tx.Check(c.item.Key(), dynamo.SameAttribute(dynamo.AttrExpires, c.item)) // another run may have written it just now
			if record == nil {
				c.requireUnchanged(tx, key, nil)
			} else {
				tx.Check(key, dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(idempotency.AttrParts, record))
			}
			tx.Delete(c.item.Key())
		})
	}
}

// isExpired reports whether the item has expired; DynamoDB deletes it some time later.
func (c *itemCheck) isExpired() bool {
	return c.item[dynamo.AttrExpires] != nil && c.item.Number(dynamo.AttrExpires) < c.check.now().Unix()
}

// checkExpires checks that the item expires.
func (c *itemCheck) checkExpires() {
	if c.item[dynamo.AttrExpires] == nil {
		c.report(FoundAnswer, "it never expires", "let it expire in a day", func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(c.check.now().Add(idempotency.Retention).Unix()))
		})
	}
}
