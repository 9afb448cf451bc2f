package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a query.
const (
	minQuery      = 2
	maxQuery      = 256
	maxQueryWords = 10
)

// A Query is what is searched.
type Query struct {
	// Text is the query itself, without blanks around it.
	Text  string
	words []queryWord
}

// A queryWord matches a name that has all words of one of its alternatives: one, or the parts around an apostrophe.
type queryWord struct {
	alternatives [][][]string // spellings of words
	run          string       // a text of several characters without blanks between words, which the name contains; "" for others
}

// Parse parses a query. fault is what is wrong with it, "" for nothing.
func Parse(text string) (q Query, fault string) {
	if !utf8.ValidString(text) {
		return q, "must be UTF-8"
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return q, "must not contain control characters"
	}
	q.Text = strings.TrimSpace(norm.NFC.String(text))
	runes := []rune(q.Text)
	switch isSyllable := len(runes) == 1 && unicode.In(runes[0], unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana); {
	case len(runes) < minQuery && !isSyllable:
		return q, "must have at least 2 characters, or one of Han, Hangul or Kana"
	case len(runes) > maxQuery:
		return q, "must have at most 256 characters"
	}
	for _, t := range tokens(fold(q.Text)) {
		q.words = append(q.words, newQueryWord(t))
	}
	if len(q.words) > maxQueryWords {
		return q, "must have at most 10 words"
	}
	return q, ""
}

func newQueryWord(t token) queryWord {
	joined := strings.Join(t.parts, "")
	if t.unspaced && utf8.RuneCountInString(joined) > 1 {
		pair := string([]rune(joined)[:2])
		return queryWord{[][][]string{{{pair}}}, joined}
	}
	w := queryWord{alternatives: [][][]string{{spellings(joined)}}}
	if len(t.parts) > 1 {
		var apart [][]string
		for _, part := range t.parts {
			apart = append(apart, spellings(part))
		}
		w.alternatives = append(w.alternatives, apart)
	}
	return w
}

// IsEmpty reports whether the query has neither letter nor digit, and finds nothing.
func (q Query) IsEmpty() bool { return len(q.words) == 0 }

// Len returns the number of words.
func (q Query) Len() int { return len(q.words) }

// Matches reports whether a name has each word of the query.
func (q Query) Matches(n Name) bool {
	return !q.IsEmpty() && !slices.ContainsFunc(q.words, func(w queryWord) bool { return !w.matches(n) })
}

func (w queryWord) matches(n Name) bool {
	if w.run != "" {
		return slices.ContainsFunc(n.runs, func(run string) bool { return strings.Contains(run, w.run) })
	}
	return slices.ContainsFunc(w.alternatives, func(all [][]string) bool {
		return !slices.ContainsFunc(all, func(prefixes []string) bool { return !n.has(prefixes) })
	})
}

// Prefixes returns the beginnings of terms, none of which begins with another, such that each name with the n-th word of the query has a term
// with one of them.
func (q Query) Prefixes(n int) []Term {
	var all []Term
	for _, words := range q.words[n].alternatives {
		longest := slices.MaxFunc(words, func(a, b []string) int { return len(a[0]) - len(b[0]) })
		for _, prefix := range few(longest) {
			all = append(all, newTerm(prefix, false))
			if hasDigraph(longest[0]) { // which can be the reading of an umlaut in the name
				all = append(all, newTerm(prefix, true))
			}
		}
	}
	return slices.DeleteFunc(all, func(t Term) bool {
		return slices.ContainsFunc(all, func(other Term) bool { return t != other && t.beginsWith(other) })
	})
}

// hasDigraph reports whether a word of a query, its own umlauts read without dots, has two letters that are a reading of an umlaut.
func hasDigraph(word string) bool {
	return strings.Contains(word, "ae") || strings.Contains(word, "oe") || strings.Contains(word, "ue")
}

// few returns beginnings of all spellings of a word: the spellings themselves if they are two, else what they have before the second umlaut, if
// that is long enough to tell words apart.
func few(spelled []string) []string {
	const fewEnough, longEnough = 2, 3
	if len(spelled) <= fewEnough {
		return spelled
	}
	// In the order of spellings the first two differ in the first umlaut alone; the third differs from the first in the second one.
	common := 0
	for common < len(spelled[0]) && common < len(spelled[2]) && spelled[0][common] == spelled[2][common] {
		common++
	}
	if common < longEnough {
		return spelled
	}
	return []string{cut(spelled[0], common), cut(spelled[1], common+1)}
}
