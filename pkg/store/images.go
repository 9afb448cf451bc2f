package store

import (
	"context"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Images are the items of the contacts' pictures, whose objects lie in a bucket. An item is pending until its picture is
// there for sure, and leaving from the moment its deletion begins until its objects are gone: neither is shown.
type Images struct{ store *Store }

// ImagesOf returns the images of a table.
func ImagesOf(s *Store) Images { return Images{s} }

// A Picture is an image, and which version of its objects it shows.
type Picture struct {
	contact.Image
	Version string // "" unless it is READY
	Pending bool   // whether it is still to come, as far as is known
	Record  contact.Record
}

const (
	// attrState is there on an item that isn't shown, S.
	AttrState     = "state"
	StatePending  = "PENDING"
	StateDeleting = "DELETING"
	// attrShown is the version of the objects that an image shows, S.
	attrVersionShown = "shown"
	// attrSent names the object that an image is being made of, S: the first of those that come in for it.
	attrUpload = "sent"
	// attrMaker is the Idempotency-Key, as its record is keyed, of the request that makes an image that is still to come, S.
	attrCreatedBy = "maker"
)

// CreatePending makes the item of an image whose picture is still to come, until it expires, and returns its id. A repeat of a request with
// a key that Begin took finds the item that the first made. NotFound if there is no such contact, Impossible if it is deleted.
func (i Images) CreatePending(ctx context.Context, o contact.Owner, key *idempotency.Key, expires time.Time) (id contact.ID, err error) {
	ids := i.store.partIDs()
	taken := false
	_, err = dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		known := false
		switch {
		case key == nil:
			id = ids.fresh()
		case taken:
			id = ids.fresh()
			if err := key.SetCreated(ctx, id); err != nil {
				return contact.Record{}, err
			}
		default:
			id = key.Created()
		}
		taken = true
		item, err := i.pendingItem(o, id, expires)
		if err != nil {
			return contact.Record{}, err
		}
		if key != nil {
			item[attrCreatedBy] = dynamo.String(key.Name())
		}
		tx := i.store.begin()
		tx.requireOwner(o)
		ids.reserve(tx, o, id)
		tx.Put(item, dynamo.NotExistsElse(func(stored dynamo.Item) error {
			known = key != nil && stored.String(attrCreatedBy) == key.Name()
			return dynamo.ErrConflict // another image has the id
		}))
		if err = tx.commit(ctx, idempotency.Write{}, contact.Record{}); known {
			err = nil // a repeat of the request finds the item that the first made
		}
		return contact.Record{}, err
	})
	return id, err
}

// CreateForForm is CreatePending for a picture that is sent by a form. form is given the id, and returns until when the image is StatePending,
// and what the caller is told.
func (i Images) CreateForForm(ctx context.Context, o contact.Owner, w idempotency.Write, form func(id contact.ID) (expires time.Time, answer []byte, err error)) (contact.Record, error) {
	ids := i.store.partIDs()
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		id := ids.fresh()
		expires, answer, err := form(id)
		if err != nil {
			return contact.Record{}, err
		}
		item, err := i.pendingItem(o, id, expires)
		if err != nil {
			return contact.Record{}, err
		}
		tx := i.store.begin()
		tx.requireOwner(o)
		ids.reserve(tx, o, id)
		tx.Put(item, dynamo.NotExists())
		made := contact.Record{ID: id, Version: 1, Doc: answer}
		return made, tx.commit(ctx, w, made)
	})
}

// awaited is the item of an image that is still to come, as it is made.
func (i Images) pendingItem(o contact.Owner, id contact.ID, expires time.Time) (dynamo.Item, error) {
	doc, err := encode(contact.Image{ID: id, Status: contact.ImageProcessing})
	if err != nil {
		return nil, err
	}
	item := NewItem(keys.Image(o, id), doc, i.store.now())
	item[AttrState], item[dynamo.AttrExpires] = dynamo.String(StatePending), dynamo.Number(expires.Unix())
	return item, nil
}

// Arrive shows an image whose picture is there now. It may have been processed already.
func (i Images) MarkUploaded(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) (contact.Record, error) {
	guess, err := i.pendingItem(o, id, i.store.now()) // it is read only if it is no more as Await made it
	if err != nil {
		return contact.Record{}, err
	}
	return dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored := guess
		if guess = nil; stored == nil {
			var err error
			if stored, err = i.read(ctx, o, id, contact.Precondition{}); err != nil {
				return contact.Record{}, err
			}
		}
		next := nextItem(stored, []byte(stored.String(AttrDoc)), i.store.now())
		delete(next, AttrState)
		delete(next, dynamo.AttrExpires)
		tx := i.store.begin()
		tx.requireOwner(o)
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		tx.Update(stored.Key()).Remove(attrCreatedBy)
		made := RecordOf(next)
		made.ID = id
		return made, tx.commit(ctx, w, made)
	})
}

