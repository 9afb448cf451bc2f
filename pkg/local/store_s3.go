package local

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"go.etcd.io/bbolt"
)

// A storeView is the store for one kind of request, whose writes cause the S3 event.
type storeView struct {
	*store
	event string
}

var (
	_ gofakes3.Backend          = storeView{}
	_ gofakes3.VersionedBackend = storeView{}
)

// PutObject stores an object and reports it.
func (v storeView) PutObject(
	bucket, key string, meta map[string]string, input io.Reader, size int64, conditions *gofakes3.PutConditions,
) (gofakes3.PutObjectResult, error) {
	if strings.HasPrefix(meta["X-Amz-Content-Sha256"], "STREAMING-") &&
		meta["X-Amz-Content-Sha256"] != "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" {
		// gofakes3 would store this framing as content: no object is better than a corrupt one.
		return gofakes3.PutObjectResult{}, gofakes3.ErrNotImplemented
	}
	r, err := v.put(bucket, record{Key: key, Meta: meta}, input, size, conditions)
	if err == nil && v.created != nil {
		v.created(Created{
			Event: v.event, Bucket: bucket, Key: r.Key, Size: r.Size, ETag: hex.EncodeToString(r.MD5), Time: r.Modified,
		})
	}
	return gofakes3.PutObjectResult{VersionID: gofakes3.VersionID(r.Version)}, err
}

// CopyObject copies within the store.
func (v storeView) CopyObject(
	fromBucket, fromKey, bucket, key string, meta map[string]string,
) (gofakes3.CopyObjectResult, error) {
	return gofakes3.CopyObject(storeView{v.store, "ObjectCreated:Copy"}, fromBucket, fromKey, bucket, key, meta)
}

func (s *store) ListBuckets() (buckets []gofakes3.BucketInfo, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			created, err := time.Parse(time.RFC3339, string(b.Get(createdName)))
			buckets = append(buckets, gofakes3.BucketInfo{Name: string(name), CreationDate: gofakes3.NewContentTime(created)})
			return err
		})
	})
	return buckets, err
}

func (s *store) BucketExists(bucket string) (exists bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		exists = tx.Bucket([]byte(bucket)) != nil
		return nil
	})
	return exists, err
}

func (s *store) CreateBucket(bucket string) error {
	if err := gofakes3.ValidateBucketName(bucket); err != nil {
		return err
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte(bucket))
		if err != nil {
			return gofakes3.ResourceError(gofakes3.ErrBucketAlreadyExists, bucket)
		}
		for _, name := range [][]byte{recordsName, contentsName} {
			if _, err := b.CreateBucket(name); err != nil {
				return err
			}
		}
		return b.Put(createdName, []byte(time.Now().UTC().Format(time.RFC3339)))
	})
}

func (s *store) DeleteBucket(bucket string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		return within(bucket, func(t transaction) error {
			if key, _ := t.records.Cursor().First(); key != nil {
				return gofakes3.ResourceError(gofakes3.ErrBucketNotEmpty, bucket)
			}
			return tx.DeleteBucket([]byte(bucket))
		})(tx)
	})
}

func (s *store) ForceDeleteBucket(bucket string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		return within(bucket, func(transaction) error { return tx.DeleteBucket([]byte(bucket)) })(tx)
	})
}

// ListBucket lists in the order of keys. A common prefix counts as one entry, and is on one page only.
func (s *store) ListBucket(
	bucket string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage,
) (*gofakes3.ObjectList, error) {
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	all, err := s.versions(bucket)
	if err != nil {
		return nil, err
	}
	list := gofakes3.NewObjectList()
	var count int64
	var last, lastPrefix string
	for _, v := range all {
		var match gofakes3.PrefixMatch
		if !v.latest || v.Deleted || v.Key <= page.Marker || !prefix.Match(v.Key, &match) {
			continue
		}
		if match.CommonPrefix && (match.MatchedPart == lastPrefix || strings.HasPrefix(page.Marker, match.MatchedPart)) {
			continue
		}
		if page.MaxKeys > 0 && count == page.MaxKeys {
			list.IsTruncated, list.NextMarker = true, last
			return list, nil
		}
		if count, last = count+1, v.Key; match.CommonPrefix {
			list.AddPrefix(match.MatchedPart)
			lastPrefix = match.MatchedPart
			continue
		}
		list.Add(&gofakes3.Content{
			Key: v.Key, Size: v.Size, ETag: gofakes3.FormatETag(v.MD5), LastModified: gofakes3.NewContentTime(v.Modified),
		})
	}
	return list, nil
}

