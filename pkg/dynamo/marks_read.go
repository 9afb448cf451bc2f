package dynamo

import (
	"context"
	"errors"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"contacts/pkg/contact"
)

// A spot is a place in a list: so many rows on, behind an id.
type spot struct {
	behind contact.ID
	on     int
}

// maxOvertaken bounds how often a read looks again at marks that others have moved on meanwhile; then it goes without.
const maxOvertaken = 3

// seek returns a spot that is the same place, with less than a segment's rows to go; false if the list ends before.
func (m marks) seek(ctx context.Context, at spot) (spot, bool, error) {
	if at.behind != 0 || at.on < m.near {
		return m.skip(ctx, at)
	}
	offset := at.on
	if m.stays() {
		if at, found, err := m.ordinal(ctx, offset); err != nil || found {
			return at, true, err
		}
	}
	for range maxOvertaken {
		s, err := m.survey(ctx)
		if err != nil {
			return at, false, err
		}
		if !m.stays() {
			s = m.workIn(ctx, s)
		}
		if at, err = m.find(ctx, s, offset); err != nil {
			return at, false, err
		}
		if at.behind != s.end() {
			break
		}
		next, err := m.extend(ctx, s, at)
		if errors.Is(err, errChanged) {
			continue
		}
		if at = next; err != nil {
			return at, false, err
		}
		break
	}
	return m.skip(ctx, at)
}

// ordinal finds the segment of an offset in a list whose rows stay: one read unit. False if it has no marks yet.
func (m marks) ordinal(ctx context.Context, offset int) (spot, bool, error) {
	segment := offset / m.rows
	item, err := m.table.get(ctx, m.in.chunk(segment/m.segments))
	if err != nil {
		return spot{}, false, err
	}
	c, ok := readChunk(item)
	if segment %= m.segments; !ok || segment > len(c.marks) {
		return spot{}, false, nil
	}
	return spot{c.start(segment), offset % m.rows}, true, nil
}

// firstLook is how much is read of directory and removals at first: less than 4 KB for a list of a million rows.
const firstLook = 24

// survey reads directory and removals.
func (m marks) survey(ctx context.Context) (survey, error) {
	s := survey{directory: directory{through: m.table.now().Add(-settling).UnixMilli()}}
	last, seen := "", 0
	each := func(i Item) {
		sk := i.text("sk")
		switch {
		case sk == m.in.directory().SK:
			s.directory, _ = m.directory(i)
		case sk != last:
			at, _ := strconv.ParseInt(sk[:min(goneDigits, len(sk))], 10, 64) // 0, of a stray: long ago
			if at >= s.through {
				s.removed = append(s.removed, removal{at, i.id()})
			}
		}
		seen, last = seen+1, sk
	}
	r := &reader{table: m.table, input: dynamodb.QueryInput{ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(m.in.directory().PK), ":end": str(m.in.directory().SK)},
	}}
	err := r.read(ctx, goneSince(0), firstLook, each)
	if since := goneSince(s.through); err == nil && seen == firstLook && last > since {
		r.input.ExpressionAttributeValues[":end"], r.input.Limit = str(last), nil
		err = r.read(ctx, since, 0, each)
	}
	return s, err
}

// find is the spot of an offset, as far as marks lead. What they don't cover, or where they are damaged, is still to go.
func (m marks) find(ctx context.Context, s survey, offset int) (spot, error) {
	n, rest := within(m.counts(s), offset)
	if n == len(s.marks) {
		return spot{s.end(), rest}, nil
	}
	c, ok, err := m.chunk(ctx, s, n)
	if err != nil || !ok {
		return spot{s.start(n), rest}, err
	}
	n, rest = within(m.countsIn(s, c), rest)
	return spot{c.start(n), rest}, nil
}

// chunk reads a chunk, in the version that the directory has or a later one, which came between; false if it is damaged.
func (m marks) chunk(ctx context.Context, s survey, n int) (chunk, bool, error) {
	key := m.in.chunk(n)
	if c, ok := m.table.chunks.get(key, s.marks[n].written); ok {
		return c, true, nil
	}
	item, err := m.table.get(ctx, key)
	if err != nil {
		return chunk{}, false, err
	}
	c, ok := readChunk(item)
	switch {
	case !ok || c.base != s.start(n) || c.version < s.marks[n].written:
		return chunk{}, false, nil
	case c.version == s.marks[n].written:
		m.table.chunks.put(key, c)
	}
	return c, true, nil
}

// skip goes on row by row, unless that is less than a segment, which a page reads as well.
func (m marks) skip(ctx context.Context, at spot) (spot, bool, error) {
	if at.on < m.rows {
		return at, true, nil
	}
	r := m.reader("sk")
	if m.living {
		r.input.FilterExpression = aws.String("attribute_not_exists(deleted)")
	}
	err := r.read(ctx, behind(digits(at.behind)), at.on, func(i Item) { at = spot{i.id(), at.on - 1} })
	return at, at.on == 0, err
}

// reader reads attributes of the list's rows.
func (m marks) reader(attributes string) *reader {
	return &reader{table: m.table, input: dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :sk AND :end"), ProjectionExpression: &attributes,
		ExpressionAttributeValues: values{":pk": str(m.in.PK), ":end": str(endOfIDs)},
	}}
}

// A chunkCache keeps the chunks that were read last, as long as directories name just their versions: who goes through a list page
// by page reads each once.
type chunkCache struct {
	mu     sync.Mutex
	chunks map[Key]chunk
}

// maxChunks bounds the cache, to some 300 KB.
const maxChunks = 32

func newChunkCache() *chunkCache { return &chunkCache{chunks: map[Key]chunk{}} }

func (c *chunkCache) get(key Key, version int64) (chunk, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.chunks[key]
	return kept, ok && kept.version == version
}

func (c *chunkCache) put(key Key, read chunk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.chunks) == maxChunks {
		clear(c.chunks)
	}
	c.chunks[key] = read
}
