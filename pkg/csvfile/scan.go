package csvfile

import "bytes"

// A span is a cell in the internal form of its row, without its quotes.
type span struct {
	from, to int
	quoted   bool
	escaped  bool // it has escaped quotes
}

// A record is a row in the internal form, before its cells are decoded.
type record struct {
	spans []span
	end   int // where the next row begins
	lines int // the line ends in it
	// lenient reports quotes in the middle of a cell, which are text.
	lenient bool
	// open is the number of the cell, from 1, whose quote is never closed: the row then ends with that line. 0 for none.
	open int
	// scanned is how far the end of a quoted cell was looked for in vain; 0 if it wasn't.
	scanned int
	// cells beyond MaxColumns are not in spans.
	tooMany bool
}

// scanner finds the rows of a dialect.
type scanner struct {
	delimiter, quote byte // quote 0 for none
	backslash        bool
}

func newScanner(d Dialect) scanner {
	s := scanner{delimiter: d.Delimiter[0], backslash: d.Backslash}
	if d.Quote != "" {
		s.quote = d.Quote[0]
	}
	return s
}

// scan reads the row at the beginning of data into r; ok is false if the row's end is not in data. ended says that nothing follows data,
// whole that nothing more may be looked at. A quoted cell has no line end before single: there its quote counts as never closed.
func (s scanner) scan(data []byte, single int, whole, ended bool, r *record) (ok bool) {
	*r = record{spans: r.spans[:0]}
	for at := 0; ; {
		cell, next, found := s.cell(data, at, single, whole, r)
		if !found {
			return false
		}
		if len(r.spans) < MaxColumns {
			r.spans = append(r.spans, cell)
		} else {
			r.tooMany = true
		}
		switch {
		case next == len(data):
			r.end = next
			return ended
		case data[next] == s.delimiter:
			at = next + 1
			continue
		case data[next] == '\r' && next+1 == len(data) && !ended:
			return false
		}
		r.end = next + lineEnd(data[next:])
		r.lines++
		return true
	}
}

// cell returns the cell at a place and where it ends: at a delimiter, a line end, or the end of data. found is false if the end of a quoted
// one is not in data. A cell that begins with a quote and has no end is text as it stands if its quotes are pairs ("Foo" Ltd), else open.
func (s scanner) cell(data []byte, at, single int, whole bool, r *record) (cell span, end int, found bool) {
	start := at
	for start < len(data) && data[start] == ' ' {
		start++
	}
	if s.quote != 0 && start < len(data) && data[start] == s.quote && r.open == 0 {
		quoted, lines, lenient, result := s.quoted(data, start+1, single, whole)
		switch result {
		case incomplete:
			return span{}, 0, false
		case closed:
			r.lines += lines
			r.lenient = r.lenient || lenient
			end = quoted.to + 1
			for end < len(data) && data[end] == ' ' {
				end++
			}
			return quoted, end, true
		}
		r.scanned = max(r.scanned, quoted.to)
		cell, end = s.plain(data, at)
		r.lenient = true
		if bytes.Count(data[start:end], []byte{s.quote})%2 == 1 {
			r.open = len(r.spans) + 1
		}
		return cell, end, true
	}
	cell, end = s.plain(data, at)
	return cell, end, true
}

// plain returns the cell at a place as one without quotes.
func (s scanner) plain(data []byte, at int) (cell span, end int) {
	cell = span{from: at}
	for end = at; end < len(data); end++ {
		c := data[end]
		if c == s.delimiter || c == '\n' || c == '\r' {
			break
		}
		if s.backslash && c == '\\' && end+1 < len(data) && (data[end+1] == s.quote || data[end+1] == '\\') {
			cell.escaped = true
			end++
		}
	}
	cell.to = end
	return cell, end
}

// How the search for the end of a quoted cell ended.
type closing int

const (
	closed     closing = iota
	open               // there is none
	incomplete         // it is not in data
)

// quoted returns the quoted cell whose text begins at a place, the line ends in it, and whether quotes are in its middle. A quote closes the
// cell in front of a delimiter, a line end or the end of the file, with blanks between them. One that follows a delimiter or a line end and
// does neither close nor escape must open another cell: then this one was never closed. For an open cell, to is where the search ended.
func (s scanner) quoted(data []byte, at, single int, whole bool) (cell span, lines int, lenient bool, result closing) {
	cell = span{from: at, quoted: true}
	fail := func(at int) (span, int, bool, closing) {
		cell.to = at
		return cell, 0, false, open
	}
	for i := at; i < len(data); i++ {
		switch c := data[i]; {
		case c == '\n' || c == '\r':
			if i < single {
				return fail(i)
			}
			if c == '\n' || i+1 < len(data) && data[i+1] != '\n' {
				lines++
			}
		case s.backslash && c == '\\' && i+1 < len(data) && (data[i+1] == s.quote || data[i+1] == '\\'):
			cell.escaped = true
			i++
		case c != s.quote:
		case !s.backslash && i+1 < len(data) && data[i+1] == s.quote:
			cell.escaped = true
			i++
		default:
			after := i + 1
			for after < len(data) && data[after] == ' ' {
				after++
			}
			if after == len(data) && !whole {
				return cell, 0, false, incomplete
			}
			if after == len(data) || data[after] == s.delimiter || data[after] == '\n' || data[after] == '\r' {
				cell.to = i
				return cell, lines, lenient, closed
			}
			if before := data[i-1]; i > at && (before == s.delimiter || before == '\n' || before == '\r') {
				return fail(i)
			}
			lenient = true
		}
	}
	if !whole {
		return cell, 0, false, incomplete
	}
	return fail(len(data))
}

// lineEnd returns the length of the line end at the beginning of data; 0 if there is none.
func lineEnd(data []byte) int {
	switch {
	case bytes.HasPrefix(data, []byte("\r\n")):
		return 2
	case len(data) > 0 && (data[0] == '\n' || data[0] == '\r'):
		return 1
	}
	return 0
}

// text appends the cell's text to a buffer: without what escapes its quotes.
func (s scanner) text(to, data []byte, cell span) []byte {
	raw := data[cell.from:cell.to]
	if !cell.escaped {
		return append(to, raw...)
	}
	for i := 0; i < len(raw); i++ {
		if i+1 < len(raw) {
			if s.backslash && raw[i] == '\\' && (raw[i+1] == s.quote || raw[i+1] == '\\') || !s.backslash && raw[i] == s.quote && raw[i+1] == s.quote {
				i++
			}
		}
		to = append(to, raw[i])
	}
	return to
}
