package main

import (
	"fmt"
	"os"
	"slices"
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
}

func newReport(o options) *report { return &report{rounds: o.rounds} }

// A row is a target with what was measured. A series of one figure has no spread.
type row struct {
	what   string
	got    series
	atMost float64
}

// targets are those that the project has set itself.
func (r *report) targets() []row {
	get, details, create := r.operation(getContact), r.operation(getDetails), r.operation(createContact)
	short, long := r.operation(list200), r.operation(list5000)
	slowest := r.most(func(b *starts) float64 { return b.warm.over(r.start(bare).warm).median() })
	slowestCold := r.most(func(b *starts) float64 { return b.cold.over(r.start(conventional).cold).median() })
	largest := r.most(func(b *starts) float64 { return float64(b.size) })
	fullest := r.most(func(b *starts) float64 { return b.idle.median() })
	idle := make(series, len(fullest.idle))
	for i, bytes := range fullest.idle {
		idle[i] = bytes / 1e6
	}
	rows := []row{
		{"start-up to the first `/next`, slowest function (" + slowest.name + ") / bare", slowest.warm.over(r.start(bare).warm), 1.6},
		{"start-up, page cache dropped, slowest function (" + slowestCold.name + ") / conventional", slowestCold.cold.over(r.start(conventional).cold), 0.85},
		{"GET contact, p50 / raw GetItem in a bare handler", get.of(individuals).p50.over(get.of(raw).p50), 1.10},
		{"list of 200, CPU / conventional", short.of(individuals).cpu.over(short.of(conventional).cpu), 0.40},
		{"list of 5,000, CPU / conventional", long.of(individuals).cpu.over(long.of(conventional).cpu), 0.25},
		{"create contact, p50 / raw TransactWriteItems of the same items", create.of(individuals).p50.over(create.of(raw).p50), 1.15},
		{"details of a contact with 40 parts, p50 / raw GetItem and Query side by side", details.of(individuals).p50.over(details.of(raw).p50), 1.20},
		{"read units of a page at offset 999,800 / at 0", nil, 1.2},
		{"binary, MB, largest function (" + largest.name + ")", series{megabytes(largest.size)}, 9.5},
		{"memory when idle, MB, fullest function (" + fullest.name + ")", idle, 18},
		{"memory at most, after 20 lists of 5,000, MB", series{megabytes(r.afterLists.Peak)}, 30},
	}
	if len(r.deep) > 0 {
		rows[7].got = series{r.unitsAt(lastPage) / r.unitsAt(0)}
	}
	return rows
}

// unitsAt are the read units of the page of all contacts at an offset.
func (r *report) unitsAt(offset int) float64 {
	i := slices.IndexFunc(r.deep, func(d depth) bool { return d.offset == offset && d.query == "" })
	return r.deep[i].units
}

func (r *report) operation(name string) *operation {
	i := slices.IndexFunc(r.operations, func(o *operation) bool { return o.name == name })
	return r.operations[i]
}

func (r *report) start(name string) *starts {
	i := slices.IndexFunc(r.starts, func(b *starts) bool { return b.name == name })
	return r.starts[i]
}

// most is the function, baselines aside, that has the most of something.
func (r *report) most(of func(*starts) float64) *starts {
	functions := slices.DeleteFunc(slices.Clone(r.starts), func(b *starts) bool { return isBaseline(b.name) })
	return slices.MaxFunc(functions, func(a, b *starts) int {
		if of(a) < of(b) {
			return -1
		}
		return 1
	})
}

// text is the report as Markdown.
func (r *report) text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("Measured on %s.", machine())
	line("%d rounds in turns; each figure is the median of the rounds, the spread their middle half. MB are 10^6 bytes.\n", r.rounds)
	line("| what | measured | spread | at most | |\n|---|---|---|---|---|")
	for _, row := range r.targets() {
		switch {
		case len(row.got) == 0:
			line("| %s | not measured | | %g | |", row.what, row.atMost)
		case len(row.got) == 1:
			line("| %s | %.2f | | %g | %s |", row.what, row.got[0], row.atMost, row.verdict())
		default:
			line("| %s | %.2f | %s | %g | %s |", row.what, row.got.median(), row.got.spread(), row.atMost, row.verdict())
		}
	}
	line("\nFrom the start of a process to its first call of `/next`. Page cache dropped: %s.\n", r.dropped)
	line("| function | ms | ratio to bare | ms, cache dropped | ratio to conventional | idle, MB | binary, MB |\n|---|---|---|---|---|---|---|")
	for _, s := range r.starts {
		line("| %s | %.2f | %.2f | %.1f | %.2f | %.1f | %.2f |", s.name, s.warm.median(), s.warm.over(r.start(bare).warm).median(),
			s.cold.median(), s.cold.over(r.start(conventional).cold).median(), s.idle.median()/1e6, megabytes(s.size))
	}
	line("\nRequests: from handing the event to the function until its answer is there; CPU is the function's own.\n")
	line("| operation | function | p50, ms | p99, ms | CPU, ms | CPU, spread |\n|---|---|---|---|---|---|")
	for _, s := range []string{individuals, raw, conventional} {
		line("| first of a process: %s | %s | %.2f | %.2f | | |", getContact, s, r.first[s].median(), r.first[s].at(0.99))
	}
	for _, o := range r.operations {
		for _, s := range o.sides {
			line("| %s | %s | %.2f | %.2f | %.2f | %s |", o.name, s.name, s.p50.median(), s.all.at(0.99), s.cpu.median(), s.cpu.spread())
		}
	}
	if len(r.deep) > 0 {
		line("\nA page of 200 of a list of 1,000,000 contacts:\n")
		line("| page | read units | calls of the store | ms |\n|---|---|---|---|")
		for _, d := range r.deep {
			line("| `offset=%d%s` | %g | %d | %.1f |", d.offset, d.query, d.units, d.calls, d.took)
		}
	}
	return b.String()
}

func (r row) verdict() string {
	if r.got.median() <= r.atMost {
		return "ok"
	}
	return "MISSED"
}

// The markers of the part of a document that is written anew.
const (
	begin = "<!-- bench begin -->"
	end   = "<!-- bench end -->"
)

// writeInto puts the report between the markers of a document.
func (r *report) writeInto(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), begin+"\n")
	_, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		return fmt.Errorf("%s has no lines %s and %s to write between", file, begin, end)
	}
	return os.WriteFile(file, []byte(before+begin+"\n"+r.text()+end+after), 0o644)
}
