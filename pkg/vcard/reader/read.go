// Package reader reads files of vCard: versions 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), as programs write them.
package reader

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"contacts/pkg/vcard"
)

const (
	// MaxCard is the greatest size of a card, in bytes.
	MaxCard = 8 << 20
	// maxProperties is the greatest number of properties of a card.
	maxProperties = 2_000
	// maxParams is the greatest number of values of the parameters of a property.
	maxParams = 1_000
	// maxStray is how much of a text outside of cards is kept.
	maxStray = 64 << 10
)

// RecordError says what is wrong with one record of a file. Those after it can be read.
type RecordError struct {
	Record int64 // from 1
	Line   int64 // from 1: where the record begins, or where it is wrong
	Detail string
}

// Error returns the line and the detail.
func (e *RecordError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Detail) }

// Reader reads the cards of a file, one after the other. It holds one card in memory.
type Reader struct {
	lines    *lines
	position Position // after the last record
	held     *line    // a line that was read and begins the next record
	raw      []byte
}

// New returns a reader of a file from a position on: the zero Position for its beginning, or one of an earlier reader's. in begins at
// the position's offset.
func New(in io.Reader, at Position) *Reader {
	r := &Reader{lines: newLines(in, at), position: at}
	r.position.Offset, r.position.Encoding = r.lines.offset, r.lines.encoding
	return r
}

// Position returns the position after the last record.
func (r *Reader) Position() Position { return r.position }

// Raw returns the text of the last record, whether it could be read or not, with CRLF at the ends of its lines. It is UTF-8 if the file is
// UTF-16, else as the file has it; nil for a card of more than MaxCard bytes. It is valid until Next is called.
func (r *Reader) Raw() []byte { return r.raw }

// Next returns the next card. A RecordError is about one record: Next goes on after it. The error is io.EOF at the end of the file; any
// other is one of the file, after which there is no more.
func (r *Reader) Next() (*vcard.Card, error) {
	start, err := r.skipBlank()
	if err != nil {
		return nil, err
	}
	r.position.Record++
	r.raw = r.raw[:0]
	if !isBegin(start.text) {
		return nil, r.stray(start)
	}
	return r.card(start)
}

// take returns the next line and counts it as part of the record.
func (r *Reader) take() (line, error) {
	if r.held != nil {
		held := *r.held
		r.held = nil
		r.advance(held)
		return held, nil
	}
	l, err := r.lines.next()
	if err == nil {
		r.advance(l)
	}
	return l, err
}

func (r *Reader) advance(l line) {
	r.position.Offset = l.end
	r.position.Line++
}

// peek returns the next line without taking it. The line's text is valid until the next line is read.
func (r *Reader) peek() (line, error) {
	if r.held == nil {
		l, err := r.lines.next()
		if err != nil {
			return line{}, err
		}
		r.held = &l
	}
	return *r.held, nil
}

func (r *Reader) skipBlank() (line, error) {
	for {
		l, err := r.take()
		if err != nil || len(bytes.TrimSpace(l.text)) > 0 {
			return l, err
		}
	}
}

func (r *Reader) fail(line int64, format string, args ...any) *RecordError {
	return &RecordError{r.position.Record, line, fmt.Sprintf(format, args...)}
}

// keep adds a line to the raw text, and reports whether it has no more than most bytes.
func (r *Reader) keep(l line, most int) bool {
	if l.tooLong || len(r.raw)+len(l.text)+2 > most {
		return false
	}
	r.raw = append(append(r.raw, l.text...), '\r', '\n')
	return true
}

// stray reads what is outside of cards.
func (r *Reader) stray(l line) error {
	begin := r.position.Line
	for {
		r.keep(l, maxStray)
		next, err := r.peek()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil || isBegin(next.text) {
			return r.fail(begin, "there is text outside of a card: each card is between BEGIN:VCARD and END:VCARD")
		}
		l, _ = r.take() // peeked
	}
}

// card reads the card that a line begins.
func (r *Reader) card(l line) (*vcard.Card, error) {
	begin := r.position.Line
	depth, invalid, fits, afterAgent := 1, false, r.keep(l, MaxCard), false
	for depth > 0 {
		next, err := r.peek()
		switch {
		case errors.Is(err, io.EOF):
			return nil, r.fail(begin, "the card has no END:VCARD: the file ends in it")
		case err != nil:
			return nil, err
		case isBegin(next.text) && !afterAgent:
			return nil, r.fail(begin, "the card has no END:VCARD before the next card begins at line %d", r.position.Line+1)
		case isBegin(next.text), isAgent(next.text) && bytes.HasSuffix(bytes.ToUpper(next.text), []byte(":BEGIN:VCARD")):
			depth++
		case isEnd(next.text):
			depth--
		}
		if len(bytes.TrimSpace(next.text)) > 0 {
			afterAgent = isAgent(next.text) && bytes.HasSuffix(bytes.TrimRight(next.text, " \t"), []byte(":"))
		}
		fits = r.keep(next, MaxCard) && fits
		invalid = invalid || next.invalid
		_, _ = r.take() // peeked
	}
	switch {
	case !fits:
		r.raw = nil
		return nil, r.fail(begin, "the card has more than %d MB, the most that a card can have", MaxCard>>20)
	case invalid:
		return nil, r.fail(begin, "the card is not valid UTF-16")
	}
	c, fault := parse(r.raw)
	if fault != nil {
		return nil, r.fail(begin+fault.line, "%s", fault.detail)
	}
	return c, nil
}

func isBegin(line []byte) bool {
	line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")) // of files put one after the other
	return bytes.EqualFold(bytes.TrimRight(line, " \t"), []byte("BEGIN:VCARD"))
}

func isEnd(line []byte) bool {
	return bytes.EqualFold(bytes.TrimRight(line, " \t"), []byte("END:VCARD"))
}

// isAgent reports whether a line begins a property AGENT, whose value in version 2.1 is a card.
func isAgent(line []byte) bool {
	name, _, _ := bytes.Cut(line, []byte(":"))
	name, _, _ = bytes.Cut(name, []byte(";"))
	if dot := bytes.LastIndexByte(name, '.'); dot >= 0 {
		name = name[dot+1:]
	}
	return bytes.EqualFold(name, []byte("AGENT"))
}
