package reader

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is how the characters of a file are stored.
type Encoding string

// The encodings. Bytes is UTF-8 or another superset of ASCII, which each property says itself.
const (
	Bytes   Encoding = ""
	UTF16LE Encoding = "UTF-16LE"
	UTF16BE Encoding = "UTF-16BE"
)

// Position is a place in a file between two records, from which on it can be read again.
type Position struct {
	Offset   int64    `json:"offset"` // in bytes
	Line     int64    `json:"line"`   // lines before it
	Record   int64    `json:"record"` // records before it
	Encoding Encoding `json:"encoding,omitempty"`
}

// line is a line of a file without its end.
type line struct {
	text []byte // valid until the next line is read
	end  int64  // the offset after the line
	// tooLong says that text has only the beginning, invalid that it was no valid UTF-16.
	tooLong, invalid bool
}

// lines reads a file by lines, which end in CRLF, LF or CR.
type lines struct {
	in       *bufio.Reader
	encoding Encoding
	offset   int64
	buffer   []byte
	units    []uint16
}

// newLines returns the lines of a file from a position on. At the beginning of the file it recognizes the encoding.
func newLines(in io.Reader, at Position) *lines {
	l := &lines{in: bufio.NewReaderSize(in, 1<<16), encoding: at.Encoding, offset: at.Offset}
	if at.Offset > 0 {
		return l
	}
	head, _ := l.in.Peek(4) // a file may be shorter
	skip := 0
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		skip = 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		l.encoding, skip = UTF16LE, 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		l.encoding, skip = UTF16BE, 2
	case len(head) == 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		l.encoding = UTF16LE
	case len(head) == 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		l.encoding = UTF16BE
	}
	l.discard(skip)
	return l
}

func (l *lines) discard(n int) {
	n, _ = l.in.Discard(n) // peeked before
	l.offset += int64(n)
}

// next returns the next line. The error is io.EOF at the end of the file, else that of the file.
func (l *lines) next() (line, error) {
	if l.encoding != Bytes {
		return l.nextUTF16()
	}
	l.buffer = l.buffer[:0]
	var read line
	for {
		chunk, err := l.chunk(1)
		if len(chunk) == 0 {
			if errors.Is(err, io.EOF) && read.end > 0 {
				err = nil
			}
			read.text = l.buffer
			return read, err
		}
		end := bytes.IndexByte(chunk, '\n')
		if end < 0 {
			end = len(chunk)
		}
		if cr := bytes.IndexByte(chunk[:end], '\r'); cr >= 0 {
			end = cr
		}
		if len(l.buffer)+end > MaxCard {
			read.tooLong = true
		} else {
			l.buffer = append(l.buffer, chunk[:end]...)
		}
		ended := end < len(chunk)
		cr := ended && chunk[end] == '\r'
		l.discard(min(end+1, len(chunk)))
		if cr {
			if after, _ := l.in.Peek(1); len(after) > 0 && after[0] == '\n' { // an error comes again
				l.discard(1)
			}
		}
		read.text, read.end = l.buffer, l.offset
		if ended {
			return read, nil
		}
	}
}

// chunk returns what is buffered, at least so many bytes unless the file ends or fails.
func (l *lines) chunk(least int) ([]byte, error) {
	if _, err := l.in.Peek(least); err != nil {
		chunk, _ := l.in.Peek(l.in.Buffered())
		return chunk, err
	}
	return l.in.Peek(l.in.Buffered())
}

// nextUTF16 is next for UTF-16; the text of the line is UTF-8.
func (l *lines) nextUTF16() (line, error) {
	var read line
	l.units = l.units[:0]
	for {
		pair, err := l.in.Peek(2)
		if len(pair) < 2 {
			if !errors.Is(err, io.EOF) || len(pair) == 0 && read.end == 0 {
				return read, err
			}
			read.invalid = len(pair) == 1
			l.discard(len(pair))
			read.end = l.offset
			return l.fromUTF16(read), nil
		}
		unit := uint16(pair[0]) | uint16(pair[1])<<8
		if l.encoding == UTF16BE {
			unit = unit>>8 | unit<<8
		}
		l.discard(2)
		read.end = l.offset
		switch {
		case unit == '\n':
			return l.fromUTF16(read), nil
		case unit == '\r':
			after, _ := l.in.Peek(2) // an error comes again
			if len(after) == 2 && (after[0] == '\n' && after[1] == 0 && l.encoding == UTF16LE || after[0] == 0 && after[1] == '\n' && l.encoding == UTF16BE) {
				l.discard(2)
				read.end = l.offset
			}
			return l.fromUTF16(read), nil
		case 2*len(l.units) >= MaxCard:
			read.tooLong = true
		default:
			l.units = append(l.units, unit)
		}
	}
}

func (l *lines) fromUTF16(read line) line {
	l.buffer = l.buffer[:0]
	for i := 0; i < len(l.units); i++ {
		r := rune(l.units[i])
		if utf16.IsSurrogate(r) {
			if r = utf8.RuneError; i+1 < len(l.units) {
				r = utf16.DecodeRune(rune(l.units[i]), rune(l.units[i+1]))
			}
			if r == utf8.RuneError {
				read.invalid = true
			} else {
				i++
			}
		}
		l.buffer = utf8.AppendRune(l.buffer, r)
	}
	read.text = l.buffer
	return read
}
