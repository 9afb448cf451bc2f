package vcard

import (
	"bytes"
	"strings"
)

// ProblemProperty says in a card that was not imported what is wrong with it. Imports ignore it.
const ProblemProperty = "X-IMPORT-PROBLEM"

// WithProblem returns the raw text of a record (Reader.Raw) as a card that says what is wrong with it, instead of what it said before. What
// is no card becomes one, and a card without an end gets it: the cards that follow are whole.
func WithProblem(raw []byte, problem string) []byte {
	var card bytes.Buffer
	property := Property{Name: ProblemProperty, Value: Escape(problem)}
	begun, skipping, closed := false, false, false
	depth := 0
	for line := range bytes.Lines(raw) {
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case isBegin(text):
			depth++
		case !begun:
			card.WriteString("BEGIN:VCARD\r\n")
			depth++
		case isEnd(text):
			if depth--; depth == 0 {
				fold(&card, property.line())
				closed = true
			}
		case skipping && bytes.HasPrefix(text, []byte(" ")):
			continue
		}
		begun = true
		if skipping = isProblem(text); !skipping {
			card.Write(text)
			card.WriteString("\r\n")
		}
	}
	if !closed {
		fold(&card, property.line())
		card.WriteString(strings.Repeat("END:VCARD\r\n", max(depth, 1)))
	}
	return card.Bytes()
}

func isProblem(line []byte) bool {
	return len(line) > len(ProblemProperty) && strings.EqualFold(string(line[:len(ProblemProperty)]), ProblemProperty)
}
