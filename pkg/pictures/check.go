package pictures

import (
	"context"
	"fmt"
	"strings"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/object"
)

// Shelf is the bucket as a check of the table sees it.
type Shelf struct{ Objects *bucket.Bucket }

func placeOf(o dynamo.Owner, id contact.ID) object.Place {
	return object.Place{Org: o.Org, Contact: o.Contact, ID: id}
}

// Whole tells whether the picture and all renditions of a version are there.
func (s Shelf) Whole(ctx context.Context, o dynamo.Owner, id contact.ID, version string) (bool, error) {
	p, there := placeOf(o, id), map[string]bool{}
	if err := s.Objects.Each(ctx, p.VersionFolder(version), func(key string, _ time.Time) error {
		there[key] = true
		return nil
	}); err != nil {
		return false, err
	}
	for _, size := range append([]int{object.Full}, object.Sizes...) {
		if !there[p.Rendition(version, size)] {
			return false, nil
		}
	}
	return true, nil
}

// Clear removes all objects of an image.
func (s Shelf) Clear(ctx context.Context, o dynamo.Owner, id contact.ID) error {
	p := placeOf(o, id)
	if err := s.Objects.Clear(ctx, p.Rendered(), ""); err != nil {
		return err
	}
	return s.Objects.Delete(ctx, p.Incoming())
}

// underWay is how long an object may be there that no image shows: the processor writes objects before their image.
const underWay = time.Hour

// Strays tells of the objects of an organization, of all for "", that no image shows, and returns how many objects it has looked
// at. Those stored within the last hour are left out.
func Strays(ctx context.Context, images dynamo.Images, objects *bucket.Bucket, org string, now time.Time, told func(dynamo.Finding)) (looked int64, err error) {
	for _, folder := range object.Folders(org) {
		err := objects.Each(ctx, folder, func(key string, stored time.Time) error {
			looked++
			if stored.After(now.Add(-underWay)) {
				return nil
			}
			detail, err := stray(ctx, images, key)
			if err != nil || detail == "" {
				return err
			}
			f := dynamo.Finding{Org: strings.Split(key, "/")[1], Item: key, Detail: detail}
			if detail != foreign {
				f.Repair = "remove it"
				f.Fix = func(ctx context.Context) error {
					if detail, err := stray(ctx, images, key); err != nil || detail == "" {
						return err
					}
					return objects.Delete(ctx, key)
				}
			}
			told(f)
			return nil
		})
		if err != nil {
			return looked, err
		}
	}
	return looked, nil
}

// foreign is an object that somebody else put there: it is left to a person.
const foreign = "no object of the platform has such a key"

// stray says why nothing shows an object, "" if something does or will.
func stray(ctx context.Context, images dynamo.Images, key string) (detail string, err error) {
	place, version, rendered := object.ParseRendition(key)
	if !rendered {
		var ok bool
		if place, ok = object.ParseIncoming(key); !ok {
			return foreign, nil
		}
	}
	shown, settled, err := images.Shows(ctx, dynamo.Owner{Org: place.Org, Contact: place.Contact}, place.ID)
	switch {
	case contact.IsRefused(err, contact.NotFound):
		return fmt.Sprintf("there is no image %s", place.ID), nil
	case err != nil:
		return "", err
	case !settled || rendered && version == shown:
		return "", nil
	}
	return fmt.Sprintf("image %s shows another version of its objects", place.ID), nil
}
