// Package collation makes sort keys of texts by Unicode's root collation (UTS 10, with the table of CLDR).
package collation

import (
	"golang.org/x/text/unicode/norm"
)

const (
	// maxRunes is how many characters of a text count.
	maxRunes = 100
	// MaxKey is the most bytes of a key. All levels of a hundred characters have room in it, unless many of them stand for three characters or
	// more, as in ﷺ.
	MaxKey = 1000
)

// Key returns the sort key of a text: printable ASCII without blanks and tildes. The keys of two texts are in the order of the texts, or are equal
// if the texts are alike in their first hundred characters.
func Key(text string) string {
	primary, secondary, tertiary := weightsOf(text)
	key := appendPrimary(nil, primary)
	key = appendLevel(append(key, endOfLevel), secondary)
	key = appendLevel(append(key, endOfLevel), tertiary)
	for len(key) > 0 && key[len(key)-1] == endOfLevel {
		key = key[:len(key)-1]
	}
	return string(key[:min(len(key), MaxKey)])
}

// weightsOf returns the weights of a text of each level. The least of the secondary and tertiary ones is 0.
func weightsOf(text string) (primary, secondary, tertiary []uint32) {
	t := root()
	runes := []rune(text)
	for rest := []rune(norm.NFD.String(string(runes[:min(len(runes), maxRunes)]))); len(rest) > 0; {
		var of [3][]uint32
		of, rest = t.next(rest)
		primary, secondary, tertiary = append(primary, of[0]...), append(secondary, of[1]...), append(tertiary, of[2]...)
	}
	return primary, secondary, tertiary
}

// The digits of keys are the characters from " to }. An exclamation mark ends a level, and sorts before them.
const (
	endOfLevel = '!'
	firstDigit = '"'
	base       = '}' - firstDigit + 1
)

// firstLong is the first digit of those of four.
const firstLong = firstUnassigned/(base*base) + 1

// appendPrimary appends weights of three digits each, those of unassigned characters of four.
func appendPrimary(key []byte, weights []uint32) []byte {
	for _, w := range weights {
		if w < firstUnassigned {
			key = append(key, byte(firstDigit+w/(base*base)))
		} else {
			w -= firstUnassigned
			key = append(key, byte(firstDigit+firstLong+w/(base*base*base)), byte(firstDigit+w/(base*base)%base))
		}
		key = append(key, byte(firstDigit+w/base%base), byte(firstDigit+w%base))
	}
	return key
}

// primaryOf returns the primary weights of a key, which can be cut off.
func primaryOf(key string) (weights []uint32) {
	for len(key) >= 3 && key[0] >= firstDigit {
		w, digits := uint32(0), 3
		if key[0] >= firstDigit+firstLong {
			digits = 4
		}
		if len(key) < digits {
			break
		}
		for _, digit := range []byte(key[:digits]) {
			w = w*base + uint32(digit) - firstDigit
		}
		if digits == 4 {
			w = w - firstLong*base*base*base + firstUnassigned
		}
		weights, key = append(weights, w), key[digits:]
	}
	return weights
}

// A level has few weights other than 0. Runs of zeros are counted: the first maxRun digits stand for runs, the longest first, because a run
// that is followed by a greater weight sorts before a shorter one. Those at the end are left out: the weights of the level before say how many
// there are. Then come the weights from 1 to maxShort, and the first digits of greater ones.
const (
	maxRun   = 10
	maxShort = 79
)

// appendLevel appends secondary or tertiary weights.
func appendLevel(key []byte, weights []uint32) []byte {
	zeros := 0
	for _, w := range weights {
		if w == 0 {
			zeros++
			continue
		}
		for ; zeros > 0; zeros -= min(zeros, maxRun) {
			key = append(key, byte(firstDigit+maxRun-min(zeros, maxRun)))
		}
		if w <= maxShort {
			key = append(key, byte(firstDigit+maxRun+w-1))
			continue
		}
		w -= maxShort + 1
		key = append(key, byte(firstDigit+maxRun+maxShort+w/base), byte(firstDigit+w%base))
	}
	return key
}
