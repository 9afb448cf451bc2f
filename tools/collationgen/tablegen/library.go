package tablegen

import (
	"reflect"

	"golang.org/x/text/collate"
)

// A library is the table inside of a collator, a colltab.Table. The library exports neither its type nor a list of what it has weights for, so
// reflection reads it.
type library struct{ index, contractTries reflect.Value }

func tableOf(c *collate.Collator) library {
	table := reflect.ValueOf(c).Elem().FieldByName("t").Elem().Elem()
	return library{table.FieldByName("Index"), table.FieldByName("ContractTries")}
}

// lookup returns the collation element of a character, 0 for one with implicit weights. The trie leads from each byte of the character's UTF-8 to
// the block of 64 for the next.
func (l library) lookup(char string) uint64 {
	last := len(char) - 1
	if last == 0 {
		return l.index.FieldByName("Values0").Index(int(char[0])).Uint()
	}
	block := l.index.FieldByName("Index0").Index(int(char[0])).Uint()
	for i := 1; i < last; i++ {
		block = l.index.FieldByName("Index").Index(int(block)<<6 + int(char[i])).Uint()
	}
	return l.index.FieldByName("Values").Index(int(block)<<6 + int(char[last])).Uint()
}

// contractions returns the contractions that begin with a character, which has that element.
func (l library) contractions(char string, element uint64) []string {
	if element>>29 != 0b110 { // no element that leads to contractions
		return nil
	}
	return l.texts(char, int(element>>4&0xFFF), int(element&0xF))
}

// texts returns the beginning completed by the n states of the tries at an index.
func (l library) texts(beginning string, index, n int) (texts []string) {
	const noText = 0xFF
	for i := range n {
		state := l.contractTries.Index(index + i)
		field := func(name string) int { return int(state.FieldByName(name).Uint()) }
		low, high, next := field("L"), field("H"), field("N")
		if next == 0 { // the last byte of a text, from low to high
			for b := low; b <= high; b++ {
				texts = append(texts, beginning+string([]byte{byte(b)}))
			}
			continue
		}
		longer := beginning + string([]byte{byte(low)})
		if field("I") != noText {
			texts = append(texts, longer)
		}
		texts = append(texts, l.texts(longer, index+high+n, next)...)
	}
	return texts
}
