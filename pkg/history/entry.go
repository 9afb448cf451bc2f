// Package history has what contacts were: for each change an entry with the before-images of what it changed, and for how long an organization
// keeps entries.
//
// The transaction of a change writes its entry next to the contact's parts. A change can be undone without knowing what it made, so a state
// follows from the current one and the entries since.
package history

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json"

	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// An Entry is a change of a contact in its history. Its Parts are those of Before.
type Entry struct {
	changes.Change
	Before []Image
}

// An Image is what one part of a contact was before a change.
type Image struct {
	// Part is the sort key of the part, "" for the contact itself. A representative of an organization has the key of a separate one,
	// wherever it is stored.
	Part string `json:"p,omitzero"`
	// Made is set if there was none.
	Made bool `json:"n,omitzero"`
	// Doc, Shape and Version are those of the stored item.
	Doc     string `json:"d,omitzero"`
	Shape   int64  `json:"s,omitzero"`
	Version int64  `json:"v,omitzero"`
	// Members is the member count of a location, nil for any other part.
	Members *int64 `json:"m,omitzero"`
	// Joined is how many members the change added to a location. It is all that is known then: such a change reads no count.
	Joined int64 `json:"j,omitzero"`
	// Representative is the stored text of a representative.
	Representative string `json:"r,omitzero"`
}

// attributes of an entry. Their names are short, because most entries are small.
const (
	attrType    = "type" // S: absent for changes.Changed
	attrBy      = "by"   // S
	attrOp      = "op"   // S
	attrRequest = "req"  // S
	attrBefore  = "was"  // B: the images as JSON, compressed by DEFLATE; of one piece
	attrPieces  = "n"    // N: how many pieces follow the first; absent for none
)

// maxPiece is how many bytes of before-images a piece of an entry has at most: with its key and other attributes it is below 400 KB.
const maxPiece = 380_000

// Pieces returns the most pieces of an entry whose documents have so many bytes, if compression gains nothing.
func Pieces(bytes int) int { return 1 + bytes/(maxPiece*3/4) }

// Items returns the pieces of an entry, which expire at a time in Unix seconds.
func (e Entry) Items(org string, expires int64) ([]dynamo.Item, error) {
	images, err := compress(e.Before)
	if err != nil {
		return nil, err
	}
	var items []dynamo.Item
	for first := true; first || len(images) > 0; first = false {
		piece := images[:min(maxPiece, len(images))]
		images = images[len(piece):]
		item := keys.History(org, e.Contact, e.At, len(items)).Item()
		item[dynamo.AttrExpires] = dynamo.Number(expires)
		if len(piece) > 0 {
			item[attrBefore] = dynamo.Binary(piece)
		}
		items = append(items, item)
	}
	head := items[0]
	if e.Type != changes.Changed {
		head[attrType] = dynamo.String(string(e.Type))
	}
	head.SetString(attrBy, e.By)
	head.SetString(attrOp, e.Operation)
	head.SetString(attrRequest, e.Request)
	if len(items) > 1 {
		head[attrPieces] = dynamo.Number(int64(len(items) - 1))
	}
	return items, nil
}

// Following returns how many pieces follow the first one of an entry.
func Following(first dynamo.Item) int { return int(first.Number(attrPieces)) }

// IsErasure reports whether a piece is that of the erasure of its contact.
func IsErasure(piece dynamo.Item) bool { return piece.String(attrType) == string(changes.Erased) }

// compressors are used again: a new one takes a megabyte.
var compressors = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // a valid level
	return w
}}

// compress returns the stored form of images, nil for none.
func compress(images []Image) ([]byte, error) {
	if len(images) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(images)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := compressors.Get().(*flate.Writer)
	defer compressors.Put(w)
	w.Reset(&b)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// Of returns the entry of its pieces, the first one first. The error says that it is damaged.
func Of(pieces []dynamo.Item) (Entry, error) {
	head := pieces[0]
	p := keys.Parse(head.Key())
	e := Entry{Change: changes.Change{Contact: p.Owner, At: p.At, Type: changes.Changed,
		Origin: changes.Origin{By: head.String(attrBy), Operation: head.String(attrOp), Request: head.String(attrRequest)}}}
	if t := head.String(attrType); t != "" {
		e.Type = changes.Type(t)
	}
	if p.Kind != keys.KindHistory || p.Piece != 0 || Following(head) != len(pieces)-1 {
		return e, fmt.Errorf("history: the entry %v has %d pieces, not %d", head.Key(), len(pieces), Following(head)+1)
	}
	var images []byte
	for _, piece := range pieces {
		images = append(images, piece.Bytes(attrBefore)...)
	}
	if images == nil {
		return e, nil
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(images)))
	if err == nil {
		err = json.Unmarshal(text, &e.Before)
	}
	if err != nil {
		err = fmt.Errorf("history: the entry %v can't be read: %w", head.Key(), err)
	}
	return e, err
}
