package local

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
)

var _ gofakes3.VersionedBackend = storeView{}

// former separates the name of an object's file and the version in the names of former versions.
const former = "~"

// retention is how long former versions stay, as in the bucket's lifecycle rules.
const retention = 30 * 24 * time.Hour

// newVersion returns the name of a new version, greater than all earlier ones.
func newVersion() string { return fmt.Sprintf("%016x%s", time.Now().UnixNano(), rand.Text()[:8]) }

// retain links the object at a path, if there is one, as a former version. The path itself always has a complete object.
func (s *store) retain(path string) error {
	file, r, err := openObject(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_ = file.Close()
	formerPath := path + former + r.Version
	if err := os.Link(path, formerPath); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chtimes(formerPath, time.Time{}, time.Now()) // the time at which it became a former one
}

// expire deletes the former versions whose retention has ended.
func (s *store) expire() error {
	paths, err := filepath.Glob(filepath.Join(s.dir, "*", "*"+former+"*"))
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > retention {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return err
}

// A storedVersion is a version of an object.
type storedVersion struct {
	record
	latest bool
}

// versions returns all versions of a bucket's objects in the order of their keys, the latest first.
func (s *store) versions(bucket string) ([]storedVersion, error) {
	if err := s.need(bucket); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, bucket))
	if err != nil {
		return nil, err
	}
	var all []storedVersion
	for _, entry := range entries {
		file, r, err := openObject(filepath.Join(s.dir, bucket, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted since
		}
		if err != nil {
			return nil, err
		}
		_ = file.Close()
		all = append(all, storedVersion{r, !strings.Contains(entry.Name(), former)})
	}
	slices.SortFunc(all, func(a, b storedVersion) int {
		latest := func(v storedVersion) int {
			if v.latest {
				return 0
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Key, b.Key), cmp.Compare(latest(a), latest(b)), strings.Compare(b.Version, a.Version))
	})
	// If a process was killed, the latest version may be among the former ones too.
	return slices.CompactFunc(all, func(a, b storedVersion) bool { return a.Key == b.Key && a.Version == b.Version }), nil
}

// getVersion opens a version, or returns the error of S3 for one that does not exist.
func (s *store) getVersion(bucket, key string, version gofakes3.VersionID) (*os.File, record, error) {
	if err := s.need(bucket); err != nil {
		return nil, record{}, err
	}
	path := s.path(bucket, key)
	for _, path := range []string{path, path + former + filepath.Base(string(version))} {
		file, r, err := openObject(path)
		if err == nil && r.Version == string(version) && !r.Deleted {
			return file, r, nil
		}
		if err == nil {
			_ = file.Close()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, r, err
		}
	}
	return nil, record{}, gofakes3.ErrNoSuchVersion
}

// VersioningConfiguration reports that all buckets have versions.
func (s *store) VersioningConfiguration(bucket string) (c gofakes3.VersioningConfiguration, err error) {
	c.SetEnabled(true)
	return c, s.need(bucket)
}

// SetVersioningConfiguration accepts only the present configuration.
func (s *store) SetVersioningConfiguration(bucket string, c gofakes3.VersioningConfiguration) error {
	if !c.Enabled() {
		return gofakes3.ErrNotImplemented
	}
	return s.need(bucket)
}

// GetObjectVersion is GetObject for a version.
func (s *store) GetObjectVersion(bucket, key string, version gofakes3.VersionID, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	file, r, err := s.getVersion(bucket, key, version)
	if err != nil {
		return nil, err
	}
	return r.object(file, part)
}

// HeadObjectVersion is HeadObject for a version.
func (s *store) HeadObjectVersion(bucket, key string, version gofakes3.VersionID) (*gofakes3.Object, error) {
	return withoutContents(s.GetObjectVersion(bucket, key, version, nil))
}

// DeleteObjectVersion deletes a version permanently. The one before it becomes the latest.
func (s *store) DeleteObjectVersion(bucket, key string, version gofakes3.VersionID) (result gofakes3.ObjectDeleteResult, err error) {
	if err := s.need(bucket); err != nil {
		return result, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	path := s.path(bucket, key)
	if err := os.Remove(path + former + filepath.Base(string(version))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return result, err
	}
	file, r, err := openObject(path)
	if errors.Is(err, fs.ErrNotExist) {
		return result, nil
	}
	if err != nil {
		return result, err
	}
	_ = file.Close()
	if r.Version != string(version) {
		return result, nil
	}
	result.VersionID, result.IsDeleteMarker = version, r.Deleted
	others, err := filepath.Glob(path + former + "*")
	if err != nil || len(others) == 0 {
		return result, errors.Join(err, os.Remove(path))
	}
	return result, os.Rename(slices.Max(others), path)
}

// DeleteMultiVersions deletes versions permanently, and stores delete markers for objects named without one.
func (s *store) DeleteMultiVersions(bucket string, objects ...gofakes3.ObjectID) (result gofakes3.MultiDeleteResult, err error) {
	if err := s.need(bucket); err != nil {
		return result, err
	}
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
		after := v.Key > page.KeyMarker || v.Key == page.KeyMarker && page.HasVersionIDMarker && version < page.VersionIDMarker
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

// markDeleted stores a delete marker.
func (s *store) markDeleted(bucket, key string) (record, error) {
	return s.place(bucket, record{Key: key, Deleted: true}, strings.NewReader(""), 0, nil)
}

// object returns a version, or the requested part of it, as gofakes3 expects it. The object closes the file.
func (r record) object(file *os.File, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	span, err := part.Range(r.Size)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	content := io.NewSectionReader(file, 0, r.Size)
	if span != nil {
		content = io.NewSectionReader(file, span.Start, span.Length)
	}
	return &gofakes3.Object{
		Name: r.Key, Metadata: r.Meta, Size: r.Size, Hash: r.MD5, Range: span, VersionID: gofakes3.VersionID(r.Version),
		Contents: struct {
			io.Reader
			io.Closer
		}{content, file},
	}, nil
}

func withoutContents(object *gofakes3.Object, err error) (*gofakes3.Object, error) {
	if err != nil {
		return nil, err
	}
	_ = object.Contents.Close()
	object.Contents = io.NopCloser(strings.NewReader(""))
	return object, nil
}
