package history

import (
	"slices"
	"time"
)

const (
	// DefaultDays is how long the entries of a new organization are kept, in days, MaxDays the longest time.
	DefaultDays = 365
	MaxDays     = 36_500
)

// A Setting is for how long an organization keeps entries.
type Setting struct {
	// Days is how long an entry is kept, 0 for no entries.
	Days int `dynamodbav:"days"`
	// Former are earlier settings that entries may still be missing of, in the order of time.
	Former []Former `dynamodbav:"former,omitempty"`
}

// A Former is a setting that ended.
type Former struct {
	Days  int   `dynamodbav:"days"`
	Until int64 `dynamodbav:"until"` // Unix microseconds
}

// CacheTime is how long a process may use a setting after it was read.
const CacheTime = time.Minute

// lateness is how long after its end a setting can be used: by a process that read it before, and whose clock differs.
const lateness = CacheTime + time.Minute

// Kept returns the earliest time, in Unix microseconds, since when no entry is missing: those before are gone, or will be soon. A change
// that a process with another setting wrote no entry for is none of these; the guard item of its contact says so.
func (s Setting) Kept(now time.Time) int64 {
	earliest := before(now, s.Days)
	for _, f := range s.Former {
		end := f.Until
		if f.Days > 0 {
			end += lateness.Microseconds()
		}
		earliest = max(earliest, min(end, before(now, f.Days)))
	}
	return earliest
}

// before returns the time some days before now.
func before(now time.Time, days int) int64 {
	return now.Add(-time.Duration(days) * 24 * time.Hour).UnixMicro()
}

// With returns the setting that keeps entries for another number of days from now on.
func (s Setting) With(days int, now time.Time) Setting {
	if days == s.Days {
		return s
	}
	next := Setting{Days: days}
	for _, f := range append(slices.Clone(s.Former), Former{s.Days, now.UnixMicro()}) {
		if f.Days < days { // else entries of its time are kept longer than those of the new setting
			next.Former = append(next.Former, f)
		}
	}
	return next
}
