package local

import (
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// A store is a backend of gofakes3 with versions in one bbolt file. Each change is one transaction, so it is complete or absent whenever
// the process dies. Of the backends of gofakes3 itself, only the one in memory has versions.
//
// Each bucket is a bucket of bbolt that contains two more: the records, in the order of the objects' keys and the latest version first,
// and the contents by version.
type store struct {
	db      *bbolt.DB
	created func(Created)
}

// A record describes a version of an object.
type record struct {
	Key      string            `json:"key"`
	Version  string            `json:"version"`           // later ones are less
	Deleted  bool              `json:"deleted,omitempty"` // a delete marker, without content
	Meta     map[string]string `json:"meta"`
	MD5      []byte            `json:"md5"`
	Size     int64             `json:"size"`
	Modified time.Time         `json:"modified"`
}

// The keys within a bucket of bbolt.
var (
	recordsName  = []byte("records")
	contentsName = []byte("contents")
	createdName  = []byte("created") // when the bucket was created, RFC 3339
)

// retention is how long former versions stay, as in the bucket's lifecycle rules.
const retention = 30 * 24 * time.Hour

// openStore opens the store in a file, which it creates if necessary, or returns *InUseError.
func openStore(file string, created func(Created)) (*store, error) {
	// A killed process holds its lock for some milliseconds more.
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: time.Second})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, &InUseError{Path: file}
	}
	if err != nil {
		return nil, notWritable(filepath.Dir(file), err)
	}
	s := &store{db: db, created: created}
	if err := s.expireBefore(time.Now().Add(-retention)); err != nil {
		_ = db.Close()
		return nil, notWritable(filepath.Dir(file), err)
	}
	return s, nil
}

// A transaction is one over a bucket.
type transaction struct{ records, contents *bbolt.Bucket }

// within adapts do to bbolt. It returns the error of S3 for a bucket that does not exist.
func within(bucket string, do func(transaction) error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return gofakes3.BucketNotFound(bucket)
		}
		return do(transaction{b.Bucket(recordsName), b.Bucket(contentsName)})
	}
}

func recordKey(key, version string) []byte { return []byte(key + "\x00" + version) }

// find returns a version of an object, the latest for "".
func (t transaction) find(key, version string) (r record, found bool, err error) {
	k, text := t.records.Cursor().Seek(recordKey(key, version))
	if k == nil || !strings.HasPrefix(string(k), string(recordKey(key, version))) {
		return r, false, nil
	}
	err = json.Unmarshal(text, &r)
	return r, version == "" || version == r.Version, err
}

// remove removes a version permanently.
func (t transaction) remove(r record) error {
	return errors.Join(t.records.Delete(recordKey(r.Key, r.Version)), t.contents.Delete([]byte(r.Version)))
}

// A storedVersion is a version of an object.
type storedVersion struct {
	record
	latest bool
}

// versions returns all versions in the order of the objects' keys, the latest of each first.
func (t transaction) versions() ([]storedVersion, error) {
	var all []storedVersion
	err := t.records.ForEach(func(_, text []byte) error {
		var r record
		err := json.Unmarshal(text, &r)
		all = append(all, storedVersion{r, len(all) == 0 || all[len(all)-1].Key != r.Key})
		return err
	})
	return all, err
}

func (s *store) versions(bucket string) (all []storedVersion, err error) {
	err = s.db.View(within(bucket, func(t transaction) (err error) {
		all, err = t.versions()
		return err
	}))
	return all, err
}

// put stores an object or a delete marker as the latest version. It reads the content before it locks the store.
func (s *store) put(bucket string, r record, input io.Reader, size int64, conditions *gofakes3.PutConditions) (record, error) {
	content, err := gofakes3.ReadAll(input, size)
	if err != nil {
		return r, err
	}
	sum := md5.Sum(content)
	r.MD5, r.Size, r.Modified = sum[:], size, time.Now().UTC()
	return r, s.db.Update(within(bucket, func(t transaction) error {
		if conditions != nil {
			latest, found, err := t.find(r.Key, "")
			if err != nil {
				return err
			}
			stored := gofakes3.ConditionalObjectInfo{Exists: found && !latest.Deleted, Hash: latest.MD5}
			if err := gofakes3.CheckPutConditions(conditions, &stored); err != nil {
				return err
			}
		}
		sequence, err := t.records.NextSequence()
		if err != nil {
			return err
		}
		r.Version = fmt.Sprintf("%016x", math.MaxUint64-sequence)
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := t.records.Put(recordKey(r.Key, r.Version), text); err != nil || r.Deleted {
			return err
		}
		return t.contents.Put([]byte(r.Version), content)
	}))
}

// expireBefore removes the versions that were replaced before a time.
func (s *store) expireBefore(end time.Time) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(bucket []byte, _ *bbolt.Bucket) error {
			return within(string(bucket), func(t transaction) error {
				all, err := t.versions()
				for i, v := range all {
					if !v.latest && all[i-1].Modified.Before(end) {
						err = errors.Join(err, t.remove(v.record))
					}
				}
				return err
			})(tx)
		})
	})
}
