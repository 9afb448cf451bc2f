package contact

import (
	"errors"
	"strings"
	"time"
	"unicode"
)

// Time is a moment in RFC 3339, UTC, to the second, as the API document shows it. The empty one is none.
type Time string

// TimeOf returns the second in which a moment lies, given in milliseconds since the Unix epoch; none for 0.
func TimeOf(unixMilli int64) Time {
	if unixMilli == 0 {
		return ""
	}
	return Time(time.UnixMilli(unixMilli).UTC().Format("2006-01-02T15:04:05Z"))
}

// Decimal is a JSON number as it was sent, to the digit.
type Decimal string

// MaxDecimal is the length of the longest number.
const MaxDecimal = 64

// MarshalJSON returns the number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d), nil }

// UnmarshalJSON takes a JSON number of at most 64 characters.
func (d *Decimal) UnmarshalJSON(number []byte) error {
	if len(number) == 0 || len(number) > MaxDecimal || number[0] == '"' || number[0] > '9' {
		return errors.New("contact: not a decimal")
	}
	*d = Decimal(number)
	return nil
}

// Fold returns the form of a text in which only texts are equal that differ in case at most: Unicode's simple case
// folding, as strings.EqualFold has it. (The full one, in which ß is ss, would link language tables of 0.25 MB.)
func Fold(s string) string {
	return composed(strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, composed(s)))
}
