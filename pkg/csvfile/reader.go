package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Position is a place between two rows. The zero value is the beginning of the file.
type Position struct {
	Offset int64 `json:"offset"` // bytes before it
	Row    int64 `json:"row"`    // rows before it; the header counts
	Line   int64 `json:"line"`   // line ends before it
	// Single is the offset before which a line end ends a row even in quotes: there a quote was never closed.
	Single int64 `json:"single,omitzero"`
	// Charset is that of a file that begins in ASCII, once it is decided.
	Charset Charset `json:"charset,omitempty"`
}

// Row is a row of a file.
type Row struct {
	Number int64 // 1 for the first; empty lines don't count
	Line   int64 // the line that it begins in, from 1
	// Cells are valid UTF-8 without NUL. For a row with a problem they are what can be told of it; none if it is longer than MaxRecord.
	Cells   []string
	Problem string // why the row can't be taken, in words for whoever sent the file; "" for nothing
}

// Reader reads the rows of a file in bounded memory.
type Reader struct {
	// Columns is the number of columns that the header has; 0 before it is read. Rows that can't belong to it have a problem.
	Columns int

	dialect Dialect
	scanner scanner
	from    io.Reader
	space   []byte // what buffer is a part of
	buffer  []byte // what is read and not yet returned, in the internal form
	ended   bool   // nothing follows buffer
	single  int    // Position.Single, as a place in buffer
	resumed bool
	at      Position
	record  record
}

// NewReader returns a reader of the rows after a position. from reads the file from its Offset on.
func NewReader(from io.Reader, d Dialect, at Position) *Reader {
	if d.Charset == ASCII && at.Charset != "" {
		d.Charset = at.Charset
	}
	if d.Charset == UTF16LE || d.Charset == UTF16BE {
		from = newUTF16Reader(from, d.Charset)
	}
	return &Reader{dialect: d, scanner: newScanner(d), from: from, at: at}
}

// Position returns the place after the row that was returned last.
func (r *Reader) Position() Position { return r.at }

// Dialect returns the dialect of the file. The charset of one that begins in ASCII is decided by its first row with another character.
func (r *Reader) Dialect() Dialect { return r.dialect }

// Next returns the next row. The error is io.EOF at the end of the file, else that of the reader below.
func (r *Reader) Next() (Row, error) {
	if !r.resumed {
		if err := r.resume(); err != nil {
			return Row{}, err
		}
	}
	for {
		known, err := r.scan()
		if err != nil {
			return Row{}, err
		}
		if !known {
			return r.skipLong()
		}
		if len(r.buffer) == 0 {
			return Row{}, io.EOF
		}
		if r.blank() {
			r.advance(r.record.end, r.record.lines)
			continue
		}
		row := r.row()
		r.at.Row++
		r.advance(r.record.end, r.record.lines)
		return row, nil
	}
}

// skipPreamble passes what comes before the first row.
func (r *Reader) skipPreamble() error {
	if r.dialect.BOM {
		if err := r.fill(len(byteOrderMarks[UTF8])); err != nil {
			return err
		}
		r.advance(min(len(byteOrderMarks[UTF8]), len(r.buffer)), 0)
	}
	if !r.dialect.Separator {
		return nil
	}
	if _, err := r.scan(); err != nil {
		return err
	}
	r.advance(r.record.end, r.record.lines)
	return nil
}

// scan finds the next row in the buffer; an empty buffer means the end of the file. known is false if its line is longer than MaxRecord.
func (r *Reader) scan() (known bool, err error) {
	for {
		full := len(r.buffer) >= MaxRecord
		if len(r.buffer) > 0 || r.ended {
			if r.scanner.scan(r.buffer, r.single, full || r.ended, r.ended, &r.record) {
				return true, nil
			}
			if full || r.ended {
				return false, nil
			}
		}
		if err := r.fill(min(max(64<<10, 2*len(r.buffer)), MaxRecord)); err != nil {
			return false, err
		}
	}
}

// fill reads until the buffer has so many bytes, or the file ends.
func (r *Reader) fill(wanted int) error {
	if cap(r.space) < wanted {
		r.space = make([]byte, 0, wanted)
	}
	r.buffer = append(r.space[:0], r.buffer...)
	for len(r.buffer) < wanted && !r.ended {
		n, err := r.from.Read(r.buffer[len(r.buffer):wanted])
		r.buffer = r.buffer[:len(r.buffer)+n]
		if errors.Is(err, io.EOF) {
			r.ended = true
		} else if err != nil {
			return err
		}
	}
	return nil
}

// resume restores what the position says of the rows before it.
func (r *Reader) resume() error {
	r.resumed = true
	if r.at.Offset == 0 {
		return r.skipPreamble()
	}
	if r.at.Single <= r.at.Offset {
		return nil
	}
	if err := r.fill(MaxRecord); err != nil {
		return err
	}
	for raw := r.at.Single - r.at.Offset; raw > 0 && r.single < len(r.buffer); r.single++ {
		raw -= rawLength(r.dialect.Charset, r.buffer[r.single:r.single+1])
	}
	return nil
}

