// Package csvfile reads and writes CSV files as spreadsheets and other programs write them. It knows the syntax alone.
//
// Detect finds the dialect of a file from its beginning. A Reader takes what RFC 4180 leaves open or forbids: any line end, rows of
// different lengths, quotes in the middle of a cell, characters of another charset. It loses nothing of that in silence: what can't be read
// is the problem of a row, in words for whoever sent the file. encoding/csv reads none of this without loss.
package csvfile

// MaxRecord is the greatest length of a row in bytes, as the reader holds it.
const MaxRecord = 8 << 20

// MaxColumns is the greatest number of cells in a row.
const MaxColumns = 2000

// Charset is the character encoding of a file.
type Charset string

// The charsets.
const (
	ASCII       Charset = "US-ASCII" // no other character so far: the first one decides between UTF-8 and Windows-1252
	UTF8        Charset = "UTF-8"
	UTF16LE     Charset = "UTF-16LE"
	UTF16BE     Charset = "UTF-16BE"
	Windows1252 Charset = "windows-1252"
)

// Dialect is how a file is written. The zero value is of no file.
type Dialect struct {
	Charset   Charset `json:"charset"`
	BOM       bool    `json:"bom,omitzero"`       // the file begins with a byte order mark
	Separator bool    `json:"separator,omitzero"` // the first line is Excel's "sep=;", which names the delimiter
	Delimiter string  `json:"delimiter"`          // one of Delimiters
	Quote     string  `json:"quote,omitempty"`    // `"` or `'`; "" where quotes are text
	Backslash bool    `json:"backslash,omitzero"` // a quote in a cell is \", and a backslash \\; otherwise a quote in a quoted cell is doubled
	QuoteAll  bool    `json:"quote_all,omitzero"` // all cells are quoted
	LineEnd   string  `json:"line_end"`           // "\r\n", "\n" or "\r"
}

// Delimiters are what Detect tries.
var Delimiters = []string{",", ";", "\t", "|"}

// Export is the dialect of files of our own: RFC 4180 in UTF-8.
var Export = Dialect{Charset: UTF8, Delimiter: ",", Quote: `"`, LineEnd: "\r\n"}

// A Refusal is why a file can't be read at all, in words for whoever sent it.
type Refusal struct{ Detail string }

// Error returns the detail.
func (r *Refusal) Error() string { return r.Detail }
