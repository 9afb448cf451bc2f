package store

import (
	"context"
	"errors"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store/offset"
)

// page reads part of a list, strongly consistent: each write shows as soon as it was answered. It consumes one read unit for each 4 KB that is
// read; what an offset costs more is in package offset. of is what the rows belong to, the zero Key for contacts. A page whose rows have more
// than maxAnswer bytes ends early: it has to be asked for in smaller ones anyway.
//
// scattered are rows of organizations, by their index, some of whose representatives have items of their own and are not in the rows yet.
func (s *Store) page(ctx context.Context, partition string, of dynamo.Key, q contact.Query) (page contact.Page, scattered map[int]dynamo.Item, err error) {
	from, there, err := s.offsets.Of(partition, of, q.Living).Seek(ctx, offset.Position{After: q.After, Skip: q.Offset})
	if err != nil || !there {
		return contact.Page{}, nil, err
	}
	query := s.Query(partition).Between(keys.After(from.After), keys.EndOfIDs)
	if q.Living {
		query.Filter(dynamo.AttributeNotExists(AttrDeleted))
	}
	rows := make([]contact.Record, 0, min(q.Limit+1, 256))
	err = readRows(ctx, query, from.Skip+q.Limit+1, func(r row) int {
		if from.Skip > 0 { // too few to be worth a Query of their own
			from.Skip--
			return 0
		}
		if r.scattered != nil && len(rows) < q.Limit {
			if scattered == nil {
				scattered = map[int]dynamo.Item{}
			}
			r.scattered["pk"] = dynamo.String(partition)
			scattered[len(rows)] = r.scattered
		}
		rows = append(rows, r.Record)
		return len(r.Doc)
	})
	if err != nil && !errors.Is(err, contact.ErrAnswerTooLarge) { // too much already: what is left out would make it no less
		return contact.Page{}, nil, err
	}
	more := len(rows) > q.Limit
	return contact.Page{Rows: rows[:min(q.Limit, len(rows))], More: more}, scattered, nil
}

// maxAnswer is what no answer can carry, in bytes: what Lambda takes.
const maxAnswer = 6 << 20

// readRows reads what is answered as it is stored. each returns how many bytes of a row are shown. After maxAnswer of them it returns
// contact.ErrAnswerTooLarge, so that a list of whatever length takes little memory.
func readRows(ctx context.Context, query *dynamo.Query, wanted int, each func(row) int) error {
	size := 0
	err := dynamo.ReadEach(ctx, query.Project(rowAttributes...), wanted, readRow, func(shown row) bool {
		size += each(shown)
		return size <= maxAnswer
	})
	if err == nil && size > maxAnswer {
		err = contact.ErrAnswerTooLarge
	}
	return err
}
