package contact

import (
	"errors"
	"strings"
	"time"
	"unicode"
)

// Time is a time in RFC 3339, UTC, in seconds, as in the API document. "" is no time.
type Time string

// TimeOf returns the Time of milliseconds since the Unix epoch; "" for 0.
func TimeOf(unixMilli int64) Time {
	if unixMilli == 0 {
		return ""
	}
	return Time(time.UnixMilli(unixMilli).UTC().Format("2006-01-02T15:04:05Z"))
}

// Decimal is a JSON number with the digits in which it was sent.
type Decimal string

// MaxDecimal is the greatest length of a Decimal, in characters.
const MaxDecimal = 64

// MarshalJSON returns the number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d), nil }

// UnmarshalJSON accepts a JSON number of at most MaxDecimal characters.
func (d *Decimal) UnmarshalJSON(number []byte) error {
	if len(number) == 0 || len(number) > MaxDecimal || number[0] == '"' || number[0] > '9' {
		return errors.New("contact: not a decimal")
	}
	*d = Decimal(number)
	return nil
}

// Fold returns a text in a form that is equal for texts that differ only in case: Unicode's simple case folding, as in
// strings.EqualFold. (Full case folding, where ß is ss, would link language tables of 0.25 MB.)
func Fold(s string) string {
	return composed(strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, composed(s)))
}
