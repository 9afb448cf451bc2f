package main

// targetsTable returns the table of the targets.
func (r *report) targetsTable() string {
	var t table
	t.line("Each figure is the median of the rounds, the spread their middle half. MB are 10^6 bytes.\n")
	t.head("what | measured | spread | at most | ")
	for _, row := range r.targets() {
		switch {
		case len(row.got) == 0:
			t.line("| %s | not measured | | %g | |", row.what, row.atMost)
		case len(row.got) == 1:
			t.line("| %s | %.2f | | %g | %s |", row.what, row.got[0], row.atMost, row.verdict())
		default:
			t.line("| %s | %.2f | %s | %g | %s |", row.what, row.got.median(), row.got.spread(), row.atMost, row.verdict())
		}
	}
	return t.String()
}

func (r *report) startsTable() string {
	var t table
	t.line("From the start of a process to its first call of `/next`. Page cache dropped: %s. Compared are the variants of conventional and alike "+
		"that link the same clients of the SDK.\n", r.dropped)
	t.head("function | ms | ratio to bare | ms, cache dropped | ratio to conventional | ratio to alike | idle, MB | binary, MB")
	for _, s := range r.starts {
		t.line("| %s | %.2f | %.2f | %.1f | %.2f | %.2f | %.1f | %.2f |", s.name, s.warm.median(), s.warm.over(r.start(bare).warm).median(),
			s.cold.median(), r.coldOver(conventional, s).median(), r.coldOver(alike, s).median(), s.idle.median()/1e6, megabytes(s.size))
	}
	return t.String()
}

func (r *report) requestsTable() string {
	var t table
	t.line("From handing the event to the function until its answer is there; CPU is the function's own.\n")
	t.head("operation | function | p50, ms | p99, ms | CPU, ms | CPU, spread")
	for _, s := range []string{individuals, raw, conventional} {
		t.line("| first of a process: %s | %s | %.2f | %.2f | | |", getContact, s, r.first[s].median(), r.first[s].at(0.99))
	}
	for _, o := range r.operations {
		for _, s := range o.sides {
			t.line("| %s | %s | %.2f | %.2f | %.2f | %s |", o.name, s.name, s.p50.median(), s.all.at(0.99), s.cpu.median(), s.cpu.spread())
		}
	}
	return t.String()
}

func (r *report) millionTable() string {
	if len(r.deep) == 0 {
		return ""
	}
	var t table
	t.line("A page of 200 of a list of 1,000,000 contacts:\n")
	t.head("page | read units | calls of the store | ms")
	for _, d := range r.deep {
		t.line("| `offset=%d%s` | %g | %d | %.1f |", d.offset, d.of, d.units, d.calls, d.took)
	}
	return t.String()
}
