package store

import (
	"context"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// Images are the items of contacts' pictures, whose objects are in a bucket. An item is pending until its picture is uploaded, and deleting
// from the beginning of its deletion until its objects are deleted; neither is listed.
type Images struct{ store *Store }

// ImagesOf returns the images in a store.
func ImagesOf(s *Store) Images { return Images{s} }

// A Picture is an image with the version of its objects.
type Picture struct {
	contact.Image
	Version string // "" unless it is READY
	Pending bool   // whether it may still have to be uploaded
	Record  contact.Record
}

const (
	// AttrState, S, is StatePending or StateDeleting; absent on an image that is listed.
	AttrState     = "state"
	StatePending  = "PENDING"
	StateDeleting = "DELETING"
	// attrShownVersion, S, is the version of a READY image's objects.
	attrShownVersion = "shown"
	// attrUpload, S, names the uploaded object that is processed: the first one of the image.
	attrUpload = "upload"
	// attrCreatedBy, S, is the idempotency key, as its record is keyed, of the request that created a pending image.
	attrCreatedBy = "created_by"
	// attrOrigin, M, is the request that sent an image which isn't processed yet: its change is that request's.
	attrOrigin = "origin"
)

// CreatePending creates the item of an image that isn't uploaded yet and expires, and returns its id. A repeated request with an idempotency
// key returns the id of the first. The error is NotFound if the contact doesn't exist, Impossible if it is deleted.
func (i Images) CreatePending(ctx context.Context, o contact.Owner, key *idempotency.Key, expires time.Time) (id contact.ID, err error) {
	ids := i.store.partIDs()
	reserved := false
	_, err = dynamo.RetryOnConflict(ctx, func() (contact.Record, error) {
		known := false
		switch {
		case key == nil:
			id = ids.fresh()
		case reserved:
			id = ids.fresh()
			if err := key.SetCreated(ctx, id); err != nil {
				return contact.Record{}, err
			}
		default:
			id = key.Created()
		}
		reserved = true
		item, err := i.pendingItem(o, id, expires)
		if err != nil {
			return contact.Record{}, err
		}
		item[attrOrigin] = changes.OriginOf(ctx).Value()
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
			err = nil // the first request created it
		}
		return contact.Record{}, err
	})
	return id, err
}

// CreateForForm is CreatePending for a picture uploaded by a form. form returns, for the id, when the pending image expires, and the answer to
// the request.
func (i Images) CreateForForm(ctx context.Context, o contact.Owner, w idempotency.Write, form func(id contact.ID) (expires time.Time, answer []byte, err error)) (contact.Record, error) {
	ids := i.store.partIDs()
	return i.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		id := ids.fresh()
		expires, answer, err := form(id)
		if err != nil {
			return contact.Record{}, err
		}
		item, err := i.pendingItem(o, id, expires)
		if err != nil {
			return contact.Record{}, err
		}
		item[attrOrigin] = changes.OriginOf(ctx).Value()
		tx.requireOwner(o)
		ids.reserve(tx, o, id)
		tx.Put(item, dynamo.NotExists())
		return contact.Record{ID: id, Version: 1, Doc: answer}, nil
	})
}

// pendingItem returns the item of an image that isn't uploaded yet.
func (i Images) pendingItem(o contact.Owner, id contact.ID, expires time.Time) (dynamo.Item, error) {
	doc, err := encode(contact.Image{ID: id, Status: contact.ImageProcessing})
	if err != nil {
		return nil, err
	}
	item := NewItem(keys.Image(o, id), doc, i.store.now())
	item[AttrState], item[dynamo.AttrExpires] = dynamo.String(StatePending), dynamo.Number(expires.Unix())
	return item, nil
}

// MarkUploaded makes a pending image listed. It may have been processed already.
func (i Images) MarkUploaded(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) (contact.Record, error) {
	expected, err := i.pendingItem(o, id, i.store.now()) // usually unchanged since CreatePending, so that no read is needed
	if err != nil {
		return contact.Record{}, err
	}
	return i.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
		stored := expected
		if expected = nil; stored == nil {
			var err error
			if stored, err = i.read(ctx, o, id, contact.Precondition{}); err != nil {
				return contact.Record{}, err
			}
		}
		next := touched(stored, i.store.now())
		delete(next, AttrState)
		delete(next, dynamo.AttrExpires)
		tx.requireOwner(o)
		tx.Replace(stored, next, dynamo.Unchanged(stored))
		tx.Update(stored.Key()).Remove(attrCreatedBy)
		record := RecordOf(next)
		record.ID = id
		return record, nil
	})
}