// ListBucketVersions lists in the order of keys, the latest version of each first.
func (s *store) ListBucketVersions(
	bucket string, prefix *gofakes3.Prefix, page *gofakes3.ListBucketVersionsPage,
) (*gofakes3.ListBucketVersionsResult, error) {
	all, err := s.versions(bucket)
	if err != nil {
		return nil, err
	}
	list := gofakes3.NewListBucketVersionsResult(bucket, prefix, page)
	most := cmp.Or(int(page.MaxKeys), gofakes3.DefaultMaxBucketVersionKeys)
	for _, v := range all {
		version := gofakes3.VersionID(v.Version)
		var match gofakes3.PrefixMatch
		after := v.Key > page.KeyMarker || v.Key == page.KeyMarker && page.HasVersionIDMarker && version > page.VersionIDMarker
		if page.HasKeyMarker && !after || !prefix.Match(v.Key, &match) {
			continue
		}
		if match.CommonPrefix {
			list.AddPrefix(match.MatchedPart)
			continue
		}
		if len(list.Versions) == most {
			list.IsTruncated = true
			break
		}
		list.NextKeyMarker, list.NextVersionIDMarker = v.Key, version
		if at := gofakes3.NewContentTime(v.Modified); v.Deleted {
			list.Versions = append(list.Versions, &gofakes3.DeleteMarker{Key: v.Key, VersionID: version, IsLatest: v.latest, LastModified: at})
		} else {
			list.Versions = append(list.Versions, &gofakes3.Version{Key: v.Key, VersionID: version, IsLatest: v.latest, LastModified: at,
				Size: v.Size, ETag: gofakes3.FormatETag(v.MD5), StorageClass: "STANDARD"})
		}
	}
	if !list.IsTruncated {
		list.NextKeyMarker, list.NextVersionIDMarker = "", ""
	}
	return list, nil
}

// GetObject returns an object, or the requested part of it.
func (s *store) GetObject(bucket, key string, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	return s.object(bucket, key, "", part, gofakes3.KeyNotFound(key))
}

// GetObjectVersion is GetObject for a version.
func (s *store) GetObjectVersion(bucket, key string, version gofakes3.VersionID, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	return s.object(bucket, key, string(version), part, gofakes3.ErrNoSuchVersion)
}

// HeadObject is GetObject: its caller ignores the contents.
func (s *store) HeadObject(bucket, key string) (*gofakes3.Object, error) {
	return s.GetObject(bucket, key, nil)
}

// HeadObjectVersion is HeadObject for a version.
func (s *store) HeadObjectVersion(bucket, key string, version gofakes3.VersionID) (*gofakes3.Object, error) {
	return s.GetObjectVersion(bucket, key, version, nil)
}

// object returns the requested part of a version, the latest for "". It returns none if the object does not exist.
func (s *store) object(
	bucket, key, version string, part *gofakes3.ObjectRangeRequest, none error,
) (object *gofakes3.Object, err error) {
	err = s.db.View(within(bucket, func(t transaction) error {
		r, found, err := t.find(key, version)
		if err != nil {
			return err
		}
		if !found || r.Deleted {
			return none
		}
		span, err := part.Range(r.Size)
		if err != nil {
			return err
		}
		content := t.contents.Get([]byte(r.Version))
		if span != nil {
			content = content[span.Start : span.Start+span.Length]
		}
		object = &gofakes3.Object{
			Name: r.Key, Metadata: r.Meta, Size: r.Size, Hash: r.MD5, Range: span, VersionID: gofakes3.VersionID(r.Version),
			Contents: io.NopCloser(bytes.NewReader(bytes.Clone(content))), // bbolt's own is valid within the transaction only
		}
		return nil
	}))
	return object, err
}

// DeleteObject stores a delete marker, also for an object that does not exist, as S3 does in a bucket with versions.
func (s *store) DeleteObject(bucket, key string) (result gofakes3.ObjectDeleteResult, err error) {
	r, err := s.put(bucket, record{Key: key, Deleted: true}, strings.NewReader(""), 0, nil)
	return gofakes3.ObjectDeleteResult{IsDeleteMarker: true, VersionID: gofakes3.VersionID(r.Version)}, err
}

// DeleteObjectVersion deletes a version permanently. The one before it becomes the latest.
func (s *store) DeleteObjectVersion(bucket, key string, version gofakes3.VersionID) (result gofakes3.ObjectDeleteResult, err error) {
	err = s.db.Update(within(bucket, func(t transaction) error {
		r, found, err := t.find(key, string(version))
		if err != nil || !found {
			return err
		}
		result = gofakes3.ObjectDeleteResult{IsDeleteMarker: r.Deleted, VersionID: version}
		return t.remove(r)
	}))
	return result, err
}

// DeleteMulti stores delete markers.
func (s *store) DeleteMulti(bucket string, keys ...string) (gofakes3.MultiDeleteResult, error) {
	objects := make([]gofakes3.ObjectID, len(keys))
	for i, key := range keys {
		objects[i].Key = key
	}
	return s.DeleteMultiVersions(bucket, objects...)
}

// DeleteMultiVersions deletes versions permanently, and stores delete markers for objects named without one.
func (s *store) DeleteMultiVersions(bucket string, objects ...gofakes3.ObjectID) (result gofakes3.MultiDeleteResult, err error) {
	for _, o := range objects {
		if o.VersionID == "" {
			_, err = s.DeleteObject(bucket, o.Key)
		} else {
			_, err = s.DeleteObjectVersion(bucket, o.Key, gofakes3.VersionID(o.VersionID))
		}
		if err != nil {
			result.Error = append(result.Error, gofakes3.ErrorResult{Key: o.Key, Code: gofakes3.ErrInternal, Message: gofakes3.ErrInternal.Message()})
			continue
		}
		result.Deleted = append(result.Deleted, o)
	}
	return result, nil
}

// VersioningConfiguration reports that all buckets have versions.
func (s *store) VersioningConfiguration(string) (c gofakes3.VersioningConfiguration, err error) {
	c.SetEnabled(true)
	return c, nil
}

// SetVersioningConfiguration accepts only the present configuration.
func (s *store) SetVersioningConfiguration(_ string, c gofakes3.VersioningConfiguration) error {
	if !c.Enabled() {
		return gofakes3.ErrNotImplemented
	}
	return nil
}
