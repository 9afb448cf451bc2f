package collation

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:generate go run contacts/tools/collationgen

// compressed is the table of CLDR's root collation (Unicode License), deflated: of each text that has weights of its own, a character or a contraction, in the order of the texts. After
// the number of texts it has one column after the other:
//   - the first character, as its distance from that of the text before;
//   - four bytes: how many characters, primary, secondary and tertiary weights there are;
//   - the further characters;
//   - the primary weights, each as its distance from the one before;
//   - the secondary weights; the tertiary weights.
//
// Numbers are variable-length integers of encoding/binary, distances of weights signed.
//
//go:embed root.bin
var compressed []byte

// loaded is the table once it is read: not before the first key, so that programs that make none neither link nor read it.
var loaded struct {
	once sync.Once
	*table
}

// root returns the table.
func root() *table {
	loaded.once.Do(func() {
		var err error
		if loaded.table, err = readTable(compressed); err != nil {
			panic(fmt.Sprintf("collation: root.bin: %v", err)) // cannot happen: tests read the same bytes
		}
	})
	return loaded.table
}

// A table has the weights of texts.
type table struct {
	chars        []rune // those with weights of their own, ascending
	weights      []span // of each
	contractions map[contraction]span
	beginning    map[rune][]span // those of the contractions that begin with a character
	all          []uint32        // the weights that spans refer to
}

// A contraction is a text of two or three characters that has weights of its own. After a shorter text there are zeros.
type contraction [maxContraction]rune

const maxContraction = 3

// A span is the weights of a text: so many of each level, from an index on.
type span struct {
	at    uint32
	count [3]uint8
}

// readTable reads the table as it is generated.
func readTable(compressed []byte) (*table, error) {
	data, err := io.ReadAll(flate.NewReader(bytes.NewReader(compressed)))
	if err != nil {
		return nil, err
	}
	number := func() int {
		v, n := binary.Uvarint(data)
		data = data[max(n, 0):]
		return int(v)
	}
	texts := make([]contraction, number())
	first := rune(0)
	for i := range texts {
		first += rune(number())
		texts[i][0] = first
	}
	lengths, spans, at := make([]int, len(texts)), make([]span, len(texts)), 0
	for i := range texts {
		lengths[i] = number()
		spans[i].at = uint32(at)
		for level := range spans[i].count {
			n := number()
			spans[i].count[level] = uint8(n)
			at += n
		}
	}
	t := &table{contractions: map[contraction]span{}, beginning: map[rune][]span{}, all: make([]uint32, at)}
	for i, text := range texts {
		if lengths[i] == 1 {
			t.chars, t.weights = append(t.chars, text[0]), append(t.weights, spans[i])
			continue
		}
		for j := 1; j < lengths[i]; j++ {
			text[j] = rune(number())
		}
		t.contractions[text] = spans[i]
		t.beginning[text[0]] = append(t.beginning[text[0]], spans[i])
	}
	primary := uint32(0)
	for level := range 3 {
		for _, s := range spans {
			weights := t.of(s)[level]
			for i := range weights {
				if level > 0 {
					weights[i] = uint32(number())
					continue
				}
				distance, n := binary.Varint(data)
				data = data[max(n, 0):]
				primary += uint32(distance)
				weights[i] = primary
			}
		}
	}
	return t, nil
}

// next returns the weights at the beginning of a decomposed text, and the text after the characters that have them.
func (t *table) next(text []rune) (weights [3][]uint32, rest []rune) {
	if found, rest, ok := t.contraction(text); ok {
		return t.of(found), rest
	}
	if i, found := slices.BinarySearch(t.chars, text[0]); found {
		return t.of(t.weights[i]), text[1:]
	}
	return [3][]uint32{{implicit(text[0])}, {0}, {0}}, text[1:]
}

// contraction returns the longest contraction at the beginning of a text: its characters follow each other, or there are marks between them that
// combine at another place. Such marks remain in the rest.
func (t *table) contraction(text []rune) (found span, rest []rune, ok bool) {
	var chars contraction
	n := 0 // how many characters it has
	for length := min(maxContraction, len(text)); length > 1 && !ok; length-- {
		chars = contraction{}
		n = copy(chars[:], text[:length])
		found, ok = t.contractions[chars]
	}
	if !ok {
		chars, n = contraction{text[0]}, 1
	}
	rest = text[n:]
	skipped := uint8(0) // the combining class of the last mark that is not part of it
	for i := 0; i < len(rest) && n < maxContraction; {
		class := norm.NFD.PropertiesString(string(rest[i])).CCC()
		if class == 0 {
			break
		}
		longer := chars
		longer[n] = rest[i]
		if with, is := t.contractions[longer]; is && class > skipped {
			found, ok, chars = with, true, longer
			n++
			rest = slices.Concat(rest[:i], rest[i+1:])
			continue
		}
		skipped = class
		i++
	}
	return found, rest, ok
}

// of returns the weights of a span.
func (t *table) of(s span) (weights [3][]uint32) {
	all := t.all[s.at:]
	for level, n := range s.count {
		weights[level], all = all[:n], all[n:]
	}
	return weights
}

// Characters that the table doesn't have are in the order of their code points: the usual Han, other Han, the rest.
const (
	firstHan        = 0x10000
	firstRareHan    = 0x20000
	firstUnassigned = 0x50000
)

// implicit returns the primary weight of a character that the table doesn't have.
func implicit(r rune) uint32 {
	switch {
	case !unicode.Is(unicode.Ideographic, r):
		return firstUnassigned + uint32(r)
	case 0x4E00 <= r && r <= 0x9FFF, 0xF900 <= r && r <= 0xFAFF:
		return firstHan + uint32(r)
	}
	return firstRareHan + uint32(r)
}