// Claim claims an image for the processing of an uploaded object: only the first one claims it. It returns the image, and whether the object
// has to be processed. The error is NotFound if the image doesn't exist or is being deleted.
func (i Images) Claim(ctx context.Context, o contact.Owner, id contact.ID, upload string) (p Picture, claimed bool, err error) {
	_, err = i.store.change(ctx, idempotency.Write{}, func(tx *transaction) (contact.Record, error) {
		stored, err := i.read(ctx, o, id, contact.Precondition{})
		if err != nil {
			return contact.Record{}, err
		}
		if p, err = PictureOf(stored); err != nil {
			return contact.Record{}, err
		}
		first := stored.String(attrUpload)
		claimed = p.Status == contact.ImageProcessing && (first == "" || first == upload)
		if !claimed || first == upload {
			return contact.Record{}, nil
		}
		key := stored.Key()
		tx.Update(key).Set(attrUpload, dynamo.String(upload))
		tx.Check(key, dynamo.Unchanged(stored), dynamo.Require(dynamo.AttributeNotExists(attrUpload), dynamo.ErrConflict))
		return contact.Record{}, nil
	})
	return p, claimed && err == nil, err
}

// SetResult stores the result of processing a picture, unless there is one already, and returns the stored one. The error is NotFound if the
// image doesn't exist or is being deleted, Impossible if it is pending and its contact is deleted.
func (i Images) SetResult(ctx context.Context, o contact.Owner, result Picture) (stored Picture, err error) {
	doc, err := encode(result.Image)
	if err != nil {
		return Picture{}, err
	}
	_, err = i.store.change(ctx, idempotency.Write{}, func(tx *transaction) (contact.Record, error) {
		item, err := i.read(ctx, o, result.ID, contact.Precondition{})
		if err != nil {
			return contact.Record{}, err
		}
		if last, err := PictureOf(item); err == nil && last.Status != contact.ImageProcessing {
			stored = last
			return contact.Record{}, nil
		}
		stored = result
		next := nextItem(item, doc, i.store.now())
		delete(next, attrUpload)
		delete(next, attrOrigin)
		delete(next, AttrState)
		delete(next, dynamo.AttrExpires)
		if result.Version != "" {
			next[attrShownVersion] = dynamo.String(result.Version)
		}
		if item.String(AttrState) == StatePending { // the contact may have been deleted meanwhile
			tx.requireOwner(o)
		}
		tx.Replace(item, next, dynamo.Unchanged(item))
		tx.origin = changes.OriginIn(item, attrOrigin)
		return contact.Record{}, nil
	})
	return stored, err
}

// List returns a contact's images, the newest first. The error is NotFound if the contact doesn't exist.
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

// Get returns an image, also a pending one. The error is NotFound if it doesn't exist or is being deleted.
func (i Images) Get(ctx context.Context, o contact.Owner, id contact.ID) (Picture, error) {
	stored, err := i.read(ctx, o, id, contact.Precondition{})
	if err != nil {
		return Picture{}, err
	}
	return PictureOf(stored)
}

// PictureOf decodes the item of an image.
func PictureOf(stored dynamo.Item) (Picture, error) {
	image, err := Decode[contact.Image](stored)
	return Picture{image, stored.String(attrShownVersion), stored.String(AttrState) == StatePending, RecordOf(stored)}, err
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

// Remove deletes an image: it marks the item as deleting, calls objects, which deletes the objects from the bucket, and deletes the item.
// Repeating the call completes a deletion that failed halfway. The error is NotFound if the image doesn't exist, or Stale if the precondition fails.
func (i Images) Remove(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write, objects func(context.Context) error) error {
	key := keys.Image(o, id)
	_, err := i.store.change(ctx, w, func(tx *transaction) (contact.Record, error) {
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
			next := touched(stored, i.store.now())
			next[AttrState] = dynamo.String(StateDeleting)
			delete(next, dynamo.AttrExpires)
			mark := i.store.begin()
			mark.requireOwner(o)
			mark.Replace(stored, next, dynamo.Unchanged(stored))
			if err := mark.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
				return contact.Record{}, err
			}
		}
		if err := objects(ctx); err != nil {
			return contact.Record{}, err
		}
		tx.Delete(key)
		return contact.Record{ID: id}, nil
	})
	return err
}

// An ImageName names an image.
type ImageName struct {
	Org         string
	Contact, ID contact.ID
}

// An ImageState is the state of an image's objects.
type ImageState struct {
	Missing bool // the image doesn't exist
	Final   bool // it shows Version, which won't change
	Version string
}

// States returns the states of images, in the order of their names. An unreadable one is not final.
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
			Final: unreadable == nil && item.String(AttrState) == "" && p.Status != contact.ImageProcessing}
	}
	return states, err
}
