package reader

import (
	"bytes"
	"strings"

	"contacts/pkg/vcard"
)

// WithProblem returns the raw text of a record (Reader.Raw) as a card that says what is wrong with it, instead of what it said before. What
// is no card becomes one, and a card without an end gets it: the cards that follow are whole.
func WithProblem(raw []byte, problem string) []byte {
	var card bytes.Buffer
	depth, skipping := 0, false
	for line := range bytes.Lines(raw) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case isBegin(line):
			depth++
		case depth == 0: // outside of cards
			card.WriteString("BEGIN:VCARD\r\n")
			depth++
		}
		if isEnd(line) {
			if depth == 1 {
				break // the end is written below
			}
			depth--
		}
		skipping = isProblem(line) || skipping && bytes.HasPrefix(line, []byte(" "))
		if !skipping {
			card.Write(line)
			card.WriteString("\r\n")
		}
	}
	card.WriteString(vcard.ProblemProperty + ":" + vcard.Escape(problem) + "\r\n") // in one line, for people and version 2.1
	card.WriteString(strings.Repeat("END:VCARD\r\n", max(depth, 1)))
	return card.Bytes()
}

func isProblem(line []byte) bool {
	return len(line) > len(vcard.ProblemProperty) && strings.EqualFold(string(line[:len(vcard.ProblemProperty)]), vcard.ProblemProperty)
}
