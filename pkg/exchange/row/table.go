package row

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"contacts/pkg/csvfile"
)

// ProblemHeading is the heading of the column that says why a row failed. It is ignored when it comes in.
const ProblemHeading = "import_problem"

// keptPrefix marks a column of our own export whose heading would be read as a field.
const keptPrefix = "kept:"

// maxSample is the greatest length of a sample, in characters.
const maxSample = 80

// sampleRows are the rows of the beginning of a file that samples are taken from.
const sampleRows = 50

// Table is a CSV file of contacts: how it is written, and what its columns have.
type Table struct {
	Dialect csvfile.Dialect
	header  []string
	columns []column
	own     bool // the header is of our own export
}

// A column of a file.
type column struct {
	heading string
	number  int   // among the columns of this heading, from 2; 0 for the first
	field   field // zero for a column that is kept
	preset  preset
	ignored bool // the problems of an earlier import
	sample  string
}

// Column is a column of a file, as an import shows it.
type Column struct {
	Heading  string `json:"heading"`
	Position int    `json:"position"`         // from 1
	Field    string `json:"field,omitempty"`  // what it has; "" for a column that is kept
	Sample   string `json:"sample,omitempty"` // its first value
}

// Open returns the table of a file by its beginning: its first csvfile.Beginning bytes; whole says that they are all. mapping names fields
// by headings, "heading#2" for the second column of a name; the other headings mean what they are known to. The same arguments always return
// the same table. The error is a csvfile.Refusal, in words for whoever sent the file.
func Open(beginning []byte, whole bool, mapping map[string]string) (*Table, error) {
	dialect, err := csvfile.Detect(beginning, whole)
	if err != nil {
		return nil, err
	}
	t := &Table{Dialect: dialect}
	r := csvfile.NewReader(bytes.NewReader(beginning), dialect, csvfile.Position{})
	header, err := r.Next()
	if errors.Is(err, io.EOF) {
		return nil, &csvfile.Refusal{Detail: "the file has no header: its first line must have the headings of the columns"}
	} else if err != nil {
		return nil, err
	}
	if header.Problem != "" {
		return nil, &csvfile.Refusal{Detail: "the header can't be read: " + header.Problem}
	}
	if err := t.describe(header.Cells, mapping); err != nil {
		return nil, err
	}
	t.sample(r)
	return t, nil
}

// sample takes the samples of the columns from the first rows. The last of them may be cut.
func (t *Table) sample(r *csvfile.Reader) {
	for range sampleRows {
		row, err := r.Next()
		if err != nil {
			return
		}
		for i := range t.columns {
			if i < len(row.Cells) && t.columns[i].sample == "" {
				t.columns[i].sample = shortened(strings.TrimSpace(t.cell(row.Cells[i])))
			}
		}
	}
}

// describe finds what the columns have.
func (t *Table) describe(header []string, mapping map[string]string) error {
	t.header, t.own = header, isOwn(header)
	t.columns = make([]column, len(header))
	count := map[string]int{}
	used := map[field]bool{}
	for i, heading := range header {
		if t.own {
			heading = csvfile.Unguard(heading)
		} else {
			heading = strings.TrimSpace(heading)
		}
		c := column{heading: heading, ignored: strings.EqualFold(heading, ProblemHeading)}
		if heading == "" {
			c.heading = "Column " + strconv.Itoa(i+1)
		}
		if rest, kept := strings.CutPrefix(heading, keptPrefix); t.own && kept {
			c.heading = rest
		} else if f, isField := parseOwnField(heading); t.own && isField && !used[f] {
			c.field, used[f] = f, true
		}
		if c.field == (field{}) {
			if count[c.heading]++; count[c.heading] > 1 {
				c.number = count[c.heading]
			}
		}
		t.columns[i] = c
	}
	if t.own {
		return nil
	}
	return t.mapColumns(mapping)
}

// isOwn reports whether a header is one of our own export: it has all columns that an export always has.
func isOwn(header []string) bool {
	for _, heading := range ownColumns {
		if !slices.Contains(header, heading) {
			return false
		}
	}
	return true
}

