package main

import (
	"fmt"
	"os"
	"strings"

	"contacts/tools/runtime"
)

// A report has all measurements.
type report struct {
	rounds     int
	starts     []*starts
	dropped    string // how the page cache was emptied, or why not
	operations []*operation
	first      map[string]series // ms of a process's first request, by function
	afterLists runtime.Usage
	deep       []depth // empty if not requested
	sizes      *sizes  // nil if not requested
	growth     *growth
	search     *grown // nil if not requested
}

func newReport(o options) *report { return &report{rounds: o.rounds} }

// A section is a part of the report with its own place in the document. Its text is empty if it was not measured.
type section struct{ name, text string }

// sections returns all sections, the targets first.
func (r *report) sections() []section {
	return []section{
		{"targets", r.targetsTable()},
		{"starts", r.startsTable()},
		{"requests", r.requestsTable()},
		{"million", r.millionTable()},
		{"sizes", r.sizes.tables()},
		{"growth", r.growth.tables()},
		{"search", r.searchTables()},
	}
}

// measuredOn returns date, machine and rounds.
func (r *report) measuredOn() string {
	return fmt.Sprintf("Measured on %s, in %d rounds.\n\n", machine(), r.rounds)
}

// text returns the report as Markdown.
func (r *report) text() string {
	text := r.measuredOn()
	for _, s := range r.sections() {
		if s.text != "" {
			text += s.text + "\n"
		}
	}
	return text
}

// The markers of the parts of a document that are replaced.
func begin(name string) string { return "<!-- bench " + name + " begin -->\n" }
func end(name string) string   { return "<!-- bench " + name + " end -->" }

// writeInto replaces the measured sections between their markers in a document. The others stay unchanged.
func (r *report) writeInto(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	document := string(text)
	for _, s := range r.sections() {
		if s.text == "" {
			continue
		}
		before, rest, begins := strings.Cut(document, begin(s.name))
		_, after, ends := strings.Cut(rest, end(s.name))
		if !begins || !ends {
			return fmt.Errorf("%s has no lines %s and %s to write between", file, strings.TrimSpace(begin(s.name)), end(s.name))
		}
		document = before + begin(s.name) + r.measuredOn() + s.text + end(s.name) + after
	}
	return os.WriteFile(file, []byte(document), 0o644)
}

// A table is a Markdown table.
type table struct{ strings.Builder }

// head begins a table with columns separated by |.
func (t *table) head(columns string) {
	t.line("| %s |\n%s|", columns, strings.Repeat("|---", strings.Count(columns, "|")+1))
}

func (t *table) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

// row adds a row of cells.
func (t *table) row(cells ...string) { t.line("| %s |", strings.Join(cells, " | ")) }
