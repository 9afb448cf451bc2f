package contact

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strconv"
	"sync"
	"time"
)

// ID identifies a resource within its tenant: a positive integer below 2^53, so that a JSON number carries it
// exactly. The enfore dialect shows it as a decimal string, the plentymarkets dialect as a number.
//
// Bits from the top: 40 of time (milliseconds since 2024), 11 of a sequence within the millisecond, 2 of the Kind. Ids therefore
// sort by the time of creation, and the id of a contact tells its kind without a lookup.
type ID int64

// MaxID is the largest ID, 2^53-1.
const MaxID ID = 1<<53 - 1

const (
	kindBits     = 2
	sequenceBits = 11
	timeBits     = 40
)

// Kind is the list that an ID belongs to.
type Kind int

// The kinds. Contacts are identified by their ID alone; a Part is found through its owner.
const (
	Individual Kind = iota
	Organization
	Placeholder
	Part
)

// String returns the name that the lookup shows.
func (k Kind) String() string {
	return [...]string{"INDIVIDUAL", "ORGANIZATION", "PLACEHOLDER_CUSTOMER", "PART"}[k]
}

// ErrMalformedID reports that a text is not a canonical positive decimal below 2^53.
var ErrMalformedID = errors.New("malformed id")

// ParseID parses the decimal form: no sign, no leading zero, 1 to MaxID. The error is ErrMalformedID.
func ParseID(s string) (ID, error) {
	if s == "" || len(s) > 16 || s[0] < '1' || s[0] > '9' {
		return 0, ErrMalformedID
	}
	n, err := strconv.ParseUint(s, 10, 53)
	if err != nil {
		return 0, ErrMalformedID
	}
	return ID(n), nil
}

// String returns the decimal form.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// Kind returns the list that the ID belongs to.
func (id ID) Kind() Kind { return Kind(id & (1<<kindBits - 1)) }

// Time returns when the ID was generated, to the millisecond.
func (id ID) Time() time.Time {
	return epoch.Add(time.Duration(id>>(kindBits+sequenceBits)) * time.Millisecond)
}

// FirstIDAt returns the least ID that can be generated at a time. Times outside the range of ids count as its nearest end.
func FirstIDAt(at time.Time) ID {
	ms := min(max(at.Sub(epoch).Milliseconds(), 0), 1<<timeBits-1)
	return ID(ms << (kindBits + sequenceBits))
}

// MarshalText returns the decimal form.
func (id ID) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(id), 10), nil }

// UnmarshalText parses the decimal form like ParseID.
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Next returns the next greater ID of the same Kind.
func (id ID) Next() ID { return id + 1<<kindBits }

// Sequence generates IDs. One Sequence never repeats an ID. Sequences of two processes start each millisecond at random points;
// should they collide, the condition of the second write fails.
type Sequence struct {
	now   func() time.Time
	start func() uint16
	mu    sync.Mutex
	last  int64
}

// NewSequence returns a sequence that reads the clock now and begins each millisecond at a random point.
func NewSequence(now func() time.Time) *Sequence { return NewSequenceFrom(now, randomUint16) }

// NewSequenceFrom returns a sequence that reads the clock now and begins each millisecond at start() modulo 1,024.
func NewSequenceFrom(now func() time.Time, start func() uint16) *Sequence {
	return &Sequence{now: now, start: start}
}

// Next returns an ID greater than all earlier ones of this sequence.
func (s *Sequence) Next(kind Kind) ID { return s.Reserve(kind, 1) }

// Reserve returns the first of n consecutive IDs (see ID.Next), all greater than the earlier ones of this sequence.
func (s *Sequence) Reserve(kind Kind, n int) ID {
	ms := s.now().Sub(epoch).Milliseconds()
	if ms < 0 || ms >= 1<<timeBits {
		panic("contact: the clock is outside the range of ids, 2024 to 2058")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := ms << sequenceBits
	if next <= s.last {
		next = s.last + 1 // the same millisecond, or a clock set back
	} else {
		// Only the lower half of the range: the rest is for further IDs of this millisecond.
		next += int64(s.start() % (1 << (sequenceBits - 1)))
		if next <= s.last {
			next = s.last + 1
		}
	}
	s.last = next + int64(n) - 1
	return ID(next<<kindBits | int64(kind))
}

func randomUint16() uint16 {
	var b [2]byte
	rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	return binary.BigEndian.Uint16(b[:])
}
