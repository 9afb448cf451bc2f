package contact

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSpellings is the most spellings of a name that are compared.
const maxSpellings = 64

// A FoldedName is a name in all its equivalent spellings: without case, without the marks of Latin, Greek, Cyrillic, Hebrew and
// Arabic letters, ä as a and as ae. Words consist of letters, marks and digits; anything else separates them. An apostrophe between
// letters is once ignored and once a separator.
type FoldedName []string

// FoldName returns the spellings of a name; none if it has neither letter nor digit.
func FoldName(name string) FoldedName {
	spellings := []string{""}
	add := func(texts ...string) {
		if len(texts) > 1 && len(spellings)*len(texts) > maxSpellings {
			texts = texts[:1]
		}
		next := make([]string, 0, len(spellings)*len(texts))
		for _, s := range spellings {
			for _, t := range texts {
				next = append(next, s+t)
			}
		}
		spellings = next
	}
	runes := []rune(norm.NFC.String(name))
	word := func(i int) bool {
		return 0 <= i && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsMark(runes[i]))
	}
	for i, r := range runes {
		switch lower := unicode.ToLower(r); {
		case umlauts[lower] != "":
			add(umlauts[lower][:1], umlauts[lower])
		case (r == '\'' || r == '\u2019') && word(i-1) && word(i+1):
			add("", " ")
		default:
			add(foldRune(r))
		}
	}
	var folded FoldedName
	for _, s := range spellings {
		if s = strings.Join(strings.Fields(s), " "); s != "" && !slices.Contains(folded, s) {
			folded = append(folded, s)
		}
	}
	return folded
}

// Same reports whether two names have a spelling in common.
func (n FoldedName) Same(other FoldedName) bool {
	return slices.ContainsFunc(n, func(s string) bool { return slices.Contains(other, s) })
}

var umlauts = map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue"}

// foldRune returns the text by which a character is compared: a blank for one that separates words.
func foldRune(r rune) string {
	var b strings.Builder
	base := rune(0)
	for _, d := range norm.NFKD.String(string(r)) {
		switch {
		case unicode.IsMark(d):
			if base == 0 && unicode.In(d, unicode.Inherited) || unicode.In(base, unmarkedScripts...) || unicode.In(d, unmarkedScripts...) {
				continue
			}
			b.WriteRune(d)
		case unicode.IsLetter(d) || unicode.IsDigit(d) || unicode.IsNumber(d):
			base = d
			b.WriteString(foldLetter(unicode.ToLower(d)))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// unmarkedScripts are the scripts whose letters are compared without their marks.
var unmarkedScripts = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic}

func foldLetter(r rune) string {
	switch r {
	case 'ł':
		return "l"
	case 'ø':
		return "o"
	case 'đ':
		return "d"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ς':
		return "σ"
	case 'ß', 'ẞ':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	}
	return string(r)
}
