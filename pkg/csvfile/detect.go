package csvfile

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// Beginning is how much of a file Detect needs; less for a shorter file. The header must end in it.
const Beginning = 1 << 20

const (
	sampleBytes = 256 << 10 // of the beginning, by which delimiter and quotes are decided
	sampleRows  = 200
)

// Detect returns the dialect of a file by its beginning: its first bytes, up to Beginning of them; whole says that they are all. The error is
// a Refusal if the file is empty, not text, or its first line is no header.
func Detect(beginning []byte, whole bool) (Dialect, error) {
	charset, marked, err := detectCharset(beginning)
	if err != nil {
		return Dialect{}, err
	}
	d := Dialect{Charset: charset, BOM: marked, Delimiter: ",", Quote: `"`, LineEnd: "\r\n"}
	text := bytes.TrimPrefix(toInternal(charset, beginning), []byte(byteOrderMarks[UTF8]))
	first, found := firstLine(text)
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return Dialect{}, &Refusal{"the file is empty"}
	case !found && !whole:
		return Dialect{}, &Refusal{"the first line is longer than 1 MB: it must have the headings of the columns"}
	}
	if end := lineEnd(text[len(first):]); end > 0 {
		d.LineEnd = string(text[len(first) : len(first)+end])
	}
	if delimiter, found := strings.CutPrefix(string(first), "sep="); found && slices.Contains(Delimiters, delimiter) {
		d.Separator, d.Delimiter = true, delimiter
	}
	if len(text) > sampleBytes {
		text, whole = text[:sampleBytes], false
	}
	return detectSyntax(d, text, whole)
}

func firstLine(text []byte) (line []byte, found bool) {
	if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
		return text[:i], true
	}
	return text, false
}

// detectSyntax completes a dialect by the beginning of the file in the internal form: it reads it in every way that is possible and takes the
// one that makes the best table.
func detectSyntax(d Dialect, text []byte, whole bool) (Dialect, error) {
	best, most := d, -1.0
	var width int
	for _, delimiter := range Delimiters {
		if d.Separator && delimiter != d.Delimiter {
			continue
		}
		for _, way := range quotings(text) {
			candidate := d
			candidate.Delimiter, candidate.Quote, candidate.Backslash = delimiter, way.Quote, way.Backslash
			if score, columns, all := candidate.score(text, whole); score > most {
				candidate.QuoteAll = all
				best, most, width = candidate, score, columns
			}
		}
	}
	if width > MaxColumns {
		return Dialect{}, &Refusal{"the header has more than 2,000 columns: leave out those that are not needed"}
	}
	if best.Quote == "" {
		best.QuoteAll = false
	}
	return best, nil
}

// quotings returns the ways of quoting that a text may have, the most usual first.
func quotings(text []byte) []Dialect {
	ways := []Dialect{{Quote: `"`}}
	for _, quote := range []string{`"`, "'"} {
		if quote != `"` && bytes.Contains(text, []byte(quote)) {
			ways = append(ways, Dialect{Quote: quote})
		}
		if bytes.Contains(text, []byte(`\`+quote)) {
			ways = append(ways, Dialect{Quote: quote, Backslash: true})
		}
	}
	if bytes.IndexByte(text, '"') >= 0 {
		ways = append(ways, Dialect{})
	}
	return ways
}

// score says how good a table a text makes in a dialect, from 0 to 1, how many columns its header has, and whether all cells are quoted.
func (d Dialect) score(text []byte, whole bool) (score float64, columns int, quotedAll bool) {
	d.Charset, d.BOM = UTF8, false // as the internal form has it
	r := NewReader(bytes.NewReader(text), d, Position{})
	rows, good, filled, quoted, wrapped := 0, 0.0, 0, 0, 0
	wrappedHeader, tooMany := false, false
	spaced := false // a heading begins with a blank: its delimiter may be a mere comma
	for rows < sampleRows {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if rows > 0 && !whole && r.ended && len(r.buffer) == 0 {
			break // it may be cut
		}
		if rows++; rows == 1 {
			columns = len(row.Cells)
			tooMany = r.record.tooMany
		}
		value := 1.0
		if r.record.lenient {
			value = 0.5
		}
		if r.record.open > 0 || len(row.Cells) != columns {
			value = 0
		}
		for i, cell := range row.Cells {
			isQuoted := r.record.spans[i].quoted
			spaced = spaced || rows == 1 && !isQuoted && strings.HasPrefix(cell, " ")
			if cell == "" && !isQuoted {
				continue
			}
			filled++
			switch {
			case isQuoted:
				quoted++
			case d.Quote != `"` && (isWrapped(cell, '"') || cell[:1] == `"` && strings.Count(cell, `"`)%2 == 1):
				value = 0 // these are quotes, not text
			case d.Quote != "'" && isWrapped(cell, '\''):
				wrapped++
			}
		}
		good += value
		if rows == 1 {
			wrappedHeader = wrapped == columns
		}
	}
	if rows == 0 {
		return 0, 0, false
	}
	if tooMany {
		columns++ // than MaxColumns
	}
	score = good / float64(rows) * (1 - 1/(float64(columns)+0.1))
	if spaced {
		score /= 2
	}
	if wrapped*2 > filled || wrappedHeader {
		score /= 2
	}
	return score, columns, filled > 0 && quoted == filled
}

func isWrapped(cell string, quote byte) bool {
	return len(cell) >= 2 && cell[0] == quote && cell[len(cell)-1] == quote
}
