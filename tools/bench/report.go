package main

import (
	"fmt"
	"os"
	"strings"

	"contacts/tools/runtime"
)

// A report is all that was measured.
type report struct {
	rounds     int
	starts     []*starts
	dropped    string // how the page cache was emptied, or why not
	operations []*operation
	first      map[string]series // ms of a process's first request, by function
	afterLists runtime.Usage
	deep       []depth // empty where it wasn't asked for
	sizes      *sizes  // likewise nil
	growth     *growth
}

func newReport(o options) *report { return &report{rounds: o.rounds} }

// A section is a part of the report that has a place of its own in the document. One that was not measured has no text.
type section struct{ name, text string }

// sections are all of them, the targets first.
func (r *report) sections() []section {
	return []section{
		{"targets", r.targetsTable()},
		{"starts", r.startsTable()},
		{"requests", r.requestsTable()},
		{"million", r.millionTable()},
		{"sizes", r.sizes.tables()},
		{"growth", r.growth.tables()},
	}
}

// measuredOn says when and on what, and how often.
func (r *report) measuredOn() string {
	return fmt.Sprintf("Measured on %s, in %d rounds.\n\n", machine(), r.rounds)
}

// text is the report as Markdown.
func (r *report) text() string {
	text := r.measuredOn()
	for _, s := range r.sections() {
		if s.text != "" {
			text += s.text + "\n"
		}
	}
	return text
}

// The markers of the parts of a document that are written anew.
func begin(name string) string { return "<!-- bench " + name + " begin -->\n" }
func end(name string) string   { return "<!-- bench " + name + " end -->" }

// writeInto puts the sections that were measured between their markers in a document. The others stay as they are.
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

// A table is Markdown in the making.
type table struct{ strings.Builder }

// head begins a table, of columns with | between them.
func (t *table) head(columns string) {
	t.line("| %s |\n%s|", columns, strings.Repeat("|---", strings.Count(columns, "|")+1))
}

func (t *table) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

// row is one of cells.
func (t *table) row(cells ...string) { t.line("| %s |", strings.Join(cells, " | ")) }
