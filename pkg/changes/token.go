package changes

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/keys"
)

// A Token is how far a client has read the feed of an organization. Its zero value has read nothing.
type Token struct {
	// Epoch is that of the organization when the token was made. A restore begins another one.
	Epoch  string
	walk   *walk // nil once it is complete
	shards [keys.ChangeShards]shard
	phase  phase
}

// A phase says what the next page does, see Feed.
type phase byte

const (
	reading  phase = iota // goes on after the latest entries that were shown
	checking              // compares the entries after the settled positions with those that were shown
	checked               // goes on, until there is no more
)

// Since returns a token of an organization's epoch that has read all changes up to a time.
func Since(epoch string, at time.Time) Token {
	t := Token{Epoch: epoch}
	settled := position{at: at.UnixMicro()}
	for i := range t.shards {
		t.shards[i] = shard{settled: settled, read: settled}
	}
	return t
}

// Settled returns the time up to which every change there will ever be was shown, Unix microseconds. It is 0 while the token walks over
// contacts.
func (t *Token) Settled() int64 {
	if t.walk != nil {
		return 0
	}
	return t.settled()
}

// A walk shows every contact.
type walk struct {
	start int64      // Unix microseconds: the changes since then follow
	since int64      // contacts that have not changed since then are left out, 0 for none
	kind  int        // the list that is read
	after contact.ID // the last contact of it that was read
}

// A shard is how far one partition of changes is read.
type shard struct {
	// settled is the position up to which every entry that there will ever be has been shown.
	settled position
	// read is where a page goes on; it begins there while the token is checking.
	read position
	// marks count the entries after settled that were shown, in the order of their positions.
	marks []mark
}

// A position is that of an entry among those of its partition; an entry at it counts as read. With contact 0 it is before all of its time.
type position struct {
	at      int64 // Unix microseconds
	contact contact.ID
}

// before reports whether p is before q.
func (p position) before(q position) bool {
	return p.at < q.at || p.at == q.at && p.contact < q.contact
}

// A mark says how many entries, of any kind, there were after the mark before, or after settled, up to and including a position when they
// were shown. Entries are never removed while they are read: as long as there are no more of them, each was shown.
type mark struct {
	end     position
	entries int
}

// MaxMarks is the most marks of a token: up to that many unsettled entries are remembered one by one, more of them in groups.
const MaxMarks = 200

// compact joins neighbouring marks until there are at most MaxMarks.
func (t *Token) compact() {
	for t.marks() > MaxMarks {
		for i := range t.shards {
			var joined []mark
			for pair := range slices.Chunk(t.shards[i].marks, 2) {
				last := pair[len(pair)-1]
				if len(pair) == 2 {
					last.entries += pair[0].entries
				}
				joined = append(joined, last)
			}
			t.shards[i].marks = joined
		}
	}
}

func (t *Token) marks() (n int) {
	for _, s := range t.shards {
		n += len(s.marks)
	}
	return n
}

const (
	tokenVersion = 1      // begins the bytes of a token
	walking      = 1 << 7 // is added to the phase of a token with a walk
)

var errToken = errors.New("changes: the token can't be read")

// MarshalBinary returns the bytes of a token, at most some 3 KB.
func (t *Token) MarshalBinary() ([]byte, error) {
	flags := byte(t.phase)
	if t.walk != nil {
		flags |= walking
	}
	b := binary.AppendVarint([]byte{tokenVersion, flags}, int64(len(t.Epoch)))
	b = append(b, t.Epoch...)
	if w := t.walk; w != nil {
		for _, n := range []int64{w.start, w.since, int64(w.kind), int64(w.after)} {
			b = binary.AppendVarint(b, n)
		}
	}
	last := int64(0) // times are written as differences
	appendPosition := func(p position) {
		b = binary.AppendVarint(b, p.at-last)
		b = binary.AppendVarint(b, int64(p.contact))
		last = p.at
	}
	for _, s := range t.shards {
		appendPosition(s.settled)
		appendPosition(s.read)
		b = binary.AppendVarint(b, int64(len(s.marks)))
		for _, m := range s.marks {
			appendPosition(m.end)
			b = binary.AppendVarint(b, int64(m.entries))
		}
	}
	return b, nil
}

// UnmarshalBinary reads the bytes of a token.
func (t *Token) UnmarshalBinary(b []byte) error {
	if len(b) < 2 || b[0] != tokenVersion {
		return errToken
	}
	*t = Token{phase: phase(b[1] &^ walking)}
	r := bytes.NewReader(b[2:])
	var failed error
	number := func() int64 {
		n, err := binary.ReadVarint(r)
		failed = errors.Join(failed, err)
		return n
	}
	epoch := make([]byte, max(0, min(number(), int64(r.Len()))))
	if _, err := io.ReadFull(r, epoch); err != nil {
		return errToken
	}
	t.Epoch = string(epoch)
	if b[1]&walking != 0 {
		t.walk = &walk{start: number(), since: number(), kind: int(number()), after: contact.ID(number())}
	}
	last := int64(0)
	at := func() position {
		last += number()
		return position{last, contact.ID(number())}
	}
	for i := range t.shards {
		s := &t.shards[i]
		s.settled, s.read = at(), at()
		for n := min(number(), MaxMarks); n > 0 && failed == nil; n-- {
			s.marks = append(s.marks, mark{at(), int(number())})
		}
	}
	if failed != nil || r.Len() > 0 {
		return errToken
	}
	return nil
}
