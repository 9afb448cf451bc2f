package dynamo

import (
	"context"
	"time"

	"contacts/pkg/contact"
)

// Images are the items of the contacts' pictures, whose objects lie in a bucket. An item is pending until its picture is
// there for sure, and leaving from the moment its deletion begins until its objects are gone: neither is shown.
type Images struct{ table *Table }

// ImagesOf returns the images of a table.
func ImagesOf(t *Table) Images { return Images{t} }

// A Picture is an image, and which version of its objects it shows.
type Picture struct {
	contact.Image
	Version string // "" unless it is READY
	Pending bool   // whether it is still to come, as far as is known
	Record  contact.Record
}

const (
	// attrState is there on an item that isn't shown, S.
	attrState = "state"
	pending   = "PENDING"
	leaving   = "LEAVING"
	// attrShown is the version of the objects that an image shows, S.
	attrShown = "shown"
	// attrSent names the object that an image is being made of, S: the first of those that come in for it.
	attrSent = "sent"
	// attrMaker is the Idempotency-Key, as its record is keyed, of the request that makes an image that is still to come, S.
	attrMaker = "maker"
)

func imageTarget(o Owner, id contact.ID) target {
	return target{o.Contact, o.prefix(segmentImage) + digits(contact.MaxID-id)} // the newest first
}

// Await makes the item of an image that is still to come, until it expires, and returns its id. A repeat of a request with an
// Idempotency-Key finds the one that the first made. NotFound if there is no such contact, Impossible if it is deleted.
func (i Images) Await(ctx context.Context, o Owner, expires time.Time) (id contact.ID, err error) {
	ids, attempt := i.table.partIDs(), attemptOf(ctx)
	taken := false
	_, err = untilUnchanged(ctx, func() (contact.Record, error) {
		known := false
		switch {
		case attempt == nil:
			id = ids.fresh()
		case taken:
			id = ids.fresh()
			if err := attempt.makes(ctx, id); err != nil {
				return contact.Record{}, err
			}
		default:
			id = attempt.made
		}
		taken = true
		item, err := i.awaited(o, id, expires)
		if err != nil {
			return contact.Record{}, err
		}
		if attempt != nil {
			item[attrMaker] = str(attempt.key.PK)
		}
		tx := i.table.begin()
		tx.requireOwner(o)
		ids.given(tx, o, id)
		tx.put(item, absent(func(stored Item) error {
			known = attempt != nil && stored.text(attrMaker) == attempt.key.PK
			return errChanged // another image has the id
		}))
		if err = tx.commit(withoutAttempt(ctx), contact.Record{}); known {
			err = nil // a repeat of the request finds the item that the first made
		}
		return contact.Record{}, err
	})
	return id, err
}

// AwaitForm is Await for a picture that is sent by a form. form is given the id, and returns until when the image is awaited, and what
// the caller is told.
func (i Images) AwaitForm(ctx context.Context, o Owner, form func(id contact.ID) (expires time.Time, answer []byte, err error)) (contact.Record, error) {
	ids := i.table.partIDs()
	return untilUnchanged(ctx, func() (contact.Record, error) {
		id := ids.fresh()
		expires, answer, err := form(id)
		if err != nil {
			return contact.Record{}, err
		}
		item, err := i.awaited(o, id, expires)
		if err != nil {
			return contact.Record{}, err
		}
		tx := i.table.begin()
		tx.requireOwner(o)
		ids.given(tx, o, id)
		tx.put(item, absent(func(Item) error { return errChanged }))
		made := contact.Record{ID: id, Version: 1, Doc: answer}
		return made, tx.commit(ctx, made)
	})
}

// awaited is the item of an image that is still to come, as it is made.
func (i Images) awaited(o Owner, id contact.ID, expires time.Time) (Item, error) {
	doc, err := encode(contact.Image{ID: id, Status: contact.ImageProcessing})
	if err != nil {
		return nil, err
	}
	item := newItem(imageTarget(o, id).key(o.Org), doc, i.table.now())
	item[attrState], item[attrExpires] = str(pending), num(expires.Unix())
	return item, nil
}

// Arrive shows an image whose picture is there now. It may have been processed already.
func (i Images) Arrive(ctx context.Context, o Owner, id contact.ID) (contact.Record, error) {
	guess, err := i.awaited(o, id, i.table.now()) // it is read only if it is no more as Await made it
	if err != nil {
		return contact.Record{}, err
	}
	return untilUnchanged(ctx, func() (contact.Record, error) {
		stored := guess
		if guess = nil; stored == nil {
			var err error
			if stored, err = i.read(ctx, o, id, contact.Precondition{}); err != nil {
				return contact.Record{}, err
			}
		}
		next := nextItem(stored, []byte(stored.text(attrDoc)), i.table.now())
		delete(next, attrState)
		delete(next, attrExpires)
		tx := i.table.begin()
		tx.requireOwner(o)
		tx.replace(stored, next, unchanged(stored))
		tx.step(stored.key()).update.remove(attrMaker)
		made := next.record()
		made.ID = id
		return made, tx.commit(ctx, made)
	})
}

// Claim lets an image be made of one object, and of no other: of the first that is claimed for it. It returns the image, and whether it is
// to be made of this one now. NotFound if the image is not there any more, or is leaving.
func (i Images) Claim(ctx context.Context, o Owner, id contact.ID, sent string) (p Picture, claimed bool, err error) {
	_, err = untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := i.read(ctx, o, id, contact.Precondition{})
		if err != nil {
			return contact.Record{}, err
		}
		if p, err = pictureOf(stored); err != nil {
			return contact.Record{}, err
		}
		first := stored.text(attrSent)
		claimed = p.Status == contact.ImageProcessing && (first == "" || first == sent)
		if !claimed || first == sent {
			return contact.Record{}, nil
		}
		tx := i.table.begin()
		key := stored.key()
		tx.step(key).update.set(attrSent, str(sent))
		tx.require(key, unchanged(stored), condition{text: "attribute_not_exists(sent)", explain: func(now Item) error {
			if now[attrSent] != nil {
				return errChanged
			}
			return nil
		}})
		return contact.Record{}, tx.commit(ctx, contact.Record{})
	})
	return p, claimed && err == nil, err
}

