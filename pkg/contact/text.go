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

// MaxText is the maximum length of texts for which the API documents state none, in characters.
const MaxText = 1024

// maxMarks is the longest run of combining marks (Mn, Me) that a text may contain. No script needs more, and a longer run would
// cover the text around it (Unicode Standard Annex 15, section 13, has the same number).
const maxMarks = 30

// NormalizeText returns a text in the form in which it is stored and compared: newlines instead of CRLF and CR, Unicode's form C,
// and "" for an invisible text (only White_Space and Default_Ignorable_Code_Point). It adds no character and is idempotent. What
// CheckText refuses before, it refuses after.
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
			return "must not contain control characters other than tab and newline"
		}
		if !isCombining(r) {
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

func isCombining(r rune) bool { return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) }

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// isPlainASCII reports whether s, like most texts, is ASCII without CR that begins with a visible character.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\r' || i == 0 && s[i] <= ' ' {
			return false
		}
	}
	return true
}

// isShown reports whether a character is neither White_Space nor Default_Ignorable_Code_Point. The latter is derived as in
// DerivedCoreProperties.txt of the Unicode Character Database. Characters that CheckText refuses count as shown.
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

// composed returns s in form C. The library inserts U+034F into long runs of combining marks (the stream-safe form); texts with
// such runs are composed here instead.
func composed(s string) string {
	switch {
	case longestRun(s, isMark) <= safeMarks:
		return norm.NFC.String(s)
	case longestRun(s, isCombining) > refusedMarks || !utf8.ValidString(s):
		return s // CheckText refuses it anyway
	}
	return compose(decomposed(s))
}

const (
	// safeMarks is the longest run of marks into which the library inserts nothing: it counts to 30 in form D, where a character
	// becomes at most four, and the character before the run may end in three.
	safeMarks = 6
	// refusedMarks is so long a run that it exceeds maxMarks in form C too, where a character replaces at most four, whatever marks are in
	// between.
	refusedMarks = 20 * maxMarks
)

// isMark reports whether r, or a character it decomposes to, may have a combining class other than 0.
func isMark(r rune) bool { return r >= 0x300 && unicode.Is(unicode.M, r) }

// longestRun returns the length of the longest run of characters that match.
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
		// A character of class 0 ends the run before it and sorts first in its own.
		slices.SortStableFunc(all[from:to], func(a, b combining) int { return cmp.Compare(a.class, b.class) })
		from = to
	}
	return all
}

// compose returns the canonical composition of characters in canonical order (The Unicode Standard, 3.11, D117).
func compose(all []combining) string {
	var out []rune
	starter := -1     // index in out of the last character of class 0
	last := uint8(0)  // class of the last uncomposed character after it
	adjacent := false // there is none
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
