package csvfile

import (
	"bufio"
	"io"
	"strings"
)

// Writer writes rows in a dialect. A character that the charset lacks becomes a question mark.
type Writer struct {
	dialect Dialect
	to      *bufio.Writer
	line    []byte
	encoded []byte
}

// NewWriter returns a writer. Where quotes are text in the dialect, it quotes by `"` what needs it: what it writes can be read by anybody.
func NewWriter(to io.Writer, d Dialect) *Writer {
	if d.Quote == "" {
		d.Quote, d.Backslash = `"`, false
	}
	return &Writer{dialect: d, to: bufio.NewWriter(to)}
}

// Begin writes what comes before the first row: the byte order mark and the line that names the delimiter.
func (w *Writer) Begin() error {
	if w.dialect.BOM {
		if _, err := w.to.WriteString(byteOrderMarks[w.dialect.Charset]); err != nil {
			return err
		}
	}
	if !w.dialect.Separator {
		return nil
	}
	w.line = append(w.line[:0], "sep="+w.dialect.Delimiter+w.dialect.LineEnd...)
	return w.writeLine()
}

// Write writes a row.
func (w *Writer) Write(cells []string) error {
	w.line = w.line[:0]
	for i, cell := range cells {
		if i > 0 {
			w.line = append(w.line, w.dialect.Delimiter...)
		}
		if w.dialect.QuoteAll || w.needsQuotes(cell) || cell == "" && len(cells) == 1 {
			w.line = w.appendQuoted(w.line, cell)
		} else {
			w.line = append(w.line, cell...)
		}
	}
	w.line = append(w.line, w.dialect.LineEnd...)
	return w.writeLine()
}

// Flush writes what is buffered.
func (w *Writer) Flush() error { return w.to.Flush() }

func (w *Writer) writeLine() error {
	w.encoded = appendEncoded(w.encoded[:0], w.dialect.Charset, string(w.line))
	_, err := w.to.Write(w.encoded)
	return err
}

// needsQuotes reports whether a cell would be read as another text without quotes, by this package or a spreadsheet.
func (w *Writer) needsQuotes(cell string) bool {
	if cell == "" {
		return false
	}
	first, last := cell[0], cell[len(cell)-1]
	return first == ' ' || first == '\t' || last == ' ' || last == '\t' || first == '\x1a' || strings.HasPrefix(cell, "\ufeff") ||
		strings.HasPrefix(cell, "sep=") || w.dialect.Backslash && strings.Contains(cell, `\`) || strings.ContainsAny(cell, w.dialect.Delimiter+w.dialect.Quote+"\"\r\n")
}

func (w *Writer) appendQuoted(to []byte, cell string) []byte {
	quote := w.dialect.Quote[0]
	to = append(to, quote)
	for i := range len(cell) {
		switch c := cell[i]; {
		case w.dialect.Backslash && (c == quote || c == '\\'):
			to = append(to, '\\', c)
		case c == quote:
			to = append(to, quote, quote)
		default:
			to = append(to, c)
		}
	}
	return append(to, quote)
}
