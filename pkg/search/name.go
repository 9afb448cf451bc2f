package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Name is what a contact's name is found by.
type Name struct {
	words []nameWord
	// runs are the texts of scripts without blanks, as far as their pairs count.
	runs []string
	// folded is the whole name, for its place among others that are found by the same word.
	folded string
}

// A nameWord is a word, or a pair of characters of a script without blanks, in all its spellings.
type nameWord []string

const (
	// maxWords is the number of different words and pairs of a name that count.
	maxWords = 40
	// MaxTerms is the most terms of a name: a transaction of 100 items replaces them by as many others.
	MaxTerms = 45
)

// NewName folds a name and splits it.
func NewName(name string) Name {
	var n Name
	var seen []string
	add := func(word string) bool {
		switch {
		case slices.Contains(seen, word):
			return true
		case len(seen) == maxWords:
			return false
		}
		seen = append(seen, word)
		n.words = append(n.words, spellings(word))
		return true
	}
	all := tokens(fold(name))
	var whole []string
	for _, t := range all {
		whole = append(whole, plain(strings.Join(t.parts, "")))
	}
	n.folded = strings.Join(whole, " ")
	for _, t := range all {
		if t.unspaced {
			if counted := addPairs(t.parts[0], add); counted != "" {
				n.runs = append(n.runs, counted)
			}
			continue
		}
		for i := range t.parts { // each end of it: its beginnings are those of the shorter ones
			add(strings.Join(t.parts[i:], ""))
		}
	}
	n.boundTerms()
	return n
}

// addPairs adds each two consecutive characters of a run, or its only one, and returns the part of it that counts.
func addPairs(run string, add func(string) bool) string {
	runes := []rune(run)
	if len(runes) == 1 {
		add(run)
		return run
	}
	for i := range len(runes) - 1 {
		if !add(string(runes[i : i+2])) {
			if i == 0 {
				return ""
			}
			return string(runes[:i+1])
		}
	}
	return run
}

// boundTerms drops spellings of umlauts as e until the name has at most MaxTerms.
func (n *Name) boundTerms() {
	left := MaxTerms - len(n.words)
	for i, w := range n.words {
		kept := min(len(w)-1, left)
		n.words[i] = w[:kept+1]
		left -= kept
	}
}

// A Term is a word, or a pair of characters, by which an index finds a name.
type Term struct {
	Text string
	// Spelled is set if an umlaut is read as two letters. Those terms are apart from the others, so that a query with an umlaut finds a name once.
	Spelled bool
}

// Terms returns the terms of the name, each once: its words in all their spellings, and its pairs.
func (n Name) Terms() []Term {
	var all []Term
	for _, w := range n.words {
		for i, spelled := range w {
			if term := newTerm(spelled, i > 0); !slices.Contains(all, term) {
				all = append(all, term)
			}
		}
	}
	return all
}

// maxTerm is the most bytes of a word in an index; a longer one is found by its beginning and then compared.
const maxTerm = 200

func newTerm(word string, spelled bool) Term { return Term{cut(word, maxTerm), spelled} }

// beginsWith reports whether a term begins with a prefix of the same kind.
func (t Term) beginsWith(prefix Term) bool {
	return t.Spelled == prefix.Spelled && strings.HasPrefix(t.Text, prefix.Text)
}

// maxFolded is the most bytes of a whole name by which those with the same word are ordered.
const maxFolded = 400

// Folded returns the name without case and marks, its words separated by blanks, at most 400 bytes of it.
func (n Name) Folded() string { return cut(n.folded, maxFolded) }

// cut returns the beginning of a text with at most so many bytes, of whole characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// First returns the term at which the name is found by prefixes: that of its first word which begins with one of them. It is the zero Term if none
// does.
func (n Name) First(prefixes []Term) (first Term) {
	for _, w := range n.words {
		for i, spelled := range w {
			term := newTerm(spelled, i > 0)
			if slices.ContainsFunc(prefixes, term.beginsWith) && (first.Text == "" || term.Text < first.Text) {
				first = term
			}
		}
		if first.Text != "" {
			return first
		}
	}
	return first
}

func beginsWithAny(word string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(word, prefix) })
}

// has reports whether a word of the name begins with one of the prefixes.
func (n Name) has(prefixes []string) bool {
	return slices.ContainsFunc(n.words, func(w nameWord) bool {
		return slices.ContainsFunc(w, func(spelled string) bool { return beginsWithAny(spelled, prefixes) })
	})
}
