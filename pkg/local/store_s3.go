package local

import (
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// A storeView is the store for one kind of request, whose writes cause the S3 event.
type storeView struct {
	*store
	event string
}

var _ gofakes3.Backend = storeView{}

// PutObject stores an object and reports it. It reads the content before it locks the store.
func (v storeView) PutObject(
	bucket, key string, meta map[string]string, input io.Reader, size int64, conditions *gofakes3.PutConditions,
) (gofakes3.PutObjectResult, error) {
	if strings.HasPrefix(meta["X-Amz-Content-Sha256"], "STREAMING-") &&
		meta["X-Amz-Content-Sha256"] != "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" {
		// gofakes3 would store this framing as content: no object is better than a corrupt one.
		return gofakes3.PutObjectResult{}, gofakes3.ErrNotImplemented
	}
	r, err := v.write(bucket, key, meta, input, size, conditions)
	if err == nil {
		v.tell(v.event, bucket, r)
	}
	return gofakes3.PutObjectResult{VersionID: gofakes3.VersionID(r.Version)}, err
}

// CopyObject copies within the store.
func (v storeView) CopyObject(
	fromBucket, fromKey, bucket, key string, meta map[string]string,
) (gofakes3.CopyObjectResult, error) {
	file, from, err := v.get(fromBucket, fromKey)
	if err != nil {
		return gofakes3.CopyObjectResult{}, err
	}
	defer file.Close()
	r, err := v.write(bucket, key, meta, io.NewSectionReader(file, 0, from.Size), from.Size, nil)
	if err != nil {
		return gofakes3.CopyObjectResult{}, err
	}
	v.tell("ObjectCreated:Copy", bucket, r)
	return gofakes3.CopyObjectResult{
		ETag:         gofakes3.FormatETag(r.MD5),
		LastModified: gofakes3.NewContentTime(r.Modified),
	}, nil
}

func (v storeView) tell(event, bucket string, r record) {
	if v.created != nil {
		v.created(Created{
			Event: event, Bucket: bucket, Key: r.Key, Size: r.Size, ETag: hex.EncodeToString(r.MD5), Time: r.Modified,
		})
	}
}

func (s *store) ListBuckets() ([]gofakes3.BucketInfo, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var buckets []gofakes3.BucketInfo
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || gofakes3.ValidateBucketName(entry.Name()) != nil {
			continue
		}
		buckets = append(buckets, gofakes3.BucketInfo{
			Name: entry.Name(), CreationDate: gofakes3.NewContentTime(info.ModTime()),
		})
	}
	return buckets, nil
}

// BucketExists is called before each use of a bucket's name as the name of a folder.
func (s *store) BucketExists(bucket string) (bool, error) {
	if gofakes3.ValidateBucketName(bucket) != nil {
		return false, nil
	}
	_, err := os.Stat(filepath.Join(s.dir, bucket))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (s *store) CreateBucket(bucket string) error {
	if err := gofakes3.ValidateBucketName(bucket); err != nil {
		return err
	}
	err := os.Mkdir(filepath.Join(s.dir, bucket), 0o700)
	if errors.Is(err, fs.ErrExist) {
		return gofakes3.ResourceError(gofakes3.ErrBucketAlreadyExists, bucket)
	}
	return err
}

func (s *store) DeleteBucket(bucket string) error {
	if err := s.need(bucket); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(s.dir, bucket)); err != nil {
		return gofakes3.ResourceError(gofakes3.ErrBucketNotEmpty, bucket)
	}
	return nil
}

func (s *store) ForceDeleteBucket(bucket string) error {
	if err := s.need(bucket); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(s.dir, bucket))
}

// ListBucket lists in the order of keys. A common prefix counts as one entry, and is on one page only.
func (s *store) ListBucket(
	bucket string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage,
) (*gofakes3.ObjectList, error) {
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	all, err := s.records(bucket)
	if err != nil {
		return nil, err
	}
	list := gofakes3.NewObjectList()
	var count int64
	var last, lastPrefix string
	for _, r := range all {
		var match gofakes3.PrefixMatch
		if r.Key <= page.Marker || !prefix.Match(r.Key, &match) {
			continue
		}
		if match.CommonPrefix && (match.MatchedPart == lastPrefix || strings.HasPrefix(page.Marker, match.MatchedPart)) {
			continue
		}
		if page.MaxKeys > 0 && count == page.MaxKeys {
			list.IsTruncated, list.NextMarker = true, last
			return list, nil
		}
		if count, last = count+1, r.Key; match.CommonPrefix {
			list.AddPrefix(match.MatchedPart)
			lastPrefix = match.MatchedPart
			continue
		}
		list.Add(&gofakes3.Content{
			Key: r.Key, Size: r.Size, ETag: gofakes3.FormatETag(r.MD5), LastModified: gofakes3.NewContentTime(r.Modified),
		})
	}
	return list, nil
}

// GetObject returns an object, or the requested part of it.
func (s *store) GetObject(bucket, key string, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	file, r, err := s.get(bucket, key)
	if err != nil {
		return nil, err
	}
	return r.object(file, part)
}

func (s *store) HeadObject(bucket, key string) (*gofakes3.Object, error) {
	return withoutContents(s.GetObject(bucket, key, nil))
}

// DeleteObject stores a delete marker, also for an object that does not exist, as S3 does in a bucket with versions.
func (s *store) DeleteObject(bucket, key string) (result gofakes3.ObjectDeleteResult, err error) {
	r, err := s.markDeleted(bucket, key)
	return gofakes3.ObjectDeleteResult{IsDeleteMarker: true, VersionID: gofakes3.VersionID(r.Version)}, err
}

func (s *store) DeleteMulti(bucket string, keys ...string) (result gofakes3.MultiDeleteResult, err error) {
	if err := s.need(bucket); err != nil {
		return result, err
	}
	for _, key := range keys {
		if _, err := s.DeleteObject(bucket, key); err != nil {
			result.Error = append(result.Error, gofakes3.ErrorResult{
				Key: key, Code: gofakes3.ErrInternal, Message: gofakes3.ErrInternal.Message(),
			})
			continue
		}
		result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: key})
	}
	return result, nil
}