// Settle keeps what became of an image's picture, unless another run was sooner, and returns what is kept. NotFound if the
// image is not there any more, or is leaving; Impossible if it was still to come and its contact has been deleted.
func (i Images) Settle(ctx context.Context, o Owner, made Picture) (settled Picture, err error) {
	doc, err := encode(made.Image)
	if err != nil {
		return Picture{}, err
	}
	_, err = untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := i.read(ctx, o, made.ID, contact.Precondition{})
		if err != nil {
			return contact.Record{}, err
		}
		if last, err := pictureOf(stored); err == nil && last.Status != contact.ImageProcessing {
			settled = last
			return contact.Record{}, nil
		}
		settled = made
		next := nextItem(stored, doc, i.table.now())
		delete(next, attrSent)
		delete(next, attrState)
		delete(next, attrExpires)
		if made.Version != "" {
			next[attrShown] = str(made.Version)
		}
		tx := i.table.begin()
		if stored.text(attrState) == pending { // nobody was told of it yet: the contact may have been deleted
			tx.requireOwner(o)
		}
		tx.replace(stored, next, unchanged(stored))
		return contact.Record{}, tx.commit(ctx, contact.Record{})
	})
	return settled, err
}

// List returns a contact's images, the newest first.
func (i Images) List(ctx context.Context, o Owner) ([]contact.Record, error) {
	var rows []contact.Record
	err := i.table.prefixed(o.partition()).read(ctx, o.prefix(segmentImage), 0, func(item Item) {
		if item[attrState] == nil {
			rows = append(rows, item.record())
		}
	})
	if err == nil && len(rows) == 0 {
		err = i.table.requireThere(ctx, o)
	}
	return rows, err
}

// Get returns an image, pending ones too. NotFound if there is none, or it is leaving.
func (i Images) Get(ctx context.Context, o Owner, id contact.ID) (Picture, error) {
	stored, err := i.read(ctx, o, id, contact.Precondition{})
	if err != nil {
		return Picture{}, err
	}
	return pictureOf(stored)
}

func pictureOf(stored Item) (Picture, error) {
	image, err := decode[contact.Image](stored)
	return Picture{image, stored.text(attrShown), stored.text(attrState) == pending, stored.record()}, err
}

func (i Images) read(ctx context.Context, o Owner, id contact.ID, match contact.Precondition) (Item, error) {
	stored, err := i.table.get(ctx, imageTarget(o, id).key(o.Org))
	switch {
	case err != nil:
		return nil, err
	case stored == nil || stored.text(attrState) == leaving:
		return nil, notFound("image")
	}
	return stored, stored.meets(match)
}

// Remove deletes an image: it is shown no more, then objects removes what is in the bucket, then the item goes. A
// deletion that broke off goes on when it is repeated.
func (i Images) Remove(ctx context.Context, o Owner, id contact.ID, match contact.Precondition, objects func(context.Context) error) error {
	key := imageTarget(o, id).key(o.Org)
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := i.table.get(ctx, key)
		if err != nil {
			return contact.Record{}, err
		}
		if stored == nil {
			return contact.Record{}, notFound("image")
		}
		if stored.text(attrState) != leaving {
			if err := stored.meets(match); err != nil {
				return contact.Record{}, err
			}
			next := nextItem(stored, []byte(stored.text(attrDoc)), i.table.now())
			next[attrState] = str(leaving)
			delete(next, attrExpires)
			tx := i.table.begin()
			tx.requireOwner(o)
			tx.replace(stored, next, unchanged(stored))
			if err := tx.commit(withoutAttempt(ctx), contact.Record{}); err != nil {
				return contact.Record{}, err
			}
		}
		if err := objects(ctx); err != nil {
			return contact.Record{}, err
		}
		tx := i.table.begin()
		tx.remove(key)
		return contact.Record{}, tx.commit(ctx, contact.Record{ID: id})
	})
	return err
}

// An ImageName names an image.
type ImageName struct {
	Org         string
	Contact, ID contact.ID
}

// An ImageState is what is known of an image's objects.
type ImageState struct {
	Missing bool // there is no such image
	Settled bool // it shows Version, and no other will come
	Version string
}

// States returns what images show, in the order of their names. One that can't be read is not settled.
func (i Images) States(ctx context.Context, names []ImageName) ([]ImageState, error) {
	keys := make([]Key, len(names))
	for n, name := range names {
		keys[n] = imageTarget(Owner{Org: name.Org, Contact: name.Contact}, name.ID).key(name.Org)
	}
	items, err := i.table.gets(ctx, keys, "")
	states := make([]ImageState, len(names))
	for n, item := range items {
		p, unreadable := pictureOf(item)
		states[n] = ImageState{Missing: item == nil, Version: p.Version,
			Settled: unreadable == nil && item.text(attrState) == "" && p.Status != contact.ImageProcessing}
	}
	return states, err
}

// Restoring tells whether an organization is being restored.
func (i Images) Restoring(ctx context.Context, org string) (bool, error) {
	item, err := i.table.get(ctx, organizationKey(org))
	return item[attrRestoring] != nil, err
}
