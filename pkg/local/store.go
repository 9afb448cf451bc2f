package local

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// A store is a backend of gofakes3 with a file for each object, <bucket>/<SHA-256 of the key>, and for each former version, with ~ and
// the version appended. The backends of gofakes3 itself either have every object in memory (s3bolt) or write in place and refuse a key
// below another key (s3afero). Here a write renames a complete file, so it is atomic whenever the process dies.
type store struct {
	dir     string
	mu      sync.RWMutex // makes checks and changes one step
	created func(Created)
}

// The file of an object is its content, its record as JSON, and the record's length in 8 bytes: the MD5 is known only after the
// content, and one rename changes both.
type record struct {
	Key      string            `json:"key"`
	Version  string            `json:"version"`           // later ones are greater
	Deleted  bool              `json:"deleted,omitempty"` // a delete marker
	Meta     map[string]string `json:"meta"`
	MD5      []byte            `json:"md5"`
	Size     int64             `json:"size"`
	Modified time.Time         `json:"modified"`
}

const incoming = ".incoming" // the folder of files being written; no bucket has such a name

func openStore(dir string, created func(Created)) (*store, error) {
	s := &store{dir: dir, created: created}
	for _, step := range []func() error{
		func() error { return os.MkdirAll(dir, 0o700) },
		func() error { return os.RemoveAll(filepath.Join(dir, incoming)) }, // files of a killed process
		func() error { return os.Mkdir(filepath.Join(dir, incoming), 0o700) },
		s.expire,
	} {
		if err := step(); err != nil {
			return nil, notWritable(dir, err)
		}
	}
	return s, nil
}

func (s *store) path(bucket, key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(s.dir, bucket, hex.EncodeToString(sum[:]))
}

// need returns the error of S3 for a bucket that does not exist.
func (s *store) need(bucket string) error {
	if ok, err := s.BucketExists(bucket); err != nil || !ok {
		return gofakes3.BucketNotFound(bucket)
	}
	return nil
}

// openObject returns an object's file, whose first Size bytes are the content, and its record.
func openObject(path string) (file *os.File, r record, err error) {
	file, err = os.Open(path)
	if err != nil {
		return nil, r, err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, r, err
	}
	var length [8]byte
	end := info.Size() - int64(len(length))
	if _, err = file.ReadAt(length[:], end); err != nil {
		return nil, r, err
	}
	start := end - int64(binary.BigEndian.Uint64(length[:]))
	if start < 0 || start > end {
		return nil, r, errors.New("not the file of an object")
	}
	text := make([]byte, end-start)
	if _, err = file.ReadAt(text, start); err != nil {
		return nil, r, err
	}
	if err = json.Unmarshal(text, &r); err == nil && r.Size != start {
		err = errors.New("not the file of an object")
	}
	return file, r, err
}

// write stores an object and returns its record.
func (s *store) write(
	bucket, key string, meta map[string]string, input io.Reader, size int64, conditions *gofakes3.PutConditions,
) (r record, err error) {
	return s.place(bucket, record{Key: key, Meta: meta}, input, size, conditions)
}

// place stores an object or a delete marker as the latest version.
func (s *store) place(bucket string, r record, input io.Reader, size int64, conditions *gofakes3.PutConditions) (_ record, err error) {
	if err := s.need(bucket); err != nil {
		return r, err
	}
	file, err := os.CreateTemp(filepath.Join(s.dir, incoming), "")
	if err != nil {
		return r, err
	}
	defer func() {
		_ = file.Close()
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	hash := md5.New()
	written, err := io.Copy(io.MultiWriter(file, hash), input)
	if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && written != size {
		return r, gofakes3.ErrIncompleteBody
	}
	if err != nil {
		return r, err
	}
	r.MD5, r.Size, r.Modified, r.Version = hash.Sum(nil), size, time.Now().UTC(), newVersion()
	text, err := json.Marshal(r)
	if err != nil {
		return r, err
	}
	if _, err := file.Write(binary.BigEndian.AppendUint64(text, uint64(len(text)))); err != nil {
		return r, err
	}
	if err := file.Sync(); err != nil {
		return r, err
	}
	if err := file.Close(); err != nil {
		return r, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(bucket, r.Key, conditions); err != nil {
		return r, err
	}
	if err := s.retain(s.path(bucket, r.Key)); err != nil {
		return r, err
	}
	return r, os.Rename(file.Name(), s.path(bucket, r.Key))
}

func (s *store) check(bucket, key string, conditions *gofakes3.PutConditions) error {
	if conditions == nil {
		return nil
	}
	file, r, err := openObject(s.path(bucket, key))
	if err == nil {
		_ = file.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return gofakes3.CheckPutConditions(conditions, &gofakes3.ConditionalObjectInfo{Exists: err == nil && !r.Deleted, Hash: r.MD5})
}

// records returns the records of a bucket's objects in the order of their keys.
func (s *store) records(bucket string) ([]record, error) {
	all, err := s.versions(bucket)
	var objects []record
	for _, v := range all {
		if v.latest && !v.Deleted {
			objects = append(objects, v.record)
		}
	}
	return objects, err
}

// get opens an object, or returns the error of S3 for one that does not exist.
func (s *store) get(bucket, key string) (*os.File, record, error) {
	if err := s.need(bucket); err != nil {
		return nil, record{}, err
	}
	file, r, err := openObject(s.path(bucket, key))
	if err == nil && r.Deleted {
		_ = file.Close()
	}
	if r.Deleted || errors.Is(err, fs.ErrNotExist) {
		return nil, r, gofakes3.KeyNotFound(key)
	}
	return file, r, err
}
