// Package backup copies a tenant with its pictures into a folder, and from there into a table and a bucket.
//
// The folder has records.jsonl and the objects of the images, as files under their keys without the tenant's name. Each line of
// records.jsonl is a JSON object with one member: Backup, the first line, describes the backup; Item is an item of the table in
// DynamoDB's JSON, as in AWS's own exports, its pk without the tenant's name; Object describes a file of the folder; End, the last
// line, has the counts and the SHA-256 of the lines between. Lines are canonical and in a fixed order: backups of equal tenants
// differ in the first line only.
package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Files of the folder.
const (
	recordsFile = "records.jsonl"
	partFile    = recordsFile + ".part" // until it is complete
	lockFile    = recordsFile + ".lock" // locked by the writing process until then
)

// format is the Header.Format that this package writes and reads.
const format = 1

// A Header describes a backup.
type Header struct {
	Format       int       `json:"format"`
	Organization string    `json:"organization"`
	Region       string    `json:"region"`
	HistoryDays  int       `json:"history_days"` // for how long the history of contacts is kept; the backup has none of it
	Source       string    `json:"source"`       // the table
	Begun        time.Time `json:"begun"`
}

// A Summary is the contents of a complete backup. SHA256 is the same for equal tenants.
type Summary struct {
	Items   int64 `json:"items"`
	Objects int64 `json:"objects"`
	Bytes   int64 `json:"bytes"` // of the objects
	// Missing counts the objects of images that the bucket did not have.
	Missing int64  `json:"missing"`
	SHA256  string `json:"sha256"`
}

// An object describes the file of an object of the bucket.
type object struct {
	Key    string `json:"key"` // without the tenant's name; also the path of the file
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Missing is set if the bucket did not have it; there is no file then.
	Missing bool `json:"missing,omitzero"`
}

// bucketKey returns the key of an object of an organization in the bucket.
func (o object) bucketKey(org string) string {
	folder, rest, _ := strings.Cut(o.Key, "/")
	return folder + "/" + org + "/" + rest
}

// fileKey returns the path in the folder of an object with a key of the bucket.
func fileKey(org, key string) string {
	folder, rest, _ := strings.Cut(key, "/")
	return folder + "/" + strings.TrimPrefix(rest, org+"/")
}

// A line is a line of records.jsonl. One member is set.
type line struct {
	Backup *Header        `json:",omitzero"`
	Item   jsontext.Value `json:",omitzero"`
	Object *object        `json:",omitzero"`
	End    *Summary       `json:",omitzero"`
}

// key returns the key of an item, "" if the line has none.
func (l line) key() (pk, sk string, err error) {
	var item struct {
		PK struct{ S string } `json:"pk"`
		SK struct{ S string } `json:"sk"`
	}
	if l.Item != nil {
		err = json.Unmarshal(l.Item, &item)
	}
	return item.PK.S, item.SK.S, err
}

func encode(l line) ([]byte, error) {
	text, err := json.Marshal(l)
	return append(text, '\n'), err
}

// A tally counts and digests the lines between the first and the last.
type tally struct {
	Summary
	digest hash.Hash
}

func newTally() *tally { return &tally{digest: sha256.New()} }

func (t *tally) add(l line, text []byte) {
	t.digest.Write(text)
	switch {
	case l.Object == nil:
		t.Items++
	case l.Object.Missing:
		t.Missing++
	default:
		t.Objects++
		t.Bytes += l.Object.Size
	}
}

func (t *tally) clone() (*tally, error) {
	digest, err := t.digest.(hash.Cloner).Clone() // that of SHA-256 has it
	return &tally{t.Summary, digest}, err
}

func (t *tally) sum() Summary {
	s := t.Summary
	s.SHA256 = hex.EncodeToString(t.digest.Sum(nil))
	return s
}

// maxLine exceeds any line, in bytes: an item has at most 400 KB, and a byte of it at most 6 in JSON.
const maxLine = 4 << 20

// errTruncated reports that the last line is incomplete.
var errTruncated = errors.New("it is truncated")

// A scanner reads lines.
type scanner struct {
	in   *bufio.Reader
	line line
	text []byte // with its line feed; valid until the next
}

func newScanner(r io.Reader) *scanner { return &scanner{in: bufio.NewReaderSize(r, 1<<20)} }

// next reads a line. The error is io.EOF after the last, errTruncated if that is incomplete.
func (s *scanner) next() error {
	s.text = s.text[:0]
	for {
		piece, err := s.in.ReadSlice('\n')
		s.text = append(s.text, piece...)
		switch {
		case len(s.text) > maxLine:
			return fmt.Errorf("a line has more than %d bytes", maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(s.text) > 0:
			return errTruncated
		case err != nil:
			return err
		}
		s.line = line{}
		return json.Unmarshal(bytes.TrimSuffix(s.text, []byte{'\n'}), &s.line, json.RejectUnknownMembers(true))
	}
}
