package changes

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
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
	// again is set if it took several pages to read all partitions: the next page reads their ends again, before there is no more.
	again bool
}

// Since returns a token of an organization's epoch that has read all changes up to a time.
func Since(epoch string, at time.Time) Token {
	t := Token{Epoch: epoch}
	settled := position{at: at.UnixMicro()}
	for i := range t.shards {
		t.shards[i] = shard{settled: settled}
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

const (
	tokenVersion = 1      // begins the bytes of a token
	walking      = 1 << 0 // is set in the flags of a token with a walk
	reading      = 1 << 1 // is set in the flags of one that reads again
)

var errToken = errors.New("changes: the token can't be read")

// MarshalBinary returns the bytes of a token, at most some 3 KB.
func (t *Token) MarshalBinary() ([]byte, error) {
	flags := byte(0)
	if t.walk != nil {
		flags |= walking
	}
	if t.again {
		flags |= reading
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
		b = binary.AppendVarint(b, s.began)
		appendPosition(s.down)
		b = binary.AppendVarint(b, int64(len(s.marks)))
		for _, m := range s.marks {
			appendPosition(m.end)
			entries := int64(m.entries)
			if !m.shown { // negative
				entries = -entries
			}
			b = binary.AppendVarint(b, entries)
		}
	}
	return b, nil
}

// UnmarshalBinary reads the bytes of a token.
func (t *Token) UnmarshalBinary(b []byte) error {
	if len(b) < 2 || b[0] != tokenVersion {
		return errToken
	}
	*t = Token{again: b[1]&reading != 0}
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
		s.settled, s.began, s.down = at(), number(), at()
		for n := min(number(), MaxMarks); n > 0 && failed == nil; n-- {
			end, entries := at(), int(number())
			s.marks = append(s.marks, mark{end, max(entries, -entries), entries >= 0})
		}
	}
	if failed != nil || r.Len() > 0 {
		return errToken
	}
	return nil
}
