package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"contacts/pkg/contact"
	images "contacts/pkg/image/object"
)

// copyImage copies the objects of an image, then its item. If objects are missing because the image has changed, it is read again.
func (b *Backup) copyImage(ctx context.Context, s *lineBuffer, e Entry) error {
	for {
		objects, missing, err := b.copyObjects(ctx, e)
		if err != nil {
			return err
		}
		if missing {
			again, there, err := b.Tenant.Image(ctx, e.Contact, e.Image.ID)
			if err != nil || !there {
				return err // without an error it is deleted
			}
			if again.Image.Version != e.Image.Version || again.Image.Status != e.Image.Status {
				e = again
				continue
			}
		}
		if err := s.write(line{Item: e.JSON}); err != nil {
			return err
		}
		for _, o := range objects {
			if err := s.write(line{Object: &o}); err != nil {
				return err
			}
		}
		return nil
	}
}

// copyObjects copies the objects of an image, its renditions or the upload, and reports whether one is missing.
func (b *Backup) copyObjects(ctx context.Context, e Entry) (objects []object, missing bool, err error) {
	image := images.Image{Org: b.Organization.ID, Contact: e.Contact, ID: e.Image.ID}
	var keys []string
	switch e.Image.Status {
	case contact.ImageReady:
		for _, size := range append([]int{images.Full}, images.Sizes...) {
			keys = append(keys, image.Rendition(e.Image.Version, size))
		}
	case contact.ImageProcessing:
		keys = []string{image.Incoming()}
	}
	for _, key := range keys {
		o, err := b.copyObject(ctx, key, string(e.Image.ContentType))
		if errors.Is(err, images.ErrMissing) {
			missing, o.Missing, err = true, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		objects = append(objects, o)
	}
	return objects, missing, nil
}

// copyObject copies an object into the folder. An object of a known type never changes under its key: a copy of an earlier run is reused.
func (b *Backup) copyObject(ctx context.Context, key, contentType string) (object, error) {
	o := object{Key: fileKey(b.Organization.ID, key), Type: contentType}
	if contentType != "" {
		if err := o.measure(b.folder.root); err == nil {
			return o, nil
		}
	}
	if err := b.folder.root.MkdirAll(path.Dir(o.Key), 0o700); err != nil {
		return o, err
	}
	file, err := b.folder.root.Create(o.Key + ".new")
	if err != nil {
		return o, err
	}
	defer file.Close()
	storedType, err := b.Objects.Copy(ctx, key, file)
	if err != nil {
		return o, errors.Join(err, b.folder.root.Remove(o.Key+".new"))
	}
	if contentType == "" {
		o.Type = storedType
	}
	if err := file.Sync(); err != nil {
		return o, err
	}
	if err := file.Close(); err != nil {
		return o, err
	}
	if err := b.folder.root.Rename(o.Key+".new", o.Key); err != nil {
		return o, err
	}
	return o, o.measure(b.folder.root)
}

// measure computes size and SHA-256 of the object's file.
func (o *object) measure(root *os.Root) error {
	file, err := root.Open(o.Key)
	if err != nil {
		return err
	}
	defer file.Close()
	digest := sha256.New()
	o.Size, err = io.Copy(digest, file)
	o.SHA256 = hex.EncodeToString(digest.Sum(nil))
	return err
}

// verify checks the object's file against the backup.
func (o object) verify(root *os.Root) error {
	if o.Missing {
		return nil
	}
	found := object{Key: o.Key, Type: o.Type}
	if err := found.measure(root); err != nil {
		return err
	}
	if found != o {
		return fmt.Errorf("the picture %s differs from its digest", o.Key)
	}
	return nil
}
