// Package search says by which words a name is found: it folds names, splits them into terms, and parses queries. It knows no table.
package search

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	apostrophe = '\''
	blank      = ' '
)

// The letters that are read in two ways, ä as a and as ae, and the same without dots. A folded text keeps them.
const umlauts, plainVowels = "äöü", "aou"

// fold returns a text in which characters are equal that are found by each other: without case, in compatibility decomposition (NFKD), without
// the marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters. Umlauts remain. A blank separates words; an apostrophe is one between two
// letters.
func fold(text string) []rune {
	var folded []rune
	base := rune(0) // the letter to which marks belong; 0 for none
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Variation_Selector, r): // another shape of the same character
		case unicode.IsMark(r):
			last := len(folded) - 1
			switch {
			case base == 0 && unicode.Is(unicode.Inherited, r):
			case r == '\u0308' && last >= 0 && folded[last] == base && umlautOf(base) != 0:
				folded[last] = umlautOf(base)
			case isUnmarked(base), isUnmarked(r):
			default:
				folded = append(folded, r)
			}
		case isApostrophe(r):
			folded, base = append(folded, apostrophe), 0
		case unicode.IsLetter(r), unicode.IsNumber(r):
			base = unicode.ToLower(r)
			folded = append(folded, foldLetter(base)...)
		default:
			folded, base = append(folded, blank), 0
		}
	}
	return separated([]rune(norm.NFC.String(string(folded)))) // Hangul syllables and kana, which NFKD takes apart
}

// umlautOf returns the umlaut of a vowel, 0 if it has none.
func umlautOf(vowel rune) rune {
	if i := strings.IndexRune(plainVowels, vowel); i >= 0 {
		return []rune(umlauts)[i]
	}
	return 0
}

// vowelOf returns the vowel of an umlaut, 0 if a letter is none.
func vowelOf(umlaut rune) rune {
	for i, r := range []rune(umlauts) {
		if r == umlaut {
			return rune(plainVowels[i])
		}
	}
	return 0
}

// isUnmarked reports whether a character is of a script whose letters are compared without their marks.
func isUnmarked(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic)
}

// isApostrophe reports whether a character is used as an apostrophe: typewriter's, typographic, and those that are letters of their own in
// Ukrainian and Hawaiian names.
func isApostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼʻ", r) }

// foldLetter returns the letters by which a lower-case letter is found.
func foldLetter(r rune) []rune {
	switch r {
	case 'ł':
		r = 'l'
	case 'ø':
		r = 'o'
	case 'đ':
		r = 'd'
	case 'ħ':
		r = 'h'
	case 'ı':
		r = 'i'
	case 'ς':
		r = 'σ'
	case 'ß':
		return []rune("ss")
	case 'æ':
		return []rune("ae")
	case 'œ':
		return []rune("oe")
	}
	return []rune{r}
}

// separated replaces apostrophes that are not between two letters by blanks.
func separated(folded []rune) []rune {
	isLetter := func(i int) bool {
		return 0 <= i && i < len(folded) && (unicode.IsLetter(folded[i]) || unicode.IsMark(folded[i])) && !isUnspaced(folded[i])
	}
	for i, r := range folded {
		if r == apostrophe && !(isLetter(i-1) && isLetter(i+1)) {
			folded[i] = blank
		}
	}
	return folded
}

// isUnspaced reports whether a folded character is of a script that writes no blanks between words. The mark that lengthens the vowels of kana
// belongs to no script.
func isUnspaced(r rune) bool {
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// A token is a run of letters, marks and digits of a folded text.
type token struct {
	// parts are the letters between apostrophes; one without an apostrophe.
	parts    []string
	unspaced bool // it is of scripts that write no blanks between words
}

// tokens splits a folded text.
func tokens(folded []rune) (all []token) {
	for i := 0; i < len(folded); {
		if folded[i] == blank {
			i++
			continue
		}
		unspaced, end := isUnspaced(folded[i]), i
		for end < len(folded) && folded[end] != blank && (isUnspaced(folded[end]) == unspaced || unicode.IsMark(folded[end])) {
			end++
		}
		all = append(all, token{strings.Split(string(folded[i:end]), string(apostrophe)), unspaced})
		i = end
	}
	return all
}

// maxUmlauts is the most umlauts of a word of which both readings are found; further ones are found as written without dots.
const maxUmlauts = 4

// spellings returns a word in each reading of its umlauts; the one without dots comes first.
func spellings(word string) []string {
	all := []string{""}
	read := 0
	for _, r := range word {
		plain := vowelOf(r)
		isUmlaut := plain != 0
		if !isUmlaut {
			plain = r
		}
		n := len(all)
		for i := range n {
			all[i] += string(plain)
		}
		if isUmlaut && read < maxUmlauts {
			read++
			for i := range n {
				all = append(all, all[i]+"e")
			}
		}
	}
	return all
}

// plain returns a word as it is found without dots.
func plain(word string) string {
	return strings.Map(func(r rune) rune {
		return cmp.Or(vowelOf(r), r)
	}, word)
}
