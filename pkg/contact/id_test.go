package contact

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestASequenceOnlyGrowsWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := epoch.Add(time.Duration(rapid.Int64Range(0, 30*365*24).Draw(t, "start")) * time.Hour)
		start := now
		s := NewSequence(func() time.Time { return now })
		last := ID(0)
		for range rapid.IntRange(1, 3000).Draw(t, "n") {
			kind := Kind(rapid.IntRange(0, 3).Draw(t, "kind"))
			id := s.Next(kind)
			if id <= last {
				t.Fatalf("%d after %d", id, last)
			}
			if id.Kind() != kind {
				t.Fatalf("kind %v, want %v", id.Kind(), kind)
			}
			if id < 1 || id > MaxID {
				t.Fatalf("%d is out of range", id)
			}
			last = id
			now = now.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "step")) * time.Millisecond)
			if now.Before(start) {
				now = start
			}
		}
	})
}

func TestASequenceMakesNoIDTwice(t *testing.T) {
	t.Parallel()
	s := NewSequence(time.Now)
	ids := make([][]ID, 8)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() {
			for range 2000 {
				ids[i] = append(ids[i], s.Next(Kind(i%4)))
			}
			if !slices.IsSorted(ids[i]) {
				t.Error("one caller's ids are not in order")
			}
		})
	}
	wait.Wait()
	all := slices.Concat(ids...)
	slices.Sort(all)
	if n := len(slices.Compact(slices.Clone(all))); n != len(all) {
		t.Errorf("%d of %d ids are different", n, len(all))
	}
}

func TestAnIDTellsWhenItWasMade(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)
	if got := NewSequence(func() time.Time { return now }).Next(Individual).Time(); !got.Equal(now) {
		t.Errorf("%v, want %v", got, now)
	}
}

func TestAClockOutsideTheRangeOfIDsIsNotUsed(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{epoch.Add(-time.Millisecond), epoch.Add(1 << timeBits * time.Millisecond)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: no panic", now)
				}
			}()
			NewSequence(func() time.Time { return now }).Next(Individual)
		}()
	}
}

func TestAnIDIsReadBackAsItIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := ID(rapid.Int64Range(1, int64(MaxID)).Draw(t, "id"))
		got, err := ParseID(id.String())
		if err != nil || got != id {
			t.Fatalf("ParseID(%q) = %d, %v", id, got, err)
		}
		text, err := id.MarshalText()
		var back ID
		if err != nil || string(text) != id.String() || back.UnmarshalText(text) != nil || back != id {
			t.Fatalf("%d is %q as text, and back %d", id, text, back)
		}
	})
}

func TestOnlyCanonicalDecimalsAreIDs(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "0", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "1_000", "٣", "9007199254740992", "9999999999999999", "10000000000000000", "a"} {
		if id, err := ParseID(s); !errors.Is(err, ErrMalformedID) {
			t.Errorf("ParseID(%q) = %d, %v", s, id, err)
		}
	}
	for s, want := range map[string]ID{"1": 1, "8123": 8123, "9007199254740991": MaxID} {
		if id, err := ParseID(s); err != nil || id != want {
			t.Errorf("ParseID(%q) = %d, %v", s, id, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"", "0", "1", "01", "8123", "9007199254740991", "9007199254740992", "-1", "1\x00", "١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			if n, e := strconv.ParseInt(s, 10, 64); e == nil && n > 0 && n <= int64(MaxID) && strconv.FormatInt(n, 10) == s {
				t.Fatalf("ParseID(%q): %v", s, err)
			}
			return
		}
		if id < 1 || id > MaxID || id.String() != s {
			t.Fatalf("ParseID(%q) = %d", s, id)
		}
	})
}
