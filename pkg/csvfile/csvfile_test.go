package csvfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// readAll returns the rows of a file from a position on.
func readAll(t interface{ Fatal(...any) }, file []byte, d Dialect, at Position, columns int) []Row {
	r := NewReader(bytes.NewReader(file[at.Offset:]), d, at)
	r.Columns = columns
	var rows []Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func written(t interface{ Fatal(...any) }, d Dialect, rows [][]string) []byte {
	var file bytes.Buffer
	w := NewWriter(&file, d)
	err := w.Begin()
	for _, row := range rows {
		err = errors.Join(err, w.Write(row))
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func cells(rows []Row) [][]string {
	var all [][]string
	for _, row := range rows {
		all = append(all, row.Cells)
	}
	return all
}

var dialects = rapid.Custom(func(t *rapid.T) Dialect {
	d := Dialect{
		Charset:   rapid.SampledFrom([]Charset{UTF8, UTF16LE, UTF16BE, Windows1252}).Draw(t, "charset"),
		Delimiter: rapid.SampledFrom(Delimiters).Draw(t, "delimiter"),
		Quote:     rapid.SampledFrom([]string{`"`, `"`, `'`}).Draw(t, "quote"),
		Backslash: rapid.Bool().Draw(t, "backslash"),
		QuoteAll:  rapid.Bool().Draw(t, "all quoted"),
		LineEnd:   rapid.SampledFrom([]string{"\r\n", "\n", "\r"}).Draw(t, "line end"),
		Separator: rapid.Bool().Draw(t, "separator"),
	}
	d.BOM = d.Charset != Windows1252 && rapid.Bool().Draw(t, "BOM")
	return d
})

// rowsOf returns rows of cells. In Windows-1252 each has a character that makes it no UTF-8.
func rowsOf(c Charset, t *rapid.T, least, columns int) [][]string {
	rows := rapid.SliceOfN(rapid.SliceOfN(cellsOf(c), least, columns), 0, 8).Draw(t, "rows")
	if c == Windows1252 {
		for i := range rows {
			rows[i][0] += "ü"
		}
	}
	return rows
}

// cellsOf returns cells of characters that a charset has, many of them special.
func cellsOf(c Charset) *rapid.Generator[string] {
	runes := []rune("aB1 ,;|\t\"\"''\\\n\r=+-@äß€\x1a\ufeff")
	if c == Windows1252 {
		runes = runes[:len(runes)-1]
	} else {
		runes = append(runes, '🙂', '漢', '\u2028')
	}
	return rapid.OneOf(rapid.StringOfN(rapid.SampledFrom(runes), 0, 8, -1), rapid.StringMatching(`[A-Za-z .]{0,12}`))
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := dialects.Draw(t, "dialect")
		rows := rowsOf(d.Charset, t, 1, 5)
		file := written(t, d, rows)
		read := readAll(t, file, d, Position{}, 0)
		if got := cells(read); !slices.EqualFunc(got, rows, slices.Equal) {
			t.Fatalf("read %q, wrote %q as %q", got, rows, file)
		}
		for i, row := range read {
			if row.Problem != "" {
				t.Fatalf("row %d: %s", i, row.Problem)
			}
		}
	})
}

func TestReadingGoesOnAtEveryPosition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := dialects.Draw(t, "dialect")
		file := rapid.OneOf(
			rapid.Custom(func(t *rapid.T) []byte {
				return written(t, d, rowsOf(d.Charset, t, 1, 5))
			}),
			rapid.Custom(func(t *rapid.T) []byte {
				text := rapid.StringOfN(rapid.SampledFrom([]rune("ab,;\"\"\"\n\n\r\\ ä'")), 0, 80, -1).Draw(t, "text")
				return appendEncoded(nil, d.Charset, text)
			})).Draw(t, "file")
		whole := readAll(t, file, d, Position{}, 3)
		r := NewReader(iotest.OneByteReader(bytes.NewReader(file)), d, Position{})
		r.Columns = 3
		for i := range len(whole) + 1 {
			at := r.Position()
			if rest := readAll(t, file, d, at, 3); len(rest) != len(whole)-i || len(rest) > 0 && !equalRows(rest, whole[i:]) {
				t.Fatalf("from %+v: %+v, not %+v", at, rest, whole[i:])
			}
			if _, err := r.Next(); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
	})
}

func equalRows(a, b []Row) bool {
	return slices.EqualFunc(a, b, func(a, b Row) bool {
		return a.Number == b.Number && a.Line == b.Line && a.Problem == b.Problem && slices.Equal(a.Cells, b.Cells)
	})
}

func TestTheDialectOfAFileIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := dialects.Draw(t, "dialect")
		columns := rapid.IntRange(2, 6).Draw(t, "columns")
		header := rapid.SliceOfN(rapid.StringMatching(`[A-Z][a-z]{2,8}`), columns, columns).Draw(t, "header")
		rows := append([][]string{header}, rowsOf(d.Charset, t, columns, columns)...)
		// Evidence of what can't be told without it.
		telling := slices.Repeat([]string{"plain"}, columns)
		telling[0] = `said "yes"` + d.Delimiter + " it's\nü"
		rows = append(rows, telling)
		if d.Quote == "'" {
			d.QuoteAll = true
		}
		d.Separator = false
		file := written(t, d, rows)
		found, err := Detect(file, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := cells(readAll(t, file, found, Position{}, 0)); !slices.EqualFunc(got, rows, slices.Equal) {
			t.Fatalf("found %+v in a file of %+v: %q", found, d, file)
		}
		found.QuoteAll = d.QuoteAll
		if found != d {
			t.Fatalf("found %+v in a file of %+v: %q", found, d, file)
		}
	})
}

func TestTheStandardReaderAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cellsOf(UTF8), 2, 4), 1, 6).Draw(t, "rows")
		file := written(t, Export, rows)
		r := csv.NewReader(bytes.NewReader(file))
		r.FieldsPerRecord = -1
		read, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", file, err)
		}
		for _, row := range rows { // it drops the CR of CRLF in a cell
			for i := range row {
				row[i] = strings.ReplaceAll(row[i], "\r\n", "\n")
			}
		}
		if !slices.EqualFunc(read, rows, slices.Equal) {
			t.Fatalf("read %q, wrote %q", read, rows)
		}
	})
}

func TestGuardedCellsAreNoFormulasAndComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("'=+-@\t a＝\n"))), rapid.String()).Draw(t, "cell")
		guarded := Guard(cell)
		if isFormula(guarded) {
			t.Fatalf("%q is a formula", guarded)
		}
		if got := Unguard(guarded); got != cell {
			t.Fatalf("%q became %q by %q", cell, got, guarded)
		}
	})
}
