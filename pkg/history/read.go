package history

import (
	"context"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Span is a part of a contact's history.
type Span struct {
	Org     string
	Contact contact.ID
	// After and Before bound the times of the entries, in Unix microseconds. Both are excluded.
	After, Before int64
}

// Newest is the Before of a span that begins with the newest entry.
const Newest = int64(contact.MaxID)

// Read calls each with the entries of a span, the newest first, until it returns false; size is how many bytes an entry has in the table. It
// reads at first as many items as wanted entries usually have. Expired entries are left out. damaged is the error of Of.
func Read(ctx context.Context, table *dynamo.Table, s Span, now time.Time, wanted int, each func(e Entry, size int, damaged error) bool) error {
	query := table.Query(keys.Parts(s.Org, s.Contact)).Between(keys.AfterHistory(s.After), keys.AfterHistory(s.Before-1)).Backwards()
	var pieces []dynamo.Item // of one entry, the last one first
	size, more := 0, true
	for more {
		read := 0
		var last dynamo.Key
		if err := query.Read(ctx, wanted, func(i dynamo.Item) {
			read, last = read+1, i.Key()
			if !more || i.Number(dynamo.AttrExpires) <= now.Unix() {
				return
			}
			pieces = append(pieces, i)
			size += len(i.Bytes(attrBefore))
			if keys.Parse(i.Key()).Piece > 0 {
				return
			}
			slices.Reverse(pieces)
			e, damaged := Of(pieces)
			more = each(e, size, damaged)
			pieces, size = nil, 0
		}); err != nil {
			return err
		}
		more = more && wanted > 0 && read == wanted
		query.After(last)
	}
	return nil
}
