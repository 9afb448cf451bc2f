package collation

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// A Prefix finds the names that begin with a text among sorted keys: it says where they can be.
type Prefix struct{ patterns []pattern }

// A pattern is what the primary weights of a name begin with.
type pattern struct {
	elements []element
	// least are the least weights that match the elements from each one on.
	least [][]uint32
}

// An element is a part of a pattern: one of several sequences of weights, or a single weight of several ranges.
type element struct {
	sequences [][]uint32
	ranges    []weightRange
	optional  bool // it can be missing
	repeated  bool // its ranges can come again
}

// A weightRange is the weights from first to last.
type weightRange struct{ first, last uint32 }

// unassigned returns the weights of characters that the table doesn't have.
func unassigned() weightRange { return weightRange{firstUnassigned, math.MaxUint32} }

// maxPattern is how many characters of a text are looked for.
const maxPattern = 32

// NewPrefix returns the Prefix of texts that are folded as package search folds names: a blank stands for whatever separates words.
func NewPrefix(folded ...string) Prefix {
	var p Prefix
	for _, text := range folded {
		runes := []rune(text)
		p.patterns = append(p.patterns, newPattern(runes[:min(len(runes), maxPattern)]))
	}
	return p
}

func newPattern(text []rune) (p pattern) {
	separators := element{ranges: separatorWeights(), optional: true, repeated: true}
	apostrophe := element{ranges: apostropheWeights(), optional: true}
	p.elements = append(p.elements, separators)
	before := ' '
	for _, r := range text {
		if r == ' ' {
			p.elements = append(p.elements, separators)
			before = r
			continue
		}
		if script := contextual(r); script != nil {
			p.elements = append(p.elements, element{ranges: []weightRange{scriptWeights(script), unassigned()}})
			break
		}
		if before != ' ' {
			p.elements = append(p.elements, apostrophe)
		}
		isReading := r == 'e' && strings.ContainsRune("aou", before) // of ä, ö, ü
		p.elements = append(p.elements, element{sequences: alternatives(r), optional: isReading})
		before = r
	}
	p.least = make([][]uint32, len(p.elements)+1)
	for i := len(p.elements) - 1; i >= 0; i-- {
		p.least[i], _ = p.seek(i, nil)
	}
	return p
}

// Seek returns the least key, not less than a key, that a name with the prefix can have, or a key between the two; ok is false if there is none.
// A name with the prefix never has a key in between.
func (p Prefix) Seek(key string) (next string, ok bool) {
	from := primaryOf(key)
	var least []uint32
	for _, pattern := range p.patterns {
		if found, can := pattern.seek(0, from); can && (!ok || slices.Compare(found, least) < 0) {
			least, ok = found, true
		}
	}
	if next = string(appendPrimary(nil, least)); next < key {
		next = key // the key has these weights
	}
	return next, ok
}

// seek returns the least weights, not less than from, that match the elements from index i on, or some between the two; ok is false if there are
// none. What follows the last element matches, whatever it is.
func (p pattern) seek(i int, from []uint32) (least []uint32, ok bool) {
	if i == len(p.elements) {
		return from, true
	}
	add := func(found []uint32) {
		if !ok || slices.Compare(found, least) < 0 {
			least, ok = found, true
		}
	}
	// after adds weights, and what follows them from index i on, not less than from; nil for anything
	after := func(weights []uint32, i int, from []uint32) bool {
		if len(from) == 0 {
			add(slices.Concat(weights, p.least[i]))
			return true
		}
		rest, can := p.seek(i, from)
		if can {
			add(slices.Concat(weights, rest))
		}
		return can
	}
	e := p.elements[i]
	if e.optional {
		after(nil, i+1, from)
	}
	for _, s := range e.sequences {
		n := min(len(s), len(from))
		switch order := slices.Compare(s[:n], from[:n]); {
		case order > 0:
			after(s, i+1, nil)
		case order == 0:
			after(s, i+1, from[n:])
		}
	}
	for _, r := range e.ranges {
		next := i + 1
		if e.repeated {
			next = i
		}
		switch {
		case len(from) == 0 || from[0] < r.first:
			add([]uint32{r.first})
		case from[0] <= r.last && !after(from[:1], next, from[1:]) && from[0] < r.last:
			add([]uint32{from[0] + 1})
		}
	}
	return least, ok
}

// separatorWeights are those of characters that separate words: punctuation, symbols, and characters that the table doesn't have, which can be
// symbols too.
func separatorWeights() []weightRange {
	digits, _, _ := weightsOf("0")
	return append(apostropheWeights(), weightRange{1, digits[0] - 1}, unassigned())
}

// apostropheWeights are those of characters that can be ignored between two letters.
func apostropheWeights() (weights []weightRange) {
	for _, r := range "'’‘ʼʻ" {
		primary, _, _ := weightsOf(string(r))
		weights = append(weights, weightRange{primary[0], primary[0]})
	}
	return weights
}

// alternatives returns the primary weights of the characters that are folded to a letter.
func alternatives(letter rune) (sequences [][]uint32) {
	t := root()
	same := []rune{letter}
	for r := unicode.SimpleFold(letter); r != letter; r = unicode.SimpleFold(r) {
		same = append(same, r)
	}
	if letter == 'i' {
		same = append(same, 'ı')
	}
	add := func(primary []uint32) {
		if !slices.ContainsFunc(sequences, func(s []uint32) bool { return slices.Equal(s, primary) }) {
			sequences = append(sequences, slices.Clone(primary))
		}
	}
	for _, r := range same {
		primary, _, _ := weightsOf(string(r))
		add(primary)
		for _, c := range t.beginning[r] { // with marks, which are folded away
			add(t.of(c)[0])
		}
	}
	return sequences
}

// contextual returns the script of a character, if characters of the script have other weights before others; else nil.
func contextual(r rune) *unicode.RangeTable {
	for _, script := range []*unicode.RangeTable{unicode.Balinese, unicode.Bengali, unicode.Chakma, unicode.Kannada, unicode.Lao, unicode.Malayalam, unicode.Myanmar,
		unicode.Oriya, unicode.Sinhala, unicode.Tai_Viet, unicode.Tamil, unicode.Telugu, unicode.Thai, unicode.Tibetan} {
		if unicode.Is(script, r) {
			return script
		}
	}
	return nil
}

// scriptWeights returns the weights with which characters of a script begin.
func scriptWeights(script *unicode.RangeTable) weightRange {
	t := root()
	r := weightRange{first: math.MaxUint32}
	for i, char := range t.chars {
		if primary := t.of(t.weights[i])[0]; len(primary) > 0 && unicode.Is(script, char) {
			r.first, r.last = min(r.first, primary[0]), max(r.last, primary[0])
		}
	}
	return r
}