// mapColumns gives the columns the fields of a mapping, and the others those that their headings mean. Channels whose headings have no number
// of ours get the next that is free.
func (t *Table) mapColumns(mapping map[string]string) error {
	mapped := map[int]bool{}
	taken := map[string]map[int]bool{}
	used := map[field]bool{}
	for _, heading := range slices.Sorted(maps.Keys(mapping)) {
		i := t.find(heading)
		if i < 0 {
			return &csvfile.Refusal{Detail: fmt.Sprintf("the mapping names the heading %q, which the file does not have", heading)}
		}
		f, _ := parseField(mapping[heading])
		t.columns[i].field, mapped[i] = f, true
		used[f] = true
		if taken[f.family] == nil {
			taken[f.family] = map[int]bool{}
		}
		taken[f.family][f.number] = true
	}
	var names []string
	var rest []int
	for i, c := range t.columns {
		if !mapped[i] && !c.ignored {
			names, rest = append(names, c.heading), append(rest, i)
		}
	}
	numbers := map[[2]string]int{}
	for i, h := range headingsOf(names) {
		c := &t.columns[rest[i]]
		// Our own names of fields are known in every file.
		if f, isField := parseField(c.heading); isField && c.number == 0 {
			if !used[f] {
				c.field, used[f] = f, true
			}
			continue
		}
		if h.part == "" || h.family == "" && used[field{part: h.part}] {
			continue
		}
		c.field, c.preset = field{part: h.part}, h.preset
		if h.family != "" {
			key := [2]string{h.family, h.group}
			if numbers[key] == 0 {
				numbers[key] = t.nextNumber(h.family, taken, names)
			}
			c.field = field{h.family, numbers[key], h.part}
		}
		used[c.field] = true
	}
	return nil
}

// nextNumber returns the next number of a channel that neither the mapping nor a heading takes, and takes it.
func (t *Table) nextNumber(family string, taken map[string]map[int]bool, names []string) int {
	if taken[family] == nil {
		taken[family] = map[int]bool{}
	}
	for n := 1; ; n++ {
		named := slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, family+"."+strconv.Itoa(n)+".") })
		if !taken[family][n] && !named {
			taken[family][n] = true
			return n
		}
	}
}

// find returns the index of the column that a mapping names, -1 if there is none.
func (t *Table) find(name string) int {
	name = strings.TrimSpace(name)
	for _, same := range []func(string, string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for i, c := range t.columns {
			if c.number == 0 && same(c.heading, name) {
				return i
			}
		}
		at := strings.LastIndexByte(name, '#')
		if at < 0 {
			continue
		}
		number, err := strconv.Atoi(name[at+1:])
		for i, c := range t.columns {
			if err == nil && max(c.number, 1) == number && same(c.heading, name[:at]) {
				return i
			}
		}
	}
	return -1
}

// Columns returns the columns of the file.
func (t *Table) Columns() []Column {
	all := make([]Column, len(t.columns))
	for i, c := range t.columns {
		all[i] = Column{Heading: c.heading, Position: i + 1, Field: c.field.String(), Sample: c.sample}
		if c.ignored {
			all[i].Field = ""
		}
	}
	return all
}

// NewReader returns a reader of the rows after the header, or after a position that it had before. from reads the file from the position's
// offset on.
func (t *Table) NewReader(from io.Reader, at csvfile.Position) *Reader {
	r := &Reader{csvfile.NewReader(from, t.Dialect, at), t}
	r.Columns = len(t.columns)
	return r
}

// Reader reads the rows of a table.
type Reader struct {
	*csvfile.Reader
	table *Table
}

// Next returns the next row with anything in it. Its number counts all rows of the file, the header too, as a spreadsheet does. The error is
// io.EOF at the end of the file, else that of the reader below.
func (r *Reader) Next() (csvfile.Row, error) {
	for {
		row, err := r.Reader.Next()
		if err != nil || row.Number > 1 && (row.Problem != "" || !r.table.isBlank(row.Cells)) {
			return row, err
		}
	}
}

func (t *Table) isBlank(cells []string) bool {
	for i, cell := range cells {
		if i < len(t.columns) && !t.columns[i].ignored && strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// FailedHeader returns the header of the file that has the failed rows of this one.
func (t *Table) FailedHeader() []string { return t.withProblem(t.header, ProblemHeading) }

// FailedRow returns a row of that file: the cells as they are in this one, and why the row failed.
func (t *Table) FailedRow(row csvfile.Row, problem string) []string {
	return t.withProblem(row.Cells, problem)
}

func (t *Table) withProblem(cells []string, problem string) []string {
	all := make([]string, 0, len(cells)+1)
	for i, c := range t.columns {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		if !c.ignored {
			all = append(all, cell)
		}
	}
	all = append(all, csvfile.Guard(problem))
	if len(cells) > len(t.columns) {
		all = append(all, cells[len(t.columns):]...)
	}
	return all
}

// textLiteral is how a text that looks like a number is written for spreadsheets: ="0123".
const textLiteral = `="`

// cell returns the value of a cell as the file means it.
func (t *Table) cell(text string) string {
	if t.own {
		return csvfile.Unguard(text)
	}
	if inner, found := strings.CutPrefix(text, textLiteral); found && len(inner) > 0 && inner[len(inner)-1] == '"' {
		return strings.ReplaceAll(inner[:len(inner)-1], `""`, `"`)
	}
	return text
}

func shortened(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxSample {
			return s[:i] + "…"
		}
	}
	return s
}
