package contact

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks (Mn, Me) may follow each other in a text: no script has more, and a longer run only
// covers what is shown around it (Unicode Standard Annex 15, section 13, has the same number).
const maxMarks = 30

// NormalizeText returns a text as it is kept and compared: CRLF and CR are newlines, characters have Unicode's form C, and a
// text that shows nothing (White_Space and Default_Ignorable_Code_Point alone) is empty. It adds no character, and
// normalizing a second time changes nothing. A text that CheckText refuses is refused by it afterwards too.
func NormalizeText(s string) string {
	if isPlainASCII(s) {
		return s
	}
	if s = newlines.Replace(s); strings.IndexFunc(s, isShown) < 0 {
		return ""
	}
	return composed(s)
}

// CheckText returns what is wrong with a normalized text, or "".
func CheckText(s string) string {
	marks := 0
	for _, r := range s {
		if isRefused(r) {
			return "must not hold control characters other than tab and newline"
		}
		if !isStacked(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return fmt.Sprintf("must have at most %d combining marks in a row", maxMarks)
		}
	}
	if !utf8.ValidString(s) {
		return "must be UTF-8"
	}
	return ""
}

func isRefused(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }

func isStacked(r rune) bool { return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) }

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// isPlainASCII reports whether s is ASCII that begins with something shown and has no CR: most texts.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\r' || i == 0 && s[i] <= ' ' {
			return false
		}
	}
	return true
}

// isShown reports whether a character is neither White_Space nor Default_Ignorable_Code_Point. The latter is derived as in
// DerivedCoreProperties.txt of the Unicode Character Database. What is refused counts as shown.
func isShown(r rune) bool {
	if isRefused(r) {
		return true
	}
	if unicode.Is(unicode.White_Space, r) {
		return false
	}
	ignorable := unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Cf, unicode.Variation_Selector) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r) &&
		!(0xfff9 <= r && r <= 0xfffb) && // interlinear annotation
		!(0x13430 <= r && r <= 0x13440) // Egyptian hieroglyph format controls
	return !ignorable
}

// composed returns s in form C. The library inserts U+034F into long runs of combining marks (the stream-safe form), so
// those are composed here.
func composed(s string) string {
	switch {
	case longestRun(s, isMark) <= safeMarks:
		return norm.NFC.String(s)
	case longestRun(s, isStacked) > hopelessMarks || !utf8.ValidString(s):
		return s // CheckText refuses it as it is
	}
	return compose(decomposed(s))
}

const (
	// safeMarks is how many marks may follow each other for the library to insert nothing: it counts up to 30 in form D, in
	// which a character is four at most, and the one before them may end in three.
	safeMarks = 6
	// hopelessMarks are so many that more than maxMarks follow each other in form C, of which a character stands for four at
	// most, whatever marks of other kinds come between them.
	hopelessMarks = 20 * maxMarks
)

// isMark reports whether r may have a combining class other than 0, or become characters that have.
func isMark(r rune) bool { return r >= 0x300 && unicode.Is(unicode.M, r) }

// longestRun returns how many characters that match follow each other, at most.
func longestRun(s string, match func(rune) bool) (longest int) {
	n := 0
	for _, r := range s {
		if n++; !match(r) {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

type combining struct {
	r     rune
	class uint8
}

// decomposed returns the characters of s in form D (The Unicode Standard, 3.11, D108 and D109).
func decomposed(s string) []combining {
	var all []combining
	for _, whole := range s {
		for _, r := range norm.NFD.String(string(whole)) {
			all = append(all, combining{r, norm.NFD.PropertiesString(string(r)).CCC()})
		}
	}
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].class != 0 {
			to++
		}
		// A character of class 0 comes first as it is, and ends the run before it.
		slices.SortStableFunc(all[from:to], func(a, b combining) int { return cmp.Compare(a.class, b.class) })
		from = to
	}
	return all
}

// compose is the canonical composition of characters in canonical order (The Unicode Standard, 3.11, D117).
func compose(all []combining) string {
	var out []rune
	starter := -1     // where in out the last one with class 0 is
	last := uint8(0)  // class of the last character behind it that stayed
	adjacent := false // none stayed
	for _, c := range all {
		if starter >= 0 && (adjacent || last < c.class) {
			if pair := []rune(norm.NFC.String(string([]rune{out[starter], c.r}))); len(pair) == 1 {
				out[starter] = pair[0]
				continue
			}
		}
		if c.class == 0 {
			starter, adjacent = len(out), true
		} else {
			adjacent = false
		}
		last = c.class
		out = append(out, c.r)
	}
	return string(out)
}
