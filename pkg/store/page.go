package store

import (
	"context"
	"errors"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store/offset"
)

// page reads part of a list with strong consistency. It consumes one read unit for each 4 KB; package offset says what an offset adds. of is
// the key of the resource that the rows belong to, the zero Key for contacts. A page ends early after maxAnswer bytes: its answer
// would be refused anyway.
//
// incomplete are the organizations among the rows, by index, whose rows still lack representatives with items of their own.
func (s *Store) page(ctx context.Context, partition string, of dynamo.Key, q contact.Query) (page contact.Page, incomplete map[int]dynamo.Item, err error) {
	from, found, err := s.offsets.Of(partition, of, q.Living).Seek(ctx, offset.Position{After: q.After, Skip: q.Offset})
	if err != nil || !found {
		return contact.Page{}, nil, err
	}
	query := s.Query(partition).Between(keys.After(from.After), keys.EndOfIDs)
	if q.Living {
		query.Filter(dynamo.AttributeNotExists(AttrDeleted))
	}
	rows := make([]contact.Record, 0, min(q.Limit+1, 256))
	err = readRows(ctx, query, from.Skip+q.Limit+1, func(r row) int {
		if from.Skip > 0 { // at most a bucket of the offset index
			from.Skip--
			return 0
		}
		if r.incomplete != nil && len(rows) < q.Limit {
			if incomplete == nil {
				incomplete = map[int]dynamo.Item{}
			}
			r.incomplete["pk"] = dynamo.String(partition)
			incomplete[len(rows)] = r.incomplete
		}
		rows = append(rows, r.Record)
		return len(r.Doc)
	})
	if err != nil && !errors.Is(err, contact.ErrAnswerTooLarge) { // the rows read so far exceed an answer already
		return contact.Page{}, nil, err
	}
	more := len(rows) > q.Limit
	return contact.Page{Rows: rows[:min(q.Limit, len(rows))], More: more}, incomplete, nil
}

// maxAnswer is the largest response of a Lambda function, in bytes. No answer reaches it.
const maxAnswer = 6 << 20

// readRows reads up to wanted rows, all for 0, and calls each for them, which returns how many bytes of the row are shown. It stops with
// contact.ErrAnswerTooLarge after maxAnswer bytes, so that a list of any length takes little memory.
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
