package contact

import (
	"errors"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Time is a moment in RFC 3339, UTC, to the millisecond. The empty one is none.
type Time string

// At is the moment that is so many milliseconds behind the Unix epoch; none for 0.
func At(unixMilli int64) Time {
	if unixMilli == 0 {
		return ""
	}
	return Time(time.UnixMilli(unixMilli).UTC().Format("2006-01-02T15:04:05.000Z"))
}

// Decimal is a JSON number as it was sent, to the digit.
type Decimal string

// maxDecimal is the length of the longest Decimal.
const maxDecimal = 64

// MarshalJSON returns the number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d), nil }

// UnmarshalJSON takes a JSON number of at most 64 characters.
func (d *Decimal) UnmarshalJSON(number []byte) error {
	if len(number) == 0 || len(number) > maxDecimal || number[0] == '"' || number[0] > '9' {
		return errors.New("contact: not a decimal")
	}
	*d = Decimal(number)
	return nil
}

// Fold returns the form of a text in which only texts are equal that differ in case at most (Unicode's case folding).
func Fold(s string) string { return norm.NFC.String(cases.Fold().String(s)) }
