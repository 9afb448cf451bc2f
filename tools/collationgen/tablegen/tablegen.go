// Package tablegen makes the table of package collation out of golang.org/x/text/collate.
package tablegen

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Least secondary and tertiary weights: those of most characters.
const (
	commonSecondary = 0x20
	commonTertiary  = 0x02
)

// An entry is a text that has collation weights: a character, or a contraction of several.
type entry struct {
	text    []rune
	weights [3][]int // primary, secondary, tertiary
}

// Table returns the weights of all texts in canonical decomposition that the root collation names, compressed. The rest has implicit weights.
// [contacts/pkg/collation] describes the format.
func Table() ([]byte, error) {
	entries, err := entries()
	if err != nil {
		return nil, err
	}
	if err := check(entries); err != nil {
		return nil, err
	}
	var compressed bytes.Buffer
	w, err := flate.NewWriter(&compressed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(encode(entries)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return compressed.Bytes(), nil
}

// entries returns the entries in the order of their texts.
func entries() (all []entry, err error) {
	collator, data := collate.New(language.Und), tableOf(collate.New(language.Und))
	var buffer collate.Buffer
	add := func(text string) {
		buffer.Reset()
		if weights := split(collator.KeyFromString(&buffer, text)); norm.NFD.IsNormalString(text) {
			all = append(all, entry{[]rune(text), weights})
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		text := string(r)
		element := data.lookup(text)
		if !utf8.ValidRune(r) || element == 0 {
			continue
		}
		add(text)
		for _, contraction := range data.contractions(text, element) {
			add(contraction)
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int { return slices.Compare(a.text, b.text) })
	if len(all) < 20_000 {
		return nil, fmt.Errorf("golang.org/x/text/collate has only %d characters: has its table another form?", len(all))
	}
	return all, nil
}

// split returns the weights of a key of package collate: primary weights of two bytes, or of three with the highest bit set; two zeros; secondary
// weights of two bytes; two zeros; tertiary weights of a byte.
func split(key []byte) (weights [3][]int) {
	for len(key) > 0 && (key[0] != 0 || key[1] != 0) {
		if key[0]&0x80 != 0 {
			weights[0] = append(weights[0], int(key[0]&0x7F)<<16|int(key[1])<<8|int(key[2]))
			key = key[3:]
			continue
		}
		weights[0] = append(weights[0], int(binary.BigEndian.Uint16(key)))
		key = key[2:]
	}
	for key = key[2:]; key[0] != 0 || key[1] != 0; key = key[2:] {
		weights[1] = append(weights[1], int(binary.BigEndian.Uint16(key))-commonSecondary)
	}
	for _, b := range key[2:] {
		weights[2] = append(weights[2], int(b)-commonTertiary)
	}
	return weights
}

// check returns an error if the weights are not as package collation relies on: it leaves out the common weights at the end of a level.
func check(entries []entry) error {
	marks, letters := map[int]bool{}, map[int]bool{} // secondary weights without and with a primary one
	for _, e := range entries {
		primary, secondary, tertiary := e.weights[0], e.weights[1], e.weights[2]
		switch {
		case len(e.text) > 3, len(primary) > math.MaxUint8, len(secondary) > len(tertiary), slices.ContainsFunc(slices.Concat(e.weights[:]...), isNegative),
			len(secondary) < len(tertiary) && slices.Contains(tertiary, 0):
			return fmt.Errorf("%q has the weights %v", string(e.text), e.weights)
		}
		for _, w := range secondary {
			if len(primary) == 0 {
				marks[w] = true
			} else if len(secondary) == len(primary) {
				letters[w] = true
			}
		}
	}
	for w := range marks {
		if letters[w] {
			return fmt.Errorf("the secondary weight %d is that of a mark, and of a letter", w)
		}
	}
	return nil
}

func isNegative(weight int) bool { return weight < 0 }

// encode writes the entries by columns: alike values are next to each other.
func encode(entries []entry) []byte {
	table := binary.AppendUvarint(nil, uint64(len(entries)))
	column := func(appendTo func([]byte, entry) []byte) {
		for _, e := range entries {
			table = appendTo(table, e)
		}
	}
	previous := rune(0)
	column(func(to []byte, e entry) []byte {
		defer func() { previous = e.text[0] }()
		return binary.AppendUvarint(to, uint64(e.text[0]-previous))
	})
	column(func(to []byte, e entry) []byte {
		return append(to, byte(len(e.text)), byte(len(e.weights[0])), byte(len(e.weights[1])), byte(len(e.weights[2])))
	})
	column(func(to []byte, e entry) []byte {
		for _, r := range e.text[1:] {
			to = binary.AppendUvarint(to, uint64(r))
		}
		return to
	})
	last := 0
	column(func(to []byte, e entry) []byte {
		for _, w := range e.weights[0] {
			to = binary.AppendVarint(to, int64(w-last))
			last = w
		}
		return to
	})
	for level := 1; level <= 2; level++ {
		column(func(to []byte, e entry) []byte {
			for _, w := range e.weights[level] {
				to = binary.AppendUvarint(to, uint64(w))
			}
			return to
		})
	}
	return table
}