// advance passes a part of the buffer.
func (r *Reader) advance(n, lines int) {
	if scanned := r.record.scanned; scanned > r.single {
		r.single = scanned
		r.at.Single = r.at.Offset + rawLength(r.dialect.Charset, r.buffer[:scanned])
	}
	r.record.scanned = 0
	r.single = max(0, r.single-n)
	r.at.Offset += rawLength(r.dialect.Charset, r.buffer[:n])
	r.at.Line += int64(lines)
	r.buffer = r.buffer[n:]
}

// blank reports whether the row is an empty line, or the mark that ends a file of DOS.
func (r *Reader) blank() bool {
	if len(r.record.spans) != 1 || r.record.spans[0].quoted {
		return false
	}
	text := string(r.buffer[r.record.spans[0].from:r.record.spans[0].to])
	return text == "" || text == "\x1a" && r.ended && r.record.end == len(r.buffer)
}

// row decodes the row that was found.
func (r *Reader) row() Row {
	row := Row{Number: r.at.Row + 1, Line: r.at.Line + 1}
	raw := r.buffer[:r.record.end]
	charset, problem := r.charset(raw)
	// All cells are parts of one text: one allocation for them.
	text := make([]byte, 0, len(raw)+len(raw)/8)
	ends := make([]int, len(r.record.spans))
	var unescaped []byte
	for i, cell := range r.record.spans {
		unescaped = r.scanner.text(unescaped[:0], raw, cell)
		text = appendDecoded(text, charset, unescaped)
		ends[i] = len(text)
	}
	whole := string(text)
	row.Cells = make([]string, len(ends))
	from := 0
	for i, end := range ends {
		row.Cells[i] = readable(whole[from:end])
		from = end
	}
	row.Problem = r.problem(row, raw, problem)
	return row
}

// problem returns what is wrong with a row; charset is what is wrong with its characters.
func (r *Reader) problem(row Row, raw []byte, charset string) string {
	filled := len(row.Cells)
	for filled > 0 && row.Cells[filled-1] == "" {
		filled--
	}
	suspect := r.record.lenient || r.single > 0
	switch {
	case r.record.open > 0:
		return fmt.Sprintf("the quote that begins cell %d in line %d is never closed: close it, or write it twice within quotes if it belongs to the text",
			r.record.open, r.at.Line+int64(max(r.record.lines, 1)))
	case r.record.tooMany:
		return fmt.Sprintf("the row has more than %d cells: are the delimiter and the quotes right?", MaxColumns)
	case r.Columns > 0 && filled > r.Columns:
		return fmt.Sprintf("the row has %d cells, but the header has %d columns: put a cell that contains the delimiter in quotes, and write its quotes twice", filled, r.Columns)
	case r.Columns > 0 && suspect && len(row.Cells) != r.Columns:
		return fmt.Sprintf("the row has %d cells and the header %d columns, and quotes are out of place in it or before it: close each quote, and write one that belongs to the text twice", len(row.Cells), r.Columns)
	case bytes.IndexByte(raw, 0) >= 0:
		return "the row has NUL characters, shown as ␀: remove them"
	}
	return charset
}

// charset returns the charset by which a row is decoded, and what is wrong with its characters.
func (r *Reader) charset(raw []byte) (Charset, string) {
	if isASCII(raw) {
		return ASCII, ""
	}
	valid := utf8.Valid(raw)
	if r.dialect.Charset == ASCII {
		r.dialect.Charset = Windows1252
		if valid {
			r.dialect.Charset = UTF8
		}
		r.at.Charset = r.dialect.Charset
	}
	switch {
	case r.dialect.Charset == Windows1252 && valid:
		charset := UTF8
		if !inWindows1252(raw) { // failed rows are written as they were read
			charset = Windows1252
		}
		return charset, "the row is in UTF-8, but the file in Windows-1252: look whether its letters are right here, and save the file in one charset"
	case r.dialect.Charset == Windows1252 && hasUndefined(raw):
		return Windows1252, "the row has bytes that Windows-1252 has no character for: save the file as UTF-8"
	case r.dialect.Charset == UTF8 && !valid:
		return Windows1252, "the row is not in UTF-8 as the file is, and is read as Windows-1252: look whether its letters are right here, and save the file in one charset"
	case r.dialect.Charset != Windows1252 && !valid:
		return r.dialect.Charset, "the row has halves of characters (unpaired surrogates of UTF-16), shown as �: write them anew"
	}
	return r.dialect.Charset, ""
}

// readable returns a text as valid UTF-8 without NUL.
func readable(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "␀")
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// skipLong passes a line that is longer than MaxRecord.
func (r *Reader) skipLong() (Row, error) {
	r.at.Row++
	row := Row{Number: r.at.Row, Line: r.at.Line + 1, Problem: fmt.Sprintf("the row is longer than %d MB: does it end where it should, and is the file CSV?", MaxRecord>>20)}
	for {
		if i := bytes.IndexAny(r.buffer, "\r\n"); i >= 0 && (i+1 < len(r.buffer) || r.ended) {
			r.advance(i+lineEnd(r.buffer[i:]), 1)
			return row, nil
		} else if i < 0 {
			r.advance(len(r.buffer), 0)
		} else {
			r.advance(i, 0)
		}
		if len(r.buffer) == 0 && r.ended {
			return row, nil
		}
		if err := r.fill(64 << 10); err != nil {
			return Row{}, err
		}
	}
}