// Claim lets an image be made of one object, and of no other: of the first that is claimed for it. It returns the image, and whether it is
// to be made of this one now. NotFound if the image is not there any more, or is leaving.
func (i Images) Claim(ctx context.Context, o contact.Owner, id contact.ID, sent string) (p Picture, claimed bool, err error) {
	_, err = dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := i.read(ctx, o, id, contact.Precondition{})
		if err != nil {
			return contact.Record{}, err
		}
		if p, err = PictureOf(stored); err != nil {
			return contact.Record{}, err
		}
		first := stored.String(attrUpload)
		claimed = p.Status == contact.ImageProcessing && (first == "" || first == sent)
		if !claimed || first == sent {
			return contact.Record{}, nil
		}
		tx := i.store.begin()
		key := stored.Key()
		tx.Update(key).Set(attrUpload, dynamo.String(sent))
		tx.Check(key, dynamo.Unchanged(stored), dynamo.Require(dynamo.AttributeNotExists(attrUpload), dynamo.ErrConflict))
		return contact.Record{}, tx.commit(ctx, idempotency.Write{}, contact.Record{})
	})
	return p, claimed && err == nil, err
}

// Settle keeps what became of an image's picture, unless another run was sooner, and returns what is kept. NotFound if the
// image is not there any more, or is leaving; Impossible if it was still to come and its contact has been deleted.
func (i Images) Settle(ctx context.Context, o contact.Owner, made Picture) (settled Picture, err error) {
	doc, err := encode(made.Image)
	if err != nil {
		return Picture{}, err
	}
	_, err = dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := i.read(ctx, o, made.ID, contact.Precondition{})
		if err != nil {
			return contact.Record{}, err
		}
		if last, err := PictureOf(stored); err == nil && last.Status != contact.ImageProcessing {
			settled = last
			return contact.Record{}, nil
		}
		settled = made
		next := nextItem(stored, doc, i.store.now())
		delete(next, attrUpload)
		delete(next, AttrState)
		delete(next, dynamo.AttrExpires)
		if made.Version != "" {
			next[attrVersionShown] = dynamo.String(made.Version)
		}
		tx := i.store.begin()
		if stored.String(AttrState) == StatePending { // nobody was told of it yet: the contact may have been deleted
			tx.requireOwner(o)
		}
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		return contact.Record{}, tx.commit(ctx, idempotency.Write{}, contact.Record{})
	})
	return settled, err
}

// List returns a contact's images, the newest first.
func (i Images) List(ctx context.Context, o contact.Owner) ([]contact.Record, error) {
	var rows []contact.Record
	err := i.store.Query(keys.PartsOf(o)).Prefix(keys.Prefix(o, keys.SegmentImage)).Read(ctx, 0, func(item dynamo.Item) {
		if item[AttrState] == nil {
			rows = append(rows, RecordOf(item))
		}
	})
	if err == nil && len(rows) == 0 {
		err = i.store.requireOwnerExists(ctx, o)
	}
	return rows, err
}

// Get returns an image, pending ones too. NotFound if there is none, or it is leaving.
func (i Images) Get(ctx context.Context, o contact.Owner, id contact.ID) (Picture, error) {
	stored, err := i.read(ctx, o, id, contact.Precondition{})
	if err != nil {
		return Picture{}, err
	}
	return PictureOf(stored)
}

// PictureOf reads the item of an image.
func PictureOf(stored dynamo.Item) (Picture, error) {
	image, err := Decode[contact.Image](stored)
	return Picture{image, stored.String(attrVersionShown), stored.String(AttrState) == StatePending, RecordOf(stored)}, err
}

func (i Images) read(ctx context.Context, o contact.Owner, id contact.ID, require contact.Precondition) (dynamo.Item, error) {
	stored, err := i.store.Get(ctx, keys.Image(o, id))
	switch {
	case err != nil:
		return nil, err
	case stored == nil || stored.String(AttrState) == StateDeleting:
		return nil, notFound("image")
	}
	return stored, check(require, stored)
}

// Remove deletes an image: it is shown no more, then objects removes what is in the bucket, then the item goes. A
// deletion that broke off goes on when it is repeated.
func (i Images) Remove(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write, objects func(context.Context) error) error {
	key := keys.Image(o, id)
	_, err := dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		stored, err := i.store.Get(ctx, key)
		if err != nil {
			return contact.Record{}, err
		}
		if stored == nil {
			return contact.Record{}, notFound("image")
		}
		if stored.String(AttrState) != StateDeleting {
			if err := check(w.Precondition, stored); err != nil {
				return contact.Record{}, err
			}
			next := nextItem(stored, []byte(stored.String(AttrDoc)), i.store.now())
			next[AttrState] = dynamo.String(StateDeleting)
			delete(next, dynamo.AttrExpires)
			tx := i.store.begin()
			tx.requireOwner(o)
			tx.Replace(stored, next, dynamo.Unchanged(stored))
			if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
				return contact.Record{}, err
			}
		}
		if err := objects(ctx); err != nil {
			return contact.Record{}, err
		}
		tx := i.store.begin()
		tx.Delete(key)
		return contact.Record{}, tx.commit(ctx, w, contact.Record{ID: id})
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
	wanted := make([]dynamo.Key, len(names))
	for n, name := range names {
		wanted[n] = keys.Image(contact.Owner{Org: name.Org, Contact: name.Contact}, name.ID)
	}
	items, err := i.store.BatchGet(ctx, wanted, "")
	states := make([]ImageState, len(names))
	for n, item := range items {
		p, unreadable := PictureOf(item)
		states[n] = ImageState{Missing: item == nil, Version: p.Version,
			Settled: unreadable == nil && item.String(AttrState) == "" && p.Status != contact.ImageProcessing}
	}
	return states, err
}
