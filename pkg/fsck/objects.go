// Package fsck finds what stored data contradicts: here, images and the objects of the bucket.
package fsck

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/object"
	"contacts/pkg/store"
)

// Objects checks images and the bucket against each other. It remembers the versions whose objects it has listed completely,
// some 40 bytes each, so that their images need no further request.
type Objects struct {
	bucket *bucket.Bucket
	images store.Images
	orgs   *accounts.Accounts
	report func(Finding)
	now    func() time.Time

	seed     maphash.Seed
	complete map[uint64]struct{}
}

// NewObjects returns a check of a bucket's objects. It reports objects that no image shows.
func NewObjects(b *bucket.Bucket, images store.Images, orgs *accounts.Accounts, report func(Finding), now func() time.Time) *Objects {
	return &Objects{bucket: b, images: images, orgs: orgs, report: report, now: now, seed: maphash.MakeSeed(), complete: map[uint64]struct{}{}}
}

func imageOf(o contact.Owner, id contact.ID) object.Image {
	return object.Image{Org: o.Org, Contact: o.Contact, ID: id}
}

// A version is one version of an image's objects.
type version struct {
	object.Image
	name string
}

// keys returns the keys of the picture and all of its renditions.
func (v version) keys() (keys []string) {
	for _, size := range append([]int{object.Full}, object.Sizes...) {
		keys = append(keys, v.Rendition(v.name, size))
	}
	return keys
}

// isComplete reports whether keys contain those of the picture and all of its renditions.
func (v version) isComplete(keys []string) bool {
	return !slices.ContainsFunc(v.keys(), func(key string) bool { return !slices.Contains(keys, key) })
}

func (c *Objects) hash(v version) uint64 { return maphash.Comparable(c.seed, v) }

// Whole reports whether the picture and all renditions of an image's version exist.
func (c *Objects) HasAll(ctx context.Context, o contact.Owner, id contact.ID, name string) (bool, error) {
	v := version{imageOf(o, id), name}
	if _, seen := c.complete[c.hash(v)]; seen {
		return true, nil
	}
	var keys []string
	err := c.bucket.Each(ctx, v.VersionPrefix(name), func(key string, _ time.Time) error {
		keys = append(keys, key)
		return nil
	})
	return err == nil && v.isComplete(keys), err
}

// Clear deletes all objects of an image.
func (c *Objects) Clear(ctx context.Context, o contact.Owner, id contact.ID) error {
	image := imageOf(o, id)
	if err := c.bucket.Clear(ctx, image.RenditionsPrefix(), ""); err != nil {
		return err
	}
	return c.bucket.Delete(ctx, image.Incoming())
}

// ClearContact deletes all objects of a contact's images in all versions, and returns how many it deleted.
func (c *Objects) ClearContact(ctx context.Context, o contact.Owner) (int, error) {
	return c.bucket.ClearContact(ctx, o.Org, o.Contact)
}

const (
	// gracePeriod is how old an unreferenced object is at least when it is reported: the processor writes objects before their image.
	gracePeriod = time.Hour
	// batchSize is how many images are looked up at once.
	batchSize = 100
)

// CheckUnreferenced reports the objects of an organization ("" for all) that no image shows, and returns how many objects it
// listed. It skips those stored within the last hour.
func (c *Objects) CheckUnreferenced(ctx context.Context, org string) (listed int64, err error) {
	for _, prefix := range object.Prefixes(org) {
		batch := map[object.Image][]string{} // keys by image
		var current version
		var versionKeys []string // of current: S3 lists the objects of a version one after the other
		err := c.bucket.Each(ctx, prefix, func(key string, stored time.Time) error {
			listed++
			image, name, isRendition := object.ParseRendition(key)
			if !isRendition {
				var ok bool
				if image, ok = object.ParseIncoming(key); !ok {
					c.report(Finding{Kind: FoundObject, Org: strings.Split(key, "/")[1], Key: key, Detail: "the platform uses no such key",
						Repair: "find out who wrote it, then delete it"})
					return nil
				}
			}
			if v := (version{image, name}); current != v {
				current, versionKeys = v, nil
			}
			if versionKeys = append(versionKeys, key); current.isComplete(versionKeys) {
				c.complete[c.hash(current)] = struct{}{}
			}
			if stored.After(c.now().Add(-gracePeriod)) {
				return nil
			}
			if batch[image] = append(batch[image], key); len(batch) < batchSize {
				return nil
			}
			defer clear(batch)
			return c.checkBatch(ctx, batch)
		})
		if err == nil {
			err = c.checkBatch(ctx, batch)
		}
		if err != nil {
			return listed, err
		}
	}
	return listed, nil
}

// checkBatch reports those objects of a batch, keys by image, that no image shows.
func (c *Objects) checkBatch(ctx context.Context, batch map[object.Image][]string) error {
	var names []store.ImageName
	for image := range batch {
		names = append(names, store.ImageName(image))
	}
	states, err := c.images.States(ctx, names)
	if err != nil {
		return err
	}
	for i, name := range names {
		for _, key := range batch[object.Image(name)] {
			if unreferenced(key, states[i]) == "" {
				continue
			}
			if err := c.confirm(ctx, key, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// confirm reads an object and its image again, and reports the object if it still exists and no image shows it. It reports
// nothing of an organization that is being restored: its images may be written later.
func (c *Objects) confirm(ctx context.Context, key string, name store.ImageName) error {
	exists := false
	if err := c.bucket.Each(ctx, key, func(listed string, _ time.Time) error {
		exists = exists || listed == key
		return nil
	}); err != nil || !exists {
		return err
	}
	reason, err := c.unreferenced(ctx, key, name)
	if err != nil || reason == "" {
		return err
	}
	c.report(Finding{Kind: FoundObject, Org: name.Org, Key: key, Detail: reason, Repair: "delete it", Fix: func(ctx context.Context) error {
		reason, err := c.unreferenced(ctx, key, name)
		if err == nil && reason == "" {
			err = ErrOutdated
		}
		if err != nil {
			return err
		}
		return c.bucket.Delete(ctx, key)
	}})
	return nil
}

func (c *Objects) unreferenced(ctx context.Context, key string, name store.ImageName) (string, error) {
	states, err := c.images.States(ctx, []store.ImageName{name})
	if err != nil {
		return "", err
	}
	restoring, err := c.orgs.IsRestoring(ctx, name.Org)
	if err != nil || restoring {
		return "", err
	}
	return unreferenced(key, states[0]), nil
}

// unreferenced returns why an image does not show an object, "" if it does or may later.
func unreferenced(key string, state store.ImageState) string {
	image, _, isRendition := object.ParseRendition(key)
	switch {
	case state.Missing && !isRendition:
		return "there is no image that waits for it"
	case state.Missing:
		return fmt.Sprintf("there is no image %s", image.ID)
	case !state.Final, slices.Contains(version{image, state.Version}.keys(), key):
		return ""
	case !isRendition:
		return "its image has been processed"
	}
	return fmt.Sprintf("image %s shows other objects", image.ID)
}
