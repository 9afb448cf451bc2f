package pictures

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/object"
)

// A Shelf is the bucket as a check of the table sees it. It remembers which pictures it has seen whole, some 40 bytes
// each: their images need no further look.
type Shelf struct {
	objects *bucket.Bucket
	images  dynamo.Images
	told    func(dynamo.Finding)
	now     func() time.Time

	seed  maphash.Seed
	whole map[uint64]struct{}
}

// NewShelf returns the shelf of the objects that images show. It tells of those that no image shows.
func NewShelf(objects *bucket.Bucket, images dynamo.Images, told func(dynamo.Finding), now func() time.Time) *Shelf {
	return &Shelf{objects: objects, images: images, told: told, now: now, seed: maphash.MakeSeed(), whole: map[uint64]struct{}{}}
}

func placeOf(o dynamo.Owner, id contact.ID) object.Place {
	return object.Place{Org: o.Org, Contact: o.Contact, ID: id}
}

// A shown is a version of what an image shows.
type shown struct {
	object.Place
	version string
}

func (s *Shelf) hash(v shown) uint64 { return maphash.Comparable(s.seed, v) }

// Whole tells whether the picture and all renditions of a version are there.
func (s *Shelf) Whole(ctx context.Context, o dynamo.Owner, id contact.ID, version string) (bool, error) {
	v := shown{placeOf(o, id), version}
	if _, seen := s.whole[s.hash(v)]; seen {
		return true, nil
	}
	var there []string
	err := s.objects.Each(ctx, v.VersionFolder(version), func(key string, _ time.Time) error {
		there = append(there, key)
		return nil
	})
	return err == nil && v.isWhole(there), err
}

// isWhole tells whether the picture and all renditions are among some keys.
func (v shown) isWhole(keys []string) bool {
	return !slices.ContainsFunc(v.keys(), func(key string) bool { return !slices.Contains(keys, key) })
}

// keys are the objects of a version.
func (v shown) keys() (keys []string) {
	for _, size := range append([]int{object.Full}, object.Sizes...) {
		keys = append(keys, v.Rendition(v.version, size))
	}
	return keys
}

// Clear removes all objects of an image.
func (s *Shelf) Clear(ctx context.Context, o dynamo.Owner, id contact.ID) error {
	p := placeOf(o, id)
	if err := s.objects.Clear(ctx, p.Rendered(), ""); err != nil {
		return err
	}
	return s.objects.Delete(ctx, p.Incoming())
}

// ClearContact removes all objects of a contact's images, and returns how many there were.
func (s *Shelf) ClearContact(ctx context.Context, o dynamo.Owner) (int, error) {
	return ClearContact(ctx, s.objects, o.Org, o.Contact)
}

// ClearContact removes all versions of all objects of a contact's images, and returns how many there were.
func ClearContact(ctx context.Context, objects *bucket.Bucket, org string, owner contact.ID) (removed int, err error) {
	for _, folder := range object.ContactFolders(org, owner) {
		n, err := objects.Empty(ctx, folder)
		if removed += n; err != nil {
			return removed, err
		}
	}
	return removed, nil
}

const (
	// underWay is how long an object may be there that no image shows: the processor writes objects before their image.
	underWay = time.Hour
	// together is how many images are looked up together.
	together = 100
)

// Strays tells of the objects of an organization, of all for "", that no image shows, and returns how many objects it has
// looked at. Those stored within the last hour are left out.
func (s *Shelf) Strays(ctx context.Context, org string) (looked int64, err error) {
	for _, folder := range object.Folders(org) {
		objects := map[object.Place][]string{} // by their image: those of some
		var of shown
		var version []string // the objects of a version lie side by side
		err := s.objects.Each(ctx, folder, func(key string, stored time.Time) error {
			looked++
			place, v, rendered := object.ParseRendition(key)
			if !rendered {
				var ok bool
				if place, ok = object.ParseIncoming(key); !ok {
					s.told(dynamo.Finding{Kind: dynamo.FoundObject, Org: strings.Split(key, "/")[1], Key: key, Detail: "nothing of the platform has such a key",
						Repair: "find out who put it there, and remove it"})
					return nil
				}
			}
			if this := (shown{place, v}); of != this {
				of, version = this, nil
			}
			if version = append(version, key); of.isWhole(version) {
				s.whole[s.hash(of)] = struct{}{}
			}
			if stored.After(s.now().Add(-underWay)) {
				return nil
			}
			if objects[place] = append(objects[place], key); len(objects) < together {
				return nil
			}
			defer clear(objects)
			return s.judge(ctx, objects)
		})
		if err == nil {
			err = s.judge(ctx, objects)
		}
		if err != nil {
			return looked, err
		}
	}
	return looked, nil
}

// judge tells of those of some objects that no image shows.
func (s *Shelf) judge(ctx context.Context, objects map[object.Place][]string) error {
	var names []dynamo.ImageName
	for place := range objects {
		names = append(names, dynamo.ImageName{Org: place.Org, Contact: place.Contact, ID: place.ID})
	}
	states, err := s.images.States(ctx, names)
	if err != nil {
		return err
	}
	for i, name := range names {
		for _, key := range objects[object.Place(name)] {
			if why := stray(key, states[i]); why != "" {
				if err := s.confirm(ctx, key, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// confirm tells of an object that is still there, and still shown by no image. What an organization lacks that is being
// restored is on its way.
func (s *Shelf) confirm(ctx context.Context, key string, name dynamo.ImageName) error {
	there := false
	if err := s.objects.Each(ctx, key, func(found string, _ time.Time) error {
		there = there || found == key
		return nil
	}); err != nil || !there {
		return err
	}
	why, err := s.stray(ctx, key, name)
	if err != nil || why == "" {
		return err
	}
	s.told(dynamo.Finding{Kind: dynamo.FoundObject, Org: name.Org, Key: key, Detail: why, Repair: "remove it", Fix: func(ctx context.Context) error {
		why, err := s.stray(ctx, key, name)
		if err == nil && why == "" {
			err = dynamo.ErrMoved
		}
		if err != nil {
			return err
		}
		return s.objects.Delete(ctx, key)
	}})
	return nil
}

func (s *Shelf) stray(ctx context.Context, key string, name dynamo.ImageName) (string, error) {
	states, err := s.images.States(ctx, []dynamo.ImageName{name})
	if err != nil {
		return "", err
	}
	restoring, err := s.images.Restoring(ctx, name.Org)
	if err != nil || restoring {
		return "", err
	}
	return stray(key, states[0]), nil
}

// stray says why an image does not show an object, "" if it does or will.
func stray(key string, state dynamo.ImageState) string {
	place, _, rendered := object.ParseRendition(key)
	switch {
	case state.Missing && !rendered:
		return "there is no image that waits for it"
	case state.Missing:
		return fmt.Sprintf("there is no image %s", place.ID)
	case !state.Settled, slices.Contains(shown{place, state.Version}.keys(), key):
		return ""
	case !rendered:
		return "its image has been processed"
	}
	return fmt.Sprintf("image %s shows other objects", place.ID)
}
